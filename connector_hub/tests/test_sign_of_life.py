# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A partner that calls is back: its webhook ends a rest, unless the partner has asked for that."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_webhook import WebhookCase


@tagged("post_install", "-at_install")
class TestSignOfLife(WebhookCase):
    def rest(self, minutes, began_minutes_ago=2, asked=False):
        """The backend rests since a while."""
        began = fields.Datetime.now() - timedelta(minutes=began_minutes_ago)
        until = began + timedelta(minutes=minutes)
        self.backend.write(
            {
                "cooldown_until": until,
                "rests_at_least_until": until if asked else began + timedelta(minutes=1),
                "cooldown_count": 3,
                "last_error": "Down",
            }
        )
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM ir_cron_trigger")
        self.woken.clear()
        return until

    def rests(self):
        return self.backend.cooldown_until > fields.Datetime.now()

    def test_ends_a_rest(self):
        """And is no success: if sending fails again, the next rest is longer than this one."""
        self.rest(15)
        self.post()
        self.assertFalse(self.rests())
        self.assertTrue(self.is_woken())
        self.assertEqual(self.backend.cooldown_count, 3)

    def test_not_within_its_first_minute(self):
        """However many come in, so that a partner that can only call is asked once a minute."""
        self.rest(15, began_minutes_ago=0)
        for number in range(3):
            self.post(order=f"O-{number}")
            left = (self.backend.cooldown_until - fields.Datetime.now()).total_seconds()
            self.assertAlmostEqual(left, 60, delta=15)
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.backend.cron_id.id)])
        self.assertIn(self.backend.cooldown_until, triggers.mapped("call_at"))

    def test_a_duplicate_is_one_too(self):
        self.post()
        self.rest(15)
        self.post()
        self.assertFalse(self.rests())

    def test_not_what_the_partner_asked_for(self):
        until = self.rest(15, asked=True)
        self.post()
        self.assertEqual(self.backend.cooldown_until, until)

    def test_not_by_a_stranger(self):
        until = self.rest(15)
        self.assertEqual(self.post(secret=None).status_code, 401)
        self.assertEqual(self.post(secret="another-secret-0123456789").status_code, 401)
        self.assertEqual(self.backend.cooldown_until, until)

    def test_asked_and_unasked_rests_as_the_lane_makes_them(self):
        for headers, may_end in (({}, True), ({"Retry_After": "1800"}, False)):
            with self.subTest(headers):
                self.shop.fail(503, **headers)
                self.deliver()
                self.run_lane()
                earliest = self.backend.rests_at_least_until - fields.Datetime.now()
                self.assertEqual(earliest < timedelta(minutes=2), may_end)
                self.assertLessEqual(self.backend.rests_at_least_until, self.backend.cooldown_until)
                self.deliveries().unlink()
                self.backend.write({"cooldown_until": False, "cooldown_count": 0})
                self.shop.recover()
