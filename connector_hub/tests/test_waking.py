# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How the lanes are woken that are to send what was saved."""

import threading
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..const import LOCK_LANE, WAKE_INTERVAL
from ..models import connector_hub_waking as waking
from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestWaking(ShopCase):
    def setUp(self):
        super().setUp()
        self.template = self.products[0].product_tmpl_id
        self.commit()
        self.woken.clear()
        self.env.cr.postcommit.clear()

    def test_a_save_asks_for_it_when_it_is_committed(self):
        self.template.name = "One"
        self.assertFalse(self.is_woken())
        self.commit()
        self.assertTrue(self.is_woken())
        self.env.cr.execute(
            "SELECT 1 FROM ir_cron_trigger WHERE cron_id = %s", (self.backend.cron_id.id,)
        )
        self.assertFalse(self.env.cr.fetchall(), "the save itself makes no trigger")
        with patch.object(waking, "_wake_soon") as wake:
            self.env.cr.postcommit.run()
        wake.assert_called_once_with(self.env.cr.dbname, {self.backend.cron_id.id})

    def test_only_realtime_lanes_are_woken(self):
        for frequency in ("5", "15", "manual"):
            self.backend.frequency = frequency
            self.template.name = frequency
            self.commit()
            self.assertFalse(self.is_woken())
        self.assertTrue(self.changes())

    def test_saves_of_one_second_share_a_call(self):
        """The first is passed on at once, the others together after a second: the last of them counts too."""
        calls, timers = [], []

        class Timer(threading.Timer):
            def start(self):
                timers.append(self)

        with (
            patch.object(waking, "_waiting", {}),
            patch.object(waking, "_last_woken", {}),
            patch.object(waking.threading, "Timer", Timer),
            patch.object(waking, "Registry", lambda dbname: calls.append(dbname) or Registry()),
        ):
            waking._wake_soon("hub", {1})
            waking._wake_soon("hub", {2})
            [timer] = timers
            self.assertEqual(timer.interval, 0)
            timer.function(*timer.args)
            self.assertEqual(calls, ["hub"])
            waking._wake_soon("hub", {1})
            waking._wake_soon("hub", {3})
            waking._wake_soon("other", {1})
            self.assertEqual(len(timers), 3)
            self.assertAlmostEqual(timers[1].interval, WAKE_INTERVAL, delta=0.5)
            self.assertEqual(waking._waiting, {"hub": {1, 3}, "other": {1}})

    def test_a_pass_that_finds_another_at_work_comes_again(self):
        """It has used up a trigger without a look."""
        backend = self.backend
        with self.registry.cursor() as other:
            other.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_LANE, backend.id))
            self.run_lane()
            other.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_LANE, backend.id))
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", backend.cron_id.id)])
        self.assertLess(triggers.call_at, fields.Datetime.now() + timedelta(seconds=1))


class Registry:
    """A database that cannot be reached."""

    def cursor(self):
        raise waking.psycopg2.OperationalError
