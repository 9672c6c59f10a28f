# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the shop is told of its orders (seed, sections 4.3 and 13.3)."""

from odoo.tests import tagged

from odoo.addons.connector_hub.exact_json import load_json

from .peer_case import CASE, POWER_BANK, PeerCase

STATUS = "/odoo/webhooks/order-status"


@tagged("post_install", "-at_install")
class TestOrderStatus(PeerCase):
    def setUp(self):
        super().setUp()
        self.in_the_shop(CASE, POWER_BANK)
        self.placed, self.sale_order_ = self.order((CASE, 2), (POWER_BANK, 1), shipping_total=1000)
        self.picking = self.sale_order_.picking_ids

    def told(self):
        """Events the shop has taken of the order, oldest first."""
        history = self.peer.orders[self.placed["id"]]["history"]
        own = ("order.created", "synced")
        return [entry["event"] for entry in history if entry["event"] not in own]

    def values(self, event):
        [entry] = [
            entry
            for entry in self.peer.orders[self.placed["id"]]["history"]
            if entry["event"] == event
        ]
        return entry["values"]

    def test_confirmed_and_acknowledged(self):
        self.send()
        order = self.peer.orders[self.placed["id"]]
        self.assertEqual(
            self.values("order.confirmed"),
            {
                "medusa_order_id": self.placed["id"],
                "odoo_order_id": self.sale_order_.id,
                "odoo_order_name": self.sale_order_.name,
            },
        )
        self.assertEqual((order["synced"], order["odoo_order_id"]), (True, self.sale_order_.id))

    def test_shipped(self):
        carrier = self.env["delivery.carrier"].create(
            {
                "name": "FedEx",
                "product_id": self.env["product.product"]
                .create({"name": "FedEx", "type": "service", "sale_ok": False})
                .id,
                "tracking_url": "https://tracking.example.com/<shipmenttrackingnumber>",
            }
        )
        self.ship(self.picking, carrier_id=carrier.id, carrier_tracking_ref="TRK123456789")
        self.send()
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped"])
        values = self.values("order.shipped")
        self.assertEqual(values["tracking_number"], "TRK123456789")
        self.assertEqual(values["tracking_url"], "https://tracking.example.com/TRK123456789")
        self.assertEqual(values["carrier_name"], "FedEx")
        self.assertRegex(values["shipped_date"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        [shipment] = self.peer.orders[self.placed["id"]]["shipments"]
        self.assertEqual(shipment["tracking_number"], "TRK123456789")
        self.assertEqual((self.peer.stocked(CASE), self.peer.stocked(POWER_BANK)), (148, 149))

    def test_shipped_without_tracking(self):
        self.ship(self.picking)
        self.send()
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped"])
        self.assertNotIn("tracking_url", self.values("order.shipped"))

    def test_delivered(self):
        self.ship(self.picking)
        self.picking.action_connector_hub_delivered()
        self.send()
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped", "order.delivered"])
        self.assertRegex(self.values("order.delivered")["delivered_date"], "Z$")
        self.assertEqual(self.peer.orders[self.placed["id"]]["status"], "completed")

    def test_cancelled(self):
        self.sale_order_.connector_hub_cancel_reason = "Customer requested cancellation"
        self.sale_order_.action_cancel()
        self.send()
        self.assertEqual(self.told(), ["order.confirmed", "order.cancelled"])
        self.assertEqual(
            self.values("order.cancelled")["cancelled_reason"], "Customer requested cancellation"
        )

    def test_partial_shipments(self):
        placed, order = self.order((CASE, 3))
        self.placed = placed
        first = order.picking_ids
        self.ship(first, quantity=1, carrier_tracking_ref="T-1")
        self.ship(order.picking_ids - first, carrier_tracking_ref="T-2")
        self.send()
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped", "order.shipped"])
        shipments = self.peer.orders[placed["id"]]["shipments"]
        self.assertEqual([entry["tracking_number"] for entry in shipments], ["T-1", "T-2"])
        keys = {
            entry["idempotency_key"]
            for entry in self.peer.orders[placed["id"]]["history"]
            if "idempotency_key" in entry
        }
        self.assertEqual(len(keys), 3)

    def test_answer_that_got_lost(self):
        """The shop has taken it: it is looked up, and not told twice."""
        self.send()
        self.peer.fault(path_prefix=STATUS, times=1, kind="reset", after_processing=True)
        self.ship(self.picking, carrier_tracking_ref="T-1")
        self.send()
        fact = self.facts().filtered(lambda d: d.event_type == "order.shipped")
        self.assertEqual(fact.state, "pending")
        self.let_time_pass()
        self.send()
        self.assertEqual(fact.state, "done")
        self.assertEqual(self.told().count("order.shipped"), 1)

    def test_shop_down(self):
        """In order and complete when it is back."""
        self.peer.fault(status=503)
        self.ship(self.picking)
        self.picking.action_connector_hub_delivered()
        self.send()
        self.assertEqual(self.told(), [])
        self.assertTrue(self.backend.cooldown_until)
        self.peer.clear_faults()
        self.let_time_pass()
        self.send()
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped", "order.delivered"])

    def test_order_the_shop_does_not_know(self):
        del self.peer.orders[self.placed["id"]]
        self.send()
        facts = self.facts()
        self.assertEqual(set(facts.mapped("state")), {"dead"})
        self.assertEqual(set(facts.mapped("reason")), {"rejected_by_partner"})
        self.assertTrue(self.backend.activity_ids)

    def test_orders_of_nobody_elses_business(self):
        order = self.sale_order()
        order.action_confirm()
        self.send()
        told = {r.payload["order"]["medusa_order_id"] for r in self.peer.sent(STATUS)}
        self.assertEqual(told, {self.placed["id"]})

    def test_cancelled_and_paid_before_it_came(self):
        """The shop has dealt with the money."""
        self.backend.payment_policy = "invoice"
        paid = {"status": "cancelled", "payment_status": "captured"}
        placed = self.peer.place_order([(CASE, 1)])
        data = self.peer.order_data(placed["id"])
        data["order"].update(paid)
        payload = self.peer.webhook_body("order.created", data).decode()
        model = self.env["connector.hub.event"]
        work = self.work()
        event = model.create(model._describe(work, {}, load_json(payload), payload))
        work.env["connector.hub.event"]._process(work, event.with_env(work.env))
        self.env.invalidate_all()
        order = self.env["sale.order"].browse(event.res_id)
        self.assertEqual((order.state, len(order.activity_ids)), ("cancel", 0))

    # --- goods off the shelf ---

    def test_reduction_if_the_backend_says_so(self):
        self.ship(self.picking)
        self.send()
        self.assertEqual(self.peer.sent("/odoo/inventory/reduce"), [])
        self.backend.medusa_reduce_stock = True
        placed, order = self.order((CASE, 2))
        self.ship(order.picking_ids)
        self.send()
        [request] = self.peer.sent("/odoo/inventory/reduce")
        self.assertEqual(
            request.payload,
            {"order_id": placed["id"], "items": [{"sku": CASE, "quantity": 2}]},
        )

    def test_tracking_number_is_told_later(self):
        """The goods leave the shop's shelf once, however often the number is corrected."""
        self.backend.medusa_reduce_stock = True
        placed, order = self.order((CASE, 2))
        picking = order.picking_ids
        self.ship(picking)
        self.send()
        picking.carrier_tracking_ref = "TRK-LATE"
        self.send()
        shipped = [
            entry["values"].get("tracking_number")
            for entry in self.peer.orders[placed["id"]]["history"]
            if entry["event"] == "order.shipped"
        ]
        self.assertEqual(shipped, [None, "TRK-LATE"])
        [shipment] = self.peer.orders[placed["id"]]["shipments"]
        self.assertEqual(shipment["tracking_number"], "TRK-LATE")
        told = self.facts().mapped("event_type")
        self.assertEqual((told.count("order.shipped"), told.count("inventory.reduce")), (2, 1))

    def test_tracking_number_before_the_shop_is_told(self):
        """One message has it all; the other one has nothing to add."""
        self.ship(self.picking)
        self.picking.carrier_tracking_ref = "TRK-SOON"
        self.send()
        self.send()
        shipped = self.facts().filtered(lambda fact: fact.event_type == "order.shipped")
        self.assertEqual(shipped.mapped("state"), ["done", "ignored"])
        self.assertEqual(len(self.peer.orders[self.placed["id"]]["shipments"]), 1)
        shipped[1].action_requeue()
        self.send()
        self.assertEqual(shipped[1].state, "done", "whoever asks for it has it told again")

    def test_reduction_is_followed_by_the_figure(self):
        """The free quantity is the same before and after shipping: the shop, which reduces its own, has less."""
        self.backend.write({"medusa_reduce_stock": True, "quantity_source": "free"})
        _placed, order = self.order((CASE, 2))
        self.send()
        self.assertEqual(self.peer.stocked(CASE), 146)
        self.ship(order.picking_ids)
        self.send()
        self.send()
        self.assertEqual(self.peer.stocked(CASE), 146)

    def test_reduction_is_never_repeated_by_itself(self):
        self.backend.medusa_reduce_stock = True
        self.peer.fault(
            path_prefix="/odoo/inventory/reduce", times=1, kind="reset", after_processing=True
        )
        self.ship(self.picking)
        for _pass in range(3):
            self.send()
            self.let_time_pass()
        fact = self.facts().filtered(lambda d: d.event_type == "inventory.reduce")
        self.assertEqual((fact.state, fact.reason), ("dead", "outcome_unknown"))
