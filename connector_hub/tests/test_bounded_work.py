# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is done again and again costs the same, however much is finished or waits for a person."""

from odoo.tests import tagged

from .lane_case import LaneCase

TABLES = ("connector_hub_event", "connector_hub_delivery")

#: Rows that may be read besides those that are dealt with.
A_FEW = 60


@tagged("post_install", "-at_install")
class TestBoundedWork(LaneCase):
    def add_events(self, count, **columns):
        """:param columns: SQL expressions of the number ``n``"""
        values = {
            "backend_id": str(self.backend.id),
            "event_id": f"'{len(columns)}-' || n",
            "event_type": "'order.changed'",
            "family": "'order'",
            "external_id": "'O-' || n",
            "payload": """'{"type": "order.changed"}'""",
            "state": "'pending'",
            "attempts": "0",
            "creates": "FALSE",
            **columns,
        }
        self._insert("connector_hub_event", count, values)

    def add_deliveries(self, count, **columns):
        values = {
            "backend_id": str(self.backend.id),
            "entity": "'product'",
            "event_type": "'updated'",
            "res_model": "'product.product'",
            "res_id": "n + 1000000",
            "is_fact": "FALSE",
            "attempts": "0",
            "state": "'pending'",
            **columns,
        }
        self._insert("connector_hub_delivery", count, values)

    def _insert(self, table, count, values):
        self.env.cr.execute(
            f"INSERT INTO {table} ({', '.join(values)}) "
            f"SELECT {', '.join(values.values())} FROM generate_series(1, %s) n",
            (count,),
        )
        self.env.cr.execute(f"ANALYZE {table}")

    def rows_read(self, work):
        """Rows of the messages' tables that PostgreSQL has looked at for this."""
        before = self._rows_read()
        work()
        self.env.flush_all()
        return self._rows_read() - before

    def _rows_read(self):
        self.env.cr.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables "
            "WHERE relname = ANY(%s)",
            (list(TABLES),),
        )
        return int(self.env.cr.fetchone()[0])

    def add_finished(self):
        """Of which a good part is dead: nobody deletes those."""
        for add in (self.add_events, self.add_deliveries):
            add(
                6000,
                state="CASE WHEN mod(n, 3) = 0 THEN 'dead' WHEN mod(n, 3) = 1 THEN 'ignored' ELSE 'done' END",
                done_at="now() AT TIME ZONE 'UTC' - make_interval(days => CASE WHEN mod(n, 3) = 0 THEN 90 ELSE 5 END)",
            )

    def test_pass_with_nothing_to_do(self):
        self.add_finished()
        backend = self._work_backend()
        for work in (
            backend._wake_for_retries,
            lambda: backend.env["connector.hub.event"]._process_next(backend, 20),
            lambda: backend.env["connector.hub.delivery"]._claim(backend, lambda *_: 50),
            lambda: backend.env["connector.hub.delivery"]._return_expired(backend),
        ):
            self.assertLess(self.rows_read(work), A_FEW)

    def test_dashboard(self):
        """Of what is finished nothing is read; what is dead is counted."""
        self.add_finished()
        dead = self.rows_read(lambda: self.assertEqual(self.backend.dead_count, 4000))
        self.assertLess(dead, 4000 + A_FEW)
        self.backend.invalidate_recordset()
        self.assertEqual(self.backend.waiting_count, 0)
        self.assertEqual((self.backend.event_count, self.backend.delivery_count), (6000, 6000))

    def test_vacuum_with_nothing_to_do(self):
        self.add_finished()
        for model in ("connector.hub.event", "connector.hub.delivery"):
            self.assertLess(self.rows_read(self.env[model]._gc_finished), A_FEW)

    def test_waiting_for_retries(self):
        """However many wait for a later time."""
        later = "now() AT TIME ZONE 'UTC' + make_interval(mins => 1 + n)"
        self.add_events(3000, next_attempt_at=later)
        self.add_deliveries(3000, next_attempt_at=later)
        backend = self._work_backend()
        for work in (
            lambda: self.assertTrue(backend._wake_for_retries()),
            lambda: backend.env["connector.hub.event"]._process_next(backend, 20),
        ):
            self.assertLess(self.rows_read(work), A_FEW)

    def test_held_by_the_dead(self):
        """Looked at once; then neither the lane nor a webhook of another order is any slower for them."""
        self.add_events(30, state="'dead'", creates="TRUE", event_type="'order.created'")
        self.add_events(3000, event_id="'held-' || n", external_id="'O-' || (1 + mod(n, 30))")
        backend = self._work_backend()
        events = backend.env["connector.hub.event"]
        while events._process_next(backend, 20):
            self.assertFalse(events.search([("state", "=", "done")]), "a batch at a time")
        self.assertLess(self.rows_read(lambda: events._process_next(backend, 20)), A_FEW)
        values = events._describe(
            backend, {}, {"type": "order.created", "order": "N-1"}, '{"type": "order.created"}'
        )
        self.assertLess(
            self.rows_read(lambda: self.assertFalse(events._insert(self.env.cr, values)["behind"])),
            A_FEW,
        )
        self.assertEqual(events._process_next(backend, 20), 1)

    def test_held_ones_go_on_at_once(self):
        """When what they waited for is through, by itself or because a person asked for it."""
        creator = self.add_event(order="O-1", do="reject")
        update = self.add_event("order.changed", "O-1", id="update")
        self.process()
        self.assertEqual((creator.state, update.state), ("dead", "pending"))
        self.assertFalse(self._work_backend()._wake_for_retries(), "that is no retry")
        creator.payload = '{"type": "order.created"}'
        creator.action_requeue()
        self.process()
        self.process()
        self.assertEqual((creator.state, update.state), ("done", "done"))

        failing = self.add_event("order.changed", "O-1", id="failing", do="retry")
        follower = self.add_event("order.noted", "O-1", id="follower")
        self.process()
        self.process()
        self.assertEqual(follower.next_attempt_at, failing.next_attempt_at)
        failing.payload = '{"type": "order.changed"}'
        # Requeued while it waits for its next attempt.
        failing.action_requeue()
        self.process()
        self.process()
        self.assertEqual((failing.state, follower.state), ("done", "done"))
