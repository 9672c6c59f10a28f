# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
import gzip
import os
import socket
import struct
import tempfile
import tracemalloc
import zlib
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from email.utils import format_datetime
from types import SimpleNamespace
from unittest.mock import patch
from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from odoo.tests.common import tagged

from .. import answers
from .. import client as client_module
from ..answers import read_retry_after
from ..client import HubClient, check_base_url
from ..const import RESPONSE_MAX_BYTES
from ..exceptions import ConfigurationError, RejectedError, RetryableError
from .client_case import ClientCase
from .wire import answer, then_close


def reset(connection):
    """Break the connection off with a TCP reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@tagged("standard")
class TestExchange(ClientCase):
    def test_json_both_ways_is_exact(self):
        server = self.serve(answer(b'{"total": 16.000000000000000001, "n": 3, "name": "\xd8\xb9"}'))
        client = self.connect(server, headers={"x-odoo-api-key": "sk_1"})
        payload = {"amount": Decimal("16.000"), "big": Decimal("1E+3"), "name": "عود", "none": None}

        response = client.request("POST", "orders", json=payload, params={"limit": 5})

        line, headers, body = server.requests[0]
        self.assertEqual(line, "POST /orders?limit=5 HTTP/1.1")
        self.assertEqual(headers["x-odoo-api-key"], "sk_1")
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
            "https://shop.example.com:0",
            "https://[shop",
            "https://:pass@shop.example.com",
            "https://shop.example.com/?key=1",
        ):
            with self.subTest(url=url), self.assertRaises(ConfigurationError) as caught:
                HubClient(url)
            self.assertNotIn("pass@", caught.exception.message)

    @given(st.text() | st.text().map("https://".__add__) | st.from_regex(r"https?://[\[\]:@.\w]*"))
    def test_any_text_is_refused_or_can_be_tried(self, text):
        with contextlib.suppress(ConfigurationError):
            url = check_base_url(text)
            self.assertEqual(check_base_url(url), url)
            parts = urlsplit(url)
            self.assertTrue(parts.hostname)
            self.assertNotIn("@", parts.netloc)


@tagged("standard")
class TestPackedAnswers(ClientCase):
    """What is small on the wire may be gigabytes: memory is taken for what is kept of it, and no more."""

    def test_packed(self):
        packed = gzip.compress(b'{"total": 3}')
        server = self.serve(answer(packed, Content_Encoding="gzip"))
        self.assertEqual(self.connect(server).request("GET", "x").data, {"total": 3})
        self.assertEqual(server.requests[0][1]["accept-encoding"], "gzip")

    def test_bomb(self):
        packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
        zeros = b"0" * 2**20
        bomb = b"".join([packer.compress(zeros) for _megabyte in range(512)]) + packer.flush()
        self.assertLess(len(bomb), 2**20)
        for status in ("200 OK", "500 Broken"):
            server = self.serve(answer(bomb, status, Content_Encoding="gzip"))
            client = self.connect(server, deadline=20)
            tracemalloc.start()
            with self.assertRaises(RetryableError):
                client.request("GET", "x")
            _now, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            # The pieces, these joined, and their text.
            self.assertLess(most, 4 * RESPONSE_MAX_BYTES)

    def test_packed_several_times_or_otherwise(self):
        packed = gzip.compress(b"{}")
        for encoding in ("gzip, gzip", "gzip, gzip, gzip", "br", "zstd", "deflate", "x" * 5000):
            body = gzip.compress(packed) if "," in encoding else packed
            error, _server, _seconds = self.attempt(answer(body, Content_Encoding=encoding))
            self.assertIn("was not asked for", error.message)
            self.assertLess(len(error.message), 300)

    def test_packed_and_cut_off(self):
        packed = gzip.compress(b'{"total": 3}')
        for body in (packed[:-9], b"no gzip at all"):
            error, _server, _seconds = self.attempt(answer(body, Content_Encoding="gzip"))
            self.assertIn("broke off", error.message)


@tagged("standard")
class TestReadAnswer(ClientCase):
    def test_field_and_call_are_named(self):
        class Product(BaseModel):
            sku: str

        class Products(BaseModel):
            products: list[Product]

        server = self.serve(answer(b'{"products": [{"sku": "A"}, {"sku": ["B"]}]}'))
        response = self.connect(server).request("GET", "/odoo/products", params={"key": "secret"})
        with self.assertRaises(RejectedError) as caught:
            answers.read_answer(response, Products)
        error = caught.exception
        self.assertEqual(error.reason, "invalid_payload")
        self.assertIn(f"GET {server.url}/odoo/products was answered", error.message)
        self.assertIn("products.1.sku: Input should be a valid string", error.message)
        self.assertNotIn("secret", error.message)


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

    @given(
        st.one_of(
            st.text(st.characters(max_codepoint=255), max_size=60),
            st.from_regex(r"\A-?[0-9]{1,400}(\.[0-9]+)?\Z"),
            st.from_regex(
                r"\A[A-Z][a-z]{2}, [0-9]{1,3} (Jan|Feb|Dec) [0-9]{1,6} [0-9]{2}:[0-9]{2}:[0-9]{2}"
                r" (GMT|EST|[+-][0-9]{1,20})\Z"
            ),
        )
    )
    def test_retry_after_is_a_wait_of_a_year_at_most_or_none(self, value):
        seconds = read_retry_after(SimpleNamespace(headers={"Retry-After": value}))
        self.assertTrue(seconds is None or 0 <= seconds <= 365 * 24 * 3600, seconds)

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
            then_close(b"HTTP/1.1 200 OK\r\nContent-Le"),
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
        with patch.object(answers, "RESPONSE_MAX_BYTES", 50_000):
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
        self.assertTrue(server.ended.acquire(timeout=5))
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
        server = self.serve(answer(), then_close(b"HT"), answer())
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
