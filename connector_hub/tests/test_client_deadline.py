# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import ipaddress
import os
import socket
import ssl
import tempfile
import time
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from odoo.tests.common import _super_send, tagged

from ..exceptions import RejectedError, RetryableError
from .client_case import ClientCase
from .wire import answer, drip, silence, then_close

#: Seconds that a deadline of 0.3 may take on a busy machine; every server here goes on for longer.
LIMIT = 1.5


@tagged("standard")
class TestDeadline(ClientCase):
    """The server's time is nobody's: each of these would outlast any time-out per read."""

    def assertCutOff(self, reply, method="GET"):
        error, _server, seconds = self.attempt(reply, method=method, deadline=0.3)
        self.assertLess(seconds, LIMIT)
        self.assertIn("0.3 seconds", error.message)
        self.assertTrue(error.sent)

    def test_silent_server(self):
        self.assertCutOff(silence(3))

    def test_dripping_status_line(self):
        self.assertCutOff(drip(answer()))

    def test_dripping_headers(self):
        begin = b"HTTP/1.1 200 OK\r\n"

        def send(connection):
            connection.sendall(begin)
            drip(b"X-Filler: 1\r\n" * 5)(connection)

        self.assertCutOff(send)

    def test_dripping_body(self):
        def send(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            drip(b" " * 100)(connection)

        self.assertCutOff(send, method="POST")

    def test_dripping_chunks(self):
        def send(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            drip(b"1\r\na\r\n" * 20)(connection)

        self.assertCutOff(send)

    def test_refusal_counts_even_if_its_body_never_ends(self):
        for status in (b"422 No", b"302 Found\r\nLocation: /y"):

            def send(connection, status=status):
                connection.sendall(b"HTTP/1.1 %s\r\nContent-Length: 100\r\n\r\n" % status)
                drip(b"x" * 100)(connection)

            _error, _server, seconds = self.attempt(send, expected=RejectedError, deadline=0.3)
            self.assertLess(seconds, LIMIT)

    def test_peer_that_does_not_read(self):
        # The server answers only after it has read everything, which it never does.
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        client = self.connect(f"http://127.0.0.1:{listener.getsockname()[1]}", deadline=0.3)
        began = time.monotonic()
        with self.assertRaises(RetryableError) as caught:
            client.request("POST", "x", data=b"x" * 30_000_000)
        self.assertLess(time.monotonic() - began, LIMIT)
        self.assertTrue(caught.exception.sent)

    def request_through(self, proxy, url):
        """Make an exchange through a proxy that does not let it finish."""
        environment = {"http_proxy": proxy.url, "https_proxy": proxy.url, "no_proxy": ""}
        client = self.connect(url, deadline=0.3)
        began = time.monotonic()
        with (
            patch.dict(os.environ, environment),
            # Odoo's tests let requests to localhost pass, and to no name below it.
            patch("requests.sessions.Session.send", _super_send),
            self.assertRaises(RetryableError) as caught,
        ):
            client.request("POST", "x")
        self.assertLess(time.monotonic() - began, LIMIT)
        return caught.exception

    def test_proxy_that_drips(self):
        proxy = self.serve(drip(answer()))
        error = self.request_through(proxy, "http://shop.localhost")
        self.assertTrue(error.sent)
        self.assertEqual(proxy.requests[0][0], "POST http://shop.localhost/x HTTP/1.1")

    def test_nothing_was_sent_before_the_tunnel_stands(self):
        for reply in (
            drip(b"HTTP/1.1 200 OK\r\n" * 3),
            then_close(b"HTTP/1.1 200 OK\r\n\r\n"),
            answer(b"", "502 Bad Gateway"),
        ):
            proxy = self.serve(reply)
            error = self.request_through(proxy, "https://shop.localhost")
            self.assertFalse(error.sent)
            self.assertIn("CONNECT shop.localhost:443", proxy.requests[0][0])

    def test_slow_name_resolution(self):
        client = self.connect("http://localhost:9", deadline=0.3)
        began = time.monotonic()
        with (
            patch("socket.getaddrinfo", lambda *args, **kwargs: time.sleep(3)),
            self.assertRaises(RetryableError) as caught,
        ):
            client.request("POST", "x")
        self.assertLess(time.monotonic() - began, LIMIT)
        self.assertFalse(caught.exception.sent)

    def test_connecting_takes_no_longer_either(self):
        # A full backlog drops further connection attempts.
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _attempt in range(4):
            waiting.append(socket.socket())
            self.addCleanup(waiting[-1].close)
            waiting[-1].setblocking(False)
            waiting[-1].connect_ex(listener.getsockname())
        client = self.connect(f"http://127.0.0.1:{listener.getsockname()[1]}", deadline=0.3)
        began = time.monotonic()
        with self.assertRaises(RetryableError) as caught:
            client.request("POST", "x")
        self.assertLess(time.monotonic() - began, LIMIT)
        self.assertFalse(caught.exception.sent)


@tagged("standard")
class TestTLS(ClientCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.now(timezone.utc)
        address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([address]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.bundle = os.path.join(folder.name, "certificate.pem")
        with open(cls.bundle, "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))
        key_file = os.path.join(folder.name, "key.pem")
        with open(key_file, "wb") as file:
            file.write(
                key.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        cls.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cls.tls.load_cert_chain(cls.bundle, key_file)

    def test_unknown_certificate_is_refused(self):
        server = self.serve(answer(), tls=self.tls)
        with self.assertRaises(RetryableError) as caught:
            self.connect(server).request("POST", "x")
        self.assertFalse(caught.exception.sent)
        self.assertIn("certificate", caught.exception.message)
        self.assertFalse(server.requests)

    def test_own_authority_from_the_environment(self):
        server = self.serve(answer(b"[1]"), answer(b"[2]"), tls=self.tls)
        client = self.connect(server)
        with patch.dict(os.environ, {"REQUESTS_CA_BUNDLE": self.bundle}):
            self.assertEqual(client.request("POST", "x", json={}).data, [1])
            self.assertEqual(client.request("POST", "x", json={}).data, [2])
        self.assertEqual(server.connections, 1)

    def test_deadline_holds_inside_tls(self):
        def headers(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            drip(b"X-Filler: 1\r\n" * 5)(connection)

        def body(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
            drip(b" " * 100)(connection)

        for reply in (headers, body, silence(3)):
            server = self.serve(reply, tls=self.tls)
            began = time.monotonic()
            with (
                patch.dict(os.environ, {"REQUESTS_CA_BUNDLE": self.bundle}),
                self.assertRaises(RetryableError) as caught,
            ):
                self.connect(server, deadline=0.3).request("POST", "x")
            self.assertLess(time.monotonic() - began, LIMIT)
            self.assertTrue(caught.exception.sent)

    def test_deadline_holds_for_the_handshake(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        client = self.connect(f"https://127.0.0.1:{listener.getsockname()[1]}", deadline=0.3)
        began = time.monotonic()
        with self.assertRaises(RetryableError) as caught:
            client.request("POST", "x")
        self.assertLess(time.monotonic() - began, LIMIT)
        self.assertFalse(caught.exception.sent)
