# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .shop_case import API_KEY, ShopCase


@tagged("post_install", "-at_install")
class TestCheck(ShopCase, HttpCase):
    """The button "Test connection": what works, step by step."""

    def _check(self, backend=None):
        self.env.cr.flush()
        with self.allow_requests(all_requests=True):
            action = (backend or self.backend).action_test_connection()
        self.assertEqual(action["res_model"], "connector.hub.check")
        check = self.env["connector.hub.check"].browse(action["res_id"])
        return check, [(line.name, line.result, line.message or "") for line in check.line_ids]

    def test_all_well(self):
        check, lines = self._check()
        self.assertTrue(check.passed)
        self.assertEqual(
            [(name, result) for name, result, _message in lines],
            [
                ("Reachable", "passed"),
                ("Products", "passed"),
                ("This database can be reached at its public URL", "passed"),
            ],
        )
        self.assertEqual(lines[1][2], "none")
        self.assertIn(self.base_url(), lines[2][2])

    def test_what_depends_on_a_failure_is_not_tested(self):
        self.shop.alive = False
        check, lines = self._check()
        self.assertFalse(check.passed)
        self.assertEqual([result for _name, result, _m in lines], ["failed", "skipped", "passed"])
        self.assertIn("503", lines[0][2])
        self.assertEqual(self.shop.requests, [])

    def test_refused(self):
        self.shop.fail(401)
        check, lines = self._check()
        self.assertEqual([result for _name, result, _m in lines], ["passed", "failed", "passed"])
        self.assertIn("401", lines[1][2])
        self.assertNotIn(API_KEY, str(lines))

    def test_before_activation(self):
        """The test is for a new backend, too: it has no webhooks yet, but an address."""
        self.backend.state = "draft"
        check, lines = self._check()
        self.assertEqual([result for _n, result, _m in lines][:2], ["passed", "passed"])

    def test_missing_settings(self):
        self.backend.action_clear_api_key()
        check, lines = self._check()
        self.assertFalse(check.passed)
        self.assertEqual(lines[0][1], "failed")
        self.assertIn("API key", lines[0][2])

    def test_an_internal_host_is_not_shown(self):
        """A test of any address must not become a way to read what only this server can reach."""
        self.shop.fail(404)
        _check, lines = self._check()
        self.assertEqual([result for _name, result, _m in lines][:2], ["passed", "failed"])
        self.assertIn("404 Not Found", lines[1][2])
        self.assertNotIn("as told", str(lines))

    def test_not_there(self):
        self.move_to("http://127.0.0.1:9")
        _check, lines = self._check()
        self.assertEqual([result for _name, result, _m in lines], ["failed", "skipped", "passed"])

    def test_another_database_answers(self):
        """Several databases on one server: the public address leads to another one."""
        self.env["ir.config_parameter"].set_param("web.base.url", self.shop.url)
        _check, lines = self._check()
        self.assertEqual(lines[-1][1], "failed")
        self.assertIn("X-Odoo-Database", lines[-1][2])

    def test_what_nobody_foresaw(self):
        """It fails that step, in words; the test itself goes on."""
        adapter = type(self.backend._get_adapter())
        steps = [("Odd", lambda: {}["x"]), ("Next", lambda: None)]
        with (
            patch.object(adapter, "_check_connection", lambda *_arguments: steps),
            self.assertLogs("odoo.addons.connector_hub.models.connector_hub_check"),
        ):
            _check, lines = self._check()
        self.assertEqual([result for _name, result, _m in lines], ["failed", "skipped", "passed"])
        self.assertIn("KeyError", lines[0][2])

    def test_again(self):
        check, _lines = self._check()
        with self.allow_requests(all_requests=True):
            again = check.action_again()
        self.assertNotEqual(again["res_id"], check.id)

    def test_nothing_changes(self):
        self._check()
        self.assertEqual(self.backend.state, "active")
        self.assertFalse(self.backend.activity_ids or self.deliveries())
