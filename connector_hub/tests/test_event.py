# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..exceptions import RejectedError, UnsupportedEventError
from .shop_case import HANDLED, ShopAdapter, ShopCase

EVENT_LOGGER = "odoo.addons.connector_hub.models.connector_hub_event"


@tagged("post_install", "-at_install")
class TestEvent(ShopCase):
    def _contact(self, order):
        return self.env["res.partner"].search([("ref", "=", order)])

    def _lane_events(self):
        """Process all that is due; bounded, for an event that never goes away."""
        for _round in range(10):
            if not self.process():
                return
        self.fail("The lane would go on for ever")

    # --- identity ---

    def _describe(self, **payload):
        model = self.env["connector.hub.event"]
        return model._describe(self.backend, {}, payload, json.dumps(payload))

    def test_identity(self):
        for payload, key in (
            # What creates a record is one event, whoever tells of it, and how often.
            ({"type": "order.created", "order": "O-1", "id": "msg_1"}, "order.created:O-1"),
            ({"type": "order.created", "id": "msg_1"}, "sender:msg_1"),
            ({"type": "order.changed", "order": "O-1", "id": "msg_2"}, "sender:msg_2"),
            (
                {"type": "order.changed", "order": "O-1", "at": "2026-11-22T15:00:00+03:00"},
                "order.changed:O-1:2026-11-22T12:00:00",
            ),
        ):
            with self.subTest(payload):
                self.assertEqual(self._describe(**payload)["event_id"], key)
        endless = self._describe(type="order.noted", id="m" * 300)["event_id"]
        self.assertRegex(endless, "^sender#[0-9a-f]{64}$", "an index entry has its limits")
        long_order = self._describe(type="order.created", order="O" * 300)["event_id"]
        self.assertRegex(long_order, "^order.created#[0-9a-f]{64}$")
        by_content = self._describe(type="order.changed", order="O-1")["event_id"]
        self.assertRegex(by_content, "^content:[0-9a-f]{64}$")

    def test_no_id_of_a_sender_is_one_of_ours(self):
        """Otherwise an event could make the hub take another one, an order say, for received."""
        ours = {
            self._describe(**payload)["event_id"]
            for payload in (
                {"type": "order.created", "order": "O-1"},
                {"type": "order.created", "order": "O" * 300},
                {"type": "order.changed", "order": "O-1", "at": "2026-11-22T15:00:00+03:00"},
                {"type": "order.changed", "order": "O-1"},
                {"type": "order.changed", "id": "i" * 300},
            )
        }
        for key in ours:
            with self.subTest(key):
                theirs = self._describe(type="order.noted", order="O-2", id=key)["event_id"]
                self.assertNotIn(theirs, ours)

    def test_description(self):
        described = self._describe(
            type="order.changed", order="O-1", at="2026-11-22T15:00:00+03:00"
        )
        self.assertEqual(described["occurred_at"], datetime(2026, 11, 22, 12))
        self.assertIn('"order": "O-1"', described["payload"])
        self.assertEqual((described["family"], described["creates"]), ("order", False))
        self.assertTrue(self._describe(type="order.created", order="O-1")["creates"])

    def test_not_of_use(self):
        with self.assertRaises(UnsupportedEventError):
            self._describe(type="cart.updated", order="O-1")
        with self.assertRaises(RejectedError) as caught:
            self._describe(type=5)
        self.assertIn("type", caught.exception.message)

    # --- storing ---

    def _store(self, **payload):
        with self.enter_registry_test_mode():
            return self.env["connector.hub.event"]._store(self._describe(**payload))

    def test_any_moment_can_be_described(self):
        """Adapters may hand over what the calendar does not have in UTC."""
        for moment in (
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-12))),
        ):
            with (
                self.subTest(moment),
                patch.object(
                    ShopAdapter,
                    "_extract_event",
                    lambda *_arguments, moment=moment: {
                        "event_type": "order.changed",
                        "external_id": "O-1",
                        "occurred_at": moment,
                    },
                ),
            ):
                stored = self._store(type="order.changed")
                self.assertTrue(stored["is_new"])

    def test_store_once(self):
        first = self._store(type="order.created", order="O-1")
        again = self._store(type="order.created", order="O-1")
        self.assertEqual((first["is_new"], again["is_new"]), (True, False))
        self.assertEqual(first["id"], again["id"])
        other = self.add_backend()
        values = {**self._describe(type="order.created", order="O-1"), "backend_id": other.id}
        with self.enter_registry_test_mode():
            self.assertTrue(self.env["connector.hub.event"]._store(values)["is_new"])

    def test_store_tells_what_waits(self):
        self.assertFalse(self._store(type="order.created", order="O-1")["behind"])
        self.assertTrue(self._store(type="order.created", order="O-2")["behind"])
        self._lane_events()
        self.assertFalse(self._store(type="order.created", order="O-3")["behind"])

    def test_store_behind_a_retry_of_the_same_thing(self):
        self.add_event(order="O-1", do="retry")
        self._lane_events()
        self.assertFalse(self._store(type="order.created", order="O-2")["behind"])
        self._lane_events()
        self.assertTrue(self._store(type="order.changed", order="O-1", id="m")["behind"])

    def test_store_behind_its_dead_creator(self):
        """Processed at once it would find nothing, and be dead as well."""
        self.add_event(order="O-1", do="reject")
        self._lane_events()
        self.assertTrue(self._store(type="order.changed", order="O-1", id="m")["behind"])

    def test_store_beside_what_waits_for_a_person(self):
        """An update of a dead order keeps no other order from being processed at once."""
        self.add_event(order="O-1", do="reject")
        self.add_event("order.changed", "O-1", id="m")
        self._lane_events()
        self.assertFalse(self._store(type="order.created", order="O-2")["behind"])

    def test_numbers_are_exact(self):
        event = self.add_event()
        event.payload = '{"price": 16.000, "count": 3}'
        payload = event._load_payload()
        self.assertEqual(str(payload["price"]), "16.000")
        self.assertEqual(payload["count"], 3)

    # --- batches and order ---

    def test_done(self):
        event = self.add_event()
        self.process()
        contact = self._contact("O-1")
        self.assertEqual(event.state, "done")
        self.assertEqual((event.res_model, event.res_id), ("res.partner", contact.id))
        self.assertEqual(contact.create_uid, self.env.ref("connector_hub.user_hub"))
        self.assertTrue(event.done_at)

    def test_one_type_goes_together(self):
        for number in range(3):
            self.add_event(order=f"O-{number}")
        self.assertEqual(self.process(), 3)
        self.assertEqual(HANDLED, [[f"order.created:O-{number}" for number in range(3)]])

    def test_groups_keep_the_order(self):
        """One type at a time, and never two events of one thing in a group."""
        self.add_event(order="O-1")
        self.add_event(order="O-2")
        self.add_event("order.changed", "O-1", id="a")
        self.add_event("order.changed", "O-2", id="b")
        self.add_event("order.changed", "O-1", id="c")
        self.add_event(order="O-3")
        self.process()
        self.assertEqual(
            HANDLED,
            [["order.created:O-1", "order.created:O-2"], ["a", "b"], ["c"], ["order.created:O-3"]],
        )

    def test_limit(self):
        events = [self.add_event(order=f"O-{number}") for number in range(3)]
        work = self._work_backend()
        self.assertEqual(work.env["connector.hub.event"]._process_next(work, 2), 2)
        self.env.invalidate_all()
        self.assertEqual([event.state for event in events], ["done", "done", "pending"])

    def test_other_backends_events(self):
        self.add_event().backend_id = self.add_backend()
        self.assertEqual(self.process(), 0)

    def test_later_one_waits_for_the_retry(self):
        self.add_event(order="O-1")
        first = self.add_event("order.changed", "O-1", id="a", do="retry")
        second = self.add_event("order.changed", "O-1", id="b")
        elsewhere = self.add_event("order.noted", "O-2", id="n")
        self._lane_events()
        self.assertEqual((first.state, second.state), ("pending", "pending"))
        self.assertEqual(elsewhere.state, "dead", "there is no O-2; nothing else held it")
        self.assertNotIn(["b"], HANDLED)
        first.payload = first.payload.replace("retry", "work")
        self.let_time_pass()
        self._lane_events()
        self.assertEqual((first.state, second.state), ("done", "done"))
        self.assertEqual(HANDLED[-2:], [["a"], ["b"]])

    def test_waits_for_its_dead_creator(self):
        created = self.add_event(order="O-1", do="reject")
        self._lane_events()
        changed = self.add_event("order.changed", "O-1", id="a")
        self._lane_events()
        self.assertEqual((created.state, changed.state), ("dead", "pending"))
        created.payload = created.payload.replace("reject", "work")
        created.action_requeue()
        self._lane_events()
        self.assertEqual((created.state, changed.state), ("done", "done"))
        self.assertIn("a", self._contact("O-1").comment)

    def test_waits_for_its_creator_that_dies_in_the_same_batch(self):
        created = self.add_event(order="O-1", do="reject")
        changed = self.add_event("order.changed", "O-1", id="a")
        self._lane_events()
        self.assertEqual((created.state, changed.state), ("dead", "pending"))

    def test_waits_for_its_creator_that_is_retried(self):
        created = self.add_event(order="O-1", do="retry")
        changed = self.add_event("order.changed", "O-1", id="a")
        self._lane_events()
        self.assertEqual((created.state, changed.state), ("pending", "pending"))
        self.assertEqual(changed.attempts, 0)

    def test_creator_that_comes_later(self):
        changed = self.add_event("order.changed", "O-1", id="a")
        self._lane_events()
        self.assertEqual((changed.state, changed.reason), ("dead", "not_found"))
        self.add_event(order="O-1")
        self._lane_events()
        self.assertEqual(changed.state, "done", "what it waited for has come")

    # --- errors ---

    def test_a_bad_one_does_not_hold_the_others(self):
        first, bad, last = (
            self.add_event(order=f"O-{number}", do=do)
            for number, do in enumerate(("work", "reject", "work"))
        )
        self._lane_events()
        self.assertEqual([e.state for e in (first, bad, last)], ["done", "dead", "done"])
        self.assertEqual((bad.reason, bad.error), ("unknown_sku", "Rejected as told"))
        self.assertEqual(len(HANDLED), 1, "in one go")

    @mute_logger(EVENT_LOGGER)
    def test_a_surprise_is_split(self):
        """What the batch wrote is undone; then each event is alone with its own luck."""
        first, bad, last = (
            self.add_event(order=f"O-{number}", do=do)
            for number, do in enumerate(("work", "surprise", "work"))
        )
        self.process()
        self.assertEqual([e.state for e in (first, bad, last)], ["done", "pending", "done"])
        self.assertEqual([len(self._contact(f"O-{number}")) for number in range(3)], [1, 0, 1])
        self.assertEqual([len(call) for call in HANDLED], [3, 1, 1, 1])
        self.assertEqual(bad.attempts, 1)
        self.assertIn("ZeroDivisionError", bad.error)
        for _retry in range(3):
            self.let_time_pass()
            self._lane_events()
        self.assertEqual((bad.state, bad.reason), ("dead", "internal_error"))

    def test_what_odoo_refuses(self):
        event = self.add_event(do="refuse")
        self._lane_events()
        self.assertEqual((event.state, event.reason), ("dead", "refused_by_odoo"))
        self.assertIn("Odoo says no", event.error)
        self.assertFalse(self._contact("O-1"))

    def test_what_is_not_valid(self):
        event = self.add_event(do="invalid")
        self._lane_events()
        self.assertEqual((event.state, event.reason), ("dead", "invalid_payload"))
        self.assertIn("type", event.error)
        self.assertNotIn("pydantic.dev", event.error)

    def test_type_that_is_not_known_any_more(self):
        event = self.add_event()
        event.event_type = "order.gone"
        self._lane_events()
        self.assertEqual((event.state, event.reason), ("dead", "invalid_payload"))

    def test_handler_that_forgets_an_event(self):
        """It is retried and then dead, rather than taken up for ever."""
        event = self.add_event()
        with patch.object(type(self.backend._get_adapter()), "_handle", lambda *_args: {}):
            self._lane_events()
        self.assertEqual((event.state, event.attempts), ("pending", 1))
        self.assertTrue(event.next_attempt_at)

    def test_conflict_is_left_to_the_caller(self):
        """The whole transaction has to be run again: part of it cannot."""
        self.add_event()

        def conflict(*_arguments):
            raise psycopg2.errors.SerializationFailure()

        with (
            patch.object(type(self.backend._get_adapter()), "_handle", conflict),
            self.assertRaises(psycopg2.errors.SerializationFailure),
        ):
            self.process()

    def test_lane_runs_a_conflict_again(self):
        event = self.add_event()
        handle, failed = ShopAdapter._handle, []

        def conflict_once(adapter, backend, events):
            if not failed:
                failed.append(True)
                raise psycopg2.errors.SerializationFailure()
            return handle(adapter, backend, events)

        with patch.object(type(self.backend._get_adapter()), "_handle", conflict_once):
            self.run_lane()
        self.assertEqual(event.state, "done")
        self.assertEqual(len(self._contact("O-1")), 1)

    # --- stock of an order ---

    def test_an_order_forgets_what_stock_was_told(self):
        bindings = self.env["connector.hub.binding"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", "stock")]
        )
        bindings.payload_hash = "told"
        order = self._import(self._simple())
        with patch.object(
            type(self.backend._get_adapter()),
            "_handle",
            lambda adapter, backend, events: dict.fromkeys(events.ids, order),
        ):
            self.add_event()
            self.process()
        by_sku = {binding.reference: binding.payload_hash for binding in bindings}
        self.assertEqual(by_sku, {"A-1": False, "B-2": "told", "C-3": "told"})
