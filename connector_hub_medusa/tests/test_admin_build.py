# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from copy import deepcopy
from decimal import Decimal

from odoo.tests import BaseCase

from odoo.addons.connector_hub.models.connector_hub_image import is_image_address

from ..build_admin import compare, lookups, product_to_create

OWN_IMAGE = f"https://odoo.example/connector_hub/image/{'5' * 40}/product-7-"
A_PNG, B_PNG = (f"{OWN_IMAGE}{letter * 40}.png" for letter in "ab")

#: A shirt as Odoo wants it.
WANTED = {
    "product": {
        "title": "Shirt",
        "description": "",
        "external_id": "7",
        "status": "published",
        "metadata": {"odoo_id": 7, "odoo_category": "clothes"},
    },
    "handle": "shirt-7",
    "category": [{"name": "Clothes", "handle": "clothes"}],
    "images": [A_PNG],
    "options": [{"title": "Size", "values": ["S", "M"]}],
    "variants": [
        {
            "title": size,
            "sku": f"SHIRT-{size}",
            "barcode": None,
            "weight": 200,
            "manage_inventory": True,
            "options": {"Size": size},
            "prices": {"kwd": Decimal("4.250")},
            "metadata": {"external_id": number},
        }
        for number, size in (("11", "S"), ("12", "M"))
    ],
}


def in_shop():
    """The same shirt as the Admin API shows it."""
    return {
        "id": "prod_1",
        "title": "Shirt",
        "description": None,
        "external_id": "7",
        "status": "published",
        "metadata": {"odoo_id": 7, "odoo_category": "clothes", "story": "the shop's own"},
        "thumbnail": A_PNG,
        "categories": [{"id": "pcat_1", "handle": "clothes"}],
        "images": [{"id": "img_1", "url": A_PNG}],
        "options": [
            {
                "id": "opt_1",
                "title": "Size",
                "values": [{"id": "v1", "value": "S"}, {"id": "v2", "value": "M"}],
            }
        ],
        "variants": [
            {
                "id": f"variant_{size}",
                "title": size,
                "sku": f"SHIRT-{size}",
                "barcode": "set in the shop",
                "weight": 200,
                "manage_inventory": True,
                "options": [{"id": "x", "value": size, "option_id": "opt_1"}],
                "prices": [{"id": f"price_{size}", "currency_code": "kwd", "amount": 4.25}],
                "metadata": {"external_id": number},
            }
            for number, size in (("11", "S"), ("12", "M"))
        ],
    }


