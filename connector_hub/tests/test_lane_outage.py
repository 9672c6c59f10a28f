# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The lane while the partner is down, slow or throttling, and what must not be repeated."""

import time

from odoo.tests import tagged

from ..const import COOLDOWN_MINUTES
from .lane_case import LaneCase


@tagged("post_install", "-at_install")
class TestLaneOutage(LaneCase):
    """A partner that is down, slow or throttling: the backend rests, no message suffers."""

    def test_schedule(self):
        self.shop.fail(503)
        self.shop.alive = False
        self.assertEqual(COOLDOWN_MINUTES, (1, 5, 15, 60))
        for count, minutes in enumerate((*COOLDOWN_MINUTES, 60), start=1):
            self.assertEqual(len(self.send(*(self.products if count == 1 else []))), 1)
            self.assertResting(minutes)
            self.assertEqual(self.backend.cooldown_count, count)
            self.assertIn(self.backend.cooldown_until, self.wakes().mapped("call_at"))
            self.assertEqual(self.send(), [], "it rests")
            self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
            self.let_time_pass()
        self.assertIn("503", self.backend.last_error)
        self.assertFalse(self.backend.activity_ids)
        self.shop.recover()
        self.assertEqual(self.send(), [["A-1", "B-2", "C-3"]])
        self.assertStates("done", "done", "done", attempts=[0, 0, 0])
        self.assertFalse(self.backend.cooldown_until or self.backend.cooldown_count)
        self.assertFalse(self.backend.last_error)

    def test_500_of_a_partner_that_is_down(self):
        self.shop.fail(500)
        self.shop.alive = False
        self.assertEqual(len(self.send(*self.products)), 1)
        self.assertResting(1)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])

    def test_item_that_brings_the_partner_down_again_and_again(self):
        """From the second time on a bulk is suspected: the rest of it gets through."""
        self.shop.gateway = {"B-2"}
        self.assertEqual(self.send(*self.products), [["A-1", "B-2", "C-3"]])
        self.assertResting(1)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
        self.let_time_pass()
        self.assertEqual(self.send(), [["A-1", "B-2", "C-3"], ["A-1"], ["B-2"], ["C-3"]])
        self.assertStates("done", "pending", "done", attempts=[0, 1, 0])

    def test_retry_after(self):
        for seconds, minutes in (("1800", 30), ("7", 7 / 60)):
            self.shop.fail(429, Retry_After=seconds)
            self.send(*([] if self.deliveries() else self.products))
            self.assertResting(minutes)
            self.let_time_pass()
            self.shop.recover()

    def test_asked_to_wait_for_long(self):
        """An hour at most, and a person is told; a moment that is past is no wait."""
        for asked, minutes in (
            ("3600", 60),
            ("Thu, 01 Jan 1970 00:00:00 GMT", 1 / 60),
            ("Mon, 01 Jan 0001 00:00:00 +2359", 1 / 60),
            ("Mon, 01 Jan 2001 00:00:00 +99999999999999", 1),
        ):
            with self.subTest(asked):
                self.shop.fail(429, Retry_After=asked)
                self.send(self.products[0])
                self.assertResting(minutes)
                self.assertFalse(self.backend.activity_ids)
                self.deliveries().unlink()
                self.backend.write({"cooldown_until": False, "cooldown_count": 0})
                self.shop.recover()
        for asked in ("7201", "9" * 40, "Fri, 31 Dec 9999 23:59:59 GMT"):
            with self.subTest(asked):
                self.shop.fail(429, Retry_After=asked)
                self.send(self.products[0])
                self.assertResting(60)
                self.assertIn("send nothing for", self.backend.activity_ids.note)
                self.deliveries().unlink()
                self.backend._recover()
                self.shop.recover()

    def test_slow(self):
        self.set_options(deadline=0.5)
        self.shop.fail(200, delay=3)
        self.shop.alive = False
        began = time.monotonic()
        self.send(*self.products)
        self.assertLess(time.monotonic() - began, 2.5)
        self.assertResting(1)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])

    def test_not_there(self):
        self.move_to("http://127.0.0.1:9")
        self.send(*self.products)
        self.assertResting(1)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])

    def test_down_in_the_middle(self):
        """What was sent is done, what was not waits unharmed."""
        self.set_options(batch_size=1)
        self.shop.on_request = lambda request: (
            self.shop.fail(502) if request.skus == ["B-2"] else None
        )
        self.send(*self.products)
        self.assertStates("done", "pending", "pending", attempts=[0, 0, 0])
        self.assertResting(1)

    def test_down_while_sending_singly(self):
        self.shop.refuse = {"B-2": "bad"}
        self.shop.anonymous = True
        self.shop.on_request = lambda request: (
            self.shop.fail(502) if request.skus == ["C-3"] else None
        )
        self.send(*self.products)
        self.assertStates("done", "dead", "pending")
        self.assertResting(1)

    def test_changes_are_folded_and_events_processed_meanwhile(self):
        self.shop.fail(503)
        self.send(self.products[0])
        event = self.add_event()
        self.products[1].name = "Renamed"
        self.assertEqual(self.send(), [])
        self.assertEqual(event.state, "done")
        self.assertEqual(self.of(self.products[1]).state, "pending")

    def test_other_backends_go_on(self):
        self.shop.fail(503, times=1)
        other = self.add_backend()
        self.send(self.products[0])
        self.deliver(self.products[0], backend_id=other.id)
        self.run_lane(other)
        self.assertFalse(other.cooldown_until)
        self.assertEqual(set(self.deliveries(backend=other).mapped("state")), {"done"})

    def test_activation_ends_the_rest(self):
        self.shop.fail(503, times=1)
        self.send(self.products[0])
        self.backend.action_pause()
        self.backend.action_activate()
        self.assertEqual(self.send(), [["A-1"]])

    # --- what must not be repeated ---

    def _contact(self):
        return self.env["res.partner"].create({"name": "P", "ref": "SHOP-1"})

    def test_outcome_unknown(self):
        self.set_options(idempotent=False)
        self.shop.fail_after(504, path="/partners", times=1)
        contact = self._contact()
        self.send()
        delivery = self.of(contact, "partner")
        self.assertEqual((delivery.state, delivery.reason), ("dead", "outcome_unknown"))
        self.let_time_pass()
        self.send()
        self.assertEqual(len(self.shop.partners), 1)
        delivery.action_requeue()
        self.send()
        self.assertEqual(len(self.shop.partners), 2, "a person has looked, and asked for it")

    def test_outcome_known_because_nothing_was_sent(self):
        self.set_options(idempotent=False)
        self.move_to("http://127.0.0.1:9")
        contact = self._contact()
        self.send()
        self.assertEqual(self.of(contact, "partner").state, "pending")
        self.assertResting(1)

    def test_what_may_be_repeated_is(self):
        self.shop.fail_after(504, path="/partners", times=1)
        contact = self._contact()
        self.send()
        self.assertEqual(self.of(contact, "partner").state, "pending")
        self.let_time_pass()
        self.send()
        self.assertEqual(self.of(contact, "partner").state, "done")

    # --- facts ---

    def test_facts_in_order_with_their_keys(self):
        order = self.sale_order()
        names = ("order.confirmed", "order.invoiced", "order.shipped")
        facts = [self.deliver_fact(order, name) for name in names]
        self.send()
        self.assertEqual([payload["fact"] for _key, payload in self.shop.facts], list(names))
        self.assertEqual(
            [key for key, _payload in self.shop.facts], [f.idempotency_key for f in facts]
        )

    def test_fact_is_repeated_as_it_was(self):
        """Same key, same content, though the order was renamed since."""
        order = self.sale_order()
        fact = self.deliver_fact(order)
        self.shop.fail_after(503, times=1)
        self.send()
        self.assertEqual(fact.state, "pending")
        kept = fact.payload
        self.let_time_pass()
        self.send()
        self.assertEqual(fact.state, "done")
        self.assertEqual(fact.payload, kept)
        first, second = self.shop.facts
        self.assertEqual(first, second)

    def test_rejected_fact_does_not_hold_the_next(self):
        order = self.sale_order()
        first, second = self.deliver_fact(order), self.deliver_fact(order, "order.shipped")
        self.shop.fail(404, path="/facts", times=1)
        self.send()
        self.assertEqual((first.state, second.state), ("dead", "done"))

    def test_fact_of_a_deleted_record(self):
        order = self.sale_order()
        fact = self.deliver_fact(order)
        order.unlink()
        self.assertEqual(self.send(), [])
        self.assertEqual(fact.state, "ignored")

    def test_one_that_breaks_the_partner_while_others_go_through(self):
        """Stock that is taken in every pass says nothing of the product over which the partner stumbles."""
        self.shop.gateway = {"A-1"}
        for product in self.products:
            self.deliver(product)
        for _pass in range(8):
            self.deliver(self.products[2], entity="stock")
            self.env["connector.hub.binding"]._forget_payloads(self.backend, "stock")
            self.run_lane()
            self.let_time_pass()
        self.assertEqual(self.of(self.products[1]).state, "done")
        self.assertEqual(self.of(self.products[2]).state, "done")
        self.assertGreater(self.of(self.products[0]).attempts, 0)
