# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from types import SimpleNamespace
from unittest.mock import patch

from odoo.tests.common import BaseCase, tagged

from ..controllers import http as http_module
from ..controllers import webhook as webhook_module
from ..controllers.webhook import WebhookController


@tagged("standard")
class TestWithoutDatabase(BaseCase):
    def test_answer(self):
        """One that is away is asked for later; which of several is meant, the sender has to say."""
        named = {"X-Odoo-Database": "one"}
        for headers, databases, status in (
            ({}, [], 503),
            ({}, ["one"], 503),
            (named, ["one", "two"], 503),
            ({}, ["one", "two"], 404),
        ):
            request = SimpleNamespace(
                httprequest=SimpleNamespace(headers=headers),
                make_json_response=lambda content, headers, status: (status, headers or {}),
            )
            with (
                self.subTest(headers=headers, databases=databases),
                patch.object(http_module, "request", request),
                patch.object(webhook_module, "request", request),
                patch.object(webhook_module.http, "db_list", return_value=databases),
            ):
                answered, sent = WebhookController()._answer_without_database()
                self.assertEqual((answered, "Retry-After" in sent), (status, status == 503))
