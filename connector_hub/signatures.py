# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Ways in which senders authenticate webhooks. All compare in constant time, and over the raw bytes."""

import hashlib
import hmac

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from .exceptions import SignatureError


def verify_standard_webhook(secret, body, headers):
    """Standard Webhooks: ``webhook-id``, ``webhook-timestamp``, ``webhook-signature``.

    :param str secret: ``whsec_`` and base64, or any text, whose bytes are then the key
    :raises SignatureError: not authentic, or older or newer than five minutes
    """
    try:
        _standard_webhook(secret).verify(
            body.decode(errors="surrogateescape").encode(errors="surrogateescape"),
            {
                name: headers.get(name, "")
                for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
            },
        )
    except (WebhookVerificationError, ValueError, OverflowError) as error:
        raise SignatureError("The webhook's signature is not valid.") from error


def _standard_webhook(secret):
    if secret.startswith("whsec_"):
        return Webhook(secret)
    return Webhook(secret.encode())


def verify_hmac_sha256(secret, body, signature):
    """Hexadecimal HMAC-SHA256 of the raw body, with or without the prefix ``sha256=``."""
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = signature.strip().removeprefix("sha256=").lower()
    if not hmac.compare_digest(expected.encode(), given.encode(errors="replace")):
        raise SignatureError("The webhook's signature is not valid.")


def verify_token(secret, token):
    """The shared secret itself, in a header."""
    if not hmac.compare_digest(secret.encode(), token.strip().encode(errors="replace")):
        raise SignatureError("The webhook's secret is not valid.")


def verify_bearer(secret, authorization):
    """``Authorization: Bearer <secret>``."""
    scheme, _space, token = authorization.strip().partition(" ")
    if scheme.lower() != "bearer":
        raise SignatureError("The Authorization header is not of the form “Bearer <secret>”.")
    verify_token(secret, token)
