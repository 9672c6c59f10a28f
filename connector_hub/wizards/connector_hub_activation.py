# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class ConnectorHubActivation(models.TransientModel):
    """Asks, when a backend has been activated for the first time, whether the partner is to get everything now."""

    _name = "connector.hub.activation"
    _description = "First Export"

    backend_id = fields.Many2one("connector.hub.backend", required=True, ondelete="cascade")
    can_import = fields.Boolean(compute="_compute_can_import")

    @api.depends("backend_id")
    def _compute_can_import(self):
        for wizard in self:
            backend = wizard.backend_id
            wizard.can_import = bool(backend and backend._get_adapter()._poll_routes())

    def action_send_all(self):
        """Button: send every record that the partner gets."""
        return self.backend_id.action_export_all()
