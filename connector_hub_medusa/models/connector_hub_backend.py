# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ConnectorHubBackend(models.Model):
    _inherit = "connector.hub.backend"

    code = fields.Selection(selection_add=[("medusa", "Medusa")], ondelete={"medusa": "cascade"})
    medusa_dialect = fields.Selection(
        [("odoo_routes", "Shop with /odoo/* routes"), ("admin", "Medusa v2 Admin API")],
        string="Dialect",
        default="odoo_routes",
        help="Shops with the Odoo plugin answer at /odoo/...; a stock Medusa v2 has only its Admin API.",
    )
    medusa_prices_include_tax = fields.Boolean(
        "Shop prices include tax",
        help="Whether the unit prices in the shop's orders include the taxes.",
    )

    def _get_adapter(self):
        """Override: a stock Medusa is a partner of its own kind behind the same form."""
        if self.code == "medusa" and self.medusa_dialect == "admin":
            return self.env["connector.hub.adapter.medusa.admin"]
        return super()._get_adapter()
