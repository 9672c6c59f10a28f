# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stock through /odoo/inventory and /odoo/webhooks/inventory (seed, sections 6 and 13.2)."""

from datetime import timedelta
from decimal import Decimal
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .. import build
from ..poll import SeenLevel
from .peer_case import CASE, POWER_BANK, PeerCase

ONE, MANY = "/odoo/inventory/update", "/odoo/inventory/bulk-update"
WEBHOOK = "/odoo/webhooks/inventory"


@tagged("post_install", "-at_install")
class TestStock(PeerCase):
    def setUp(self):
        super().setUp()
        self.in_the_shop(CASE, POWER_BANK)

    def receive(self, product, quantity, location=None):
        self.env["stock.quant"]._update_available_quantity(
            product, location or self.warehouse.lot_stock_id, quantity
        )

    def test_receipt_of_one_product(self):
        self.receive(self.case, 10)
        self.assertEqual(self.send(), [("POST", ONE)])
        self.assertEqual(self.peer.sent(ONE)[0].payload, {"sku": CASE, "quantity": 160})
        self.assertEqual(self.peer.stocked(CASE), 160)
        self.assertEqual(self.of(self.case, "stock").state, "done")

    def test_receipt_of_many(self):
        self.receive(self.case, 10)
        self.receive(self.power_bank, -50)
        self.assertEqual(self.send(), [("POST", MANY)])
        self.assertEqual((self.peer.stocked(CASE), self.peer.stocked(POWER_BANK)), (160, 100))

    def test_absolute_and_therefore_repeatable(self):
        self.receive(self.case, 10)
        self.peer.fault(path_prefix=ONE, times=1, status=504, after_processing=True)
        self.send()
        self.assertEqual(self.of(self.case, "stock").state, "pending")
        self.let_time_pass()
        self.send()
        self.assertEqual(self.peer.stocked(CASE), 160)
        self.assertEqual(self.of(self.case, "stock").state, "done")

    def test_order_and_shipment(self):
        """A reservation changes nothing on hand; shipping does, and the shop is told."""
        placed, order = self.order((CASE, 2), (POWER_BANK, 1))
        self.send()
        self.assertEqual(self.peer.sent("/odoo/inventory", "POST"), [])
        self.ship(order.picking_ids)
        self.send()
        self.assertEqual((self.peer.stocked(CASE), self.peer.stocked(POWER_BANK)), (148, 149))
        self.assertTrue(self.peer.orders[placed["id"]]["shipments"])

    def test_free_quantity(self):
        self.backend.quantity_source = "free"
        self.order((CASE, 2))
        self.send()
        self.assertEqual(self.peer.stocked(CASE), 148)

    def test_safety_stock(self):
        self.backend.stock_buffer = 145
        self.receive(self.case, -3)
        self.send()
        self.assertEqual(self.peer.stocked(CASE), 2)
        self.receive(self.case, -10)
        self.send()
        self.assertEqual(self.peer.stocked(CASE), 0)

    def test_other_warehouses_do_not_count(self):
        other = self.env["stock.warehouse"].create(
            {"name": "Other", "code": "OTH", "company_id": self.company.id}
        )
        self.receive(self.case, 1000, other.lot_stock_id)
        self.send()
        self.assertIn(self.peer.stocked(CASE), (0, 150))
        self.receive(self.case, 1)
        self.send()
        self.assertEqual(self.peer.stocked(CASE), 151)

    def test_unknown_to_the_shop(self):
        """It may know the SKU in a moment: retried, and the others are told."""
        del self.peer.inventory[CASE]
        self.receive(self.case, 1)
        self.receive(self.power_bank, 1)
        self.send()
        delivery = self.of(self.case, "stock")
        self.assertEqual((delivery.state, delivery.attempts), ("pending", 1))
        self.assertEqual(self.peer.stocked(POWER_BANK), 151)
        self.peer.add_product(CASE)
        self.let_time_pass()
        self.send()
        self.assertEqual((delivery.state, self.peer.stocked(CASE)), ("done", 151))

    def test_per_location(self):
        there = self.peer.add_location("Second")
        other = self.env["stock.warehouse"].create(
            {"name": "Other", "code": "OTH", "company_id": self.company.id}
        )
        self.backend.location_ids = [
            (0, 0, {"warehouse_id": self.warehouse.id, "external_id": self.peer.main_location}),
            (0, 0, {"warehouse_id": other.id, "external_id": there}),
        ]
        self.receive(self.case, 7, other.lot_stock_id)
        self.send()
        self.assertEqual(self.peer.stocked(CASE, self.peer.main_location), 150)
        self.assertEqual(self.peer.stocked(CASE, there), 7)

    def test_webhook(self):
        self.backend.medusa_stock_route = "webhook"
        self.assertEqual(self.send(), [("POST", WEBHOOK)], "all go that way from now on")
        self.receive(self.case, 10)
        self.assertEqual(self.send(), [("POST", WEBHOOK)])
        [request] = self.peer.sent(WEBHOOK)
        self.assertEqual(request.payload["event_type"], "inventory.updated")
        [item] = request.payload["items"]
        self.assertEqual(
            (item["sku"], item["quantity"], item["adjustment_type"], item["odoo_product_id"]),
            (CASE, 160, "absolute", self.case.id),
        )
        self.assertEqual(self.peer.stocked(CASE), 160)

    def test_webhook_with_one_bad_item(self):
        self.backend.medusa_stock_route = "webhook"
        self.peer.fault(bulk_item_error={CASE: "VALIDATION_ERROR"})
        self.receive(self.case, 10)
        self.receive(self.power_bank, 10)
        self.send()
        self.assertEqual(self.of(self.case, "stock").state, "dead")
        self.assertEqual(self.peer.stocked(POWER_BANK), 160)

    # --- what the shop has ---

    def compare(self, looks=2):
        """Have the shop's figures compared with Odoo's, whenever that was done last."""
        self.peer.clear_log()
        for _look in range(looks):
            self.backend.cursor_ids.polled_at = False
            self.run_lane()

    def test_figure_changed_in_the_shop(self):
        self.receive(self.case, 10)
        self.receive(self.power_bank, 10)
        self.send()
        level = self.peer.inventory[CASE][self.peer.main_location]
        self.compare()
        self.assertEqual([r.path for r in self.peer.requests if r.method == "POST"], [])
        level["stocked_quantity"] = 7
        self.compare()
        self.assertEqual(self.peer.stocked(CASE), 160)
        self.assertEqual(self.peer.sent(ONE)[0].payload, {"sku": CASE, "quantity": 160})
        self.assertIn(f"{CASE} (7 there, 160 here)", self.backend.message_ids[0].body)
        self.assertFalse(self.backend._cursor("stock").doubtful)
        self.peer.clear_log()
        self.run_lane()
        self.assertEqual(self.peer.requests, [], "once a day")

    def looks(self):
        return len(self.peer.sent("/odoo/inventory", "GET"))

    def test_second_look_comes_soon(self):
        self.receive(self.case, 10)
        self.send()
        self.compare(looks=1)
        self.peer.inventory[CASE][self.peer.main_location]["stocked_quantity"] = 7
        self.compare(looks=1)
        self.assertEqual((self.looks(), self.peer.stocked(CASE)), (1, 7))
        cursor = self.backend._cursor("stock")
        cursor.polled_at = fields.Datetime.now() - timedelta(minutes=14)
        self.run_lane()
        self.assertEqual(self.looks(), 1)
        cursor.polled_at = fields.Datetime.now() - timedelta(minutes=16)
        self.run_lane()
        self.assertEqual((self.looks(), self.peer.stocked(CASE)), (2, 160))
        cursor.polled_at = fields.Datetime.now() - timedelta(hours=23)
        self.run_lane()
        self.assertEqual(self.looks(), 2)

    def test_order_that_is_not_here_yet(self):
        """The shop lowers its figure at the checkout: until the order has come in, Odoo's is not the better one."""
        self.backend.quantity_source = "free"
        self.receive(self.case, 10)
        self.send()
        self.compare()
        placed = self.peer.place_order([(CASE, 2)], stock="decrement")
        self.assertEqual(self.peer.stocked(CASE), 158)
        self.compare(looks=1)
        self.run_lane()
        self.assertTrue(
            self.env["sale.order"].search([("x_medusa_order_id", "=", placed["id"])]),
            "it was fetched beside the first look",
        )
        self.compare(looks=1)
        self.assertEqual(self.peer.stocked(CASE), 158)
        self.assertNotIn("there", self.backend.message_ids[0].body)

    def test_figure_that_is_no_longer_ours_to_tell(self):
        """Its mapping is switched off, or the product is not for sale: the shop's figure is its own."""
        self.receive(self.case, 10)
        self.receive(self.power_bank, 10)
        self.send()
        for sku in (CASE, POWER_BANK):
            self.peer.inventory[sku][self.peer.main_location]["stocked_quantity"] = 7
        self.power_bank.sale_ok = False
        mappings = self.backend.field_mapping_ids.filtered(lambda row: row.entity == "stock")
        mappings.filtered(lambda row: row.external_field == "quantity").active = False
        self.compare()
        self.assertEqual(self.peer.stocked(CASE), 7)
        self.assertFalse(self.backend.cooldown_count or self.backend.activity_ids)
        self.receive(self.case, 10)
        self.send()
        last = self.of(self.case, "stock")
        self.assertEqual((last.state, last.reason), ("ignored", False))
        self.assertIn("not mapped", last.note)

    def test_change_that_waits_is_no_difference(self):
        self.receive(self.case, 10)
        self.send()
        self.receive(self.case, 5)
        self.commit()
        work = self.work()
        find = work._get_adapter()._find_differing
        self.assertEqual(find(work, "stock", [SeenLevel(CASE, (None,), 160)]), {})
        self.run_lane()
        for figure, text in ((7, "7"), (Decimal("7.50"), "7.5"), (1234567, "1234567")):
            seen = [SeenLevel(CASE, (None,), figure)]
            differing = find(work, "stock", seen)
            self.assertEqual(differing[self.case.id][0], text)
            self.assertIn(f"({text} there, 165 here)", differing[self.case.id][1])

    @mute_logger("odoo.addons.connector_hub.models.connector_hub_lane")
    def test_comparison_that_fails_stops_nothing_else(self):
        self.receive(self.case, 10)
        self.send()
        self.backend.cursor_ids.polled_at = False
        with patch.object(build, "stock_difference", side_effect=ZeroDivisionError):
            self.run_lane()
        states = {cursor.entity: cursor.state for cursor in self.backend.cursor_ids}
        self.assertEqual(states.pop("stock"), "stopped")
        self.assertEqual(set(states.values()), {"idle"})
        self.assertFalse(self.backend.cooldown_count)

    def test_figure_of_a_place_changed_in_the_shop(self):
        second = self.peer.add_location("Second")
        self.backend.location_ids = [
            Command.create({"warehouse_id": self.warehouse.id, "external_id": second})
        ]
        self.receive(self.case, 10)
        self.send()
        self.assertEqual(self.peer.stocked(CASE, second), 160)
        self.peer.inventory[CASE][self.peer.main_location]["stocked_quantity"] = 1
        self.compare()
        self.assertEqual(self.peer.sent(ONE), [], "another place's figure is nobody's business")
        self.peer.inventory[CASE][second]["stocked_quantity"] = 1
        self.compare()
        self.assertEqual(self.peer.stocked(CASE, second), 160)

    def test_figure_that_was_never_told_is_left_alone(self):
        self.peer.inventory[CASE][self.peer.main_location]["stocked_quantity"] = 3
        self.compare()
        self.assertEqual(self.peer.stocked(CASE), 3)
