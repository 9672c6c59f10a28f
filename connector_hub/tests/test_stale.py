# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import datetime, timedelta, timezone

from odoo.tests import tagged

from .shop_case import HANDLED, ShopCase

NOON = datetime(2024, 11, 22, 12, tzinfo=timezone.utc)


@tagged("post_install", "-at_install")
class TestStale(ShopCase):
    """Which events come too late, by the times that their senders name."""

    def _contact(self, order):
        return self.env["res.partner"].search([("ref", "=", order)])

    def _lane_events(self):
        """Process all that is due; bounded, for an event that never goes away."""
        for _round in range(10):
            if not self.process():
                return
        self.fail("The lane would go on for ever")

    def _changed(self, name, minutes, **values):
        return self.add_event(
            "order.changed",
            "O-1",
            id=name,
            at=(NOON + timedelta(minutes=minutes)).isoformat(),
            **values,
        )

    def test_older_state_is_stale(self):
        self.add_event(order="O-1", at=NOON.isoformat())
        newer = self._changed("newer", 10)
        older = self._changed("older", 5)
        self._lane_events()
        self.assertEqual((newer.state, older.state), ("done", "ignored"))
        self.assertIn("newer", self._contact("O-1").comment)
        self.assertNotIn(["older"], HANDLED)

    def test_only_of_its_family_and_thing(self):
        self.add_event(order="O-1", at=NOON.isoformat())
        self.add_event(order="O-2", at=NOON.isoformat())
        self._changed("newer", 10)
        early = (NOON + timedelta(minutes=1)).isoformat()
        note = self.add_event("order.noted", "O-1", id="note", at=early)
        other = self.add_event("order.changed", "O-2", id="other", at=early)
        self._lane_events()
        self.assertEqual((note.state, other.state), ("done", "done"))

    def _received(self, name, at):
        """A change as a webhook brings it, stored by the only way in."""
        events = self.env["connector.hub.event"]
        payload = {"type": "order.changed", "order": "O-1", "id": name, "at": at.isoformat()}
        with self.enter_registry_test_mode():
            values = events._describe(self.backend, {}, payload, json.dumps(payload))
            return events.browse(events._store(values)["id"])

    def test_the_future_freezes_nothing(self):
        """A sender with a wrong clock, or a lying one, must not make everything that follows old."""
        now = datetime.now(timezone.utc)
        self.add_event(order="O-1", at=NOON.isoformat())
        self._lane_events()
        for ahead in (timedelta(days=26_000), timedelta(minutes=6)):
            with self.subTest(ahead=ahead):
                future = self._received(f"future {ahead}", now + ahead)
                self._lane_events()
                latest = future.create_date + timedelta(minutes=5)
                self.assertEqual((future.state, future.occurred_at), ("done", latest))
                true = self._received(f"true {ahead}", now)
                again = self._received(f"again {ahead}", now + ahead)
                self._lane_events()
                self.assertEqual((true.state, again.state), ("done", "done"))
                self.assertIn(f"again {ahead}", self._contact("O-1").comment)

    def test_a_clock_a_little_ahead_keeps_its_order(self):
        now = datetime.now(timezone.utc)
        self.add_event(order="O-1", at=NOON.isoformat())
        self._received("newer", now + timedelta(minutes=4))
        older = self._received("older", now + timedelta(minutes=3))
        self._lane_events()
        self.assertEqual(older.state, "ignored")

    def test_same_moment_is_not_stale(self):
        self.add_event(order="O-1", at=NOON.isoformat())
        self._changed("one", 5)
        second = self._changed("two", 5)
        self._lane_events()
        self.assertEqual(second.state, "done")

    def test_undated_is_not_stale(self):
        self.add_event(order="O-1", at=NOON.isoformat())
        self._changed("newer", 10)
        undated = self.add_event("order.changed", "O-1", id="undated")
        self._lane_events()
        self.assertEqual(undated.state, "done")

    def test_requeued_is_never_stale(self):
        self.add_event(order="O-1", at=NOON.isoformat())
        dead = self._changed("dead", 5, do="reject")
        self._changed("newer", 10)
        self._lane_events()
        self.assertEqual(dead.state, "dead")
        dead.payload = dead.payload.replace("reject", "work")
        dead.action_requeue()
        self._lane_events()
        self.assertEqual(dead.state, "done")

    def test_creator_is_never_stale(self):
        """The order died, its status came and was applied by hand; the order can still come in."""
        created = self.add_event(order="O-1", at=NOON.isoformat(), do="reject")
        self._lane_events()
        self.env["res.partner"].create({"name": "By hand", "ref": "O-1"})
        later = self._changed("later", 10)
        later.action_requeue()
        created.payload = created.payload.replace("reject", "work")
        created.action_requeue()
        self._lane_events()
        self.assertEqual((created.state, later.state), ("done", "done"))

    def test_what_died_does_not_make_stale(self):
        self.add_event(order="O-1", at=NOON.isoformat())
        self._changed("newer", 10, do="reject")
        older = self._changed("older", 5)
        self._lane_events()
        self.assertEqual(older.state, "done")
