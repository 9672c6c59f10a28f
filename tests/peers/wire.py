# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTTP/1.1 as far as a partner server needs it: read a request, write an answer, break it."""

import json
import socket
import struct
import time
from http import HTTPStatus
from urllib.parse import parse_qs

JSON_TYPE = "application/json; charset=utf-8"
MAX_LINE = 65536
MAX_HEADERS = 200
MAX_BODY = 32 * 1024 * 1024
REASONS = {status.value: status.phrase for status in HTTPStatus}
ABORT = struct.pack("ii", 1, 0)


class WireError(Exception):
    """A request that is no HTTP, or too large; carries the status to refuse it with."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Request:
    """One received request, and its line in the log.

    ``target`` is as sent, ``path`` too (still quoted) but without the query, ``query``
    {name: [values]}, ``headers`` with lower case names, ``status`` None as long as nothing (or
    nothing whole) was answered, ``time`` Unix time of arrival, ``seconds`` until the answer was
    ready, ``fault`` the kind that hit it, ``route`` the route's template, ``params`` the path's
    variable parts, unquoted, ``payload`` the JSON body as the server parsed it.
    """

    __slots__ = (
        "answer_body",
        "body",
        "fault",
        "headers",
        "method",
        "number",
        "params",
        "path",
        "payload",
        "query",
        "route",
        "seconds",
        "status",
        "target",
        "time",
    )

    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        self.path, _mark, query = target.partition("?")
        self.query = parse_qs(query, keep_blank_values=True) if query else {}
        self.headers = headers
        self.body = body
        self.time = time.time()
        self.number = 0
        self.seconds = self.status = self.fault = self.route = None
        self.params = ()
        self.payload = None
        self.answer_body = b""

    @property
    def json(self):
        """The body as JSON; ValueError if it is none."""
        return json.loads(self.body)

    def first(self, name, default=None):
        values = self.query.get(name)
        return values[0] if values else default

    def as_dict(self):
        return {
            "number": self.number,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "body": self.body.decode("utf-8", "replace"),
            "route": self.route,
            "status": self.status,
            "time": self.time,
            "seconds": self.seconds,
            "fault": self.fault,
            "answer": self.answer_body.decode("utf-8", "replace"),
        }

    def __repr__(self):
        return f"<{self.method} {self.path} -> {self.status or self.fault}>"


class Answer:
    """An answer before it goes on the wire: status, headers, body bytes."""

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(self, status, body=b"", content_type=JSON_TYPE, headers=()):
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = tuple(headers)

    @classmethod
    def json(cls, status, payload, headers=()):
        text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        return cls(status, text.encode(), headers=headers)

    @classmethod
    def html(cls, status, text):
        return cls(status, text.encode(), content_type="text/html; charset=utf-8")

    def head(self, keep_alive=True):
        lines = [
            f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}",
            f"Content-Type: {self.content_type}",
            f"Content-Length: {len(self.body)}",
            f"Connection: {'keep-alive' if keep_alive else 'close'}",
        ]
        lines += [f"{name}: {value}" for name, value in self.headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def read_request(reader, connection):
    """The next request of a connection, or None when the peer has closed it."""
    line = reader.readline(MAX_LINE + 1)
    if not line:
        return None
    if len(line) > MAX_LINE:
        raise WireError(414, "Request line too long")
    words = line.decode("latin-1").split()
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise WireError(400, "Malformed request line")
    headers = {}
    while True:
        line = reader.readline(MAX_LINE + 1)
        if not line:
            return None
        if line in (b"\r\n", b"\n"):
            break
        if len(line) > MAX_LINE or len(headers) >= MAX_HEADERS:
            raise WireError(431, "Header too large")
        name, mark, value = line.decode("latin-1").partition(":")
        if not mark:
            raise WireError(400, "Malformed header")
        headers[name.strip().lower()] = value.strip()
    if headers.get("expect", "").lower() == "100-continue":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = _read_body(reader, headers)
    return None if body is None else Request(words[0], words[1], headers, body)


def _read_body(reader, headers):
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _read_chunks(reader)
    length = headers.get("content-length", "0")
    if not length.isdecimal():
        raise WireError(400, "Malformed Content-Length")
    length = int(length)
    if length > MAX_BODY:
        raise WireError(413, "Body too large")
    if not length:
        return b""
    body = reader.read(length)
    return body if len(body) == length else None


def _read_chunks(reader):
    parts, total = [], 0
    while True:
        try:
            size = int(reader.readline(MAX_LINE).split(b";")[0], 16)
        except ValueError as error:
            raise WireError(400, "Malformed chunk") from error
        total += size
        if total > MAX_BODY:
            raise WireError(413, "Body too large")
        if not size:
            while reader.readline(MAX_LINE) not in (b"\r\n", b"\n", b""):
                continue
            return b"".join(parts)
        parts.append(reader.read(size))
        reader.readline(MAX_LINE)


def drip(connection, head, body, fault, stopped):
    """Send byte by byte; ends early when the server stops or the caller is gone."""
    if not fault.drip_headers:
        connection.sendall(head)
        slow = body
    else:
        slow = head + body
    for position in range(len(slow)):
        if stopped.wait(fault.delay):
            return
        connection.sendall(slow[position : position + 1])


def abort(connection):
    """Make the coming close a reset (RST) instead of an orderly end."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
