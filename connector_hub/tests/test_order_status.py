# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged

from ..schemas import CanonicalOrderStatus
from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestOrderStatus(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.company, install_demo=False
        )

    def setUp(self):
        super().setUp()
        self.order = self._import(self._simple("order_s"))

    def mirror(self, external_id="order_s", **values):
        backend = self._work_backend()
        (result,) = backend.env["connector.hub.order.status"]._mirror(
            backend, [CanonicalOrderStatus(external_id=external_id, **values)]
        )
        self.env.invalidate_all()
        return result

    def ship(self):
        picking = self.order.picking_ids
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking.with_context(skip_sms=True).button_validate()
        return picking

    def told(self):
        return self.facts().mapped("event_type")

    # --- shown ---

    def test_shown(self):
        self.assertEqual(
            self.mirror(status="pending", fulfillment="not_fulfilled", payment="captured"),
            self.order,
        )
        self.assertEqual(self.order.connector_hub_status, "Pending")
        self.assertEqual(self.order.connector_hub_fulfillment_status, "Not fulfilled")
        self.assertEqual(self.order.connector_hub_payment_status, "Captured")

    def test_what_is_not_said_stays(self):
        self.mirror(status="pending", payment="captured")
        self.mirror(fulfillment="shipped")
        self.assertEqual(self.order.connector_hub_payment_status, "Captured")

    def test_nothing_new_is_not_logged(self):
        self.mirror(status="pending")
        count = len(self.order.message_ids)
        self.mirror(status="pending")
        self.assertEqual(len(self.order.message_ids), count)

    def test_order_that_is_not_here(self):
        error = self.mirror("order_unknown")
        self.assertEqual(error.reason, "not_found")

    # --- cancelled ---

    def test_cancelled(self):
        self.mirror(is_cancelled=True)
        self.assertEqual(self.order.state, "cancel")
        self.assertEqual(self.order.picking_ids.mapped("state"), ["cancel"])
        self.assertNotIn("order.cancelled", self.told(), "the partner knows")

    def test_cancelled_though_locked(self):
        self.order.action_lock()
        self.mirror(is_cancelled=True)
        self.assertEqual(self.order.state, "cancel")

    def test_cancelled_after_shipping(self):
        self.ship()
        for _time in range(2):
            self.mirror(status="cancelled", is_cancelled=True)
        self.assertEqual(self.order.state, "sale")
        self.assertEqual(len(self.order.activity_ids), 1)
        self.assertEqual(self.order.activity_ids.user_id, self.backend.user_id)

    def test_cancelled_after_invoicing(self):
        invoice = self.order._create_invoices()
        invoice.action_post()
        self.mirror(is_cancelled=True)
        self.assertEqual(self.order.state, "cancel")
        self.assertIn(invoice.name, self.order.activity_ids.note)

    # --- paid ---

    def test_payment_is_only_shown(self):
        self.mirror(payment="captured", is_captured=True)
        self.assertFalse(self.order.invoice_ids)

    def test_invoice(self):
        self.backend.payment_policy = "invoice"
        for _time in range(2):
            self.mirror(is_captured=True)
        self.assertEqual(self.order.invoice_ids.mapped("state"), ["posted"])
        self.assertEqual(self.order.invoice_ids.payment_state, "not_paid")
        self.assertEqual(self.told().count("order.invoiced"), 1)

    def test_payment(self):
        journal = self.env["account.journal"].create(
            {"name": "Gateway", "type": "bank", "code": "GATE", "company_id": self.company.id}
        )
        self.backend.write({"payment_policy": "payment", "payment_journal_id": journal.id})
        for _time in range(2):
            self.mirror(is_captured=True)
        self.assertIn(self.order.invoice_ids.payment_state, ("paid", "in_payment"))
        payment = self.env["account.payment"].search([("journal_id", "=", journal.id)])
        self.assertEqual(payment.mapped("amount"), [5.0])
        self.assertNotIn("order.paid", self.told(), "the partner knows")

    def test_payment_needs_a_journal(self):
        with self.assertRaises(ValidationError):
            self.backend.payment_policy = "payment"

    def test_paid_before_there_is_anything_to_invoice(self):
        """Products that are invoiced once delivered: a person is told, and the news is kept."""
        self.products.invoice_policy = "delivery"
        self.order.order_line._compute_qty_to_invoice()
        self.backend.payment_policy = "invoice"
        self.assertEqual(self.mirror(payment="captured", is_captured=True), self.order)
        self.assertFalse(self.order.invoice_ids)
        self.assertIn("not invoiced", self.order.activity_ids.summary)
        self.assertEqual(self.order.connector_hub_payment_status, "Captured")

    def test_paid_before_it_is_confirmed(self):
        """Not settled while it is a quotation, but then by whoever confirms it, and not echoed."""
        self.backend.write({"auto_confirm": False, "payment_policy": "invoice"})
        self.order = self._import(self._simple("order_later"))
        self.mirror("order_later", payment="captured", is_captured=True)
        self.assertEqual((self.order.state, len(self.order.invoice_ids)), ("draft", 0))
        self.assertFalse(self.order.activity_ids)
        user = new_test_user(self.env, "seller", "sales_team.group_sale_salesman_all_leads")
        user.write({"company_ids": [(4, self.company.id)], "company_id": self.company.id})
        self.order.with_user(user).action_confirm()
        self.assertEqual(self.order.invoice_ids.mapped("state"), ["posted"])
        self.assertIn("order.invoiced", self.told())

    def test_refunded_before_it_is_confirmed(self):
        self.backend.write({"auto_confirm": False, "payment_policy": "invoice"})
        self.order = self._import(self._simple("order_later"))
        self.mirror("order_later", payment="captured", is_captured=True)
        self.mirror("order_later", payment="refunded")
        self.order.action_confirm()
        self.assertFalse(self.order.invoice_ids)

    def test_paid_though_cancelled_here(self):
        self.backend.payment_policy = "invoice"
        self.order._action_cancel()
        for _time in range(2):
            self.mirror(payment="captured", is_captured=True)
        self.assertFalse(self.order.invoice_ids)
        self.assertEqual(
            self.order.activity_ids.mapped("summary"),
            [f"Paid in {self.backend.name}, but cancelled here"],
        )
        self.order.activity_ids.action_done()
        self.mirror(fulfillment="shipped", payment="captured", is_captured=True)
        self.assertFalse(self.order.activity_ids, "it is dealt with")

    def test_cancelled_here_though_paid(self):
        self.backend.payment_policy = "invoice"
        self.products.invoice_policy = "delivery"
        self.mirror(payment="captured", is_captured=True)
        self.order.activity_ids.unlink()
        self.order._action_cancel()
        self.assertEqual(
            self.order.activity_ids.mapped("summary"),
            [f"Paid in {self.backend.name}, but cancelled here"],
        )

    def test_cancelled_there_though_paid(self):
        self.backend.payment_policy = "invoice"
        self.products.invoice_policy = "delivery"
        self.mirror(payment="captured", is_captured=True)
        self.order.activity_ids.unlink()
        self.mirror(status="cancelled", is_cancelled=True)
        self.assertEqual((self.order.state, len(self.order.activity_ids)), ("cancel", 0))

    # --- done there already ---

    def test_shipped_there_before_it_came(self):
        order = self._import(self._simple("order_done", state="done"))
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.picking_ids)
