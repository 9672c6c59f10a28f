# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Senders that take their time."""

import contextlib
import itertools
import socket
import threading
import time

import pytest

from tests.hub import FIXED_URL
from tests.scenario import CASE

#: Seconds in which a body has to be there, and what a busy machine adds.
READ_SECONDS, SLACK = 5, 4


class DrippingSender(threading.Thread):
    """Sends its head, then a byte every now and then, as long as anybody listens."""

    def __init__(self, port, head):
        super().__init__(daemon=True)
        self.answer, self.seconds = b"", None
        self._head, self._socket = head, socket.create_connection(("127.0.0.1", port), timeout=60)

    def run(self):
        began = time.monotonic()
        reader = threading.Thread(target=self._read, daemon=True)
        with contextlib.suppress(OSError), self._socket:
            self._socket.sendall(self._head)
            reader.start()
            for byte in itertools.cycle(b"1\r\n[\r\n" if b"chunked" in self._head else b"["):
                if not reader.is_alive():
                    break
                self._socket.sendall(bytes([byte]))
                reader.join(0.3)
        self.seconds = time.monotonic() - began

    def _read(self):
        with contextlib.suppress(OSError):
            while piece := self._socket.recv(65536):
                self.answer += piece


def head(*lines, path=FIXED_URL):
    return "\r\n".join([f"POST {path} HTTP/1.1", "Host: 127.0.0.1", *lines, "", ""]).encode()


JSON = "Content-Type: application/json"


@pytest.mark.parametrize(
    "slow",
    [
        head(JSON, "Content-Length: 100000"),
        head(JSON, "Transfer-Encoding: chunked"),
        head("Content-Type: application/x-www-form-urlencoded", "Content-Length: 100000"),
        head(JSON, "Content-Length: 9000000"),
    ],
    ids=["length", "chunks", "form", "too large"],
)
def test_slow_senders_hold_no_worker_longer_than_a_body_may_take(hub, slow):
    """Two for each worker: whoever comes after them waits for two of them at most."""
    senders = [DrippingSender(hub.server.port, slow) for _ in range(2 * hub.server.workers)]
    for dripping in senders:
        dripping.start()
    order = hub.shop.place_order([(CASE, 1)])
    began = time.monotonic()

    result = hub.post(hub.order_body(order), timeout=60)

    assert result.status == 200
    assert time.monotonic() - began < 2 * READ_SECONDS + SLACK
    for dripping in senders:
        dripping.join(30)
        assert dripping.seconds is not None, "is still served"
    if JSON.encode() in slow and b"9000000" not in slow:
        for dripping in senders:
            assert b" 408 " in dripping.answer.splitlines()[0], dripping.answer[:300]
            assert b'"TIMEOUT"' in dripping.answer
