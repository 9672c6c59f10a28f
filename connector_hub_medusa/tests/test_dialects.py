# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shop that speaks the other dialect than the one that was chosen."""

import unittest

from odoo.tests import HttpCase, tagged

from .common import SeedCase

try:
    from tests.peers.medusa import MedusaServer
    from tests.peers.medusa_admin import MedusaAdminServer
except ImportError:
    MedusaServer = None

KEY = "sk_0123456789"


@unittest.skipUnless(
    MedusaServer, "the Medusa servers are in the repository's folder tests/peers, not in the addon"
)
@tagged("post_install", "-at_install")
class TestDialects(SeedCase, HttpCase):
    def check(self, dialect, server, state="draft", key=KEY):
        peer = server(api_key=KEY).start()
        self.addCleanup(peer.stop)
        self.backend = self.env["connector.hub.backend"].create(
            {
                "name": "Shop",
                "code": "medusa",
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "medusa_dialect": dialect,
                "base_url": peer.url,
                "quantity_source": "on_hand",
                "api_key": key,
                "webhook_secret": "another-secret-0123456789",
                "state": state,
            }
        )
        self.env.flush_all()
        return self.shown(self.backend.action_test_connection)

    def shown(self, action):
        with self.allow_requests(all_requests=True):
            return self.env["connector.hub.check"].browse(action()["res_id"])

    def test_switched_in_one_click(self):
        for chosen, spoken, server in (
            ("odoo_routes", "admin", MedusaAdminServer),
            ("admin", "odoo_routes", MedusaServer),
        ):
            with self.subTest(chosen):
                check = self.check(chosen, server)
                labels = dict(self.backend._fields["medusa_dialect"].selection)
                self.assertEqual(check.other_dialect, labels[spoken])
                self.assertTrue(check.can_switch)
                again = self.shown(check.action_switch_dialect)
                self.assertEqual(self.backend.medusa_dialect, spoken)
                accepted = again.line_ids.filtered(lambda line: "key" in line.name)
                self.assertEqual(accepted.result, "passed")
                self.assertFalse(again.other_dialect)

    def test_nothing_is_offered_that_does_not_work(self):
        """The key is refused in both dialects, or is good in the one that was chosen."""
        check = self.check("odoo_routes", MedusaServer, key="sk_another")
        self.assertFalse(check.passed or check.other_dialect)
        self.assertFalse(self.check("odoo_routes", MedusaServer).other_dialect)

    def test_backend_in_use_keeps_its_dialect(self):
        check = self.check("odoo_routes", MedusaAdminServer, state="active")
        self.assertTrue(check.other_dialect)
        self.assertFalse(check.can_switch)
