# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Secrets at rest: AES-256-GCM, where the key comes from, its fingerprint, rotation.

The database holds only sealed text. The key lives outside of it: in odoo.conf
(``connector_hub_key``), else in the environment (``CONNECTOR_HUB_KEY``), else in a file of the data
directory. To rotate, put the new key in front of the old one, separated by a comma: the first key
seals, all of them open.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from odoo.tools import config

from .exceptions import ConfigurationError

CONFIG_OPTION = "connector_hub_key"
ENVIRONMENT_VARIABLE = "CONNECTOR_HUB_KEY"
KEY_FILE = "connector_hub.key"

_VERSION = "v1"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_PASSPHRASE_CHARS = 32
_TOKEN = re.compile(rf"{_VERSION}:([0-9a-f]{{16}}):([A-Za-z0-9_-]+={{0,2}})")

#: Seconds to wait for another process that has created the key file and is about to fill it.
_KEY_FILE_PATIENCE = 2.0


class VaultError(ConfigurationError):
    """A key is missing or not the right one. Messages name fingerprints and places, never a key."""


def fingerprint(key: bytes) -> str:
    """Return the 16 hexadecimal digits that name a key without telling anything about it."""
    return hmac.new(key, b"connector_hub key fingerprint", hashlib.sha256).hexdigest()[:16]


def seal(plaintext: str, *, aad: str, key: bytes) -> str:
    """Encrypt a secret.

    :param aad: where the secret belongs (record and field); it opens nowhere else
    :return: ``v1:<fingerprint of the key>:<base64url of nonce and ciphertext>``
    """
    nonce = os.urandom(_NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext.encode(), aad.encode())
    return f"{_VERSION}:{fingerprint(key)}:{base64.urlsafe_b64encode(nonce + ciphertext).decode()}"


def sealed_with(token: str) -> str:
    """Return the fingerprint of the key that a sealed secret needs.

    :raises VaultError: it is not a sealed secret
    """
    return _split(token)[0]


def open_sealed(token: str, *, aad: str, keys: list[bytes]) -> str:
    """Decrypt what :func:`seal` made.

    :param keys: the current key and the old ones, in any order
    :raises VaultError: the key is not among them, or the text was altered or belongs elsewhere
    """
    needed, sealed = _split(token)
    for key in keys:
        if hmac.compare_digest(fingerprint(key), needed):
            break
    else:
        raise VaultError(
            f"The secret was sealed with the key {needed}, which is not configured. Add that key "
            f"to {CONFIG_OPTION} in odoo.conf (after a comma, if there is a newer one), "
            "or enter the secret again."
        )
    try:
        return (
            AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], aad.encode()).decode()
        )
    except (InvalidTag, ValueError):
        raise VaultError(
            f"A secret sealed with the key {needed} was altered or belongs to another record. "
            "Enter it again."
        ) from None


def load_keys(data_dir: str, *, create: bool) -> list[bytes]:
    """Return the keys: the first one seals, all of them open.

    :param data_dir: Odoo's data directory, for the key file
    :param create: make the key file if no key is configured; only when nothing has been sealed yet
    :return: at least one key, or an empty list if there is none and none was to be made
    :raises VaultError: a configured key is unusable, or the file can be read by others
    """
    if text := (config.get(CONFIG_OPTION) or "").strip():
        return _parse_keys(text, f"{CONFIG_OPTION} in odoo.conf")
    if text := os.environ.get(ENVIRONMENT_VARIABLE, "").strip():
        return _parse_keys(text, f"the environment variable {ENVIRONMENT_VARIABLE}")
    path = os.path.join(data_dir, KEY_FILE)
    try:
        if create:
            _create_key_file(path)
        text = _read_key_file(path)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise VaultError(
            f"The key file {path} cannot be used: {error.strerror}. Let Odoo's user read and write the data directory, "
            f"or put a key of your own into odoo.conf ({CONFIG_OPTION}) or the environment ({ENVIRONMENT_VARIABLE})."
        ) from error
    return _parse_keys(text, f"the file {path}")


def _split(token: str) -> tuple[str, bytes]:
    match = _TOKEN.fullmatch(token or "")
    try:
        return match[1], base64.urlsafe_b64decode(match[2])
    except (TypeError, binascii.Error):
        raise VaultError("The stored secret is damaged. Enter it again.") from None


def _parse_keys(text: str, place: str) -> list[bytes]:
    keys = [_parse_key(part.strip(), place) for part in text.split(",") if part.strip()]
    if not keys:
        raise VaultError(f"There is no key in {place}.")
    return keys


def _parse_key(text: str, place: str) -> bytes:
    """Take 32 bytes in base64 (either alphabet) as they are, and derive a key from a passphrase."""
    try:
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        key = b""
    if len(key) == _KEY_BYTES:
        return key
    if len(text) < _PASSPHRASE_CHARS:
        raise VaultError(
            f"A key in {place} is too short: it needs 32 random bytes in base64, "
            f"or a passphrase of at least {_PASSPHRASE_CHARS} characters without commas."
        )
    derivation = HKDF(
        algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=b"connector_hub secrets"
    )
    return derivation.derive(text.encode())


def _create_key_file(path: str) -> None:
    """Make the key file unless it is there: of several processes, one makes it, all read it."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    try:
        with open(descriptor, "wb") as file:
            file.write(base64.b64encode(os.urandom(_KEY_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # The disk is full: what is there of the file would pass for a key that was lost.
        os.unlink(path)
        raise


def _read_key_file(path: str) -> str:
    # Whoever created the file writes it at once; until its line end is there, it is not complete.
    give_up = time.monotonic() + _KEY_FILE_PATIENCE
    while True:
        with open(path, encoding="utf-8", errors="replace") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise VaultError(
                    f"The key file {path} can be read or written by others. Run chmod 600 on it; "
                    "if other people have accounts on this machine, take a new key as well."
                )
            text = file.read()
        if text.endswith("\n") or (text and time.monotonic() > give_up):
            return text
        if time.monotonic() > give_up:
            raise VaultError(
                f"The key file {path} is empty. Restore it, or delete it if nothing was sealed yet."
            )
        time.sleep(0.01)
