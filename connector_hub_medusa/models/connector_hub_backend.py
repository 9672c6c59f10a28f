# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from ..const import DIALECTS


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
        help="Whether the unit prices in the shop's orders include the taxes. This is tried first; an order that adds "
        "up in another way only is read that way.",
    )

    medusa_product_route = fields.Selection(
        [
            ("products", "/odoo/products: creates and updates, many at once"),
            ("webhook", "/odoo/webhooks/products: updates the shop's catalogue, one by one"),
        ],
        string="Products are sent to",
        default="products",
        help="The first takes prices in minor units and weights in grams, and creates products. The second takes "
        "prices in whole units and weights in kilograms; of what is not in the shop's catalogue it keeps the stock "
        "only. If you change this, the usual field mappings of that way replace those of products.",
    )
    medusa_stock_route = fields.Selection(
        [
            ("bulk", "/odoo/inventory: by location ID"),
            ("webhook", "/odoo/webhooks/inventory: by name of the warehouse"),
        ],
        string="Stock is sent to",
        default="bulk",
        help="Both take the quantity there is, never a difference, so that sending it twice does no harm.",
    )
    medusa_allow_backorder = fields.Boolean(
        "Sell without stock",
        help="Whether the shop sells products it has no stock of. A setting of the product itself comes first.",
    )
    medusa_reduce_stock = fields.Boolean(
        "Report shipped quantities",
        help="After each shipment tell the shop to take the goods off its shelf and to end their reservation "
        "(/odoo/inventory/reduce). A shop that reserves what its customers order needs it; one that lowers its own "
        "figure at the checkout does not. It is not repeated if the answer is missing.",
    )

    def write(self, vals):
        """Override: the two ways to send products name the fields differently, and so do their mappings."""
        route = vals.get("medusa_product_route")
        changed = self.filtered(lambda backend: route and backend.medusa_product_route != route)
        result = super().write(vals)
        for backend in changed.filtered(lambda backend: backend.code == "medusa"):
            backend.with_context(active_test=False).field_mapping_ids.filtered(
                lambda mapping: mapping.entity == "product"
            ).unlink()
            backend._add_default_mappings()
        return result

    def _add_default_mappings(self):
        # The adapter's table depends on the backend's settings.
        backend = self.with_context(connector_hub_backend_id=self.id)
        return super(ConnectorHubBackend, backend)._add_default_mappings()

    def _adapter_model(self):
        """Override: a stock Medusa is a partner of its own kind behind the same form."""
        if self.code == "medusa" and self.medusa_dialect:
            return DIALECTS[self.medusa_dialect]
        return super()._adapter_model()
