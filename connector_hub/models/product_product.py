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
        backend = self._connector_hub_backend()
        quantities = (
            self._connector_hub_quantities(backend, backend.warehouse_id) if backend else {}
        )
        for product in self:
            product.connector_hub_quantity = quantities.get(product.id, 0.0)

    def _connector_hub_quantities(self, backend, warehouses):
        """What a partner is told to be in some warehouses.

        :return: {product id: quantity}, never negative
        """
        field = "free_qty" if backend.quantity_source == "free" else "qty_available"
        goods = self.filtered(lambda product: product.product_tmpl_id.type != "service")
        # What Odoo's own fields are computed by; they would be five computed copies for every product.
        found = goods.with_context(warehouse_id=warehouses.ids)._compute_quantities_dict(
            None, None, None
        )
        quantities = dict.fromkeys(self.ids, 0.0)
        for product_id, kinds in found.items():
            quantities[product_id] = max(kinds[field] - backend.stock_buffer, 0.0)
        return quantities
