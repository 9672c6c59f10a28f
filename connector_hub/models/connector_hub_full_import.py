# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.exceptions import UserError


class ConnectorHubFullImport(models.Model):
    """Everything the partner has: asked for by a person or a script, fetched by the lane."""

    _inherit = "connector.hub.backend"

    def action_import_all(self):
        """Fetch everything the partner has, in batches, in the background.

        The button asks a person first since when, and how orders are to come in (``connector.hub.import``). A script's
        call begins at once; orders from before the hub's time come in as history.
        """
        self.check_access("write")
        for backend in self:
            backend._check_import()
        if self.env.context.get("connector_hub_ask") and len(self) == 1:
            return self._ask_import()
        for backend in self:
            backend._import_all()
        return self._notify_import()

    def _check_import(self):
        if self.state != "active":
            raise UserError(self.env._("%(backend)s is not active.", backend=self.name))
        if not self._get_adapter()._poll_routes():
            raise UserError(
                self.env._("This partner sends its data by itself; there is nothing to fetch.")
            )

    def _ask_import(self, entity=False):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import all"),
            "res_model": "connector.hub.import",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_backend_id": self.id, "default_entity": entity},
        }

    def _import_all(self, entities=None, **order_values):
        """Begin to fetch everything.

        :param entities: kinds of records; None: all
        :param order_values: made_since and history_before of the orders; see ``connector.hub.cursor``
        """
        for entity in entities or self._get_adapter()._poll_routes():
            self._cursor(entity)._start(full=True, **(order_values if entity == "order" else {}))
        self._wake_lanes()

    def _notify_import(self):
        return self._notify(
            self.env._("The import runs in the background; its progress is shown on the backend.")
        )
