# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Bodies of requests, read within limits of size and time, and the form of an error."""

import contextlib
import socket
import threading

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from odoo.http import request

from ..const import WEBHOOK_MAX_BYTES, WEBHOOK_READ_SECONDS
from ..exact_json import load_json

#: Content types that are JSON. A sender that names none is believed to send JSON.
JSON_TYPES = frozenset(
    {"", "application/json", "text/json", "text/plain", "application/octet-stream"}
)

#: Where the WSGI environment keeps the deadline of its body.
_DEADLINE = "connector_hub.deadline"


class BodyError(Exception):
    """The body cannot be read as JSON."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class _Deadline:
    """Ends the reading from a socket by wall clock, whoever reads: Odoo, werkzeug, or its server that reads the rest.

    The server's own time-out is for each piece: a sender that drips a byte a second would hold a worker for hours.
    """

    def __init__(self, sock, seconds):
        self.expired = False
        self._sock = sock
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def _expire(self):
        self.expired = True
        with contextlib.suppress(OSError):  # closed meanwhile
            # Who waits for more gets the end of the stream; the answer can still be sent.
            self._sock.shutdown(socket.SHUT_RD)

    def cancel(self):
        self._timer.cancel()


def begin_reading(_controller):
    """Let the time of the body begin, before anything reads of it.

    :return: bytes Odoo may read. Beyond them it refuses in HTML, and cuts off a body in chunks without a word:
        :func:`read_body` sees one more.
    """
    environ = request.httprequest._HTTPRequest__environ
    # Each of Odoo's servers gives the socket; another WSGI server has time-outs of its own.
    sock = environ.get("werkzeug.socket") or environ.get("socket")
    if sock and _DEADLINE not in environ:
        environ[_DEADLINE] = _Deadline(sock, WEBHOOK_READ_SECONDS)
    return max(WEBHOOK_MAX_BYTES + 1, (_is_json() and request.httprequest.content_length) or 0)


def _is_json():
    mimetype = request.httprequest.mimetype
    return mimetype in JSON_TYPES or mimetype.endswith("+json")


def read_body():
    """The raw bytes of the request.

    :raises BodyError: 408 too slow, 413 too large, 415 not JSON, 400 incomplete
    """
    http_request = request.httprequest
    if not _is_json():
        raise BodyError(
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            "Send the event as JSON, with Content-Type: application/json.",
        )
    too_large = BodyError(
        413, "PAYLOAD_TOO_LARGE", f"An event may have {WEBHOOK_MAX_BYTES} bytes at most."
    )
    if (http_request.content_length or 0) > WEBHOOK_MAX_BYTES:
        raise too_large
    deadline = http_request._HTTPRequest__environ.get(_DEADLINE)
    try:
        body = http_request.get_data(cache=True)
    except RequestEntityTooLarge:
        raise too_large from None
    except ClientDisconnected:
        if deadline and deadline.expired:
            raise BodyError(
                408,
                "TIMEOUT",
                f"The body was not complete within {WEBHOOK_READ_SECONDS} seconds. Send the event again.",
            ) from None
        raise BodyError(400, "VALIDATION_ERROR", "The body is not complete.") from None
    if len(body) > WEBHOOK_MAX_BYTES:
        raise too_large
    if deadline:
        # Only now: of a body that is refused, the server reads the rest after the answer.
        deadline.cancel()
    return body


def parse_json(body):
    """A body as text and as parsed JSON.

    :raises BodyError: 400, naming the problem
    """
    try:
        text = body.decode()
        payload = load_json(text)
    except UnicodeDecodeError:
        raise BodyError(400, "VALIDATION_ERROR", "The body is not UTF-8.") from None
    except ValueError as error:
        raise BodyError(400, "VALIDATION_ERROR", f"The body is not valid JSON: {error}.") from None
    if "\\u0000" in text or "\x00" in text:
        raise BodyError(400, "VALIDATION_ERROR", "The body contains a NUL character.")
    if not isinstance(payload, dict):
        raise BodyError(400, "VALIDATION_ERROR", "The body must be a JSON object.")
    return text, payload


def answer_error(status, code, message, details=None, headers=None):
    """The error format of the seed: {success, error: {code, message, details}}."""
    return request.make_json_response(
        {"success": False, "error": {"code": code, "message": message, "details": details or {}}},
        headers=headers,
        status=status,
    )
