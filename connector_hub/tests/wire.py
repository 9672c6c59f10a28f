# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A server on localhost that answers with exactly the bytes a test wants, or breaks off as told."""

import contextlib
import socket
import threading
import time


def answer(body=b"{}", status="200 OK", **headers):
    """Return the bytes of a complete response."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def drip(data, pause=0.05):
    """Return an answer that sends one byte at a time."""

    def send(connection):
        for position in range(len(data)):
            connection.sendall(data[position : position + 1])
            time.sleep(pause)

    return send


def then_close(data):
    """Return an answer after which the server closes the connection without announcing it."""
    return lambda connection: connection.sendall(data)


def silence(seconds):
    return lambda connection: time.sleep(seconds)


class WireServer:
    """Answers request by request from a list: bytes keep the connection open, functions end it.

    :ivar requests: list of (request line, headers in lower case, body)
    :ivar connections: how many were accepted
    :ivar ended: to be acquired once for each connection that an answer has closed
    """

    def __init__(self, *answers, tls=None):
        self.answers = list(answers)
        self.requests = []
        self.connections = 0
        self.ended = threading.Semaphore(0)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        # Closing alone leaves the thread in accept(), with the port still open.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for connection in [self._listener, *self._open]:
            connection.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        # A client that gives up, or a test that is over, is part of the plan.
        with contextlib.suppress(OSError, ValueError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb") as stream:
                while request := self._read(stream):
                    self.requests.append(request)
                    reply = self.answers.pop(0)
                    if callable(reply):
                        reply(connection)
                        # The stream holds the connection open too.
                        connection.shutdown(socket.SHUT_RDWR)
                        self.ended.release()
                        return
                    connection.sendall(reply)

    def _read(self, stream):
        line = stream.readline().decode().strip()
        headers = {}
        while header := stream.readline().decode().strip():
            name, _colon, value = header.partition(": ")
            headers[name.lower()] = value
        return line and (line, headers, stream.read(int(headers.get("content-length", 0))))