class TestAdminBuild(BaseCase):
    def _compare(self, in_shop, **changes):
        wanted = {**deepcopy(WANTED), **changes}
        return compare(wanted, in_shop, ["pcat_1"], is_image_address)

    # --- what is the same ---

    def test_equal(self):
        changes = self._compare(in_shop())
        self.assertFalse(changes.is_structural)
        self.assertIsNone(changes.as_batch_entry("prod_1"))

    # --- the product ---

    def test_metadata_are_compared_by_key(self):
        changes = self._compare(in_shop(), product={"metadata": {"odoo_id": 8}})
        self.assertEqual(changes.product, {"metadata": {"odoo_id": 8}})

    def test_category_of_before_goes_and_those_of_the_shop_stay(self):
        product = in_shop()
        product["categories"] = [
            {"id": "pcat_0", "handle": "clothes"},
            {"id": "pcat_9", "handle": "summer"},
        ]
        changes = self._compare(product)
        self.assertEqual(changes.product["categories"], [{"id": "pcat_9"}, {"id": "pcat_1"}])

    def test_images_of_the_shop_stay_behind_ours(self):
        product = in_shop()
        product["images"] = [
            {"id": "img_8", "url": "https://cdn.example/own.png"},
            {"id": "img_1", "url": A_PNG},
        ]
        changes = self._compare(product, images=[B_PNG])
        self.assertEqual(
            changes.product["images"],
            [
                {"url": B_PNG},
                {"id": "img_8", "url": "https://cdn.example/own.png"},
            ],
        )
        self.assertEqual(changes.product["thumbnail"], B_PNG)

    def test_images_of_a_former_address_of_odoo_go(self):
        """After a change of the domain, or of http to https, the shop's old ones cannot be shown any more."""
        product = in_shop()
        former = A_PNG.replace("https://odoo.example", "http://before.example:8069")
        product["images"] = [{"id": "img_1", "url": former}]
        product["thumbnail"] = former
        changes = self._compare(product)
        self.assertEqual(changes.product, {"images": [{"url": A_PNG}], "thumbnail": A_PNG})

    def test_own_images_are_known_by_their_path(self):
        self.assertTrue(is_image_address(A_PNG))
        self.assertTrue(is_image_address(A_PNG.replace("odoo.example", "example/odoo")))
        for url in (
            "https://cdn.example/own.png",
            "https://cdn.example/connector_hub/image/own.png",
            "http://[",
            f"{A_PNG}/more",
        ):
            self.assertFalse(is_image_address(url), url)

    def test_thumbnail_of_the_shop_stays(self):
        product = {**in_shop(), "thumbnail": "https://cdn.example/own.png"}
        changes = self._compare(product, images=[])
        self.assertEqual(changes.product, {"images": []})

    # --- the status ---

    def _status(self, status, **metadata):
        product = {**in_shop(), "status": status}
        product["metadata"] |= metadata
        return self._compare(product).product

    def test_draft_of_the_shop_stays_a_draft(self):
        self.assertEqual(self._status("draft"), {})
        self.assertEqual(self._status("proposed"), {})

    def test_what_odoo_took_off_the_shelf_is_published_again(self):
        self.assertEqual(
            self._status("draft", odoo_status="draft"),
            {"status": "published", "metadata": {"odoo_status": ""}},
        )
        self.assertEqual(
            self._status("published", odoo_status="draft"), {"metadata": {"odoo_status": ""}}
        )

    def test_status_with_other_metadata(self):
        for names in (("status", "metadata"), ("metadata", "status")):
            product = {**in_shop(), "status": "draft"}
            product["metadata"] |= {"odoo_status": "draft", "odoo_id": 8}
            wanted = {name: WANTED["product"][name] for name in names}
            self.assertEqual(
                self._compare(product, product=wanted).product,
                {"status": "published", "metadata": {"odoo_status": "", "odoo_id": 7}},
            )

    # --- prices ---

    def test_price_set_is_whole(self):
        """Writing one price deletes the others: those of other currencies and rules are sent along."""
        product = in_shop()
        product["variants"][0]["prices"] += [
            {"id": "price_eur", "currency_code": "eur", "amount": 12.5, "rules": {}},
            {"id": "price_vip", "currency_code": "kwd", "amount": 3, "rules": {"group": "vip"}},
            {"id": "price_ten", "currency_code": "kwd", "amount": 4, "min_quantity": 10},
        ]
        wanted = deepcopy(WANTED["variants"])
        wanted[0]["prices"]["kwd"] = Decimal("4.500")
        changes = self._compare(product, variants=wanted)
        self.assertEqual(
            changes.update,
            [
                {
                    "id": "variant_S",
                    "prices": [
                        {
                            "currency_code": "kwd",
                            "amount": Decimal("4.500"),
                            "id": "price_S",
                        },
                        {"id": "price_eur", "currency_code": "eur", "amount": 12.5},
                        {
                            "id": "price_vip",
                            "currency_code": "kwd",
                            "amount": 3,
                            "rules": {"group": "vip"},
                        },
                        {
                            "id": "price_ten",
                            "currency_code": "kwd",
                            "amount": 4,
                            "min_quantity": 10,
                        },
                    ],
                }
            ],
        )
        self.assertEqual(
            changes.as_batch_entry("prod_1")["variants"], [*changes.update, {"id": "variant_M"}]
        )

    # --- variants ---

    def test_new_variant_brings_its_value(self):
        wanted = deepcopy(WANTED)
        wanted["options"][0]["values"].append("L")
        wanted["variants"].append(
            {
                **wanted["variants"][0],
                "title": "L",
                "sku": "SHIRT-L",
                "options": {"Size": "L"},
                "metadata": {"external_id": "13"},
            }
        )
        changes = self._compare(in_shop(), **wanted)
        self.assertTrue(changes.is_structural)
        self.assertEqual(changes.new_values, {"opt_1": ["L"]})
        self.assertEqual([variant["sku"] for variant in changes.create], ["SHIRT-L"])

    def test_only_variants_that_odoo_linked_are_deleted(self):
        product = in_shop()
        product["variants"].append(
            {**product["variants"][0], "id": "variant_X", "sku": "X", "metadata": None}
        )
        changes = self._compare(product, variants=WANTED["variants"][:1])
        self.assertEqual(changes.delete, ["variant_M"])
        self.assertEqual(changes.kept, ["variant_S", "variant_X"])

    def test_variant_is_known_by_its_link_when_its_sku_changes(self):
        wanted = deepcopy(WANTED["variants"])
        wanted[0]["sku"] = "SHIRT-SMALL"
        changes = self._compare(in_shop(), variants=wanted)
        self.assertEqual(changes.update, [{"id": "variant_S", "sku": "SHIRT-SMALL"}])
        self.assertFalse(changes.is_structural)

    def test_skus_that_change_places(self):
        wanted = deepcopy(WANTED["variants"])
        wanted[0]["sku"], wanted[1]["sku"] = wanted[1]["sku"], wanted[0]["sku"]
        changes = self._compare(in_shop(), variants=wanted)
        self.assertEqual(
            changes.update,
            [{"id": "variant_S", "sku": "SHIRT-M"}, {"id": "variant_M", "sku": "SHIRT-S"}],
        )

    def test_option_of_the_shop_stays(self):
        """Medusa does not take an option from a product that has variants with it."""
        product = in_shop()
        product["options"].append(
            {"id": "opt_2", "title": "Fit", "values": [{"id": "v9", "value": "Slim"}]}
        )
        for variant in product["variants"]:
            variant["options"].append({"value": "Slim", "option_id": "opt_2"})
        self.assertIsNone(self._compare(product).as_batch_entry("prod_1"))

    # --- bar codes ---

    def _without_barcode(self, mark, **in_odoo):
        """What is written of two variants whose bar code Odoo does not have (any more)."""
        product = in_shop()
        product["variants"][0] |= {"barcode": "629", "metadata": {"external_id": "11", **mark}}
        wanted = deepcopy(WANTED["variants"])
        for variant in wanted:
            variant |= in_odoo
            variant["metadata"]["odoo_barcode"] = in_odoo.get("barcode") or ""
        return self._compare(product, variants=wanted).update

    def test_barcode_removed_in_odoo(self):
        self.assertEqual(
            self._without_barcode({"odoo_barcode": "629"}),
            [
                {
                    "id": "variant_S",
                    "metadata": {"external_id": "11", "odoo_barcode": ""},
                    "barcode": None,
                }
            ],
        )

    def test_barcode_of_the_shop_stays(self):
        self.assertEqual(self._without_barcode({}), [])
        (update,) = self._without_barcode({"odoo_barcode": "628"})
        self.assertNotIn("barcode", update, "it was changed in the shop since")

    # --- create ---

    def test_create_without_attributes(self):
        wanted = {**deepcopy(WANTED), "options": [], "variants": deepcopy(WANTED["variants"][:1])}
        wanted["variants"][0]["options"] = {}
        wanted["variants"][0]["metadata"]["odoo_barcode"] = ""
        body = product_to_create(wanted, [], ["sc_1"], "sp_1")
        (option,) = body["options"]
        (variant,) = body["variants"]
        self.assertEqual(variant["options"], {option["title"]: option["values"][0]})
        self.assertEqual(variant["prices"], [{"currency_code": "kwd", "amount": Decimal("4.250")}])
        self.assertNotIn("barcode", variant)
        self.assertEqual(variant["metadata"], {"external_id": "11"})
        self.assertEqual(body["status"], "published")
        self.assertNotIn("categories", body)

    # --- look-ups ---

    def test_lookups_stay_below_the_servers_limits(self):
        skus = [f"SKU-{number}" for number in range(250)]
        chunks = list(lookups("sku", skus))
        self.assertEqual([sku for _params, chunk in chunks for sku in chunk], skus)
        self.assertLessEqual(max(len(chunk) for _params, chunk in chunks), 100)
        long = list(lookups("sku", ["ع" * 200] * 12))
        self.assertGreater(len(long), 1)

    def test_single_sku_with_a_comma_is_no_list(self):
        ((params, _chunk),) = lookups("sku", ["A,B"])
        self.assertEqual(params, [("sku", "A,B"), ("limit", "1")])
