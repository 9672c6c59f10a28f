# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a partner server posts its webhooks to Odoo: own HTTP code, signed, retried on request."""

import base64
import hashlib
import hmac
import http.client
import json
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from .values import iso

#: Seconds between the attempts of a failed webhook (Medusa seed, section 9).
RETRY_DELAYS = (60, 300, 900)
SCHEMES = ("standard", "hmac", "bearer", "header", "none")


@dataclass
class WebhookResult:
    """What came back: status 0 and ``error`` when there was no answer at all."""

    status: int
    body: bytes = b""
    headers: dict = field(default_factory=dict)
    seconds: float = 0.0
    attempts: int = 1
    error: str = ""

    @property
    def ok(self):
        return 200 <= self.status < 300

    def json(self):
        return json.loads(self.body)

    def as_dict(self):
        return {
            "status": self.status,
            "body": self.body.decode("utf-8", "replace"),
            "headers": self.headers,
            "seconds": round(self.seconds, 6),
            "attempts": self.attempts,
            "error": self.error,
        }


def secret_key(secret):
    """The bytes of a Standard Webhooks secret: raw text, or ``whsec_`` and base64."""
    if secret.startswith("whsec_"):
        return base64.b64decode(secret[len("whsec_") :])
    return secret.encode()


def sign(body, secret, scheme="standard", webhook_id=None, timestamp=None):
    """Headers that authenticate the raw bytes ``body`` in one of the SCHEMES."""
    if scheme == "standard":
        webhook_id = webhook_id or f"msg_{secrets.token_hex(12)}"
        timestamp = str(int(timestamp if timestamp is not None else time.time()))
        signed = f"{webhook_id}.{timestamp}.".encode() + body
        digest = hmac.new(secret_key(secret), signed, hashlib.sha256).digest()
        return {
            "webhook-id": webhook_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": "v1," + base64.b64encode(digest).decode(),
        }
    if scheme == "hmac":
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {"x-medusa-signature": f"sha256={digest}"}
    if scheme == "bearer":
        return {"Authorization": f"Bearer {secret}"}
    if scheme == "header":
        return {"x-webhook-secret": secret}
    if scheme == "none":
        return {}
    raise ValueError(f"Unknown scheme {scheme!r}; known: {', '.join(SCHEMES)}")


def post(url, body, headers=None, timeout=30.0, method="POST"):
    """One request, no redirects followed; never raises for what the network does."""
    parts = urlsplit(url)
    connection_class = (
        http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    started = time.monotonic()
    connection = connection_class(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return WebhookResult(
            status=response.status,
            body=response.read(),
            headers={name.lower(): value for name, value in response.getheaders()},
            seconds=time.monotonic() - started,
        )
    except (OSError, http.client.HTTPException) as error:
        return WebhookResult(
            status=0,
            seconds=time.monotonic() - started,
            error=f"{type(error).__name__}: {error}",
        )
    finally:
        connection.close()


def deliver(
    url,
    body,
    secret=None,
    scheme="standard",
    extra_headers=None,
    webhook_id=None,
    timestamp=None,
    timeout=30.0,
    retry_delays=(),
):
    """Post signed JSON bytes; after a failure again after each of ``retry_delays`` seconds.

    Every attempt carries the same webhook-id, and is signed anew with its own time.
    """
    webhook_id = webhook_id or f"msg_{secrets.token_hex(12)}"
    for attempt, delay in enumerate((0, *retry_delays), start=1):
        if delay:
            time.sleep(delay)
        headers = {"Content-Type": "application/json", "User-Agent": "medusa-webhook/1.0"}
        if secret is not None:
            headers.update(sign(body, secret, scheme, webhook_id, timestamp))
        headers.update(extra_headers or {})
        result = post(url, body, headers, timeout)
        result.attempts = attempt
        if result.ok:
            break
    return result


class WebhookSender:
    """Part of a partner server that posts webhooks: ``webhook`` holds the defaults, told once."""

    @property
    def webhook(self):
        return self.__dict__.setdefault(
            "_webhook", {"url": None, "secret": None, "scheme": "standard", "extra_headers": {}}
        )

    @staticmethod
    def webhook_body(event, data, timestamp=None):
        """The bytes a shop posts for an event."""
        body = {"event": event, "timestamp": iso(timestamp), "data": data}
        return json.dumps(body, ensure_ascii=False).encode()

    def send_webhook(
        self,
        url=None,
        event="order.created",
        data=None,
        secret=None,
        scheme=None,
        extra_headers=None,
        body=None,
        occurred_at=None,
        webhook_id=None,
        signed_at=None,
        retry=False,
        retry_delays=RETRY_DELAYS,
        timeout=30.0,
    ):
        """Post an event to Odoo -> WebhookResult.

        url, secret, scheme and extra_headers default to ``self.webhook``; ``body`` replaces the
        bytes (data is then unused); ``signed_at`` (Unix time) and ``webhook_id`` are for replays;
        ``retry`` repeats failures after ``retry_delays``, the seed's 1, 5 and 15 minutes.
        """
        given = self.webhook
        return deliver(
            url or given["url"],
            self.webhook_body(event, data, occurred_at) if body is None else body,
            secret=given["secret"] if secret is None else secret,
            scheme=scheme or given["scheme"],
            extra_headers={**(given["extra_headers"] or {}), **(extra_headers or {})},
            webhook_id=webhook_id,
            timestamp=signed_at,
            timeout=timeout,
            retry_delays=retry_delays if retry else (),
        )


def _control_webhook(server, arguments):
    """Where and how send_webhook posts from now on: url, secret, scheme, extra_headers."""
    unknown = set(arguments) - set(server.webhook)
    if unknown:
        raise ValueError(f"Unknown: {', '.join(sorted(unknown))}")
    server.webhook.update(arguments)
    return {key: value for key, value in server.webhook.items() if key != "secret"}


WEBHOOK_CONTROLS = (
    ("POST", "webhook", _control_webhook),
    ("POST", "send_webhook", lambda server, arguments: server.send_webhook(**arguments).as_dict()),
)
