# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    connector_hub_retention_days = fields.Integer(
        "Keep finished messages (days)",
        config_parameter="connector_hub.retention_days",
        default=30,
        help="For new backends. Each backend has its own setting.",
    )
    connector_hub_key_source = fields.Char(
        "Key",
        compute="_compute_connector_hub_key_source",
        help="The fingerprint of the key that encrypts credentials.",
    )

    def _compute_connector_hub_key_source(self):
        fingerprint = (
            self.env["ir.config_parameter"].sudo().get_param("connector_hub.key_fingerprint")
        )
        for settings in self:
            settings.connector_hub_key_source = fingerprint or self.env._(
                "Made when the first credential is stored"
            )

    def action_connector_hub_rotate_key(self):
        return self.env["connector.hub.backend"].action_rotate_key()
