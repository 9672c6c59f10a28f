# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ways in which senders authenticate webhooks. All compare in constant time, and over the raw bytes.

Whatever secret, body and headers come in, each of them returns, or raises SignatureError, and nothing else.
"""

import base64
import hashlib
import hmac

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook, WebhookVerificationError

from .exceptions import SignatureError

#: Characters of a secret, and bytes of the key that one in base64 holds, below which it can be guessed.
SECRET_MIN_LENGTH = 16

_BASE64_PREFIX = "whsec_"


def is_usable_secret(secret):
    """Whether a webhook secret can verify anything, and cannot be guessed."""
    if len(secret) < SECRET_MIN_LENGTH:
        return False
    try:
        secret.encode()
        if not secret.startswith(_BASE64_PREFIX):
            return True
        text = secret.removeprefix(_BASE64_PREFIX).rstrip("=")
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except ValueError:
        return False
    return len(key) >= SECRET_MIN_LENGTH


def verify_standard_webhook(secret, body, headers):
    """Standard Webhooks: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``.

    :param str secret: ``whsec_`` and base64, or any text, whose bytes are then the key
    :raises SignatureError: not authentic, or older or newer than five minutes
    """
    try:
        key = secret if secret.startswith(_BASE64_PREFIX) else _to_bytes(secret)
        Webhook(key).verify(
            body,
            {
                name: headers.get(name, "")
                for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
            },
            # What is in the body is of no interest before it is known to be authentic.
            json_parse=False,
        )
    except (WebhookVerificationError, EmptyWebhookSecretError, ValueError, OverflowError) as error:
        raise SignatureError("The webhook's signature is not valid.") from error


def verify_hmac_sha256(secret, body, signature):
    """Hexadecimal HMAC-SHA256 of the raw body, with or without the prefix ``sha256=``."""
    expected = hmac.new(_to_bytes(secret), body, hashlib.sha256).hexdigest()
    given = signature.strip().removeprefix("sha256=").lower()
    if not hmac.compare_digest(expected.encode(), _to_bytes(given)):
        raise SignatureError("The webhook's signature is not valid.")


def verify_token(secret, token):
    """The shared secret itself, in a header."""
    if not hmac.compare_digest(_to_bytes(secret), _to_bytes(token.strip())):
        raise SignatureError("The webhook's secret is not valid.")


def verify_bearer(secret, authorization):
    """``Authorization: Bearer <secret>``."""
    scheme, _space, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise SignatureError("The Authorization header is not of the form “Bearer <secret>”.")
    verify_token(secret, token)


def _to_bytes(text):
    """UTF-8 of any text, halves of an emoji included, so that no two texts become the same."""
    return text.encode(errors="surrogatepass")
