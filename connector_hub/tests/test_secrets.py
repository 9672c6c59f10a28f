# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import logging
import os
import tempfile
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from .. import vault
from ..exceptions import ConfigurationError
from ..models.connector_hub_secret import FINGERPRINT_PARAMETER, SECRETS
from .common import HubCase
from .shop_case import API_KEY, VAULT_KEY, WEBHOOK_SECRET, ShopAdapter

_logger = logging.getLogger(__name__)

OTHER_KEY = base64.b64encode(b"o" * 32).decode()
READY = {
    "base_url": "https://shop.example.com",
    "api_key": API_KEY,
    "webhook_secret": WEBHOOK_SECRET,
}


def fingerprint(key):
    return vault.fingerprint(base64.b64decode(key))


@tagged("post_install", "-at_install")
class TestSecrets(HubCase):
    adapter_class = ShopAdapter

    def setUp(self):
        super().setUp()
        self._use_key(VAULT_KEY)
        self.backend.write(READY)
        self.manager = new_test_user(
            self.env,
            "hub_manager",
            groups="connector_hub.group_manager,base.group_system",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.user = new_test_user(
            self.env,
            "hub_user",
            groups="connector_hub.group_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )

    def _use_key(self, key):
        self.startPatcher(patch.dict(config.options, {"connector_hub_key": key}))

    def _as(self, user):
        return self.backend.with_user(user).with_context(allowed_company_ids=self.company.ids)

    def _sealed(self, name="api_key"):
        self.env.flush_all()
        self.env.cr.execute(
            f"SELECT {SECRETS[name]} FROM connector_hub_backend WHERE id = %s", (self.backend.id,)
        )
        return self.env.cr.fetchone()[0]

    def _assert_stored(self):
        self.assertEqual(self.backend._open_secret("api_key"), API_KEY)
        self.assertEqual(self.backend._open_secret("webhook_secret"), WEBHOOK_SECRET)

    # --- write only ---

    def test_stored_sealed(self):
        self._assert_stored()
        for name in SECRETS:
            token = self._sealed(name)
            self.assertTrue(token.startswith(f"v1:{fingerprint(VAULT_KEY)}:"))
            self.assertNotIn(API_KEY, token)
            self.assertNotIn(WEBHOOK_SECRET, token)
        self.assertNotEqual(self._sealed("api_key"), self._sealed("webhook_secret"))
        self.assertTrue(self.backend.has_api_key and self.backend.has_webhook_secret)

    def test_a_secret_opens_in_its_own_place_only(self):
        self.backend.sudo().api_key_sealed = self._sealed("webhook_secret")
        with self.assertRaises(ConfigurationError):
            self.backend._open_secret("api_key")

    def test_never_read_back(self):
        backend = self._as(self.manager)
        for records in (backend, backend.sudo()):
            self.assertEqual(
                records.read(["api_key", "webhook_secret"]),
                [{"id": backend.id, "api_key": False, "webhook_secret": False}],
            )

    def test_web_save_answer(self):
        backend = self._as(self.manager)
        specification = {"name": {}, "api_key": {}, "webhook_secret": {}, "has_api_key": {}}
        [answer] = backend.web_save(
            {"api_key": "fresh-key-0123456789", "webhook_secret": "fresh-secret-0123"},
            specification,
        )
        self.assertNotIn("fresh", str(answer))
        self.assertTrue(answer["has_api_key"])
        self.assertEqual(self.backend._open_secret("api_key"), "fresh-key-0123456789")

    def test_web_save_answer_of_a_new_one(self):
        model = self._as(self.manager).browse()
        [answer] = model.web_save(
            {"name": "New", "code": "probe", "company_id": self.company.id, **READY},
            {"api_key": {}, "webhook_secret": {}, "has_api_key": {}, "display_name": {}},
        )
        self.assertNotIn(API_KEY, str(answer))
        self.assertNotIn(WEBHOOK_SECRET, str(answer))
        self.assertEqual(self.backend.browse(answer["id"])._open_secret("api_key"), API_KEY)

    def test_create_answer(self):
        created = self._as(self.manager).create(
            {"name": "New", "code": "probe", "company_id": self.company.id, **READY}
        )
        self.assertFalse(created.api_key or created.webhook_secret)

    def test_empty_keeps(self):
        for empty in (False, "", "   "):
            self.backend.write({"api_key": empty, "webhook_secret": empty})
            self._assert_stored()

    def test_surrounding_blanks_are_not_part_of_it(self):
        self.backend.api_key = "  pasted-key-0123456789\n"
        self.assertEqual(self.backend._open_secret("api_key"), "pasted-key-0123456789")

    def test_clear_buttons(self):
        self._as(self.manager).action_clear_api_key()
        self.assertFalse(self.backend.has_api_key)
        self.assertTrue(self.backend.has_webhook_secret)
        with self.assertRaises(ConfigurationError) as caught:
            self.backend._open_secret("api_key")
        self.assertIn("API key", caught.exception.message)
        self._as(self.manager).action_clear_webhook_secret()
        self.assertFalse(self.backend.has_webhook_secret)

    # --- export and import ---

    def test_exported_file_has_no_secret_and_import_keeps_it(self):
        backend = self._as(self.manager)
        columns = ["id", "name", "api_key", "webhook_secret"]
        rows = backend.export_data(columns)["datas"]
        self.assertNotIn(API_KEY, str(rows))
        self.assertNotIn(WEBHOOK_SECRET, str(rows))
        self.assertNotIn("v1:", str(rows))
        rows[0][1] = "Imported"
        result = backend.load(columns, [[cell or "" for cell in row] for row in rows])
        self.assertFalse(result["messages"])
        self.assertEqual(self.backend.name, "Imported")
        self._assert_stored()

    # --- who may ---

    def test_sealed_column_is_for_nobody(self):
        model = self._as(self.manager)
        attempts = {
            "read": lambda: model.read(["api_key_sealed"]),
            "attribute": lambda: model.api_key_sealed,
            "search": lambda: model.search([("api_key_sealed", "=like", "v1%")]),
            "order": lambda: model.search([], order="api_key_sealed"),
            "group": lambda: model.formatted_read_group([], ["api_key_sealed"], ["__count"]),
            "aggregate": lambda: model.formatted_read_group([], [], ["api_key_sealed:array_agg"]),
            "export": lambda: model.export_data(["api_key_sealed"]),
            "write": lambda: model.write({"api_key_sealed": "x"}),
            "filter": lambda: model.filtered_domain([("api_key_sealed", "=like", "v1%")]),
            "through a link": lambda: model.env["connector.hub.field.mapping"].search(
                [("backend_id.api_key_sealed", "=like", "v1%")]
            ),
        }
        for name, attempt in attempts.items():
            with self.subTest(name), self.assertRaises(AccessError):
                attempt()
        self.assertNotIn("api_key_sealed", model.fields_get())

    def test_only_managers_enter_secrets(self):
        backend = self._as(self.user)
        self.assertTrue(backend.name)
        self.assertTrue(backend.has_api_key)
        for name in SECRETS:
            self.assertNotIn(name, backend.fields_get())
            with self.assertRaises(AccessError):
                backend.read([name])
            with self.assertRaises(AccessError):
                backend.write({name: "x" * 20})
        for action in (
            backend.action_clear_api_key,
            backend.action_clear_webhook_secret,
            backend.action_rotate_key,
        ):
            with self.subTest(action.__name__), self.assertRaises(AccessError):
                action()
        self._assert_stored()

    def test_methods_that_open_are_private(self):
        """Methods with an underscore cannot be called over RPC."""
        for name in ("_open_secret", "_sealed_secret", "_vault_keys", "_rotate_key"):
            self.assertTrue(callable(getattr(self.backend, name)))
        public = {"open_secret", "sealed_secret", "vault_keys", "rotate_key"}
        self.assertFalse(public.intersection(dir(self.backend)))

    # --- the key ---

    def test_fingerprint_is_stored(self):
        stored = self.env["ir.config_parameter"].get_param(FINGERPRINT_PARAMETER)
        self.assertEqual(stored, fingerprint(VAULT_KEY))
        self.assertNotIn(VAULT_KEY, stored)

    def _assert_names_both(self, message):
        self.assertIn(fingerprint(VAULT_KEY), message)
        self.assertIn(fingerprint(OTHER_KEY), message)
        self.assertIn("connector_hub_key", message)
        self.assertNotIn(OTHER_KEY, message)

    def test_wrong_key(self):
        self._use_key(OTHER_KEY)
        with self.assertRaises(ConfigurationError) as caught:
            self.backend._open_secret("api_key")
        self._assert_names_both(caught.exception.message)
        with self.assertRaises(UserError) as refused:
            self.backend.api_key = "another-0123456789"
        self._assert_names_both(str(refused.exception))

    def test_wrong_key_at_activation(self):
        """The administrator reads which key is missing, not a traceback."""
        self._use_key(OTHER_KEY)
        with self.assertRaises(UserError) as caught:
            self.backend.action_activate()
        self._assert_names_both(str(caught.exception))

    def test_wrong_key_in_the_connection_test(self):
        self._use_key(OTHER_KEY)
        action = self.backend.action_test_connection()
        check = self.env["connector.hub.check"].browse(action["res_id"])
        self.assertFalse(check.passed)
        self._assert_names_both(check.line_ids[0].message)

    def test_missing_key_makes_no_new_one(self):
        with tempfile.TemporaryDirectory() as folder:
            self.startPatcher(
                patch.dict(config.options, {"connector_hub_key": False, "data_dir": folder})
            )
            with self.assertRaises(ConfigurationError) as caught:
                self.backend._open_secret("api_key")
            with self.assertRaises(UserError):
                self.backend.api_key = "another-0123456789"
            self.assertEqual(os.listdir(folder), [])
        self.assertIn(fingerprint(VAULT_KEY), caught.exception.message)
        self.assertIn("none", caught.exception.message)

    def test_lost_key(self):
        """As the error advises: clear the credentials, and enter them again with another key."""
        self._use_key(OTHER_KEY)
        backend = self._as(self.manager)
        other = self.env["connector.hub.backend"].create({"name": "Other", "code": "probe"})
        backend.action_clear_api_key()
        with self.assertRaises(UserError):
            backend.api_key = "another-0123456789"
        backend.action_clear_webhook_secret()
        other.sudo().write({"active": False, "api_key_sealed": "v1:of-an-archived-one"})
        with self.assertRaises(UserError):
            backend.api_key = "another-0123456789"
        other.unlink()
        backend.write(READY)
        self._assert_stored()
        stored = self.env["ir.config_parameter"].get_param(FINGERPRINT_PARAMETER)
        self.assertEqual(stored, fingerprint(OTHER_KEY))

    def test_lost_key_file(self):
        self.backend.sudo().write({"api_key_sealed": False, "webhook_secret_sealed": False})
        with tempfile.TemporaryDirectory() as folder:
            self.startPatcher(
                patch.dict(config.options, {"connector_hub_key": False, "data_dir": folder})
            )
            self.backend.write(READY)
            self._assert_stored()
            self.assertEqual(len(os.listdir(folder)), 1)

    def test_first_secret_makes_the_key(self):
        self.env["ir.config_parameter"].search([("key", "=", FINGERPRINT_PARAMETER)]).unlink()
        with tempfile.TemporaryDirectory() as folder:
            self.startPatcher(
                patch.dict(config.options, {"connector_hub_key": False, "data_dir": folder})
            )
            self.backend.api_key = "first-key-0123456789"
            [name] = os.listdir(folder)
            self.assertEqual(os.stat(os.path.join(folder, name)).st_mode & 0o777, 0o600)
            self.assertEqual(self.backend._open_secret("api_key"), "first-key-0123456789")

    def test_data_directory_that_cannot_be_written(self):
        """The first credential is refused with what to do; what is stored stays; a key from elsewhere serves."""
        sealed = self.backend.sudo().api_key_sealed
        parameters = self.env["ir.config_parameter"].sudo()
        with tempfile.NamedTemporaryFile() as file:
            nowhere = {"connector_hub_key": False, "data_dir": f"{file.name}/data"}
            with patch.dict(config.options, nowhere):
                for known in (parameters.get_param(FINGERPRINT_PARAMETER), False):
                    parameters.set_param(FINGERPRINT_PARAMETER, known)
                    with self.assertRaises(UserError) as caught:
                        self.backend.api_key = "sk_new"
                    self.assertIn(vault.CONFIG_OPTION, str(caught.exception))
                    self.env.invalidate_all(flush=False)
                    self.assertEqual(self.backend.sudo().api_key_sealed, sealed)
                with patch.dict(os.environ, {vault.ENVIRONMENT_VARIABLE: VAULT_KEY}):
                    self.assertEqual(self.backend._open_secret("api_key"), API_KEY)
                    self.backend.api_key = "sk_new"
                    self.assertEqual(self.backend._open_secret("api_key"), "sk_new")

    def test_rotation_without_the_old_key(self):
        """It says which key is missing, and seals nothing anew."""
        sealed = self.backend.sudo().api_key_sealed
        self.env["ir.config_parameter"].sudo().set_param(
            FINGERPRINT_PARAMETER, fingerprint(OTHER_KEY)
        )
        self._use_key(OTHER_KEY)
        with self.assertRaises(UserError) as caught:
            self.backend.action_rotate_key()
        self.assertIn(fingerprint(VAULT_KEY), str(caught.exception))
        self.assertEqual(self.backend.sudo().api_key_sealed, sealed)

    def test_rotation(self):
        before = self._sealed()
        self._use_key(f"{OTHER_KEY},{VAULT_KEY}")
        self._assert_stored()
        self._as(self.manager).action_rotate_key()
        self.assertNotEqual(self._sealed(), before)
        self.assertEqual(vault.sealed_with(self._sealed()), fingerprint(OTHER_KEY))
        self._use_key(OTHER_KEY)
        self._assert_stored()
        self.assertEqual(
            self.env["ir.config_parameter"].get_param(FINGERPRINT_PARAMETER),
            fingerprint(OTHER_KEY),
        )
        self.assertEqual(self.backend._rotate_key(), 0)

    def test_rotation_reaches_archived_backends(self):
        self.backend.active = False
        self._use_key(f"{OTHER_KEY},{VAULT_KEY}")
        self.assertEqual(self.backend._rotate_key(), 2)

    # --- the log ---

    def test_nothing_in_the_log(self):
        with self.assertLogs("odoo", level=logging.INFO) as logged:
            _logger.info("the log works")
            self.backend.write(READY)
            self.backend.action_activate()
            self._as(self.manager).web_save(READY, {"api_key": {}})
            self.backend.action_pause()
            self.backend._open_secret("api_key")
            self.backend._rotate_key()
        text = "\n".join(logged.output)
        self.assertIn("the log works", text)
        for secret in (API_KEY, WEBHOOK_SECRET, VAULT_KEY):
            self.assertNotIn(secret, text)

    def test_nothing_in_the_chatter(self):
        self.backend.write({**READY, "base_url": "https://other.example.com"})
        self.env.cr.flush()
        tracked = self.backend.message_ids.tracking_value_ids
        self.assertIn("base_url", tracked.field_id.mapped("name"))
        text = str(tracked.read()) + str(self.backend.message_ids.mapped("body"))
        for secret in (API_KEY, WEBHOOK_SECRET, "v1:"):
            self.assertNotIn(secret, text)
