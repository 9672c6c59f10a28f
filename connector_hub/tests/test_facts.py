# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestFacts(ShopCase):
    """What happens to an order that came from the shop reaches the shop: each fact once, in order."""

    def setUp(self):
        super().setUp()
        self.backend.auto_confirm = False
        self.order = self._import(self._simple())
        self.other = self.sale_order()

    def told(self, order=None, backend=None):
        """Facts of an order, in the order in which they will be sent."""
        key = f"sale.order,{(order or self.order).id}"
        return self.facts(backend).filtered(lambda d: d.sequence_key == key).mapped("event_type")

    def _ship(self, picking, quantity=None, **values):
        picking.write(values)
        for move in picking.move_ids:
            move.write({"quantity": quantity or move.product_uom_qty, "picked": True})
        result = picking.with_context(skip_sms=True).button_validate()
        if isinstance(result, dict) and result.get("res_model") == "stock.backorder.confirmation":
            wizard = self.env[result["res_model"]].with_context(**result["context"]).create({})
            wizard.process()

    # --- order ---

    def test_nothing_by_itself(self):
        self.order.note = "A note"
        self.assertEqual(self.told(), [])

    def test_confirmed(self):
        self.order.action_confirm()
        [fact] = self.facts()
        self.assertEqual(
            (fact.event_type, fact.entity, fact.res_model, fact.res_id, fact.state),
            ("order.confirmed", "order", "sale.order", self.order.id, "pending"),
        )
        self.assertTrue(fact.idempotency_key)

    def test_only_orders_of_the_shop(self):
        """Also when both are confirmed in one go."""
        orders = self.order | self.other | self._import(self._simple(external_id="second"))
        (orders[0] | self.other | orders[2]).action_confirm()
        self.assertEqual(self.told(), ["order.confirmed"])
        self.assertEqual(self.told(orders[2]), ["order.confirmed"])
        self.assertEqual(self.told(self.other), [])
        self.assertEqual(len(self.facts()), 2)

    def test_only_the_shop_of_the_order(self):
        second = self.add_backend()
        self.order.action_confirm()
        self.assertEqual((self.told(), self.told(backend=second)), (["order.confirmed"], []))

    def test_orders_of_two_shops_in_one_go(self):
        second = self.add_backend()
        self.env["connector.hub.binding"]._link(second, "order", self.other, "other-1")
        (self.order | self.other).action_confirm()
        self.assertEqual(self.told(), ["order.confirmed"])
        self.assertEqual(self.told(self.other, second), ["order.confirmed"])
        self.assertEqual(len(self.facts() | self.facts(second)), 2)

    def test_cancelled(self):
        self.order.action_confirm()
        self.order.action_cancel()
        self.assertEqual(self.told(), ["order.confirmed", "order.cancelled"])

    def test_confirmed_again(self):
        """Each time it happens is a fact of its own."""
        self.order.action_confirm()
        self.order.action_cancel()
        self.order.action_draft()
        self.order.action_confirm()
        self.assertEqual(self.told(), ["order.confirmed", "order.cancelled", "order.confirmed"])

    def test_what_is_refused_is_no_fact(self):
        self.order.action_confirm()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.order.action_confirm()
        self.assertEqual(self.told(), ["order.confirmed"])

    # --- import by the backend itself ---

    def test_import_that_confirms(self):
        """The shop does not know that Odoo has confirmed; that it was cancelled it does."""
        self.backend.auto_confirm = True
        confirmed = self._import(self._simple(external_id="confirmed"))
        cancelled = self._import(self._simple(external_id="cancelled", state="cancelled"))
        self.assertEqual((confirmed.state, cancelled.state), ("sale", "cancel"))
        self.assertEqual(self.told(confirmed), ["order.confirmed"])
        self.assertEqual(self.told(cancelled), [])

    # --- shipping ---

    def test_shipped_and_delivered(self):
        self.order.action_confirm()
        picking = self.order.picking_ids
        with self.assertRaises(UserError):
            picking.action_connector_hub_delivered()
        self._ship(picking, carrier_tracking_ref="TRK-1")
        self.assertEqual(picking.state, "done")
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped"])
        shipped = self.facts()[-1]
        self.assertEqual((shipped.res_model, shipped.res_id), ("stock.picking", picking.id))
        picking.action_connector_hub_delivered()
        picking.action_connector_hub_delivered()
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped", "order.delivered"])
        self.assertTrue(picking.connector_hub_delivered_at)

    def test_tracking_number_after_shipping(self):
        """Told once more when it is entered or changed; that a number is removed tells nobody anything."""
        self.order.action_confirm()
        picking = self.order.picking_ids
        self._ship(picking)
        for number in ("TRK-1", "TRK-1", False, "TRK-2"):
            picking.write({"carrier_tracking_ref": number})
        self.assertEqual(self.told(), ["order.confirmed", *["order.shipped"] * 3])
        other = self.other
        other.action_confirm()
        self._ship(other.picking_ids)
        other.picking_ids.carrier_tracking_ref = "TRK-3"
        self.assertEqual(self.told(other), [])

    def test_tracking_number_of_the_carrier(self):
        """A carrier's addon enters it while the delivery is validated: one message has it all."""
        self.order.action_confirm()
        picking = self.order.picking_ids
        ship = type(picking)._send_confirmation_email

        def send_to_carrier(pickings):
            pickings.carrier_tracking_ref = "TRK-9"
            return ship(pickings)

        self.patch(type(picking), "_send_confirmation_email", send_to_carrier)
        self._ship(picking)
        self.assertEqual(picking.carrier_tracking_ref, "TRK-9")
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped"])

    def test_shipped_by_the_vendor(self):
        """Goods that go straight to the customer. Only where ``stock_dropshipping`` is installed."""
        if "is_dropship" not in self.env["stock.picking"]._fields:
            self.skipTest("stock_dropshipping is not installed")
        vendor = self.env["res.partner"].create({"name": "Vendor"})
        route = self.env.ref("stock_dropshipping.route_drop_shipping")
        self.products.write(
            {"route_ids": [(4, route.id)], "seller_ids": [(0, 0, {"partner_id": vendor.id})]}
        )
        order = self._import(self._simple(external_id="dropped"))
        order.action_confirm()
        purchase = order._get_purchase_orders()
        purchase.button_confirm()
        self._ship(purchase.picking_ids)
        self.assertEqual(self.told(order), ["order.confirmed", "order.shipped"])

    def test_partial_shipments(self):
        order = self._import(
            self._order(
                external_id="two",
                lines=[self._line("A-1", 3, "5.000")],
                shipping=None,
                total="15.000",
            )
        )
        order.action_confirm()
        first = order.picking_ids
        self._ship(first, quantity=1)
        second = order.picking_ids - first
        self.assertTrue(second)
        self._ship(second)
        self.assertEqual(self.told(order), ["order.confirmed", "order.shipped", "order.shipped"])
        self.assertEqual(self.facts()[-2:].mapped("res_id"), [first.id, second.id])

    def test_only_what_leaves_the_house(self):
        """A return, a receipt and an internal transfer are no shipments."""
        self.order.action_confirm()
        picking = self.order.picking_ids
        self._ship(picking)
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 1
        self._ship(wizard._create_return())
        self.assertEqual(self.told(), ["order.confirmed", "order.shipped"])

    def test_steps_of_the_warehouse(self):
        """Picking and packing come before shipping."""
        self.warehouse.delivery_steps = "pick_pack_ship"
        order = self._import(self._simple(external_id="steps"))
        order.action_confirm()
        for number in range(3):
            self.assertEqual(self.told(order), ["order.confirmed"], number)
            picking = order.picking_ids.filtered(lambda p: p.state == "assigned")
            self._ship(picking)
        self.assertEqual(self.told(order), ["order.confirmed", "order.shipped"])

    def test_shipment_of_another_order(self):
        self.other.action_confirm()
        self._ship(self.other.picking_ids)
        self.assertEqual(self.facts().mapped("event_type"), [])

    # --- money ---

    def _chart(self):
        self.env["account.chart.template"].try_loading(
            "generic_coa", company=self.company, install_demo=False
        )

    def test_invoiced_and_paid(self):
        self._chart()
        self.products.invoice_policy = "order"
        (self.order | self.other).action_confirm()
        invoices = (self.order | self.other)._create_invoices()
        self.assertEqual(self.told(), ["order.confirmed"], "a draft invoice is none")
        invoices.action_post()
        self.assertEqual(self.told(), ["order.confirmed", "order.invoiced"])
        fact = self.facts()[-1]
        self.assertEqual((fact.res_model, fact.res_id), ("account.move", self.order.invoice_ids.id))
        self._pay(invoices)
        self.assertEqual(self.told(), ["order.confirmed", "order.invoiced", "order.paid"])
        self.assertEqual(self.told(self.other), [])

    def _pay(self, invoices, **values):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoices.ids
        ).create(values)._create_payments()

    def test_paid_in_parts(self):
        self._chart()
        self.products.invoice_policy = "order"
        self.order.action_confirm()
        invoice = self.order._create_invoices()
        invoice.action_post()
        self._pay(invoice, amount=1.0, payment_difference_handling="open")
        self.assertNotIn("order.paid", self.told())
        self._pay(invoice)
        self.assertEqual(self.told().count("order.paid"), 1)

    def test_credit_note_is_no_invoice(self):
        self._chart()
        self.products.invoice_policy = "order"
        self.order.action_confirm()
        invoice = self.order._create_invoices()
        invoice.action_post()
        invoice._reverse_moves([{"invoice_date": fields.Date.today()}]).action_post()
        self.assertEqual(self.told().count("order.invoiced"), 1)

    # --- when ---

    def test_states_of_the_backend(self):
        for state, expected in (("draft", []), ("paused", ["order.confirmed"])):
            order = self._import(self._simple(external_id=state))
            self.backend.state = state
            order.action_confirm()
            self.assertEqual(self.told(order), expected)
            self.backend.state = "active"

    def test_partner_that_wants_no_facts(self):
        self.set_options(facts=("order.shipped",))
        self.order.action_confirm()
        self.assertEqual(self.told(), [])

    def test_rolled_back(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.order.action_confirm()
            raise ZeroDivisionError
        self.assertEqual(self.told(), [])

    def test_told_in_order(self):
        self.order.action_confirm()
        self._ship(self.order.picking_ids)
        self.order.picking_ids.action_connector_hub_delivered()
        self.run_lane()
        self.assertEqual(
            [payload["fact"] for _key, payload in self.shop.facts],
            ["order.confirmed", "order.shipped", "order.delivered"],
        )
        self.assertEqual(set(self.facts().mapped("state")), {"done"})
        keys = [key for key, _payload in self.shop.facts]
        self.assertEqual(len(set(keys)), 3)

    def test_wakes_the_lane(self):
        self.woken.clear()
        self.order.action_confirm()
        self.assertTrue(self.is_woken())

    def test_a_fact_makes_no_binding(self):
        self.order.action_confirm()
        self.run_lane()
        bindings = self.env["connector.hub.binding"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", "order")]
        )
        self.assertEqual((bindings.res_id, bindings.external_id), (self.order.id, "order_s"))
