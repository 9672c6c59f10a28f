# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading a partner's answer: the body up to a limit, its text, what it says, when to come back."""

import contextlib
import math
import re
import zlib
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from pydantic import ValidationError
from urllib3.exceptions import HTTPError

from .const import RESPONSE_KEPT_CHARS, RESPONSE_MAX_BYTES, RETRY_AFTER_MAX
from .exact_json import load_json
from .exceptions import RejectedError
from .redact import mask_data
from .schemas import describe_invalid

_CHUNK_BYTES = 16 * 1024
_DETAIL_CHARS = 2000
_YEAR_SECONDS = 365 * 24 * 3600.0

#: The one encoding that is asked for. Libraries know others, and take several upon one another; a few kilobytes then
#: become gigabytes before anybody can count them.
ACCEPTED_ENCODING = "gzip"


def read_body(response, exchange):
    """Return the body as far as it came, and what is wrong with it (None if it is complete)."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", ACCEPTED_ENCODING):
        return b"", f"it is encoded as {encoding[:40]}, which was not asked for"
    response.raw.enforce_content_length = True
    received = response.raw.stream(_CHUNK_BYTES, decode_content=False)
    chunks, size = [], 0
    try:
        for chunk in _unpack(received) if encoding == ACCEPTED_ENCODING else received:
            size += len(chunk)
            if size > RESPONSE_MAX_BYTES:
                return b"".join(chunks), f"it is larger than {RESPONSE_MAX_BYTES} bytes"
            chunks.append(chunk)
    except (HTTPError, OSError, ValueError, zlib.error):
        late = exchange.expired
        problem = (
            f"it was not complete within {exchange.seconds:g} seconds" if late else "it broke off"
        )
        return b"".join(chunks), problem
    return b"".join(chunks), None


def _unpack(received):
    """Undo gzip in pieces of limited size, however much a piece of the body turns out to be.

    :raises ValueError: the end is missing
    """
    unpacking = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    nothing = True
    for chunk in received:
        nothing = False
        while chunk and not unpacking.eof:
            yield unpacking.decompress(chunk, _CHUNK_BYTES)
            chunk = unpacking.unconsumed_tail
    yield unpacking.flush()
    if not (nothing or unpacking.eof):
        raise ValueError("gzip without an end")


def read_answer(response, model):
    """Return what a successful answer says, as the partner's contract has it. The one way to read an answer's data.

    :param response: of :meth:`~.client.HubClient.request`
    :param model: a pydantic model
    :raises RejectedError: ``invalid_payload``, naming the call and the fields; entries of a list that may be left out
        are declared with ``schemas.OR_UNREADABLE``
    """
    try:
        return model.model_validate(response.data)
    except ValidationError as error:
        raise RejectedError(
            f"{response.call} was answered with what cannot be used: {describe_invalid(error)}",
            reason="invalid_payload",
            details={"status": response.status, "body": response.text[:_DETAIL_CHARS]},
        ) from None


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
    """Return the seconds of a Retry-After header (a number, or an HTTP date), or None.

    From 0 to a year, whatever is in it.
    """
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+", value):
        return _bounded(float(value), _YEAR_SECONDS)
    try:
        until = parsedate_to_datetime(value)
        until = until if until.tzinfo else until.replace(tzinfo=timezone.utc)
        return _bounded((until - datetime.now(timezone.utc)).total_seconds(), _YEAR_SECONDS)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def asked_wait(error):
    """Return for how long an error's sender asked us to wait, as far as we obey, or None.

    :param error: any exception
    """
    seconds = getattr(error, "retry_after", None)
    return None if seconds is None else timedelta(seconds=_bounded(seconds, RETRY_AFTER_MAX))


def _bounded(seconds, most):
    # In this order: what is no number at all is no wait.
    return min(most, max(0.0, seconds))
