# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

import psycopg2

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..batch import RENEW_SECONDS
from ..const import HTTP_DEADLINE
from ..pace import deadline_for, lease_for
from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestDelivery(ShopCase):
    def setUp(self):
        super().setUp()
        self.Delivery = self.env["connector.hub.delivery"]
        self.env.cr.execute("DELETE FROM connector_hub_change")

    def _note(self, *ids, model="product.product"):
        self.env["connector.hub.change"]._append([(self.backend.id, model, ids)])

    def _fold(self):
        folded = self._work_backend()._fold_changes()
        self.env.invalidate_all()
        return folded

    def _claim(self, size=50):
        self.env.flush_all()
        return (
            self._work_backend()
            .env["connector.hub.delivery"]
            ._claim(self.backend, lambda entity, fact: size)
        )

    # --- fold ---

    def test_fold(self):
        first, second, _third = self.products.ids
        self._note(first, second)
        self._note(second)
        self._note(second, model="stock.quant")
        self.assertEqual(self._fold(), 3)
        self.assertEqual(self.changes(), [])
        self.assertEqual(
            [(d.entity, d.res_model, d.res_id, d.state) for d in self.deliveries()],
            [
                ("product", "product.product", first, "pending"),
                ("product", "product.product", second, "pending"),
                ("stock", "product.product", second, "pending"),
            ],
        )

    def test_fold_merges_with_what_waits(self):
        self._note(self.products[0].id)
        self._fold()
        delivery = self.deliveries()
        later = fields.Datetime.to_string(fields.Datetime.now() + timedelta(hours=1))
        self.Delivery._settle(
            {delivery.id: {"state": "pending", "attempts": 2, "next_attempt_at": later}}
        )
        self._note(self.products[0].id)
        self._fold()
        self.assertEqual(self.deliveries(), delivery)
        self.assertEqual((delivery.attempts, delivery.next_attempt_at), (0, False))

    def test_fold_while_it_is_sent(self):
        self._note(self.products[0].id)
        self._fold()
        sending = self._claim()
        self._note(self.products[0].id)
        self._fold()
        self.assertEqual(self.deliveries().mapped("state"), ["sending", "pending"])
        self.assertEqual(len(sending), 1)

    def test_fold_takes_only_its_own(self):
        other = self.add_backend()
        self._note(self.products[0].id)
        self.env["connector.hub.change"]._append([(other.id, "product.product", self.products.ids)])
        self._fold()
        self.assertEqual(self.changes(other), [("product.product", self.products.ids)])
        self.assertFalse(self.deliveries(backend=other))

    def test_one_waiting_state_per_record(self):
        self.deliver()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self.deliver()
        self.deliver(entity="stock")
        self.deliver(self.products[1])

    def test_facts_are_never_merged(self):
        order = self.sale_order()
        self.deliver_fact(order)
        self.deliver_fact(order)
        self.deliver(order, entity="order")
        self.assertEqual(len(self.deliveries(("state", "=", "pending"))), 3)
        keys = self.facts().mapped("idempotency_key")
        self.assertEqual(len(set(filter(None, keys))), 2)

    # --- claim ---

    def test_claim_in_order(self):
        deliveries = [self.deliver(product) for product in self.products]
        self.assertEqual(self._claim(2).ids, [deliveries[0].id, deliveries[1].id])
        self.assertEqual(self._claim(2).ids, [deliveries[2].id])
        self.assertFalse(self._claim(2))
        self.assertEqual(self.deliveries().mapped("state"), ["sending"] * 3)

    def test_claim_is_of_one_kind(self):
        """Only what may go in one request; quantities first, of what the partner has under this SKU."""
        self.products[2].default_code = "C-3b"
        self.commit()
        product, stock = self.deliver(self.products[0]), self.deliver(entity="stock")
        renamed = self.deliver(self.products[2])
        quantity = self.deliver(self.products[2], entity="stock")
        self.assertEqual(self._claim(), stock)
        self.assertEqual(self._claim(), product | renamed)
        self.assertEqual(self._claim(), quantity)

    def test_facts_first(self):
        state = self.deliver()
        fact = self.deliver_fact(self.sale_order())
        self.assertEqual(self._claim(), fact)
        self.assertEqual(self._claim(), state)

    def test_facts_of_one_order_one_after_the_other(self):
        order = self.sale_order()
        confirmed, shipped = self.deliver_fact(order), self.deliver_fact(order, "order.shipped")
        elsewhere = self.deliver_fact(self.sale_order(), "order.shipped")
        self.assertEqual(self._claim(), confirmed)
        self.assertEqual(self._claim(), elsewhere)
        self.assertFalse(self._claim())
        later = fields.Datetime.to_string(fields.Datetime.now() + timedelta(hours=1))
        self.Delivery._settle({confirmed.id: {"state": "pending", "next_attempt_at": later}})
        self.assertFalse(self._claim(), "the next fact waits for the retry of the one before")
        self.Delivery._settle({confirmed.id: {"state": "done"}})
        self.assertEqual(self._claim(), shipped)

    def test_facts_of_one_kind_go_together(self):
        first, second = self.deliver_fact(self.sale_order()), self.deliver_fact(self.sale_order())
        self.deliver_fact(self.sale_order(), "order.paid")
        self.assertEqual(self._claim(1), first)
        self.assertEqual(self._claim(5), second)

    def test_not_due(self):
        delivery = self.deliver(next_attempt_at=fields.Datetime.now() + timedelta(minutes=1))
        self.assertFalse(self._claim())
        delivery.next_attempt_at = fields.Datetime.now() - timedelta(minutes=1)
        self.assertEqual(self._claim(), delivery)

    def test_a_record_that_is_being_sent_is_not_claimed(self):
        first = self.deliver()
        self.assertEqual(self._claim(), first)
        newer, other = self.deliver(), self.deliver(self.products[1])
        stock = self.deliver(entity="stock")
        self.assertEqual(self._claim(), stock)
        self.assertEqual(self._claim(), other)
        self.assertFalse(self._claim())
        self.Delivery._settle({first.id: {"state": "done"}})
        self.assertEqual(self._claim(), newer)

    def test_other_backends_rows_are_not_claimed(self):
        self.deliver(backend_id=self.add_backend().id)
        self.assertFalse(self._claim())

    # --- lease ---

    def test_lease_is_longer_than_an_exchange(self):
        """One of so many records, the look whether the partner lives after it, and the time before the next renewal."""
        for count in (1, 2, 30, 200, 10_000):
            exchange = deadline_for(HTTP_DEADLINE, count)
            self.assertGreater(
                lease_for(count, RENEW_SECONDS), exchange + RENEW_SECONDS + HTTP_DEADLINE
            )
        self.deliver()
        claimed = self._claim()
        left = (claimed.lease_until - fields.Datetime.now()).total_seconds()
        self.assertAlmostEqual(left, lease_for(1, RENEW_SECONDS), delta=15)

    def _expire(self, deliveries):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE connector_hub_delivery SET lease_until = now() AT TIME ZONE 'UTC' "
            "- interval '1 second' WHERE id = ANY(%s)",
            (deliveries.ids,),
        )
        self.env.invalidate_all()

    def _return(self):
        work = self._work_backend()
        returned = work.env["connector.hub.delivery"]._return_expired(work)
        self.env.invalidate_all()
        return returned

    def test_lease_return(self):
        for product in self.products:
            self.deliver(product)
        claimed = self._claim()
        self.assertEqual(self._return(), 0)
        self._expire(claimed[:2])
        newer = self.deliver(self.products[0])
        self.assertEqual(self._return(), 2)
        self.assertEqual(claimed.mapped("state"), ["ignored", "pending", "sending"])
        self.assertEqual(newer.state, "pending")
        self.assertEqual(claimed[1].attempts, 0)

    def test_renewed_lease(self):
        self.deliver()
        claimed = self._claim()
        self._expire(claimed)
        claimed._renew_lease()
        self.env.invalidate_all()
        self.assertEqual(self._return(), 0)

    def test_lease_return_of_what_must_not_be_repeated(self):
        self.set_options(idempotent=False)
        partner = self.env["res.partner"].create({"name": "P", "ref": "SHOP-1"})
        contact = self.deliver(partner, entity="partner")
        fact = self.deliver_fact(self.sale_order())
        claimed = self._claim() | self._claim()
        self.assertEqual(claimed, contact | fact)
        self._expire(claimed)
        self._return()
        self.assertEqual(claimed.mapped("state"), ["dead", "dead"])
        self.assertEqual(claimed.mapped("reason"), ["outcome_unknown"] * 2)

    def test_crashed_lane(self):
        """What a killed lane had claimed is sent by the next one, when its lease is over."""
        self.deliver()
        claimed = self._claim()
        self.run_lane()
        self.assertEqual((claimed.state, self.shop.requests), ("sending", []))
        self._expire(claimed)
        self.run_lane()
        self.assertEqual((claimed.state, list(self.shop.products)), ("done", ["A-1"]))

    # --- what was sent already ---

    def _send(self, *products, entity="product"):
        for product in products:
            self.deliver(product, entity=entity)
        self.shop.requests.clear()
        self.run_lane()
        return [request.skus for request in self.shop.requests]

    def test_equal_content_is_not_sent_again(self):
        self.assertEqual(self._send(self.products[0]), [["A-1"]])
        self.assertEqual(self._send(*self.products), [["B-2", "C-3"]])
        self.assertEqual(
            self.deliveries(("res_id", "=", self.products[0].id)).mapped("state"),
            ["done", "ignored"],
        )

    def test_changed_content_is_sent(self):
        self._send(self.products[0])
        self.products[0].name = "Renamed"
        self.assertEqual(self._send(), [["A-1"]])
        self.assertEqual(self.shop.products["A-1"]["title"], "Renamed")

    def test_requeue_sends_equal_content(self):
        self._send(self.products[0])
        self._send(self.products[0])
        ignored = self.deliveries()[-1]
        self.assertEqual(ignored.state, "ignored")
        ignored.action_requeue()
        self.assertEqual(self._send(), [["A-1"]])
        self.assertEqual(ignored.state, "done")

    def test_export_all_sends_equal_content(self):
        self._send(*self.products)
        self._send(*self.products, entity="stock")
        self.backend.action_export_all()
        sent = self._send()
        for path in ("/products", "/stock"):
            skus = [sku for r in self.shop.sent(path) for sku in r.skus]
            self.assertLessEqual({"A-1", "B-2", "C-3"}, set(skus))
        self.assertTrue(sent)

    def test_stock_is_sent_again_after_an_order(self):
        """The shop has lowered its own figure: an equal quantity is news to it."""
        self._send(*self.products, entity="stock")
        self.assertEqual(self._send(*self.products, entity="stock"), [])
        order = self._import(self._simple(external_id="from the shop"))
        self.env["connector.hub.event"]._forget_stock(self.backend, {1: order})
        self._send(*self.products, entity="stock")
        self.assertEqual([request.skus for request in self.shop.sent("/stock")], [["A-1"]])

    def test_undone_while_the_outcome_is_unknown(self):
        """The shop took the new price, the answer was lost, and the old price came back."""
        product = self.products[0]
        self._send(product)
        self.shop.fail_after(504, path="/products", times=1)
        product.name = "New"
        self._send()
        self.assertEqual(self.shop.products["A-1"]["title"], "New")
        product.name = "Product A-1"
        self.let_time_pass()
        self._send()
        self.assertEqual(self.shop.products["A-1"]["title"], "Product A-1")

    def test_undone_after_a_crash(self):
        product = self.products[0]
        self._send(product)
        product.name = "New"
        self.commit()
        self._fold()
        claimed = self._claim()
        # As _send_claimed does up to the exchange; then the process is killed.
        work = self._work_backend()
        batch = work.env["connector.hub.export"]._prepare(work, claimed)
        claimed._keep_payloads(batch)
        self.shop.products["A-1"] = batch.items[0].payload
        self.env.flush_all()
        product.name = "Product A-1"
        self._expire(claimed)
        self._send()
        self.assertEqual(self.shop.products["A-1"]["title"], "Product A-1")

    # --- payload and answer ---

    def test_what_was_sent_and_answered_is_kept(self):
        self._send(self.products[0])
        delivery = self.deliveries()
        self.assertEqual(delivery.external_id, "A-1")
        self.assertIn('"sku": "A-1"', delivery.payload)
        self.assertIn("errors", delivery.response)
        self.assertTrue(delivery.done_at)

    def test_binding_of_what_was_sent(self):
        partner = self.env["res.partner"].create({"name": "P", "ref": "SHOP-1"})
        self._send(self.products[0])
        bindings = self.env["connector.hub.binding"].search([("backend_id", "=", self.backend.id)])
        by_entity = {binding.entity: binding for binding in bindings}
        product, contact = by_entity["product"], by_entity["partner"]
        self.assertEqual(
            (product.res_model, product.res_id, product.external_id, product.reference),
            ("product.product", self.products[0].id, "A-1", "A-1"),
        )
        self.assertTrue(product.payload_hash and product.synced_at)
        self.assertEqual(
            (contact.res_id, contact.external_id, contact.synced_values),
            (partner.id, "cus_1", {"name": "P"}),
        )
