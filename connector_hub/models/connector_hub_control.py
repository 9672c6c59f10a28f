# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError


class ConnectorHubControl(models.Model):
    """What an administrator does with a backend: start it, pause it, send everything again."""

    _inherit = "connector.hub.backend"

    def action_activate(self):
        """Start, or resume after a pause. Waiting messages go on.

        :return: for one backend that starts for the first time, an action that offers to send everything; else True
        """
        self.check_access("write")
        first_time = len(self) == 1 and self.state == "draft"
        for backend in self:
            backend._check_ready()
            backend.sudo().write(
                {
                    "state": "active",
                    "cooldown_until": False,
                    "cooldown_count": 0,
                    "stumbled_on": False,
                    "last_error": False,
                    "needs_person": False,
                    "paused_at": False,
                }
            )
        self._refresh_attention()
        self._wake_lanes()
        if first_time and self._get_adapter()._export_routes():
            return self._offer_export()
        return True

    def _offer_export(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Activated"),
            "res_model": "connector.hub.activation",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_backend_id": self.id},
        }

    def _check_ready(self):
        """Refuse to activate what cannot work, naming what is missing."""
        self.ensure_one()
        self._refuse_if_neutralized()
        missing = [
            label
            for value, label in (
                (self.base_url, self.env._("the URL")),
                (self.has_api_key, self.env._("the API key")),
                (
                    self.has_webhook_secret or not self.needs_webhook_secret,
                    self.env._("the webhook secret"),
                ),
                (self.warehouse_id, self.env._("the warehouse")),
            )
            if not value
        ]
        if missing:
            raise UserError(
                self.env._(
                    "Before %(backend)s can be activated, enter %(missing)s.",
                    backend=self.name,
                    missing=", ".join(missing),
                )
            )
        self.filtered("has_webhook_secret")._check_secret_unique()

    def _is_neutralized(self):
        return bool(self.env["ir.config_parameter"].sudo().get_param("database.is_neutralized"))

    def _refuse_if_neutralized(self):
        """A copy made for tests must not talk to the shop that is open for business."""
        if self._is_neutralized():
            raise UserError(
                self.env._(
                    "This is a neutralized copy of a database: it must not talk to outside systems."
                )
            )

    def action_pause(self):
        """Stop sending and processing; everything noted or received meanwhile waits."""
        self.check_access("write")
        self.sudo().write({"state": "paused", "paused_at": fields.Datetime.now()})
        self._refresh_attention()
        return True

    def _pause(self, message):
        """Pause because only a person can go on, and tell the responsible user."""
        self.sudo().write(
            {
                "state": "paused",
                "paused_at": fields.Datetime.now(),
                "last_error": message,
                "needs_person": True,
            }
        )
        self._refresh_attention()

    def action_run_now(self):
        """Let the lane run as soon as a worker is free, whatever the frequency."""
        self.check_access("write")
        for backend in self:
            if backend.state != "active":
                raise UserError(self.env._("%(backend)s is not active.", backend=backend.name))
            # A person who asks knows that the partner is back, or wants to see the error again.
            backend.sudo().write(
                {"run_requested": backend.frequency == "manual", "cooldown_until": False}
            )
            backend.sudo().cron_id._trigger()
        return self._notify(
            self.env._(
                "The work has been started. This page shows the progress when you reload it."
            )
        )

    def action_add_mappings(self):
        """Add the partner's usual field mappings that are not there: after an addon or a language was installed."""
        self.check_access("write")
        for backend in self:
            backend._add_default_mappings()
        return True

    def action_export_all(self):
        """Send every record anew, whatever was sent before."""
        self.check_access("write")
        count = 0
        for backend in self:
            if backend.state == "draft":
                raise UserError(self.env._("Activate %(backend)s first.", backend=backend.name))
            count += backend._note_all()
        self._wake_lanes()
        return self._notify(self.env._("%(count)s records will be sent.", count=count))

    def _note_all(self, entities=None, forget=True):
        """Note all records of the exported entities.

        :return: number of records
        """
        self.ensure_one()
        backend = self._work_env()[self._name].browse(self.id)
        adapter = backend._get_adapter()
        count = 0
        for entity, route in adapter._export_routes().items():
            if entities and entity not in entities:
                continue
            if forget:
                backend.env["connector.hub.binding"]._forget_payloads(backend, entity)
            records = backend.env[route.model].search(adapter._export_domain(backend, entity))
            model = "stock.quant" if entity == "stock" else route.model
            backend.env["connector.hub.change"]._append(
                (backend.id, model, records.ids[start : start + 1000])
                for start in range(0, len(records), 1000)
            )
            count += len(records)
        return count

    def _notify(self, message, kind="success"):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": message,
                "type": kind,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
