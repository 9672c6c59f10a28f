# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class IrActionsServer(models.Model):
    """The action type "Push to backend": queues records, and sends nothing itself."""

    _inherit = "ir.actions.server"

    state = fields.Selection(
        selection_add=[("connector_hub_push", "Push to backend"), ("followers",)],
        ondelete={"connector_hub_push": "cascade"},
    )
    connector_hub_backend_ids = fields.Many2many(
        "connector.hub.backend",
        "connector_hub_action_backend_rel",
        "action_id",
        "backend_id",
        string="Backends",
        help="The records are sent to these backends. Empty: to every active backend that sends this kind of record.",
    )

    def _generate_action_name(self):
        self.ensure_one()
        if self.state == "connector_hub_push":
            names = ", ".join(self.connector_hub_backend_ids.mapped("name"))
            return self.env._("Push to %(backends)s", backends=names or self.env._("all backends"))
        return super()._generate_action_name()

    def _name_depends(self):
        return [*super()._name_depends(), "connector_hub_backend_ids"]

    @api.model
    def _warning_depends(self):
        return [*super()._warning_depends(), "connector_hub_backend_ids"]

    def _get_warning_messages(self):
        warnings = super()._get_warning_messages()
        if self.state == "connector_hub_push" and self.model_id:
            allowed = self.env["connector.hub.backend"]._pushable_models()
            if self.model_id.model not in allowed:
                warnings.append(
                    self.env._(
                        "Records of this kind are not sent to any backend. Choose one of: %(models)s.",
                        models=", ".join(sorted(allowed)),
                    )
                )
        return warnings

    def _run_action_connector_hub_push_multi(self, eval_context=None):
        """Note the records as changed; the lanes send them."""
        records = eval_context.get("records") or eval_context.get("record")
        if records:
            self.env["connector.hub.backend"].sudo()._push_records(
                records, self.sudo().connector_hub_backend_ids
            )
        return False
