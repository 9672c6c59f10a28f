# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo.tests.common import tagged

from .. import client as client_module
from ..exceptions import ConfigurationError, RejectedError, RetryableError
from .client_case import ClientCase
from .wire import answer, then_close

SECRET = "sk_s3cret/of+the shop"


@tagged("standard")
class TestSecrecy(ClientCase):
    def test_log_line(self):
        server = self.serve(answer(b'{"token": "answered"}'))
        client = self.connect(server, headers={"X-Api-Key": SECRET}, secrets=["hook/1"])
        with (
            self.assertNoLogs("urllib3", logging.INFO),
            self.assertLogs("odoo", logging.INFO) as logs,
        ):
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
            self.assertFalse(server.requests)

    def test_failure_does_not_show_the_query(self):
        with self.assertLogs(client_module.__name__, logging.INFO) as logs:
            error, _server, _seconds = self.attempt(then_close(b""))
            client = self.connect("http://127.0.0.1:9")
            with self.assertRaises(RetryableError) as caught:
                client.request("GET", "x", params={"key": "hidden"})
        self.assertNotIn("hidden", f"{error} {caught.exception} {logs.output}")
