# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import errno
import os
import stat
import tempfile
import threading
from unittest.mock import patch

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged
from odoo.tools import config

from .. import vault
from ..exceptions import ConfigurationError
from ..vault import VaultError, fingerprint, load_keys, open_sealed, seal, sealed_with

KEY = bytes(range(32))
OLD_KEY = bytes(range(32, 64))
AAD = "connector.hub.backend,7,api_key"
PASSPHRASE = "correct horse battery staple, not this one".replace(",", "")

texts = st.text(st.characters(exclude_categories=["Cs"]))


@tagged("standard")
class TestSealing(BaseCase):
    @given(texts, texts)
    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50)
    def test_what_was_sealed_opens(self, secret, aad):
        token = seal(secret, aad=aad, key=KEY)
        self.assertEqual(open_sealed(token, aad=aad, keys=[OLD_KEY, KEY]), secret)

    def test_token_tells_its_key_and_nothing_else(self):
        token = seal("sk_live", aad=AAD, key=KEY)
        version, name, _sealed = token.split(":")
        self.assertEqual((version, name), ("v1", fingerprint(KEY)))
        self.assertEqual(sealed_with(token), fingerprint(KEY))
        self.assertNotIn("sk_live", token)
        self.assertNotEqual(token, seal("sk_live", aad=AAD, key=KEY))

    def test_opens_nowhere_else(self):
        token = seal("sk_live", aad=AAD, key=KEY)
        with self.assertRaises(VaultError):
            open_sealed(token, aad="connector.hub.backend,8,api_key", keys=[KEY])

    def test_missing_key_is_named(self):
        token = seal("sk_live", aad=AAD, key=OLD_KEY)
        for keys in ([KEY], []):
            with self.assertRaisesRegex(VaultError, fingerprint(OLD_KEY)) as caught:
                open_sealed(token, aad=AAD, keys=keys)
            self.assertIsInstance(caught.exception, ConfigurationError)
            self.assertNotIn(OLD_KEY.hex(), caught.exception.message)

    def test_altered_text_is_refused(self):
        token = seal("sk_live", aad=AAD, key=KEY)
        head, _colon, body = token.rpartition(":")
        raw = bytearray(base64.urlsafe_b64decode(body))
        for position in (0, len(raw) - 1):
            changed = bytearray(raw)
            changed[position] ^= 1
            altered = f"{head}:{base64.urlsafe_b64encode(changed).decode()}"
            with self.assertRaises(VaultError):
                open_sealed(altered, aad=AAD, keys=[KEY])
        for damaged in (
            "",
            None,
            "sk_live",
            token[:-3],
            f"v2{token[2:]}",
            f"{head}:",
            f"{head}:AAAA",
        ):
            with self.subTest(damaged=damaged), self.assertRaises(VaultError):
                open_sealed(damaged, aad=AAD, keys=[KEY])


