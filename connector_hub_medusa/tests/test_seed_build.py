# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a shop with the seed's routes is sent, piece by piece."""

import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.connector_hub.converters import CONVERTERS
from odoo.addons.connector_hub.exceptions import RejectedError, RetryableError

from .. import build
from ..const import (
    ARABIC_MAPPINGS,
    PRODUCT_MAPPINGS,
    PRODUCT_WEBHOOK_MAPPINGS,
    STATUS_FACTS,
    STOCK_MAPPINGS,
)
from .common import SeedCase


@tagged("post_install", "-at_install")
class TestSeedBuild(SeedCase):
    def adapter(self):
        return self.work()._get_adapter()

    def build(self, entity, records=None):
        route = self.adapter()._export_routes()[entity]
        records = self.goods if records is None else records
        return route.build(self.work(), records.with_env(self.work().env))

    # --- tables ---

    def test_tables(self):
        mappings = PRODUCT_MAPPINGS + PRODUCT_WEBHOOK_MAPPINGS + STOCK_MAPPINGS + ARABIC_MAPPINGS
        for odoo_field, _external_field, converter in mappings:
            self.assertIn(converter, CONVERTERS)
            self.assertIn(odoo_field.partition(".")[0], self.env["product.product"]._fields)
        self.assertLessEqual(set(STATUS_FACTS), set(self.adapter()._fact_routes()))

    # --- products ---

    def test_routes_have_their_own_mappings(self):
        fields = {m.external_field for m in self.shop.field_mapping_ids if m.entity == "product"}
        self.assertIn("price", fields)
        self.shop.medusa_product_route = "webhook"
        fields = {m.external_field for m in self.shop.field_mapping_ids if m.entity == "product"}
        self.assertIn("list_price", fields)
        self.assertNotIn("price", fields)
        self.shop.medusa_product_route = "products"
        self.assertEqual(self.build("product", self.goods[0])[self.goods[0].id]["weight_unit"], "g")

    def test_mappings_are_added_once(self):
        count = len(self.shop.field_mapping_ids)
        self.shop.field_mapping_ids.filtered(lambda m: m.external_field == "barcode").unlink()
        self.shop.action_add_mappings()
        self.shop.action_add_mappings()
        self.assertEqual(len(self.shop.field_mapping_ids), count)

    def test_price_in_the_currency_of_the_pricelist(self):
        rate = {
            "currency_id": self.eur.id,
            "company_id": self.company.id,
            "rate": 3.0,
            "name": "2020-01-01",
        }
        self.env["res.currency.rate"].create(rate)
        self.shop.pricelist_id = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.eur.id, "company_id": self.company.id}
        )
        self.goods[0].with_company(self.company).standard_price = 2.0
        payload = self.build("product", self.goods[0])[self.goods[0].id]
        self.assertEqual(payload["currency_code"], "eur")
        self.assertEqual((payload["price"], payload["cost_price"]), (1500, 600))

    def test_empty_values(self):
        payload = build.finish_product(
            {
                "weight": 0,
                "brand": "",
                "category_handle": "",
                "compare_at_price": 0,
                "images": None,
            },
            allow_backorder=False,
            has_locations=False,
        )
        self.assertEqual(
            payload,
            {
                "weight": 0,
                "weight_unit": "g",
                "brand": None,
                "category_handle": None,
                "compare_at_price": None,
                "images": [],
            },
        )

    def test_several_images(self):
        urls = ["https://example.com/1", "https://example.com/2"]
        payload = build.finish_product({"images": urls}, allow_backorder=False, has_locations=False)
        self.assertEqual(
            [(image["position"], image["is_thumbnail"]) for image in payload["images"]],
            [(0, True), (1, False)],
        )

    def test_attributes_of_variants(self):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Color",
                "value_ids": [Command.create({"name": "Black"}), Command.create({"name": "Red"})],
            }
        )
        template = self.env["product.template"].create(
            {
                "name": "Shirt",
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
        for number, variant in enumerate(template.product_variant_ids):
            variant.default_code = f"SHIRT-{number}"
        payloads = self.build("product", template.product_variant_ids)
        self.assertEqual(
            sorted(payload["metadata"]["color"] for payload in payloads.values()), ["Black", "Red"]
        )
        for product_id, payload in payloads.items():
            self.assertEqual(payload["metadata"]["odoo_id"], product_id)

    # --- stock ---

    def test_locations(self):
        """Two warehouses for one place are added up; the safety stock is that of all places together."""
        second = self.env["stock.warehouse"].create(
            {"name": "Second", "code": "W2", "company_id": self.company.id}
        )
        third = second.copy({"name": "Third", "code": "W3"})
        for warehouse, quantity in ((self.warehouse, 10), (second, 4), (third, 3)):
            self.env["stock.quant"]._update_available_quantity(
                self.goods[0], warehouse.lot_stock_id, quantity
            )
        self.shop.location_ids = [
            Command.create({"warehouse_id": self.warehouse.id, "external_id": "loc_1"}),
            Command.create({"warehouse_id": second.id, "external_id": "loc_2"}),
            Command.create({"warehouse_id": third.id, "external_id": "loc_2"}),
        ]
        self.shop.stock_buffer = 2
        payload = self.build("stock", self.goods[0])[self.goods[0].id]
        self.assertEqual(payload["levels"], {"loc_1": 8, "loc_2": 7})
        self.assertEqual(
            build.stock_items(payload),
            [
                {"sku": "CASE-IP15PRO-001", "quantity": 8, "location_id": "loc_1"},
                {"sku": "CASE-IP15PRO-001", "quantity": 7, "location_id": "loc_2"},
            ],
        )
        self.shop.stock_buffer = 12
        payload = self.build("stock", self.goods[0])[self.goods[0].id]
        self.assertEqual(payload["levels"], {"loc_1": 0, "loc_2": 5})
        product = self.build("product", self.goods[0])[self.goods[0].id]
        self.assertNotIn("quantity", product["inventory"], "it is told per location")

    def test_kits(self):
        """A moved component concerns the kits it is in, kits of kits too. Only where ``mrp`` is installed."""
        if "mrp.bom" not in self.env:
            self.skipTest("mrp is not installed")
        kit, bundle = self.goods
        part = self.products[0]
        for product, component, quantity in ((kit, part, 4), (bundle, kit, 2)):
            self.env["mrp.bom"].create(
                {
                    "product_tmpl_id": product.product_tmpl_id.id,
                    "type": "phantom",
                    "bom_line_ids": [
                        Command.create({"product_id": component.id, "product_qty": quantity})
                    ],
                }
            )
        changed = self.work()._changed_records({"stock.quant": {part.id}})
        self.assertEqual(changed["stock", "product.product"], {part.id, kit.id, bundle.id})
        payloads = self.build("stock")
        self.assertEqual([payloads[product.id]["quantity"] for product in self.goods], [25, 12])

    def test_adjustments_are_absolute(self):
        payload = {"sku": "A", "quantity": 3, "warehouse_name": "Main"}
        (entry,) = build.stock_adjustments(payload)
        self.assertEqual((entry["adjustment_type"], entry["quantity"]), ("absolute", 3))

    # --- errors of items ---

    def test_errors_are_matched_by_sku(self):
        items = [SimpleNamespace(payload={"sku": sku}, reference=sku) for sku in ("A", "B")]
        read = self.adapter()._read_errors
        entry = {"sku": "B", "error": {"code": "VALIDATION_ERROR", "message": "No"}}
        errors = read(items, {"success": True, "results": {"errors": [entry], "failed": 1}})
        self.assertEqual(list(errors), [1])
        self.assertIsInstance(errors[1], RejectedError)
        unknown = {"error": {"code": "SYNC_FAILED"}}
        self.assertIsNone(read(items, {"results": {"errors": [unknown]}}), "singly, then")
        self.assertIsNone(read(items, {"results": {"errors": [], "failed": 1}}))
        (error,) = read(items[:1], {"results": {"errors": [unknown]}}).values()
        self.assertIsInstance(error, RetryableError)
        self.assertEqual(read(items, {"success": True, "results": {"errors": []}}), {})
        self.assertEqual(read(items, None), {})

    def test_code_beside_the_text_of_an_error(self):
        items = [SimpleNamespace(payload={"sku": sku}, reference=sku) for sku in ("A", "B")]
        entry = {"sku": "A", "error": "Title is required", "code": "VALIDATION_ERROR"}
        errors = self.adapter()._read_errors(items, {"results": {"errors": [entry], "failed": 1}})
        self.assertIsInstance(errors[0], RejectedError)
        self.assertIn("Title is required", errors[0].message)

    def test_refusals_of_one_item_by_their_codes(self):
        """The same reason as in a bulk answer, so that Requeue all finds them together."""
        for code, expected in (
            ("DUPLICATE_SKU", (RejectedError, "duplicate_sku")),
            ("NOT_FOUND", (RejectedError, "not_found")),
            ("SKU_NOT_FOUND", (RetryableError, "not_found")),
            ("NEW_CODE", (RejectedError, "rejected_by_partner")),
        ):
            details = {"status": 409, "body": {"success": False, "error": {"code": code}}}
            error = self.adapter()._as_item_error(RejectedError("No", details=details))
            self.assertEqual((type(error), error.reason), expected, code)

    # --- facts ---

    def test_confirmed_by_the_shop(self):
        """Only what the shop's metadata clearly tell of this very fact is not sent again."""
        metadata = {
            "odoo_confirmed": True,
            "odoo_shipped": True,
            "tracking_number": "T-1",
            "odoo_shipped_at": "2026-02-28T10:30:00Z",
            "odoo_invoiced": True,
        }
        for expected, fact, values in (
            (True, "order.confirmed", {}),
            (True, "order.shipped", {"tracking_number": "T-1"}),
            (False, "order.shipped", {"tracking_number": "T-2"}),
            (True, "order.shipped", {"shipped_date": "2026-02-28T10:30:00Z"}),
            (False, "order.shipped", {"shipped_date": "2026-03-01T10:30:00Z"}),
            (False, "order.shipped", {}),
            (False, "order.invoiced", {}),
            (False, "order.cancelled", {}),
            (False, "order.delivered", {"delivered_date": "2026-03-01T10:30:00Z"}),
        ):
            with self.subTest(fact=fact, values=values):
                payload = {"event_type": fact, "order": values}
                self.assertEqual(build.is_confirmed(metadata, payload), expected)
        self.assertFalse(build.is_confirmed({}, {"event_type": "order.paid", "order": {}}))

    def test_tracking_url(self):
        for url, expected in (
            ("https://example.com/1", "https://example.com/1"),
            (
                '[["A", "https://example.com/2"], ["B", "https://example.com/3"]]',
                "https://example.com/2",
            ),
            ("javascript:alert(1)", ""),
            ("[broken", ""),
            ("[]", ""),
            (False, ""),
        ):
            picking = SimpleNamespace(carrier_tracking_url=url)
            self.assertEqual(build.tracking_url(picking), expected)

    def test_labels_of_several_parcels(self):
        """The Admin dialect's labels: Odoo's JSON list of the parcels' pages is no address of one."""
        order = self._sell(1)
        order.order_line.connector_hub_external_id = "item_1"
        carrier = self.env["delivery.carrier"].create(
            {"name": "FedEx", "product_id": self.products[0].id}
        )
        picking = order.picking_ids
        picking.write({"carrier_id": carrier.id, "carrier_tracking_ref": "T1,T2"})
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(skip_sms=True).button_validate()
        links = json.dumps([["T1", "https://example.com/T1"], ["T2", "https://example.com/T2"]])
        with patch.object(type(carrier), "get_tracking_link", lambda _carrier, _picking: links):
            picking.invalidate_recordset(["carrier_tracking_url"])
            adapter = self.env["connector.hub.adapter.medusa.admin"]
            labels = adapter._build_shipment(self.shop, picking)["labels"]
        self.assertEqual(
            [(label["tracking_number"], label["tracking_url"]) for label in labels],
            [("T1", "https://example.com/T1"), ("T2", "https://example.com/T1")],
        )

    def _sell(self, quantity):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "x_medusa_order_id": "order_1",
                "order_line": [
                    Command.create({"product_id": self.goods[0].id, "product_uom_qty": quantity})
                ],
            }
        )
        order.action_confirm()
        return order

    def test_reduction(self):
        self.env["stock.quant"]._update_available_quantity(
            self.goods[0], self.warehouse.lot_stock_id, 50
        )
        order = self._sell(3)
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 2, "picked": True})
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.assertEqual(
            build.reduction(order, picking),
            {"order_id": "order_1", "items": [{"sku": "CASE-IP15PRO-001", "quantity": 2}]},
        )

    def test_reduction_of_a_kit(self):
        """Components in the place of what was ordered: the shop knows the kit only, and whole ones."""
        order = self._sell(2)
        line, picking = order.order_line, order.picking_ids
        picking.move_ids._action_cancel()
        parts = self.products[:2]
        moves = self.env["stock.move"].create(
            [
                {
                    "product_id": part.id,
                    "product_uom_qty": quantity,
                    "picking_id": picking.id,
                    "sale_line_id": line.id,
                    "location_id": picking.location_id.id,
                    "location_dest_id": picking.location_dest_id.id,
                }
                for part, quantity in zip(parts, (4, 2), strict=True)
            ]
        )
        moves._action_confirm()
        for move, quantity in zip(moves, (3, 2), strict=True):
            move.write({"quantity": quantity, "picked": True})
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.assertEqual(
            build.reduction(order, picking)["items"], [{"sku": "CASE-IP15PRO-001", "quantity": 1}]
        )
