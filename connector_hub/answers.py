# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading a partner's answer: the body up to a limit, its text, when to come back."""

import contextlib
import math
import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from urllib3.exceptions import HTTPError

from .const import RESPONSE_KEPT_CHARS, RESPONSE_MAX_BYTES
from .exact_json import load_json
from .redact import mask_data

_CHUNK_BYTES = 16 * 1024
_DETAIL_CHARS = 2000


def read_body(response, exchange):
    """Return the body as far as it came, and what is wrong with it (None if it is complete)."""
    response.raw.enforce_content_length = True
    chunks, size = [], 0
    try:
        for chunk in response.iter_content(_CHUNK_BYTES):
            size += len(chunk)
            if size > RESPONSE_MAX_BYTES:
                return b"".join(chunks), f"it is larger than {RESPONSE_MAX_BYTES} bytes"
            chunks.append(chunk)
    except (HTTPError, OSError, ValueError):
        late = exchange.expired
        problem = (
            f"it was not complete within {exchange.seconds:g} seconds" if late else "it broke off"
        )
        return b"".join(chunks), problem
    return b"".join(chunks), None


def has_end(response, method):
    """Return whether an empty body is meant: http.client takes headers cut off for complete."""
    told = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
    return told or method == "HEAD" or response.status_code in (204, 205)


def decode_body(response, content):
    charset = re.search(
        r"charset=[\"']?([\w.:-]+)", response.headers.get("Content-Type", ""), re.IGNORECASE
    )
    try:
        return content.decode(charset[1] if charset else "utf-8", errors="replace")
    except (LookupError, ValueError):
        return content.decode("utf-8", errors="replace")


def make_details(response, text, mask):
    body = mask(text)[:_DETAIL_CHARS]
    if len(text) <= RESPONSE_KEPT_CHARS:
        with contextlib.suppress(ValueError):
            body = mask_data(load_json(text, parse_float=_finite), mask)
    return {"status": response.status_code, "body": body}


def _finite(number):
    """Return a float for the details, or the text where it is no finite one."""
    return float(number) if math.isfinite(float(number)) else number


def read_retry_after(response):
    """Return the seconds of a Retry-After header (a number, or an HTTP date), or None."""
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,9}", value):
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    until = until if until.tzinfo else until.replace(tzinfo=timezone.utc)
    return max(0.0, (until - datetime.now(timezone.utc)).total_seconds())
