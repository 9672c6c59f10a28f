# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Images, problems and locations of products: what partners are told beyond Odoo's own fields."""

import base64
import io
from unittest.mock import patch

from PIL import Image

from odoo import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import config, mute_logger

from .shop_case import VAULT_KEY, ShopCase


def picture(color):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), color).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue())


@tagged("post_install", "-at_install")
class TestImages(ShopCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["connector.hub.field.mapping"].create(
            {
                "backend_id": cls.backend.id,
                "entity": "product",
                "odoo_field": "connector_hub_image_urls",
                "external_field": "images",
                "converter": "none",
            }
        )
        cls.product = cls.products[0]
        cls.product.image_1920 = picture("red")

    def urls(self, product=None):
        product = self.product if product is None else product
        self.env.invalidate_all()
        return self.env["connector.hub.image"]._urls(product)[product.id]

    def status(self, url):
        self.env.cr.flush()
        return self.url_open(url[url.index("/connector_hub/") :]).status_code

    def test_served(self):
        (url,) = self.urls()
        response = self.url_open(url[url.index("/connector_hub/") :])
        self.assertEqual(response.status_code, 200)
        self.assertEqual(base64.b64encode(response.content), self.product.image_1920)
        self.assertIn("immutable", response.headers["Cache-Control"])

    def test_changed_image_has_another_address(self):
        (before,) = self.urls()
        self.assertEqual(self.urls(), [before], "the same one as long as it is the same")
        self.product.image_1920 = picture("blue")
        (after,) = self.urls()
        self.assertNotEqual(before, after)
        self.assertEqual((self.status(before), self.status(after)), (404, 200))

    def test_change_is_noted(self):
        self.commit()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.product.image_1920 = picture("green")
        self.assertTrue(self.noted("product.template"))

    def test_variant_with_its_own_image(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Color",
                "value_ids": [Command.create({"name": "Red"}), Command.create({"name": "Blue"})],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Shirt",
                "image_1920": picture("red"),
                "attribute_line_ids": [
                    Command.create(
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [Command.set(attribute.value_ids.ids)],
                        }
                    )
                ],
            }
        )
        first, second = template.product_variant_ids
        second.image_1920 = picture("blue")
        self.assertIn("/product-", self.urls(first)[0])
        self.assertIn("/variant-", self.urls(second)[0])
        self.assertEqual(self.status(self.urls(second)[0]), 200)

    def test_only_what_is_sent(self):
        (url,) = self.urls()
        self.product.sale_ok = False
        self.assertEqual(self.status(url), 404)
        self.product.sale_ok = True
        self.assertEqual(self.status(url), 200)
        self.product.active = False
        self.assertEqual(self.status(url), 404)

    def test_only_for_backends_that_send_images(self):
        (url,) = self.urls()
        mapping = self.backend.field_mapping_ids.filtered(lambda m: m.external_field == "images")
        mapping.active = False
        self.assertEqual(self.status(url), 404)
        mapping.active = True
        self.backend.state = "draft"
        self.assertEqual(self.status(url), 404)

    def test_key_rotation(self):
        """Addresses that are out there go on working as long as the old key opens secrets."""
        (url,) = self.urls()
        newer = base64.b64encode(b"n" * 32).decode()
        with patch.dict(config.options, {"connector_hub_key": f"{newer},{VAULT_KEY}"}):
            self.assertNotEqual(self.urls(), [url])
            self.assertEqual(self.status(url), 200)

    def test_with_a_wrong_key_nobody_learns_of_keys(self):
        """Anybody may ask for an image: what is wrong here is the administrator's business."""
        (url,) = self.urls()
        with (
            patch.dict(config.options, {"connector_hub_key": base64.b64encode(b"n" * 32).decode()}),
            mute_logger("odoo.addons.connector_hub.models.connector_hub_image"),
        ):
            answer = self.url_open(url)
        self.assertEqual((answer.status_code, answer.content), (404, b""))

    def test_nothing_else_can_be_read(self):
        (url,) = self.urls()
        folder, _slash, name = url.rpartition("/")
        user = self.env.ref("base.user_admin").partner_id
        user.image_1920 = picture("black")
        signer = self.env["connector.hub.image"]._signer(
            self.env["connector.hub.backend"]._vault_keys()[0]
        )
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "res.partner"),
                ("res_field", "=", "image_1920"),
                ("res_id", "=", user.id),
            ]
        )
        for kind in ("partner", "res.partner", "extra", "variant"):
            other = f"{kind}-{user.id}-{attachment.checksum}"
            signed = f"{folder.rpartition('/')[0]}/{signer(other)}/{other}.png"
            self.assertEqual(self.status(signed), 404)
        self.assertEqual(self.status(f"{folder}/{name[:-4]}.pn"), 404)


@tagged("post_install", "-at_install")
class TestProblems(ShopCase):
    def problems(self, products):
        self.env.invalidate_all()
        return products.mapped("connector_hub_problem")

    def test_problems(self):
        first, second, third = self.products
        self.assertEqual(self.problems(self.products), [False] * 3)
        second.default_code = first.default_code
        third.default_code = False
        self.assertEqual(
            self.problems(self.products), ["duplicate_sku", "duplicate_sku", "missing_sku"]
        )
        found = self.env["product.product"].search([("connector_hub_problem", "!=", False)])
        self.assertLessEqual(self.products, found)
        without = self.env["product.product"].search(
            [("connector_hub_problem", "=", False), ("id", "in", self.products.ids)]
        )
        self.assertFalse(without)
        duplicates = self.env["product.product"].search(
            [("connector_hub_problem", "=", "duplicate_sku")]
        )
        self.assertEqual(duplicates & self.products, first | second)

    def test_services_without_a_sku_are_not_meant_for_partners(self):
        """Shipping and the like are not listed, and not a word is logged of them; goods are, and what has a SKU."""
        shipping = self.env["connector.hub.order.import"]._service_products(
            self.backend, {"shipping"}
        )["shipping"]
        self.assertFalse(shipping.sale_ok, "nobody orders it for itself")
        repair, sold, goods = self.env["product.product"].create(
            [
                {"name": "Repair", "type": "service"},
                {"name": "Engraving", "type": "service", "default_code": "ENGRAVE"},
                {"name": "Case", "type": "consu"},
            ]
        )
        self.assertEqual(
            self.problems(repair | sold | goods | shipping), [False, False, "missing_sku", False]
        )
        self.run_lane()
        logged = self.deliveries(("entity", "=", "product")).mapped("res_id")
        self.assertEqual(
            set(logged) & {*repair.ids, *sold.ids, *goods.ids, *shipping.ids},
            {*sold.ids, *goods.ids},
        )
        sold.default_code = False
        self.run_lane()
        self.assertEqual(
            self.deliveries(("res_id", "=", sold.id), ("entity", "=", "product"))[-1].reason,
            "missing_sku",
            "the partner has it",
        )

    def test_companies_do_not_share_skus(self):
        other = self.env["res.company"].create({"name": "Other"})
        first, second = self.env["product.product"].create(
            [
                {"name": company.name, "default_code": "SAME", "company_id": company.id}
                for company in (self.company, other)
            ]
        )
        self.assertEqual(self.problems(first | second), [False, False])
        second.company_id = False
        self.assertEqual(self.problems(first | second), ["duplicate_sku"] * 2)

    def test_what_is_not_for_sale_is_no_problem(self):
        first, second, third = self.products
        second.default_code = first.default_code
        second.sale_ok = False
        third.default_code = False
        third.active = False
        self.assertEqual(self.problems(self.products), [False] * 3)
