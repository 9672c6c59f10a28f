# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import ipaddress
import logging
import os
import socket
import ssl
import struct
import tempfile
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from email.utils import format_datetime
from unittest.mock import patch

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from odoo.tests.common import BaseCase, tagged

from .. import client as client_module
from ..client import HubClient
from ..exceptions import ConfigurationError, RejectedError, RetryableError
from .wire import WireServer, answer, drip, silence, then_close

SECRET = "sk_s3cret/of+the shop"


def reset(connection):
    """Break the connection off with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class ClientCase(BaseCase):
    def serve(self, *answers, tls=None):
        server = WireServer(*answers, tls=tls)
        self.addCleanup(server.close)
        return server

    def connect(self, server, **options):
        options.setdefault("deadline", 3)
        client = HubClient(getattr(server, "url", server), **options)
        self.addCleanup(client.close)
        return client

    def attempt(self, *answers, method="GET", expected=RetryableError, deadline=3, **options):
        """Make one exchange that has to fail, and return (error, server, seconds)."""
        server = self.serve(*answers)
        client = self.connect(server, **options)
        began = time.monotonic()
        with self.assertRaises(expected) as caught:
            client.request(method, "/x", deadline=deadline)
        return caught.exception, server, time.monotonic() - began


@tagged("standard")
class TestExchange(ClientCase):
    def test_json_both_ways_is_exact(self):
        server = self.serve(answer(b'{"total": 16.000000000000000001, "n": 3, "name": "\xd8\xb9"}'))
        client = self.connect(server, headers={"x-odoo-api-key": SECRET})
        payload = {"amount": Decimal("16.000"), "big": Decimal("1E+3"), "name": "عود", "none": None}

        response = client.request("POST", "orders", json=payload, params={"limit": 5})

        line, headers, body = server.requests[0]
        self.assertEqual(line, "POST /orders?limit=5 HTTP/1.1")
        self.assertEqual(headers["x-odoo-api-key"], SECRET)
        self.assertEqual(headers["content-type"], "application/json")
        expected = '{"amount":16.000,"big":1000,"name":"عود","none":null}'
        self.assertEqual(body.decode(), expected)
        self.assertEqual(response.status, 200)
        self.assertEqual(
            response.data, {"total": Decimal("16.000000000000000001"), "n": 3, "name": "ع"}
        )
        self.assertIsInstance(response.data["n"], int)
        self.assertGreater(response.elapsed, 0)

    def test_ready_bytes_are_sent_unchanged(self):
        server = self.serve(answer())
        self.connect(server).request("POST", "x", data=b'{"a": 1}')
        self.assertEqual(server.requests[0][2], b'{"a": 1}')

    def test_empty_answer_is_a_success(self):
        server = self.serve(answer(b"", "204 No Content"))
        response = self.connect(server).request("DELETE", "x")
        self.assertEqual((response.status, response.data, response.text), (204, None, ""))

    def test_text_answer_is_a_success_only_if_it_may_be(self):
        error, _server, _seconds = self.attempt(answer(b"Accepted"), method="POST")
        self.assertTrue(error.sent)
        response = self.connect(self.serve(answer(b"Accepted"))).request(
            "POST", "", json=[], expect_json=False
        )
        self.assertEqual((response.text, response.data), ("Accepted", None))

    def test_connection_is_kept_and_paths_are_joined(self):
        server = self.serve(answer(), answer())
        client = self.connect(f"{server.url}/admin/")
        client.request("GET", "/products")
        client.request("GET", "")
        self.assertEqual(server.connections, 1)
        self.assertEqual(
            [line for line, _headers, _body in server.requests],
            ["GET /admin/products HTTP/1.1", "GET /admin HTTP/1.1"],
        )

    def test_cookies_are_not_kept(self):
        server = self.serve(answer(Set_Cookie="session=1"), answer())
        client = self.connect(server)
        client.request("GET", "a")
        client.request("GET", "b")
        self.assertNotIn("cookie", server.requests[1][1])

    def test_netrc_does_not_replace_our_key(self):
        with tempfile.NamedTemporaryFile("w", suffix="netrc") as file:
            file.write("machine 127.0.0.1 login other password other\n")
            file.flush()
            server = self.serve(answer())
            with patch.dict(os.environ, {"NETRC": file.name}):
                self.connect(server, headers={"Authorization": "Basic ours"}).request("GET", "x")
        self.assertEqual(server.requests[0][1]["authorization"], "Basic ours")

    def test_base_url_is_checked(self):
        for url in (
            "",
            None,
            "shop.example.com",
            "ftp://shop.example.com",
            "http://",
            "https://user:pass@shop.example.com",
            "https://user@shop.example.com",
            "https://shop.example.com:port",
            "https://[shop",
            "https://shop.example.com/?key=1",
        ):
            with self.subTest(url=url), self.assertRaises(ConfigurationError) as caught:
                HubClient(url)
            self.assertNotIn("pass@", caught.exception.message)


@tagged("standard")
class TestDeadline(ClientCase):
    """The server's time is nobody's: each of these would outlast any time-out per read."""

    def assertCutOff(self, reply, method="GET"):
        error, _server, seconds = self.attempt(reply, method=method, deadline=0.3)
        self.assertLess(seconds, 0.6)
        self.assertIn("0.3 seconds", error.message)
        self.assertTrue(error.sent)

    def test_silent_server(self):
        self.assertCutOff(silence(1))

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
        def send(connection):
            connection.sendall(b"HTTP/1.1 422 No\r\nContent-Length: 100\r\n\r\n")
            drip(b"x" * 100)(connection)

        _error, _server, seconds = self.attempt(send, expected=RejectedError, deadline=0.3)
        self.assertLess(seconds, 0.6)

    def test_peer_that_does_not_read(self):
        # The server answers only after it has read everything, which it never does.
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        client = self.connect(f"http://127.0.0.1:{listener.getsockname()[1]}", deadline=0.3)
        began = time.monotonic()
        with self.assertRaises(RetryableError) as caught:
            client.request("POST", "x", data=b"x" * 30_000_000)
        self.assertLess(time.monotonic() - began, 0.8)
        self.assertTrue(caught.exception.sent)

    def test_slow_name_resolution(self):
        client = self.connect("http://localhost:9", deadline=0.3)
        began = time.monotonic()
        with (
            patch("socket.getaddrinfo", lambda *args, **kwargs: time.sleep(1)),
            self.assertRaises(RetryableError) as caught,
        ):
            client.request("POST", "x")
        self.assertLess(time.monotonic() - began, 0.6)
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
        self.assertLess(time.monotonic() - began, 0.6)
        self.assertFalse(caught.exception.sent)


@tagged("standard")
class TestFailures(ClientCase):
    def test_statuses(self):
        for status, expected in (
            ("301 Moved", RejectedError),
            ("302 Found", RejectedError),
            ("400 Bad Request", RejectedError),
            ("401 Unauthorized", ConfigurationError),
            ("403 Forbidden", ConfigurationError),
            ("404 Not Found", RejectedError),
            ("408 Request Timeout", RetryableError),
            ("409 Conflict", RejectedError),
            ("418 Teapot", RejectedError),
            ("422 Unprocessable", RejectedError),
            ("425 Too Early", RetryableError),
            ("429 Too Many Requests", RetryableError),
            ("500 Internal Server Error", RetryableError),
            ("503 Service Unavailable", RetryableError),
            ("599 Strange", RetryableError),
        ):
            with self.subTest(status=status):
                reply = answer(b'{"error": {"code": "X", "price": 1.5}}', status)
                error, _server, _seconds = self.attempt(reply, method="POST", expected=expected)
                self.assertEqual(type(error), expected)
                self.assertEqual(
                    error.details,
                    {"status": int(status[:3]), "body": {"error": {"code": "X", "price": 1.5}}},
                )
                self.assertIn(status[:3], error.message)

    def test_answer_tells_whether_it_was_processed(self):
        refused, _server, _seconds = self.attempt(answer(b"", "429 Too Many"), method="POST")
        broken, _server, _seconds = self.attempt(answer(b"", "500 Oops"), method="POST")
        self.assertEqual((refused.sent, broken.sent), (False, True))

    def test_error_table_is_overridable(self):
        error, _server, _seconds = self.attempt(
            answer(b"conflict", "409 Conflict"), error_table={409: RetryableError}
        )
        self.assertEqual(error.details["body"], "conflict")

    def test_redirects_are_not_followed(self):
        reply = answer(b"", "301 Moved", Location="http://127.0.0.1:9/elsewhere?key=1")
        error, server, _seconds = self.attempt(reply, expected=RejectedError)
        self.assertEqual(len(server.requests), 1)
        self.assertIn("127.0.0.1:9/elsewhere", error.message)
        self.assertNotIn("key=1", error.message)

    def test_retry_after(self):
        later = datetime.now(timezone.utc) + timedelta(seconds=90)
        for value, low, high in (
            ("120", 120, 120),
            (format_datetime(later, usegmt=True), 85, 91),
            ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ):
            reply = answer(b"", "429 Too Many Requests", Retry_After=value)
            error, _server, _seconds = self.attempt(reply)
            self.assertTrue(low <= error.retry_after <= high, error.retry_after)
        for value in ("soon", "-5", "1e9", ""):
            reply = answer(b"", "503 Service Unavailable", Retry_After=value)
            self.assertIsNone(self.attempt(reply)[0].retry_after)

    def test_nothing_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        client = self.connect(f"http://127.0.0.1:{port}")
        with self.assertRaises(RetryableError) as caught:
            client.request("POST", "x")
        self.assertFalse(caught.exception.sent)
        self.assertIn("Connection refused", caught.exception.message)

    def test_cause_is_the_exchange_s_own(self):
        """An error that the caller is just handling must not be taken for the reason."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        client = self.connect(f"http://127.0.0.1:{port}")
        try:
            raise KeyError("unrelated")
        except KeyError:
            with self.assertRaises(RetryableError) as caught:
                client.request("GET", "x")
        self.assertIn("Connection refused", caught.exception.message)

    def test_reset_after_the_request(self):
        error, server, _seconds = self.attempt(reset, method="POST")
        self.assertTrue(error.sent)
        self.assertEqual(len(server.requests), 1)

    def test_broken_answers_to_a_success(self):
        for reply in (
            answer(b'{"a": 1'),
            answer(b"<html>"),
            answer(b'{"a": NaN}'),
            answer(b"[" * 100_000),
            answer(b'{"a": 1e9999999999999999999999}'),
            answer(b"\xff\xfe{}"),
            answer(b"not gzip", Content_Encoding="gzip"),
            then_close(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}"),
            then_close(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
        ):
            error, server, _seconds = self.attempt(reply, method="POST")
            self.assertTrue(error.sent)
            self.assertEqual(error.details["status"], 200)
            self.assertEqual(len(server.requests), 1)

    def test_no_http_at_all(self):
        for reply in (then_close(b"SSH-2.0-x\r\n"), then_close(b"")):
            error, _server, _seconds = self.attempt(reply, method="POST")
            self.assertTrue(error.sent)

    def test_oversized_answer(self):
        with patch.object(client_module, "RESPONSE_MAX_BYTES", 50_000):
            self.assertEqual(
                len(
                    self.connect(self.serve(answer(b'"%s"' % (b"x" * 49_998))))
                    .request("GET", "x")
                    .data
                ),
                49_998,
            )
            error, _server, _seconds = self.attempt(answer(b'"%s"' % (b"x" * 50_000)))
            self.assertIn("larger than 50000 bytes", error.message)
            self.assertLessEqual(len(error.details["body"]), 2000)
            self.attempt(answer(b"x" * 100_000, "400 Bad"), expected=RejectedError)
            # A redirect's body is not read behind our back.
            self.attempt(answer(b"x" * 100_000, "302 Found", Location="/x"), expected=RejectedError)

    def test_error_in_another_encoding(self):
        reply = answer(
            "ungültig".encode("latin-1"), "400 Bad", Content_Type="text/plain; charset=latin-1"
        )
        self.assertIn("ungültig", self.attempt(reply, expected=RejectedError)[0].message)
        reply = answer(b"what", "400 Bad", Content_Type="text/plain; charset=x-unheard-of")
        self.assertIn("what", self.attempt(reply, expected=RejectedError)[0].message)


@tagged("standard")
class TestStaleConnection(ClientCase):
    def test_closed_while_idle(self):
        server = self.serve(then_close(answer()), answer())
        client = self.connect(server)
        client.request("POST", "a")
        time.sleep(0.05)
        client.request("POST", "b")
        self.assertEqual(server.connections, 2)

    def test_idempotent_request_is_repeated_once(self):
        server = self.serve(answer(), then_close(b""), answer(b"[1]"))
        client = self.connect(server)
        client.request("GET", "a")
        self.assertEqual(client.request("PUT", "b", json={}).data, [1])
        self.assertEqual(
            [line[:6] for line, *_rest in server.requests], ["GET /a", "PUT /b", "PUT /b"]
        )

    def test_but_not_twice(self):
        server = self.serve(answer(), then_close(b""), then_close(b""), answer())
        client = self.connect(server)
        client.request("GET", "a")
        with self.assertRaises(RetryableError):
            client.request("GET", "b")
        self.assertEqual(len(server.requests), 3)

    def test_post_that_went_out_is_never_repeated(self):
        server = self.serve(answer(), then_close(b""), answer())
        client = self.connect(server)
        client.request("GET", "a")
        with self.assertRaises(RetryableError) as caught:
            client.request("POST", "b", json={})
        self.assertTrue(caught.exception.sent)
        self.assertEqual(len(server.requests), 2)

    def test_answer_that_began_is_not_asked_for_again(self):
        server = self.serve(answer(), then_close(b"HTTP/1.1 200"), answer())
        client = self.connect(server)
        client.request("GET", "a")
        with self.assertRaises(RetryableError):
            client.request("GET", "b")
        self.assertEqual(len(server.requests), 2)

    def test_idle_connection_is_not_used_again(self):
        server = self.serve(answer(), answer())
        client = self.connect(server)
        client.request("POST", "a")
        with patch.object(client_module, "_IDLE_SECONDS", 0.0):
            client.request("POST", "b")
        self.assertEqual(server.connections, 2)


@tagged("standard")
class TestSecrecy(ClientCase):
    def test_log_line(self):
        server = self.serve(answer(b'{"token": "answered"}'))
        client = self.connect(server, headers={"X-Api-Key": SECRET}, secrets=["hook/1"])
        with self.assertLogs(level=logging.INFO) as logs:
            client.request(
                "POST", "hook%2F1/x", params={"key": SECRET, "email": "a@b"}, json={"n": "body"}
            )
        (record,) = [line for line in logs.output if client_module.__name__ in line]
        self.assertRegex(record, r"POST http://127\.0\.0\.1:\d+/\*\*\*/x: 200 in \d+ ms, 21 bytes")
        everything = "\n".join(logs.output)
        for hidden in (SECRET, "sk_s3cret", "a@b", "body", "answered", "hook", "email"):
            self.assertNotIn(hidden, everything)

    def test_echoed_secrets_are_masked(self):
        for reply in (
            answer(
                b'{"message": "bad key sk_s3cret/of+the shop", "sk_s3cret/of+the shop": ["x"]}',
                "401 No",
            ),
            answer(b'{"message": "bad key sk_s3cret\\/of+the shop"}', "401 No"),
            answer(b"bad key sk_s3cret/of+the shop!", "401 No"),
            answer(b"bad key sk_s3cret%2Fof%2Bthe%20shop", "401 sk_s3cret/of+the shop"),
            answer(b"Basic c2tfczNjcmV0L29mK3RoZSBzaG9wOg==", "401 No"),
            answer(b"x" * 1990 + b"sk_s3cret/of+the shop", "401 No"),
        ):
            error, _server, _seconds = self.attempt(
                reply, expected=ConfigurationError, secrets=[SECRET]
            )
            shown = f"{error.message} {error.details}"
            self.assertNotIn("s3cret", shown)
            self.assertNotIn("c2tfczN", shown)

    def test_kept_text_is_masked(self):
        server = self.serve(answer(b'{"key": "abcdefgh"}'))
        response = self.connect(server, headers={"Authorization": "Bearer abcdefgh"}).request(
            "GET", "x"
        )
        self.assertEqual(response.text, '{"key": "***"}')
        self.assertEqual(response.data, {"key": "abcdefgh"})

    def test_idempotency_key_is_no_secret(self):
        error, _server, _seconds = self.attempt(
            answer(b"duplicate order-4711", "400 Bad"),
            expected=RejectedError,
            headers={"Idempotency-Key": "order-4711"},
        )
        self.assertIn("order-4711", error.message)

    def test_unsendable_key_is_not_shown(self):
        for key in ("abcdefgh\n", "ключ-secret", " abcdefgh"):
            server = self.serve(answer())
            with self.assertRaises(ConfigurationError) as caught, self.assertNoLogs(level="ERROR"):
                self.connect(server, headers={"x-key": key}).request("GET", "x")
            self.assertNotIn(key.strip(), caught.exception.message)
            self.assertTrue(caught.exception.__suppress_context__)

    def test_failure_does_not_show_the_query(self):
        with self.assertLogs(client_module.__name__, logging.INFO) as logs:
            error, _server, _seconds = self.attempt(then_close(b""))
            client = self.connect("http://127.0.0.1:9")
            with self.assertRaises(RetryableError) as caught:
                client.request("GET", "x", params={"key": "hidden"})
        self.assertNotIn("hidden", f"{error} {caught.exception} {logs.output}")


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

        for reply in (headers, body, silence(1)):
            server = self.serve(reply, tls=self.tls)
            began = time.monotonic()
            with (
                patch.dict(os.environ, {"REQUESTS_CA_BUNDLE": self.bundle}),
                self.assertRaises(RetryableError) as caught,
            ):
                self.connect(server, deadline=0.3).request("POST", "x")
            self.assertLess(time.monotonic() - began, 0.7)
            self.assertTrue(caught.exception.sent)

    def test_deadline_holds_for_the_handshake(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        client = self.connect(f"https://127.0.0.1:{listener.getsockname()[1]}", deadline=0.3)
        began = time.monotonic()
        with self.assertRaises(RetryableError) as caught:
            client.request("POST", "x")
        self.assertLess(time.monotonic() - began, 0.7)
        self.assertFalse(caught.exception.sent)
