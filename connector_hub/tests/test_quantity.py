# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The quantity a partner is told: what Odoo shows as on hand or free in the backend's warehouse."""

from unittest.mock import patch

from odoo import Command, fields
from odoo.tests import tagged

from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestQuantity(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["stock.warehouse"].create(
            {"name": "Second", "code": "SEC", "company_id": cls.company.id}
        )
        cls.service = cls.env["product.product"].create(
            {"name": "Advice", "default_code": "ADVICE", "type": "service"}
        )
        cls.former = cls.env["product.product"].create(
            {"name": "Sold no more, rented", "default_code": "FORMER", "is_storable": True}
        )
        shelf = cls.env["stock.location"].create(
            {"name": "Shelf", "location_id": cls.warehouse.lot_stock_id.id}
        )
        cls.env["stock.quant"].create(
            [
                {"product_id": product.id, "location_id": location.id, "quantity": quantity}
                for product, location, quantity in (
                    (cls.products[0], shelf, 0.125),
                    (cls.products[0], cls.second.lot_stock_id, 7),
                    (cls.products[1], cls.second.lot_stock_id, 3),
                    (cls.products[1], cls.env.ref("stock.stock_location_customers"), 50),
                    (cls.products[2], shelf, -200),
                    (cls.former, shelf, 20),
                )
            ]
        )
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE product_template SET type = 'service', is_storable = FALSE WHERE id = %s",
            (cls.former.product_tmpl_id.id,),
        )
        cls.env.invalidate_all()
        cls.goods = cls.products | cls.service | cls.former

    def told(self, warehouses=None):
        work = self._work_backend()
        products = self.goods.with_env(work.env)
        return products._connector_hub_quantities(work, warehouses or self.warehouse)

    def reserve(self):
        self.sale_order().action_confirm()
        self.env.flush_all()

    def test_is_what_odoo_shows(self):
        self.reserve()
        both = self.warehouse | self.second
        for source, field in (("on_hand", "qty_available"), ("free", "free_qty")):
            self.backend.quantity_source = source
            for warehouses in (self.warehouse, self.second, both):
                shown = self.goods.with_context(warehouse_id=warehouses.ids)
                expected = {product.id: max(product[field], 0) for product in shown}
                self.assertEqual(self.told(warehouses), expected, (source, warehouses))

    def test_figures(self):
        self.reserve()
        ids = self.goods.ids
        self.assertEqual(self.told(), dict(zip(ids, (100.13, 100, 0, 0, 0), strict=True)))
        self.backend.quantity_source = "free"
        self.assertEqual(self.told()[ids[0]], 99.13)
        self.backend.stock_buffer = 99.5
        self.assertEqual(self.told(), dict(zip(ids, (0, 0.5, 0, 0, 0), strict=True)))

    def test_an_addon_may_count_in_its_own_way(self):
        """Such as one that leaves consigned goods out: Odoo's own method is asked then."""
        counted = type(self.env["product.product"])._compute_quantities_dict

        def without_consigned(products, *args, **kwargs):
            found = counted(products, *args, **kwargs)
            for kinds in found.values():
                kinds["qty_available"] -= 90
            return found

        with patch.object(
            type(self.env["product.product"]), "_compute_quantities_dict", without_consigned
        ):
            self.assertAlmostEqual(self.told()[self.products[0].id], 10.13)

    def test_queries_do_not_grow_with_the_products(self):
        work = self._work_backend()
        products = self.goods.with_env(work.env)
        self.told()
        with self.assertQueryCount(5 if "mrp.bom" in self.env else 3):
            work.env.invalidate_all(flush=False)
            products._connector_hub_quantities(work, self.warehouse)

    def test_expired_goods_are_not_free(self):
        """With Odoo's addon for expiry dates, which knows which."""
        if "removal_date" not in self.env["stock.quant"]._fields:
            self.skipTest("product_expiry is not installed")
        self.products.write({"tracking": "lot", "use_expiration_date": True})
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        lot = self.env["stock.lot"].create(
            {"product_id": self.products[1].id, "name": "OLD", "removal_date": yesterday}
        )
        self.env["stock.quant"]._update_available_quantity(
            self.products[1], self.warehouse.lot_stock_id, 5, lot_id=lot
        )
        self.assertEqual(self.told()[self.products[1].id], 105)
        self.backend.quantity_source = "free"
        self.assertEqual(self.told()[self.products[1].id], 100)

    def test_kits_count_what_can_be_made(self):
        if "mrp.bom" not in self.env:
            self.skipTest("mrp is not installed")
        kit = self.env["product.product"].create({"name": "Kit", "is_storable": False})
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": kit.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": self.products[1].id, "product_qty": 4})
                ],
            }
        )
        self.goods = self.goods | kit
        self.assertEqual(self.told()[kit.id], 25)
        self.assertEqual(self.told()[self.products[1].id], 100)
