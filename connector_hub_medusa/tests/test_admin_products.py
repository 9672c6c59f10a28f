# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a stock Medusa v2 is sent of Odoo's products."""

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from odoo.addons.connector_hub.tests.lane_runner import LaneRunner

from .common import SeedCase


@tagged("post_install", "-at_install")
class TestAdminProducts(LaneRunner, SeedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend = cls.env["connector.hub.backend"].create(
            {
                "name": "Medusa v2",
                "code": "medusa",
                "medusa_dialect": "admin",
                "quantity_source": "on_hand",
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
                "base_url": "http://127.0.0.1:9",
                "api_key": "sk_0123456789",
            }
        )
        cls.backend.action_activate()
        cls.work_backend = cls.backend._work_env()["connector.hub.backend"].browse(cls.backend.id)
        cls.adapter = cls.work_backend._get_adapter()

    def build(self, product):
        templates = product.product_tmpl_id.with_env(self.work_backend.env)
        return self.adapter._build_products(self.work_backend, templates)[templates.id]

    def test_kit_is_stocked(self):
        """A kit is not storable, but there can be too little of its components."""
        kit = self.goods[0]
        kit.is_storable = False

        def is_kit(products):
            products.connector_hub_is_stocked = True

        self.assertFalse(self.build(kit)["variants"][0]["manage_inventory"])
        self.env.invalidate_all()
        with patch.object(type(kit), "_compute_connector_hub_is_stocked", is_kit):
            self.assertTrue(self.build(kit)["variants"][0]["manage_inventory"])

    def test_categories_of_the_same_name(self):
        def category(name, parent):
            return self.env["product.category"].create({"name": name, "parent_id": parent.id})

        nothing = self.env["product.category"]
        men, women, sign = (category(name, nothing) for name in ("Men", "Women", "★"))
        handles = [
            [entry["handle"] for entry in self.adapter._category_chain(child)]
            for child in (category("Shoes", men), category("Shoes", women), category("*", sign))
        ]
        self.assertEqual(handles[:2], [["men", "men-shoes"], ["women", "women-shoes"]])
        self.assertRegex(handles[2][1], f"^category-{sign.id}-category-[0-9]+$")

    def test_quantities_of_products_that_are_in_the_shop_are_due(self):
        later = fields.Datetime.now() + timedelta(hours=1)
        first, second = self.goods
        waiting, other = (
            self.deliver(product, "stock", next_attempt_at=later) for product in self.goods
        )
        dead = self.deliver(first, "stock", next_attempt_at=later, state="dead")
        item = SimpleNamespace(links=(("product.product", first.id, "variant_1", "A"),))
        self.adapter._after_products(self.work_backend, [item])
        self.assertFalse(waiting.next_attempt_at)
        self.assertEqual((other.next_attempt_at, dead.next_attempt_at), (later, later))

    def test_they_are_found_by_an_index(self):
        """While stock is sent for the first time, a row waits for every product."""
        cr = self.env.cr
        cr.execute("SET LOCAL enable_seqscan = off")
        item = SimpleNamespace(links=(("product.product", self.goods[0].id, "variant_1", "A"),))
        self.adapter._after_products(self.work_backend, [item])
        cr.execute("EXPLAIN " + cr._obj.query.decode())
        plan = "\n".join(row[0] for row in cr.fetchall())
        self.assertRegex(plan, "Index Scan.* connector_hub_delivery_state", plan)
