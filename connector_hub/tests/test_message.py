# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..const import MESSAGE_STATES, REASONS, RETRY_MINUTES
from ..exceptions import (
    ConfigurationError,
    RejectedError,
    RetryableError,
    SignatureError,
    UnsupportedEventError,
)
from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestMessage(ShopCase):
    def setUp(self):
        super().setUp()
        self.Delivery = self.env["connector.hub.delivery"]

    def _settle(self, delivery, **values):
        self.Delivery._settle({delivery.id: values})

    def _dead(self, product=None, reason="rejected_by_partner", **values):
        delivery = self.deliver(self.products[0] if product is None else product, **values)
        self._settle(delivery, state="dead", reason=reason, error="Not like that", attempts=3)
        return delivery

    # --- what an error makes of a message ---

    def test_reason_codes(self):
        for error_class in (
            SignatureError,
            UnsupportedEventError,
            RetryableError,
            RejectedError,
            ConfigurationError,
        ):
            self.assertIn(error_class("x").reason, REASONS)

    def test_retry_schedule(self):
        self.assertEqual(RETRY_MINUTES, (1, 5, 15))
        for attempts, minutes in enumerate(RETRY_MINUTES):
            outcome = self.Delivery._outcome_of_error(RetryableError("Busy"), attempts)
            wait = (
                fields.Datetime.to_datetime(outcome.pop("next_attempt_at")) - fields.Datetime.now()
            )
            self.assertAlmostEqual(wait.total_seconds(), 60 * minutes, delta=5)
            self.assertEqual(
                outcome,
                {"state": "pending", "attempts": attempts + 1, "reason": None, "error": "Busy"},
            )
        self.assertEqual(
            self.Delivery._outcome_of_error(RetryableError("Busy"), len(RETRY_MINUTES)),
            {"state": "dead", "reason": "retries_exhausted", "error": "Busy"},
        )

    def test_retry_after(self):
        for retry_after, expected in (
            (600, 600),
            (3, 60),
            (0, 60),
            (-1e12, 60),
            (None, 60),
            (1e12, 3600),
            (float("inf"), 3600),
        ):
            error = RetryableError("Busy", retry_after=retry_after)
            outcome = self.Delivery._outcome_of_error(error, 0)
            wait = fields.Datetime.to_datetime(outcome["next_attempt_at"]) - fields.Datetime.now()
            self.assertAlmostEqual(wait.total_seconds(), expected, delta=5)

    def test_other_errors(self):
        for error, expected in (
            (RejectedError("No", reason="unknown_sku"), ("dead", "unknown_sku", "No")),
            (RejectedError("No"), ("dead", "rejected_by_partner", "No")),
            (ConfigurationError("No key"), ("dead", "not_configured", "No key")),
            (UnsupportedEventError("What?"), ("ignored", None, None)),
        ):
            outcome = self.Delivery._outcome_of_error(error, 0)
            self.assertEqual((outcome["state"], outcome["reason"], outcome["error"]), expected)
        self.assertEqual(outcome["note"], "What?", "what is ignored is no error")

    def test_an_error_of_our_own_is_retried_too(self):
        error = ZeroDivisionError("division by zero")
        self.assertEqual(self.Delivery._outcome_of_error(error, 0)["state"], "pending")
        outcome = self.Delivery._outcome_of_error(error, len(RETRY_MINUTES))
        self.assertEqual((outcome["state"], outcome["reason"]), ("dead", "internal_error"))
        self.assertIn("ZeroDivisionError", outcome["error"])

    def test_retries_of_an_event_to_the_end(self):
        event = self.add_event(do="retry")
        for attempts in (1, 2, 3):
            self.process()
            self.assertEqual((event.state, event.attempts), ("pending", attempts))
            self.assertEqual(self.process(), 0, "not due yet")
            self.let_time_pass()
        self.process()
        self.assertEqual((event.state, event.reason), ("dead", "retries_exhausted"))
        self.assertEqual(event.error, "Try later, as told")

    # --- settling ---

    def test_settle_keeps_what_it_is_not_told(self):
        delivery = self.deliver(payload="{}", external_id="A-1")
        self._settle(delivery, state="done", response="ok")
        self.assertEqual(
            (delivery.state, delivery.payload, delivery.external_id, delivery.response),
            ("done", "{}", "A-1", "ok"),
        )

    def test_settle_many(self):
        first, second, third = (self.deliver(product) for product in self.products)
        self.Delivery._settle(
            {
                first.id: {"state": "done"},
                second.id: {"state": "dead", "reason": "unknown_sku", "error": "'; DROP TABLE x"},
                third.id: {"external_id": "C-3"},
            }
        )
        self.assertEqual([d.state for d in first | second | third], ["done", "dead", "pending"])
        self.assertEqual(second.error, "'; DROP TABLE x")
        self.assertEqual(third.external_id, "C-3")

    def test_finished_at(self):
        delivery = self.deliver()
        for state in MESSAGE_STATES:
            self._settle(delivery, state=state)
            self.assertEqual(bool(delivery.done_at), state in ("done", "ignored", "dead"), state)

    def test_given_way_is_finished_too(self):
        """Else it would never be deleted."""
        old = self.deliver()
        self._settle(old, state="sending")
        self.deliver()
        self._settle(old, state="pending")
        self.assertEqual(old.state, "ignored")
        self.assertTrue(old.done_at)

    # --- requeue ---

    def _assert_waits_anew(self, delivery):
        self.assertEqual(
            (
                delivery.state,
                delivery.attempts,
                delivery.next_attempt_at,
                delivery.reason,
                delivery.error,
            ),
            ("pending", 0, False, False, False),
        )

    def test_requeue_one(self):
        delivery = self._dead()
        delivery.action_requeue()
        self._assert_waits_anew(delivery)
        self.assertTrue(delivery.requeued)

    def test_requeue_selection(self):
        """What is dead, ignored or waiting for its retry; what is done or being sent stays."""
        states = ("dead", "ignored", "pending", "done", "sending")
        selection = self.Delivery
        for state in states:
            product = self.env["product.product"].create({"name": state, "default_code": state})
            delivery = self.deliver(product)
            later = fields.Datetime.now() + timedelta(hours=1)
            self._settle(delivery, state=state, next_attempt_at=str(later), attempts=2)
            selection |= delivery
        selection.action_requeue()
        self.assertEqual(selection.mapped("state"), ["pending"] * 3 + ["done", "sending"])
        for delivery in selection[:3]:
            self._assert_waits_anew(delivery)

    def _says(self, action):
        """The text of a notification, after which the list or form is read again."""
        self.assertEqual(action["tag"], "display_notification")
        self.assertEqual(action["params"]["next"], {"type": "ir.actions.act_window_close"})
        return action["params"]["type"], action["params"]["message"]

    def test_requeue_says_what_became_of_it(self):
        one = self._dead()
        self.assertEqual(self._says(one.action_requeue()), ("success", "1 message is tried again."))
        first, second = self.products[1:]
        old, newer, other = self._dead(first), self._dead(first), self._dead(second)
        done = self.deliver(self.env["product.product"].create({"name": "Done"}))
        self._settle(done, state="done")
        self.backend.action_pause()
        kind, text = self._says((old | newer | other | done).action_requeue())
        self.assertEqual(kind, "success")
        for part in (
            "2 messages are tried again.",
            "1 was left: a newer one of the same record takes its place.",
            "1 was left: it is done, or being sent now.",
            f"{self.backend.name} is paused",
        ):
            self.assertIn(part, text)
        self.assertEqual(self._says(done.action_requeue())[0], "warning")
        self.assertEqual(self._says(done.action_requeue_reason())[0], "warning")

    def test_requeue_all_of_a_reason(self):
        unknown = [self._dead(product, reason="unknown_sku") for product in self.products]
        partner = self.env["res.partner"].create({"name": "P"})
        other = self._dead(partner, entity="partner")
        foreign = self._dead(
            self.products[0], reason="unknown_sku", backend_id=self.add_backend().id
        )
        unknown[0].action_requeue_reason()
        for delivery in unknown:
            self._assert_waits_anew(delivery)
        self.assertEqual((other.state, foreign.state), ("dead", "dead"))

    def test_requeue_gives_way_to_a_newer_one(self):
        old = self._dead()
        newer = self.deliver()
        old.action_requeue()
        self.assertEqual((old.state, newer.state), ("ignored", "pending"))

    def test_requeue_two_of_one_record(self):
        """Both died; the newer one says it all."""
        old, newer = self._dead(), self._dead()
        other = self._dead(self.products[1])
        (old | newer | other).action_requeue()
        self.assertEqual((old.state, newer.state, other.state), ("ignored", "pending", "pending"))
        self.assertTrue(newer.requeued)

    def test_requeue_all_of_a_reason_with_two_of_one_record(self):
        old, newer = self._dead(reason="unknown_sku"), self._dead(reason="unknown_sku")
        old.action_requeue_reason()
        self.assertEqual((old.state, newer.state), ("ignored", "pending"))

    def test_requeue_facts_of_one_record(self):
        """No fact stands for another."""
        order = self.sale_order()
        facts = self.deliver_fact(order) + self.deliver_fact(order, "order.cancelled")
        self.Delivery._settle({fact.id: {"state": "dead"} for fact in facts})
        keys = facts.mapped("idempotency_key")
        facts.action_requeue()
        self.assertEqual(facts.mapped("state"), ["pending", "pending"])
        self.assertEqual(facts.mapped("idempotency_key"), keys)

    def test_requeue_wakes_the_lane(self):
        delivery = self._dead()
        self.woken.clear()
        delivery.action_requeue()
        self.assertTrue(self.is_woken())

    def test_only_managers_requeue(self):
        delivery = self._dead()
        for group, allowed in (("group_user", False), ("group_manager", True)):
            user = new_test_user(
                self.env,
                f"requeue_{group}",
                groups=f"connector_hub.{group}",
                company_id=self.company.id,
                company_ids=self.company.ids,
            )
            own = delivery.with_user(user).with_context(allowed_company_ids=self.company.ids)
            if allowed:
                own.action_requeue()
            else:
                for action in (own.action_requeue, own.action_requeue_reason):
                    with self.assertRaises(UserError):
                        action()
            self.assertEqual(delivery.state, "pending" if allowed else "dead")

    # --- vacuum ---

    def _age(self, messages, days):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {messages._table} SET done_at = now() - make_interval(days => %s) "
            "WHERE id = ANY(%s)",
            (days, messages.ids),
        )
        self.env.invalidate_all()

    def test_vacuum_by_retention(self):
        self.backend.retention_days = 10
        other = self.add_backend(retention_days=60)
        kept, gone = self.Delivery, self.Delivery
        for backend, state, days, stays in (
            (self.backend, "done", 11, False),
            (self.backend, "ignored", 11, False),
            (self.backend, "done", 9, True),
            (self.backend, "dead", 400, True),
            (other, "done", 11, True),
            (other, "done", 61, False),
        ):
            product = self.env["product.product"].create({"name": f"{state} {days}"})
            delivery = self.deliver(product, backend_id=backend.id)
            self._settle(delivery, state=state)
            self._age(delivery, days)
            if stays:
                kept |= delivery
            else:
                gone |= delivery
        waiting = self.deliver()
        self.assertEqual(self.Delivery._gc_finished(), (len(gone), 0))
        self.assertFalse(gone.exists())
        self.assertEqual((kept | waiting).exists(), kept | waiting)

    def test_vacuum_of_events(self):
        event = self.add_event()
        self.process()
        self.assertEqual(event.state, "done")
        self.env["connector.hub.event"]._gc_finished()
        self.assertTrue(event.exists())
        self._age(event, 31)
        self.env["connector.hub.event"]._gc_finished()
        self.assertFalse(event.exists())

    def test_vacuum_is_run_by_odoo(self):
        for model in ("connector.hub.event", "connector.hub.delivery"):
            self.assertTrue(getattr(type(self.env[model])._gc_finished, "_autovacuum", False))
        self.assertEqual(self.env["connector.hub.message"]._gc_finished(), (0, 0))

    # --- reading ---

    def test_names_of_records(self):
        product = self.env["product.product"].create({"name": "Short-lived"})
        first, second = self.deliver(self.products[0]), self.deliver(product)
        product.unlink()
        orphan = self.deliver(res_model="no.such.model", res_id=5)
        self.assertIn("A-1", first.record_name)
        self.assertEqual(second.record_name, "(deleted)")
        self.assertFalse(orphan.record_name)

    def test_pretty(self):
        delivery = self.deliver(payload='{"title": "غطاء"}', response="<html>")
        self.assertEqual(delivery.payload_pretty, '{\n  "title": "غطاء"\n}')
        self.assertEqual(delivery.response_pretty, "<html>")
        self.assertFalse(self.deliver(self.products[1]).payload_pretty)

    def test_open_record(self):
        action = self.deliver().action_open_record()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("product.product", self.products[0].id)
        )
        product = self.env["product.product"].create({"name": "Short-lived"})
        delivery = self.deliver(product)
        product.unlink()
        for message in (delivery, self.add_event()):
            with self.assertRaises(UserError):
                message.action_open_record()
