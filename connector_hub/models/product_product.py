# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import float_round

#: Odoo's addons that know how much is there of a product: the sum of its quants, unless it is a kit.
QUANT_ADDONS = frozenset({"stock", "mrp", "product_expiry", "purchase_stock"})


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
        buffer = backend.stock_buffer
        return {
            product_id: max(quantity - buffer, 0.0)
            for product_id, quantity in self._connector_hub_stocked(backend, warehouses).items()
        }

    def _connector_hub_stocked(self, backend, warehouses):
        """What is in some warehouses, on hand or free as the backend says, safety stock included.

        :return: {product id: quantity}
        """
        field = "free_qty" if backend.quantity_source == "free" else "qty_available"
        quantities = dict.fromkeys(self.ids, 0.0)
        located = self.with_context(warehouse_id=warehouses.ids)
        quantities.update(located._connector_hub_odoo_quantities(field))
        return quantities

    def _connector_hub_odoo_quantities(self, field):
        """What Odoo says is there, as the context says where: of the quants alone, if they are all it depends on.

        That takes a fraction of the time of Odoo's own method, which computes the forecast too.

        :return: {product id: quantity}; products without any may be left out
        """
        special = self._connector_hub_special_products(field)
        quantities = {}
        if regular := self - special:
            domain = [
                ("product_id", "in", regular.ids),
                ("product_id.type", "!=", "service"),
                *regular._get_domain_locations()[0],
            ]
            aggregates = ["quantity:sum", "reserved_quantity:sum"]
            digits = self.env["decimal.precision"].precision_get("Product Unit")
            quants = self.env["stock.quant"].with_context(active_test=False)
            for product, on_hand, reserved in quants._read_group(
                domain, ["product_id"], aggregates
            ):
                quantity = on_hand - reserved if field == "free_qty" else on_hand
                quantities[product.id] = float_round(quantity, precision_digits=digits)
        goods = special.filtered(lambda product: product.product_tmpl_id.type != "service")
        for product_id, kinds in goods._compute_quantities_dict(None, None, None).items():
            quantities[product_id] = kinds[field]
        return quantities

    def _connector_hub_special_products(self, field):
        """Those of these products whose quantity is not that of their quants: kits, or all if an addon says so."""
        known = QUANT_ADDONS if field == "qty_available" else QUANT_ADDONS - {"product_expiry"}
        counting = {
            base.__module__.removeprefix("odoo.addons.").partition(".")[0]
            for base in type(self).__mro__
            if "_compute_quantities_dict" in vars(base)
        }
        if not counting <= known:
            return self
        return self.filtered("is_kits") if "is_kits" in self._fields else self.browse()
