# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import tagged

from .shop_case import API_KEY, WEBHOOK_SECRET, ShopCase


@tagged("post_install", "-at_install")
class TestNeutralize(ShopCase):
    """A copy of a database talks to nobody, whatever is clicked."""

    def setUp(self):
        super().setUp()
        self.other = self.add_backend()
        self.other.active = False
        self.deliver(self.products[0])
        self.env.flush_all()
        for query in get_neutralization_queries(["base", "connector_hub"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.registry.clear_all_caches()

    def test_backends(self):
        for backend in self.backend | self.other:
            self.assertEqual(backend.state, "draft")
            self.assertFalse(backend.base_url or backend.has_api_key or backend.has_webhook_secret)
            self.assertFalse(backend.cron_id.active)

    def test_no_secret_is_left(self):
        self.env.cr.execute(
            "SELECT api_key_sealed, webhook_secret_sealed FROM connector_hub_backend"
        )
        self.assertEqual({value for row in self.env.cr.fetchall() for value in row}, {None})

    def test_what_ran_before_rests(self):
        self.run_lane()
        self.assertEqual(self.shop.requests, [])
        self.products[0].name = "Renamed"
        self.assertEqual(self.noted("product.template"), [])

    def _enter_again(self):
        self.backend.write(
            {"base_url": self.shop.url, "api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET}
        )

    def test_buttons(self):
        self._enter_again()
        for button in (
            self.backend.action_activate,
            self.backend.action_run_now,
            self.backend.action_export_all,
            self.backend.action_import_all,
            self.backend.action_test_connection,
        ):
            with self.subTest(button.__name__), self.assertRaises(UserError):
                button()
        self.assertEqual(self.shop.requests, [])
        self.assertEqual(self.backend.state, "draft")

    def test_lane_that_is_run_by_hand(self):
        """Even if somebody writes the state past the button."""
        self._enter_again()
        self.backend.state = "active"
        self.backend.cron_id.active = True
        self.run_lane()
        self.assertEqual(self.shop.requests, [])
