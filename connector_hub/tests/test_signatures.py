# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64
import contextlib
import hashlib
import hmac
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..exceptions import SignatureError
from ..signatures import (
    is_usable_secret,
    verify_bearer,
    verify_hmac_sha256,
    verify_standard_webhook,
    verify_token,
)

#: Any text that Python can hold, halves of emojis included.
texts = st.text(st.characters()) | st.text(st.characters(categories=["Cs", "Lu"]))
secrets = (
    texts
    | texts.map("whsec_".__add__)
    | st.binary(max_size=40).map(lambda key: "whsec_" + base64.b64encode(key).decode())
)
bodies = st.binary() | st.integers(0, 5000).map(lambda deep: b"[" * deep + b"]" * deep)


def sign(secret, body, message_id="msg_1"):
    """A request as Standard Webhooks signs it; the key is what the secret stands for."""
    key = (
        base64.b64decode(secret.removeprefix("whsec_") + "==")
        if secret.startswith("whsec_")
        else secret.encode(errors="surrogatepass")
    )
    now = str(int(time.time()))
    signed = hmac.new(key, f"{message_id}.{now}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": now,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


@tagged("standard")
class TestSignatures(BaseCase):
    """A signature is good, or SignatureError is raised; nothing a stranger sends raises anything else."""

    @given(secrets, bodies, texts, texts, texts)
    @settings(max_examples=300)
    def test_nothing_else_is_raised(self, secret, body, one, two, three):
        header = {"webhook-id": one, "webhook-timestamp": two, "webhook-signature": three}
        now = {"webhook-id": one, "webhook-timestamp": str(time.time()), "webhook-signature": three}
        for attempt in (
            lambda: verify_standard_webhook(secret, body, header),
            lambda: verify_standard_webhook(secret, body, now),
            lambda: verify_standard_webhook(secret, body, {}),
            lambda: verify_hmac_sha256(secret, body, one),
            lambda: verify_token(secret, one),
            lambda: verify_bearer(secret, one),
            lambda: verify_bearer(secret, f"Bearer {one}"),
        ):
            with contextlib.suppress(SignatureError):
                attempt()

    @given(
        st.text(min_size=16).map(str.strip).filter(is_usable_secret)
        | st.binary(min_size=16).map(lambda key: "whsec_" + base64.b64encode(key).decode()),
        bodies,
    )
    @settings(max_examples=100)
    def test_what_is_signed_is_let_in(self, secret, body):
        verify_hmac_sha256(secret, body, hmac.new(secret.encode(), body, "sha256").hexdigest())
        verify_bearer(secret, f"bearer {secret}")
        # This scheme signs text.
        text = body.decode(errors="replace").encode()
        verify_standard_webhook(secret, text, sign(secret, text))
        with self.assertRaises(SignatureError):
            verify_standard_webhook(secret, text + b" ", sign(secret, text))

    def test_unusable_secret(self):
        for secret in ("", "whsec_", "whsec_====", "whsec_A"):
            with self.subTest(secret), self.assertRaises(SignatureError):
                verify_standard_webhook(secret, b"{}", sign("whsec_QQ==", b"{}"))
