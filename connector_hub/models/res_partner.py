# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "connector.hub.tracked"]

    # Imported customers are looked up by e-mail address, which Odoo itself does not index.
    _email_normalized_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")

    def write(self, vals):
        """Leave the contacts out that :class:`~.connector_hub_partner_guard.ConnectorHubPartnerGuard` protects."""
        protected = self.env.context.get("connector_hub_protected")
        if protected and not protected.isdisjoint(self._ids):
            self = self.filtered(lambda partner: partner.id not in protected)
        return super().write(vals)
