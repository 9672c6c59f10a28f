# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When a lane runs, and what only a person can mend."""

import logging
import time
from contextlib import contextmanager

import odoo.sql_db
from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from ..const import LOCK_LANE
from .lane_case import LaneCase
from .shop_case import API_KEY


@tagged("post_install", "-at_install")
class TestLaneControl(LaneCase):
    """When a lane runs, and what only a person can mend."""

    def test_refused_credentials_pause_the_backend(self):
        self.backend.user_id = self.env.ref("base.user_admin")
        for status in (401, 403):
            self.shop.fail(status)
            self.send(*([] if self.deliveries() else self.products))
            self.assertEqual(self.backend.state, "paused")
            self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
            [activity] = self.backend.activity_ids
            self.assertEqual(activity.user_id, self.backend.user_id)
            self.assertRegex(
                self.backend.last_error, f"The partner refuses the API key: .*{status}"
            )
            self.assertEqual(self.send(), [], "paused")
            self.shop.recover()
            self.backend.action_activate()
        self.assertEqual(self.send(), [["A-1", "B-2", "C-3"]])
        self.assertFalse(self.backend.activity_ids)

    def test_missing_credentials_pause_the_backend(self):
        self.backend.action_clear_api_key()
        self.send(*self.products)
        self.assertEqual(self.backend.state, "paused")
        self.assertIn("API key", self.backend.last_error)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
        self.assertEqual(self.shop.requests, [])

    def test_draft_and_paused_lanes_rest(self):
        event = self.add_event()
        self.products[0].name = "Renamed"
        for values in (
            {"state": "draft"},
            {"state": "paused"},
            {"state": "active", "active": False},
        ):
            self.backend.write(values)
            self.assertEqual(self.send(), [])
            self.assertEqual(event.state, "pending")
            self.assertTrue(self.changes())
        self.backend.active = True
        self.assertTrue(self.send())
        self.assertEqual(event.state, "done")

    def test_manual(self):
        self.backend.frequency = "manual"
        self.assertEqual(self.send(self.products[0]), [])
        self.backend.action_run_now()
        self.assertEqual(self.send(), [["A-1"]])
        self.assertFalse(self.backend.run_requested)
        self.assertEqual(self.send(self.products[1]), [])

    @contextmanager
    def _held_elsewhere(self, key):
        """Another process has a lock of the backend."""
        with odoo.sql_db.db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s, %s)", (key, self.backend.id))
            yield
            cr.execute("SELECT pg_advisory_unlock(%s, %s)", (key, self.backend.id))

    def test_one_lane_at_a_time(self):
        with self._held_elsewhere(LOCK_LANE):
            self.assertEqual(self.send(self.products[0]), [])
            self.assertStates("pending", False, False)
        self.assertEqual(self.send(), [["A-1"]])

    def test_locks_are_given_back(self):
        self.shop.fail(503)
        self.send(self.products[0])
        self.env.cr.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s "
            "AND pid = pg_backend_pid()",
            (self.backend.id,),
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_time_is_up(self):
        for product in self.products:
            self.deliver(product)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"cron_end_time": time.monotonic() - 1})
            env["connector.hub.backend"].browse(self.backend.id)._run_lane()
        self.env.invalidate_all()
        self.assertStates("pending", "pending", "pending")
        self.assertTrue(self.is_woken(), "it goes on soon")

    def test_lane_through_its_scheduled_action(self):
        self.deliver(self.products[0])
        self.commit()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cron = env["ir.cron"].browse(self.backend.cron_id.id)
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertStates("done", False, False)

    def test_no_secret_in_the_log(self):
        with self.assertLogs("odoo", logging.INFO) as logged:
            self.send(self.products[0])
            self.shop.fail(401)
            self.send(self.products[1])
        text = "\n".join(logged.output)
        self.assertIn("/products", text)
        self.assertNotIn(API_KEY, text)
        self.assertNotIn(API_KEY, self.backend.last_error)
        for delivery in self.deliveries():
            self.assertNotIn(API_KEY, str(delivery.read(["payload", "response", "error"])))
