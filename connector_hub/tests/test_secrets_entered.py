# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which credentials are taken, and for which host."""

from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from .common import HubCase
from .shop_case import API_KEY, VAULT_KEY, WEBHOOK_SECRET, ShopAdapter

READY = {
    "base_url": "https://shop.example.com",
    "api_key": API_KEY,
    "webhook_secret": WEBHOOK_SECRET,
}


@tagged("post_install", "-at_install")
class TestSecretsEntered(HubCase):
    adapter_class = ShopAdapter

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.dict(config.options, {"connector_hub_key": VAULT_KEY}))
        self.backend.write(READY)
        self.manager = new_test_user(
            self.env,
            "hub_manager",
            groups="connector_hub.group_manager,base.group_system",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )

    def _as(self, user):
        return self.backend.with_user(user).with_context(allowed_company_ids=self.company.ids)

    def _assert_stored(self):
        self.assertEqual(self.backend._open_secret("api_key"), API_KEY)
        self.assertEqual(self.backend._open_secret("webhook_secret"), WEBHOOK_SECRET)

    def test_a_secret_that_protects_nothing_is_refused(self):
        """One that verifies nothing makes every webhook fail, one that can be guessed lets anybody in."""
        for secret in (
            "x",
            "x" * 15,
            "whsec_",
            "whsec_" + "=" * 20,
            "whsec_c2hvcnQ=",
            "whsec_not base64 at all, but long",
            "whsec_" + "é" * 30,
            "half an emoji \ud83d of many letters",
        ):
            with self.subTest(secret), self.assertRaises(ValidationError) as caught:
                self.backend.webhook_secret = secret
            self.assertNotIn("x" * 15, str(caught.exception))
        self._assert_stored()
        for secret in ("x" * 16, "whsec_" + "QUJD" * 8, "whsec_" + "QUJD" * 7 + "QQ"):
            self.backend.webhook_secret = secret
            self.assertEqual(self.backend._open_secret("webhook_secret"), secret)

    def test_a_key_that_is_no_text_is_refused(self):
        with self.assertRaises(ValidationError):
            self.backend.api_key = "half an emoji \ud83d"
        self._assert_stored()

    def test_a_key_does_not_follow_to_another_host(self):
        """Whoever may change the URL could have the key sent to a server of their own."""
        backend = self._as(self.manager)
        for url in (
            "https://evil.example.com",
            "http://shop.example.com",
            "https://shop.example.com:8443",
            "https://shop.example.com.evil.example.com",
            False,
        ):
            with self.subTest(url):
                backend.write(READY)
                backend.base_url = url
                self.assertFalse(backend.has_api_key)
                backend.base_url = READY["base_url"]
                self.assertFalse(backend.has_api_key, "it does not come back by itself")
                self.assertTrue(backend.has_webhook_secret)
        backend.write(READY)
        for url in ("https://shop.example.com:443/api", "https://SHOP.example.com/"):
            backend.base_url = url
        self._assert_stored()
        backend.write({"base_url": "https://new.example.com", "api_key": API_KEY})
        self._assert_stored()

    def test_a_running_backend_moves_with_its_key_only(self):
        for state in ("active", "paused"):
            self.backend.state = state
            with self.subTest(state), self.assertRaises(UserError) as caught:
                self._as(self.manager).base_url = "https://evil.example.com"
            self.assertIn("Enter the key", str(caught.exception))
            result = self._as(self.manager).load(
                [".id", "base_url"], [[str(self.backend.id), "https://evil.example.com"]]
            )
            self.assertTrue(result["messages"])
        self._assert_stored()
        self._as(self.manager).write({"base_url": "https://new.example.com", "api_key": API_KEY})
        self._assert_stored()
