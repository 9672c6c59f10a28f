# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Connections that obey a deadline by wall clock.

The time-out of ``requests`` is per read: a server that drips one byte a second holds a worker for
as long as it likes. Here every read and write, those of the response's headers too, waits at most
until the exchange has to be over. The connections also note how far an exchange got, which decides
whether it may be repeated.
"""

import ipaddress
import queue
import socket
import ssl
import threading
import time
from contextvars import ContextVar

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from .exceptions import ConfigurationError

#: IPv6 addresses through which a gateway reaches the IPv4 address in their last 32 bits (RFC 6052).
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class Exchange:
    """One request and its answer: when it has to be over, and how far it got.

    :ivar connected: a new connection was made for it; otherwise one was kept alive by an earlier
        exchange
    :ivar sent: the headers went out, so the partner may have acted on it
    :ivar received: at least one byte of the answer came in
    :ivar internal: the connection made for it leads to an address that is not a public one
    """

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._ends_at = time.monotonic() + seconds
        self.connected = False
        self.sent = False
        self.received = False
        self.internal = False

    @property
    def expired(self) -> bool:
        return time.monotonic() >= self._ends_at

    def remaining(self) -> float:
        """Return the seconds that are left.

        :raises TimeoutError: none
        """
        seconds = self._ends_at - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("deadline exceeded")
        return seconds


#: The exchange that the connections of this thread are working for.
current_exchange: ContextVar[Exchange] = ContextVar("connector_hub_exchange")


class _DeadlineMixin:
    """Every wait of the socket ends with the exchange. http.client uses these three methods."""

    def recv_into(self, *args, **kwargs):
        exchange = current_exchange.get()
        self.settimeout(exchange.remaining())
        count = super().recv_into(*args, **kwargs)
        exchange.received = exchange.received or count > 0
        return count

    def send(self, *args, **kwargs):
        self.settimeout(current_exchange.get().remaining())
        return super().send(*args, **kwargs)

    def sendall(self, *args, **kwargs):
        exchange = current_exchange.get()
        self.settimeout(exchange.remaining())
        result = super().sendall(*args, **kwargs)
        # Headers that could not be written whole are no request: nobody can have acted on them.
        exchange.sent = True
        return result


class _DeadlineSocket(_DeadlineMixin, socket.socket):
    __slots__ = ()


class _DeadlineSSLSocket(_DeadlineMixin, ssl.SSLSocket):
    pass


class _DialMixin:
    """Connecting, name resolution and TLS handshake included, within the exchange's time."""

    def connect(self):
        exchange = current_exchange.get()
        sent = exchange.sent
        try:
            result = super().connect()
        finally:
            # What was written so far went to a proxy or was the handshake.
            exchange.sent = sent
        exchange.connected = True
        return result

    def _new_conn(self):
        exchange = current_exchange.get()
        try:
            # What is checked is what is connected to: nobody can answer differently in between.
            addresses = resolve_allowed(self._dns_host, self.port, exchange)
            for position, (family, kind, protocol, _name, address) in enumerate(addresses):
                sock = _DeadlineSocket(family, kind, protocol)
                try:
                    for option in self.socket_options or ():
                        sock.setsockopt(*option)
                    # A dead address (often IPv6) must not use up the time of those after it.
                    sock.settimeout(exchange.remaining() / (len(addresses) - position))
                    sock.connect(address)
                    sock.settimeout(exchange.remaining())
                    exchange.internal = not _read_address(address[0]).is_global
                    return sock
                except OSError:
                    sock.close()
                    if position == len(addresses) - 1:
                        raise
        except (OSError, UnicodeError) as error:
            raise NewConnectionError(self, str(error)) from error


class _HTTPConnection(_DialMixin, HTTPConnection):
    pass


class _HTTPSConnection(_DialMixin, HTTPSConnection):
    pass


class _HTTPConnectionPool(HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSConnectionPool(HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


POOL_CLASSES = {"http": _HTTPConnectionPool, "https": _HTTPSConnectionPool}


def make_ssl_context() -> ssl.SSLContext:
    """Return urllib3's own context, which verifies certificates, for sockets with a deadline."""
    context = create_urllib3_context()
    context.sslsocket_class = _DeadlineSSLSocket
    return context


def resolve_allowed(host: str, port: int, exchange: Exchange) -> list[tuple]:
    """Return the addresses of a host, as ``getaddrinfo`` does, without link-local ones.

    Nobody's shop is there, but a cloud's metadata with the credentials of this very machine.

    :raises ConfigurationError: there are link-local ones only
    """
    addresses = _resolve(host, port, exchange)
    allowed = [entry for entry in addresses if not _read_address(entry[4][0]).is_link_local]
    if addresses and not allowed:
        raise ConfigurationError(
            f"{host} is a link-local address, to which nothing is ever sent. Enter the partner's own address."
        )
    return allowed


def _read_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the address that is meant: an IPv4 address may be wrapped in one of IPv6."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if address.version == 6:
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        return address.ipv4_mapped or address.sixtofour or address
    return address


def _resolve(host: str, port: int, exchange: Exchange) -> list[tuple]:
    # getaddrinfo cannot be interrupted: a thread waits for it, and is left behind when it takes too
    # long.
    answers = queue.SimpleQueue()

    def look_up():
        try:
            answers.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, daemon=True, name="connector_hub.resolve").start()
    try:
        answer = answers.get(timeout=exchange.remaining())
    except queue.Empty:
        raise TimeoutError(f"the name {host} was not resolved in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer
