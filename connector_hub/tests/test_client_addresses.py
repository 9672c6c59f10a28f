# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import os
import socket
from unittest.mock import patch

from odoo.tests.common import _super_send, tagged

from ..exceptions import ConfigurationError, RejectedError
from .client_case import ClientCase
from .wire import answer


@tagged("standard")
class TestAddresses(ClientCase):
    """Where a request leads is known only once the name is resolved."""

    def setUp(self):
        super().setUp()
        # Odoo's tests let requests to localhost pass, and to no other name.
        self.startPatcher(patch("requests.sessions.Session.send", _super_send))

    def _resolving(self, *addresses):
        found = [
            (
                socket.AF_INET6 if ":" in text else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (text, 80),
            )
            for text in addresses
        ]
        return patch("socket.getaddrinfo", return_value=found)

    def test_link_local_addresses_are_never_connected_to(self):
        """There is nobody's shop, but a cloud's metadata with the credentials of this machine."""
        for address in (
            "169.254.169.254",
            "169.254.0.1",
            "fe80::1",
            "fe80::1%eth0",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ):
            for proxies in ({}, {"http_proxy": "http://127.0.0.1:9"}):
                with (
                    self.subTest(address, proxies=proxies),
                    self._resolving(address),
                    patch.dict(os.environ, proxies),
                    patch.object(socket.socket, "connect", side_effect=AssertionError),
                    self.assertRaises(ConfigurationError) as caught,
                ):
                    self.connect("http://shop.example.com").request("GET", "x")
                self.assertIn("link-local", caught.exception.message)

    def test_however_they_are_written(self):
        for host in ("169.254.169.254", "2852039166", "0xA9FEA9FE", "[fe80::1]"):
            with (
                self.subTest(host),
                patch.object(socket.socket, "connect", side_effect=AssertionError),
                self.assertRaises(ConfigurationError),
            ):
                self.connect(f"http://{host}").request("GET", "x")

    def test_other_addresses_of_the_same_name_are_used(self):
        server = self.serve(answer(b"{}"))
        port = int(server.url.rpartition(":")[2])
        with patch(
            "socket.getaddrinfo",
            return_value=[
                (socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port))
                for text in ("169.254.1.1", "127.0.0.1")
            ],
        ):
            self.assertEqual(self.connect("http://shop.example.com").request("GET", "x").data, {})

    def test_what_an_internal_host_answered_is_not_brief(self):
        """Whoever may enter any address must not read whatever is behind it."""
        server = self.serve(answer(b"internal secrets", status="404 Not Found"))
        with self.assertRaises(RejectedError) as caught:
            self.connect(server).request("GET", "x")
        self.assertIn("internal secrets", caught.exception.message)
        self.assertNotIn("internal secrets", caught.exception.brief)
        self.assertIn("404 Not Found", caught.exception.brief)
