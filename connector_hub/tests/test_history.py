# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders of the past: on record only, until a person confirms one."""

from odoo.tests import tagged

from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestHistory(ShopCase):
    def setUp(self):
        super().setUp()
        self.backend.payment_policy = "invoice"

    def _import_as_history(self, **values):
        backend = self._work_backend()
        order = self._simple("H-1", **values)
        (result,) = backend.env["connector.hub.order.import"]._import_orders(
            backend, [order], history=["H-1"]
        )
        return result.record.with_env(self.env)

    def _facts(self):
        self.env.flush_all()
        return self.deliveries(("is_fact", "=", True)).mapped("event_type")

    def test_nothing_follows(self):
        order = self._import_as_history()
        self.assertEqual((order.state, order.amount_total), ("draft", 5.0))
        self.assertFalse(order.picking_ids or order.invoice_ids or order.activity_ids)
        self.assertEqual(self.products[0].free_qty, 100)
        self.assertIn("as history", order.message_ids[-1].body)
        self.assertEqual(self._facts(), [])

    def test_only_those_named(self):
        backend = self._work_backend()
        orders = [self._simple("H-1"), self._simple("N-1")]
        old, new = backend.env["connector.hub.order.import"]._import_orders(
            backend, orders, history=["H-1"]
        )
        self.assertEqual((old.record.state, new.record.state), ("draft", "sale"))

    def test_news_of_the_partner_is_shown_and_nothing_more(self):
        order = self._import_as_history()
        work = self._work_backend()
        work.env["connector.hub.payment"]._settle_orders(work, order.with_env(work.env))
        self.assertEqual((order.state, order.connector_hub_is_paid), ("draft", True))
        self.assertFalse(order.invoice_ids or order.activity_ids)

    def test_cancelled_here_is_not_told(self):
        """Nor is anybody asked to return the money, whether it came before or after."""
        order = self._import_as_history()
        work = self._work_backend()
        payment = work.env["connector.hub.payment"]
        payment._settle_orders(work, order.with_env(work.env))
        order.action_cancel()
        order.connector_hub_is_paid = False
        payment._settle_orders(work, order.with_env(work.env))
        self.assertEqual((order.state, order.connector_hub_is_paid), ("cancel", True))
        self.assertEqual(self._facts(), [])
        self.assertFalse(order.activity_ids)

    def test_confirmed_by_a_person_is_an_order_like_any_other(self):
        order = self._import_as_history()
        order.action_confirm()
        self.assertFalse(order.connector_hub_is_history)
        self.assertTrue(order.picking_ids)
        order._action_cancel()
        self.assertEqual(self._facts(), ["order.confirmed", "order.cancelled"])

    def test_cancelled_there(self):
        self.assertEqual(self._import_as_history(state="cancelled").state, "cancel")

    def test_shipped_there_is_history_by_itself(self):
        order = self._import(self._simple(state="done"))
        self.assertEqual((order.state, order.connector_hub_is_history), ("draft", True))
