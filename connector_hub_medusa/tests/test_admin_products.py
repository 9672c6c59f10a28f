# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a stock Medusa v2 is sent of Odoo's products."""

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .admin_case import AdminCase


@tagged("post_install", "-at_install")
class TestAdminProducts(AdminCase):
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

    def test_barcode_is_marked_as_odoos(self):
        first, second = self.goods
        first.barcode = "6291234567890"
        variant = self.build(first)["variants"][0]
        self.assertEqual(variant["barcode"], "6291234567890")
        self.assertEqual(
            variant["metadata"],
            {"odoo_barcode": "6291234567890", "external_id": str(first.id)},
        )
        variant = self.build(second)["variants"][0]
        self.assertEqual((variant["barcode"], variant["metadata"]["odoo_barcode"]), (None, ""))

    # --- shared SKUs ---

    def refused(self, products):
        """The products that are refused, as a batch of their templates has it."""
        self.env.flush_all()
        templates = products.product_tmpl_id.with_env(self.work_backend.env)
        templates = templates.with_context(active_test=False)
        refused = self.adapter._refused(self.work_backend, "product", templates)
        reasons = {error.reason for error in refused.values()}
        self.assertLessEqual(reasons, {"duplicate_sku"})
        return products.filtered(lambda product: product.product_tmpl_id.id in refused)

    def test_shared_sku_is_what_the_list_says(self):
        """Refused are just those that "Products that cannot be sent" shows."""
        first, second = self.goods
        second.default_code = first.default_code
        first.company_id = self.company
        other = self.env["res.company"].create({"name": "Other"})
        for values, expected in (
            ({}, first | second),
            ({"sale_ok": False}, first.browse()),
            ({"sale_ok": True, "active": False}, first.browse()),
            ({"active": True, "company_id": other.id}, first.browse()),
            ({"company_id": self.company.id}, first | second),
        ):
            second.write(values)
            self.env.invalidate_all()
            shown = self.goods.filtered(
                lambda product: product.connector_hub_problem == "duplicate_sku"
            )
            with self.subTest(values=values):
                self.assertEqual(shown, expected)
                self.assertEqual(self.refused(self.goods), expected)

    def test_archived_product_gives_its_sku_away(self):
        """For single products as well, which are looked for with the archived ones."""
        first, second = self.goods
        second.default_code = first.default_code
        second.active = False
        everything = self.goods.with_context(active_test=False)
        refused = self.shop._get_adapter()._refused(self.shop, "product", everything)
        self.assertEqual(refused, {})

    def dead(self, product, **values):
        template = product.product_tmpl_id
        return self.deliver(template, state="dead", reason="duplicate_sku", **values)

    def mended(self):
        """Templates that are sent because some other product has changed."""
        changed = {("product", "product.template"): {self.products[2].product_tmpl_id.id}}
        self.work_backend._add_mended(changed)
        return changed["product", "product.template"] - set(self.products.product_tmpl_id.ids)

    def test_only_what_is_mended_is_sent_again(self):
        first, second = self.goods
        second.default_code = first.default_code
        for product in self.goods:
            self.dead(product)
        self.env.flush_all()
        self.assertEqual(self.mended(), set(), "they still share their SKU")
        second.default_code = "ANOTHER"
        self.env.flush_all()
        self.assertEqual(self.mended(), set(self.goods.product_tmpl_id.ids))

    def test_what_is_not_sent_any_more_is_not_mended(self):
        first, second = self.goods
        second.default_code = first.default_code
        for product in self.goods:
            self.dead(product)
        for values in ({"active": False}, {"active": True, "sale_ok": False}):
            second.write(values)
            self.env.flush_all()
            self.assertEqual(self.mended(), {first.product_tmpl_id.id})
        second.write({"sale_ok": True, "default_code": False})
        self.env.flush_all()
        self.assertEqual(self.mended(), {first.product_tmpl_id.id})

    def test_what_the_shop_refused_is_not_sent_again(self):
        """There the SKU belongs to something that Odoo does not know."""
        self.dead(self.goods[0], payload='{"sku": "A"}')
        self.assertEqual(self.mended(), set())

    # --- categories ---

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
