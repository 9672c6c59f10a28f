# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models


class ProductProduct(models.Model):
    _name = "product.product"
    _inherit = ["product.product", "connector.hub.tracked"]

    connector_hub_quantity = fields.Float(
        "Quantity for the partner",
        compute="_compute_connector_hub_quantity",
        digits="Product Unit",
        help="Stock in the backend's warehouse, on hand or free as the backend says, less its safety stock.",
    )

    @api.depends("stock_quant_ids.quantity", "stock_quant_ids.reserved_quantity")
    @api.depends_context("connector_hub_backend_id")
    def _compute_connector_hub_quantity(self):
        backend = self.env["connector.hub.backend"].browse(
            self.env.context.get("connector_hub_backend_id")
        )
        if not backend:
            self.connector_hub_quantity = 0.0
            return
        field = "free_qty" if backend.quantity_source == "free" else "qty_available"
        located = self.with_context(warehouse_id=backend.warehouse_id.id)
        for product, there in zip(self, located, strict=True):
            product.connector_hub_quantity = max(there[field] - backend.stock_buffer, 0.0)
