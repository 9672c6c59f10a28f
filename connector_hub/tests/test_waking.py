# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a save wakes the lanes that are to send it."""

from odoo.tests import tagged

from ..const import TRIGGER_SHARED
from ..models.connector_hub_tracking import _last_triggered
from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestWaking(ShopCase):
    def setUp(self):
        super().setUp()
        self.template = self.products[0].product_tmpl_id
        self.commit()
        self._forget()

    def _forget(self):
        """Start from nothing noted and no trigger."""
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.env.cr.execute("DELETE FROM ir_cron_trigger")

    def test_wake_up(self):
        self.template.name = "One"
        self.commit()
        self.assertEqual(self.wakes(), 1)
        self.template.name = "Two"
        self.commit()
        self.assertEqual(self.wakes(), 1, "one is enough for a transaction")

    def test_an_older_trigger_is_not_enough(self):
        """A running lane may have looked already, and deletes the triggers it has seen."""
        self.template.name = "One"
        self.commit()
        self.env.cr.execute(
            "UPDATE ir_cron_trigger SET call_at = call_at - interval '2 seconds', "
            "create_date = create_date - interval '2 seconds'"
        )
        self.template.name = "Two"
        self.commit()
        self.assertEqual(self.wakes(), 2)

    def test_saves_of_one_second_share_a_trigger(self):
        """The process remembers that it made one, and does not ask the database."""
        self.addCleanup(_last_triggered.clear)
        self.template.name = "One"
        self.commit()
        self.assertFalse(_last_triggered, "what is rolled back is no trigger")
        self.env.cr.postcommit.run()
        self._forget()
        self.template.name = "Two"
        self.commit()
        self.assertFalse(self.wakes())
        self.assertTrue(self.env.cr.postcommit.data["connector_hub_wake"], "but wakes the workers")
        for key in _last_triggered:
            _last_triggered[key] -= TRIGGER_SHARED
        self.template.name = "Three"
        self.commit()
        self.assertEqual(self.wakes(), 1)

    def test_only_realtime_lanes_are_woken(self):
        for frequency in ("5", "15", "manual"):
            self.backend.frequency = frequency
            self.template.name = frequency
            self.commit()
            self.assertFalse(self.wakes())
        self.assertTrue(self.changes())
