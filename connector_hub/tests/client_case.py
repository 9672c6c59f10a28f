# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time

from odoo.tests.common import BaseCase

from ..client import HubClient
from ..exceptions import RetryableError
from .wire import WireServer


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