@tagged("standard")
class TestKeys(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data_dir = folder.name
        self.path = os.path.join(self.data_dir, vault.KEY_FILE)
        self.startPatch(patch.dict(os.environ))
        os.environ.pop(vault.ENVIRONMENT_VARIABLE, None)
        self.startPatch(patch.dict(config.options, {vault.CONFIG_OPTION: ""}))

    def startPatch(self, patcher):
        patcher.start()
        self.addCleanup(patcher.stop)

    def write_key(self, text, mode=0o600):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(self.path, mode)

    def test_none_is_made_without_being_asked(self):
        self.assertEqual(load_keys(self.data_dir, create=False), [])
        self.assertFalse(os.path.exists(self.path))

    def test_file_is_made_once_for_its_owner_only(self):
        folder = os.path.join(self.data_dir, "not", "there")
        keys = load_keys(folder, create=True)
        path = os.path.join(folder, vault.KEY_FILE)
        self.assertEqual(len(keys[0]), 32)
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        self.assertEqual(load_keys(folder, create=True), keys)
        self.assertEqual(load_keys(folder, create=False), keys)

    def test_of_many_processes_one_makes_the_file(self):
        start, found = threading.Barrier(8), []

        def load():
            start.wait()
            found.append(load_keys(self.data_dir, create=True)[0])

        threads = [threading.Thread(target=load) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(found), 8)
        self.assertEqual(len(set(found)), 1)

    def test_loser_waits_for_the_winner_to_write(self):
        self.write_key("")
        key = base64.b64encode(KEY).decode()
        writer = threading.Timer(0.1, self.write_key, [f"{key}\n"])
        writer.start()
        self.addCleanup(writer.join)
        self.assertEqual(load_keys(self.data_dir, create=True), [KEY])

    def test_empty_file_is_refused(self):
        self.write_key("")
        with (
            patch.object(vault, "_KEY_FILE_PATIENCE", 0.0),
            self.assertRaisesRegex(VaultError, "empty"),
        ):
            load_keys(self.data_dir, create=True)

    def test_file_without_line_end_is_read(self):
        self.write_key(base64.b64encode(KEY).decode())
        with patch.object(vault, "_KEY_FILE_PATIENCE", 0.0):
            self.assertEqual(load_keys(self.data_dir, create=False), [KEY])

    def test_file_that_others_can_read_is_refused(self):
        for mode in (0o640, 0o604, 0o660, 0o644):
            self.write_key(base64.b64encode(KEY).decode() + "\n", mode)
            with self.subTest(mode=oct(mode)), self.assertRaisesRegex(VaultError, "chmod 600"):
                load_keys(self.data_dir, create=False)

    def test_folder_in_place_of_the_file(self):
        os.mkdir(self.path)
        with self.assertRaisesRegex(VaultError, "cannot be used"):
            load_keys(self.data_dir, create=False)

    def test_folder_that_cannot_be_written(self):
        """It says what to do; a key that was not written to the end is none, and the next one is."""
        for call, code in (("open", errno.EROFS), ("fsync", errno.ENOSPC)):
            failing = patch.object(vault.os, call, side_effect=OSError(code, os.strerror(code)))
            with self.subTest(call), failing, self.assertRaises(VaultError) as caught:
                load_keys(self.data_dir, create=True)
            self.assertIn(os.strerror(code), caught.exception.message)
            self.assertIn(vault.CONFIG_OPTION, caught.exception.message)
            self.assertIn(vault.ENVIRONMENT_VARIABLE, caught.exception.message)
            self.assertFalse(os.path.exists(self.path))
        self.assertEqual(len(load_keys(self.data_dir, create=True)), 1)

    def test_order_of_the_places(self):
        self.write_key(base64.b64encode(KEY).decode() + "\n")
        os.environ[vault.ENVIRONMENT_VARIABLE] = base64.b64encode(OLD_KEY).decode()
        self.assertEqual(load_keys(self.data_dir, create=False), [OLD_KEY])
        config.options[vault.CONFIG_OPTION] = base64.b64encode(b"c" * 32).decode()
        self.assertEqual(load_keys(self.data_dir, create=False), [b"c" * 32])

    def test_key_in_the_configuration_makes_no_file(self):
        config.options[vault.CONFIG_OPTION] = PASSPHRASE
        load_keys(self.data_dir, create=True)
        self.assertFalse(os.path.exists(self.path))

    def test_rotation(self):
        old = base64.b64encode(OLD_KEY).decode()
        config.options[vault.CONFIG_OPTION] = old
        token = seal("sk_live", aad=AAD, key=load_keys(self.data_dir, create=False)[0])
        config.options[vault.CONFIG_OPTION] = f"{PASSPHRASE}, {old}"
        keys = load_keys(self.data_dir, create=False)
        self.assertEqual(open_sealed(token, aad=AAD, keys=keys), "sk_live")
        again = seal("sk_live", aad=AAD, key=keys[0])
        config.options[vault.CONFIG_OPTION] = PASSPHRASE
        keys = load_keys(self.data_dir, create=False)
        self.assertEqual(open_sealed(again, aad=AAD, keys=keys), "sk_live")
        with self.assertRaises(VaultError):
            open_sealed(token, aad=AAD, keys=keys)

    def test_key_texts(self):
        raw = b"\xfb\xff" * 16
        for text in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
            config.options[vault.CONFIG_OPTION] = text
            self.assertEqual(load_keys(self.data_dir, create=False), [raw])
        config.options[vault.CONFIG_OPTION] = PASSPHRASE
        (key,) = load_keys(self.data_dir, create=False)
        self.assertEqual(len(key), 32)
        self.assertEqual(load_keys(self.data_dir, create=False), [key])
        for text in ("tiny", base64.b64encode(b"x" * 16).decode(), ","):
            config.options[vault.CONFIG_OPTION] = text
            with self.subTest(text=text), self.assertRaises(VaultError) as caught:
                load_keys(self.data_dir, create=False)
            if len(text) > 1:
                self.assertNotIn(text, caught.exception.message)

    def test_option_is_read_from_odoo_conf(self):
        """Odoo keeps an option it does not know as it stands in the file."""
        path = os.path.join(self.data_dir, "odoo.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"[options]\n{vault.CONFIG_OPTION} = {PASSPHRASE}\n")
        fresh = type(config)()
        fresh._parse_config(["-c", path])
        with patch.object(vault, "config", fresh):
            self.assertEqual(len(load_keys(self.data_dir, create=False)), 1)
