# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Webhooks over HTTP: what is refused, stored, processed, and answered."""

import json
import logging
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import Mock, patch

import odoo.sql_db
from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import config, mute_logger

from ..const import LOCK_INBOUND, WEBHOOK_MAX_BYTES
from ..controllers.webhook import WebhookController
from ..exceptions import SignatureError
from ..vault import seal
from .shop_case import WEBHOOK_SECRET, ShopCase, sign

CONTROLLER_LOGGER = "odoo.addons.connector_hub.controllers.webhook"
EVENT_LOGGER = "odoo.addons.connector_hub.models.connector_hub_event"


class WebhookCase(ShopCase, HttpCase):
    def post(
        self, payload=None, body=None, path=None, headers=None, secret=WEBHOOK_SECRET, **values
    ):
        """Post an event, signed unless ``secret`` is None."""
        if body is None:
            payload = {"type": "order.created", "order": "O-1"} if payload is None else payload
            body = json.dumps({**payload, **values}).encode()
        signature = {"X-Signature": sign(body, secret)} if secret else {}
        self.env.cr.flush()
        response = self.url_open(
            path or f"/connector_hub/probe/{self.backend.webhook_uuid}",
            data=body,
            headers={"Content-Type": "application/json", **signature, **(headers or {})},
            method="POST",
        )
        self.env.invalidate_all()
        return response

    def events(self, backend=None):
        return self.env["connector.hub.event"].search(
            [("backend_id", "=", (backend or self.backend).id)], order="id"
        )

    def contacts(self, order="O-1"):
        return self.env["res.partner"].search([("ref", "=", order)])

    def assertRefused(self, response, status, code, *words):
        """The seed's error format, and nothing stored."""
        self.assertEqual(response.status_code, status, response.text[:500])
        self.assertEqual(response.headers["Content-Type"].split(";")[0], "application/json")
        content = response.json()
        self.assertEqual(set(content), {"success", "error"})
        self.assertIs(content["success"], False)
        self.assertEqual(set(content["error"]), {"code", "message", "details"})
        self.assertEqual(content["error"]["code"], code)
        for word in words:
            self.assertIn(word, content["error"]["message"])
        self.assertNotIn("Traceback", response.text)
        self.assertFalse(self.events())
        self.assertFalse(self.contacts())


@tagged("post_install", "-at_install")
class TestWebhook(WebhookCase):
    # --- done ---

    def test_processed(self):
        response = self.post(at="2026-11-22T12:00:00Z")
        contact = self.contacts()
        self.assertEqual(response.status_code, 200)
        self.assertEqual(
            response.json(),
            {
                "success": True,
                "event_id": "order.created:O-1",
                "status": "done",
                "odoo_model": "res.partner",
                "odoo_id": contact.id,
            },
        )
        self.assertEqual(contact.create_uid, self.env.ref("connector_hub.user_hub"))
        event = self.events()
        self.assertEqual((event.state, event.res_id), ("done", contact.id))
        self.assertEqual(fields.Datetime.to_string(event.occurred_at), "2026-11-22 12:00:00")

    def test_the_text_is_kept_as_it_came(self):
        body = '{"type":"order.created",  "order": "O-1", "name": "غطاء", "n": 16.000}'.encode()
        self.post(body=body)
        self.assertEqual(self.events().payload.encode(), body)

    def test_half_an_emoji(self):
        """As JavaScript writes a text that was cut in the middle: no reason to refuse an order."""
        body = rb'{"type": "order.created", "order": "O-\ud83d", "note": "\ud83d"}'
        response = self.post(body=body)
        self.assertEqual((response.status_code, response.json()["status"]), (200, "done"))
        self.assertEqual(self.events().payload.encode(), body)
        self.assertTrue(self.contacts("O-\ufffd"))

    def test_endless_id(self):
        response = self.post(type="order.noted", order=None, id="m" * 5000)
        self.assertNotEqual(response.status_code, 503)
        self.assertEqual(len(self.events()), 1)

    def test_nothing_is_counted_for_it(self):
        """Counting all messages takes longer than processing one, the longer the more are kept."""
        with patch.object(
            type(self.backend), "_compute_message_counts", side_effect=AssertionError
        ):
            self.assertEqual(self.post().status_code, 200)
            self.assertEqual(self.post(order="O-2", do="reject").status_code, 202)

    def test_content_types(self):
        for number, content_type in enumerate(
            ("application/json; charset=utf-8", "application/cloudevents+json", "text/plain", "")
        ):
            response = self.post(order=f"O-{number}", headers={"Content-Type": content_type})
            self.assertEqual(response.status_code, 200, content_type)

    def test_of_no_use(self):
        response = self.post(type="cart.updated")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.json()["status"], "ignored")
        self.assertFalse(self.events())

    def test_no_session(self):
        self.assertNotIn("session_id", self.post().headers.get("Set-Cookie", ""))

    # --- stored only ---

    def _assert_stored(self, response, state="pending"):
        self.assertEqual(response.status_code, 202, response.text)
        content = response.json()
        self.assertIs(content["success"], True)
        self.assertEqual(content["event_id"], "order.created:O-1")
        self.assertEqual(content["status"], state)
        self.assertEqual(self.events()[-1].state, state)
        return content

    def test_dead(self):
        content = self._assert_stored(self.post(do="reject"), "dead")
        self.assertEqual(content["reason"], "unknown_sku")
        self.assertTrue(self.is_woken(), "the lane calls a person, so that no two do")

    def test_failed_for_now(self):
        self._assert_stored(self.post(do="retry"))
        self.assertEqual(self.events().attempts, 1)

    def test_surprise(self):
        with mute_logger(EVENT_LOGGER):
            self._assert_stored(self.post(do="surprise"))
        self.assertFalse(self.contacts())

    def test_paused(self):
        self.backend.action_pause()
        self._assert_stored(self.post())
        self.assertFalse(self.contacts())
        self.backend.action_activate()
        self.run_lane()
        self.assertTrue(self.contacts())

    def test_not_at_once(self):
        for frequency in ("5", "15", "manual"):
            self.backend.frequency = frequency
            self.events().unlink()
            self._assert_stored(self.post())
        self.assertFalse(self.contacts())

    def test_behind_older_ones(self):
        self.add_event(order="O-0")
        self._assert_stored(self.post())
        self.assertFalse(self.contacts())
        self.run_lane()
        self.assertEqual(self.events().mapped("state"), ["done", "done"])

    def test_behind_its_dead_creator(self):
        self.post(do="reject")
        response = self.post(type="order.changed", id="msg_1")
        self.assertEqual((response.status_code, response.json()["status"]), (202, "pending"))

    def test_stored_only_wakes_the_lane(self):
        self.add_event(order="O-0")
        self.woken.clear()
        self.post()
        self.assertTrue(self.is_woken())

    def test_while_the_lane_is_at_it(self):
        """The lock is held elsewhere: the sender is not kept waiting."""
        with odoo.sql_db.db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_INBOUND, self.backend.id))
            response = self.post()
            cr.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCK_INBOUND, self.backend.id))
        self._assert_stored(response)
        self.assertLess(response.elapsed, timedelta(seconds=6))

    # --- again ---

    def test_ten_times(self):
        answers = [self.post(id=f"msg_{number}").json() for number in range(10)]
        self.assertEqual(len(self.events()), 1)
        self.assertEqual(len(self.contacts()), 1)
        for answer in answers:
            self.assertEqual(answer, answers[0])

    def test_again_while_it_waits(self):
        self.backend.action_pause()
        first, second = self.post(), self.post()
        self.assertEqual(first.json(), second.json())
        self.assertEqual(second.status_code, 202)
        self.backend.action_activate()
        self.run_lane()
        third = self.post()
        self.assertEqual(third.status_code, 200)
        self.assertEqual(third.json()["odoo_id"], self.contacts().id)

    def test_again_after_it_died(self):
        self.post(do="reject")
        content = self._assert_stored(self.post(), "dead")
        self.assertEqual(content["reason"], "unknown_sku")
        self.assertEqual(len(self.events()), 1)

    # --- whose ---

    def test_two_backends(self):
        other = self.add_backend(webhook_secret="other-secret-0123456789")
        path = f"/connector_hub/probe/{other.webhook_uuid}"
        self.assertEqual(self.post(path=path).status_code, 401)
        self.assertEqual(self.post(path=path, secret="other-secret-0123456789").status_code, 200)
        self.assertEqual((len(self.events()), len(self.events(other))), (0, 1))
        self.assertEqual(self.post().status_code, 200)
        self.assertEqual((len(self.events()), len(self.events(other))), (1, 1))

    def test_fixed_address(self):
        """Of a partner with one address for all: whose secret verifies the request, whatever ails the others."""
        receive = WebhookController.receive
        self.startPatcher(
            patch.object(
                WebhookController, "receive", lambda route, code, _uuid: receive(route, code)
            )
        )
        other = self.add_backend(webhook_secret="other-secret-0123456789", sequence=1)
        self.assertEqual(self.post(secret="other-secret-0123456789").status_code, 200)
        self.assertEqual((len(self.events()), len(self.events(other))), (0, 1))
        unusable = seal(
            "whsec_", aad=other._secret_context("webhook_secret"), key=other._vault_keys()[0]
        )
        for number, sealed in enumerate(("v1:of-a-key-that-is-lost:x", unusable), start=1):
            other.sudo().webhook_secret_sealed = sealed
            self.registry.clear_cache()
            self.assertEqual(self.post(order=f"O-{number}").status_code, 200)
            self.assertEqual((len(self.events()), len(self.events(other))), (number, 1))
            with mute_logger(CONTROLLER_LOGGER):
                refused = self.post(secret="wrong-secret-0123456789", order="O-9")
            self.assertEqual(refused.status_code, 503, "it may have been the other's")

    def test_made_up_partners_fill_no_cache(self):
        self.post()
        for number in range(3):
            path = f"/connector_hub/made-up-{number}/{self.backend.webhook_uuid}"
            self.assertEqual(self.post(path=path).status_code, 401)
        cached = [key for cache in self.registry._Registry__caches.values() for key in cache]
        self.assertTrue([key for key in cached if "probe" in key], "real ones are")
        self.assertFalse([key for key in cached if "made-up" in str(key)])

    def test_unknown_addresses(self):
        for path in (
            "/connector_hub/probe/00000000-0000-0000-0000-000000000000",
            f"/connector_hub/nobody/{self.backend.webhook_uuid}",
            "/connector_hub/probe/x%27%22%00",
        ):
            response = self.post(path=path)
            self.assertIn(response.status_code, (401, 404, 400), path)
        self.assertFalse(self.events())

    def test_draft_and_archived(self):
        for values in ({"state": "draft"}, {"state": "active", "active": False}):
            self.backend.write(values)
            self.assertRefused(self.post(), 401, "UNAUTHORIZED")

    def test_ping(self):
        path = f"/connector_hub/probe/{self.backend.webhook_uuid}/ping"
        self.env.cr.flush()
        answer = self.url_open(path)
        self.assertEqual(answer.json(), {"success": True, "backend": self.backend.webhook_uuid})
        self.backend.state = "draft"
        self.env.cr.flush()
        self.assertEqual(self.url_open(path).status_code, 200, "the test comes before activation")
        self.backend.active = False
        self.env.cr.flush()
        self.assertEqual(self.url_open(path).status_code, 404)

    def test_wrong_method(self):
        self.env.cr.flush()
        for method in ("GET", "PUT", "DELETE"):
            response = self.url_open(
                f"/connector_hub/probe/{self.backend.webhook_uuid}", method=method
            )
            self.assertEqual(response.status_code, 405, method)

    # --- not authentic ---

    def test_not_authentic(self):
        body = json.dumps({"type": "order.created", "order": "O-1"}).encode()
        for headers in (
            {},
            {"X-Signature": ""},
            {"X-Signature": "sha256="},
            {"X-Signature": sign(body, "wrong-secret")},
            {"X-Signature": sign(b"another body")},
            {"X-Signature": "x" * 60_000},
            {"X-Signature": "\u00e9".encode("latin-1")},
            {"Authorization": f"Bearer {WEBHOOK_SECRET}"},
        ):
            with self.subTest(str(headers)[:50]):
                response = self.post(body=body, secret=None, headers=headers)
                self.assertRefused(response, 401, "UNAUTHORIZED")

    def test_dialect_decides(self):
        """A partner's backend may speak a dialect with signatures of its own."""
        strict = SimpleNamespace(_verify_webhook=Mock(side_effect=SignatureError("Not like that.")))
        with patch.object(type(self.backend), "_get_adapter", lambda backend: strict):
            self.assertRefused(self.post(), 401, "UNAUTHORIZED", "Not like that.")

    def test_not_authentic_says_nothing_of_the_body(self):
        self.assertRefused(self.post(body=b"{", secret="wrong"), 401, "UNAUTHORIZED")

    def test_missing_key(self):
        """Nobody outside learns why; a sender that keeps trying loses nothing meanwhile."""
        self.env.registry.clear_cache()
        with (
            patch.dict(
                config.options, {"connector_hub_key": "another passphrase of 32 characters"}
            ),
            mute_logger(CONTROLLER_LOGGER),
        ):
            self.assertRefused(self.post(), 503, "TRY_AGAIN", "cannot be verified now")

    # --- not readable ---

    def test_not_json(self):
        for body in (
            b"", b"{", b"null", b"[]", b"5", b'"text"', b"{'a': 1}", b'{"a": NaN}', b'{"a": Infinity}',
            b'{"type": "order.created", "order": "O-1"} x', b"\xff\xfe", b'{"a": "\xff"}',
            b'{"type": "order.created", "order": "O\\u0000"}', b'{"type": "order.created", "order": "O\x00"}',
            *(b'{"type": "order.created", "a": ' + b"[" * deep + b"]" * deep + b"}" for deep in (100, 900, 10**4)),
            b"[" * 10_000 + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
            b'{"n": ' + b"9" * 100_000 + b"}",
        ):  # fmt: skip
            with self.subTest(body[:40]):
                self.assertRefused(self.post(body=body), 400, "VALIDATION_ERROR")

    def test_not_valid(self):
        for payload, word in (
            ({"order": "O-1"}, "type"),
            ({"type": 5, "order": "O-1"}, "type"),
            ({"type": None}, "type"),
            ({"type": "order.created", "order": {}}, "order"),
            ({"type": "order.created", "at": "yesterday"}, "at"),
        ):
            with self.subTest(payload):
                self.assertRefused(self.post(payload), 400, "VALIDATION_ERROR", word)

    def test_too_large(self):
        for size in (WEBHOOK_MAX_BYTES + 1, 10 * 1024 * 1024):
            body = b'{"type": "order.created", "x": "' + b"x" * size + b'"}'
            self.assertRefused(self.post(body=body), 413, "PAYLOAD_TOO_LARGE")
        body = b'{"type": "order.created", "order": "O-9", "x": "' + b"x" * (
            WEBHOOK_MAX_BYTES - 1000
        )
        self.assertEqual(self.post(body=body + b'"}').status_code, 200)

    def test_not_json_by_its_own_words(self):
        for content_type in (
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/xml",
            "text/html",
        ):
            with self.subTest(content_type):
                response = self.post(headers={"Content-Type": content_type})
                self.assertRefused(response, 415, "UNSUPPORTED_MEDIA_TYPE", "application/json")

    # --- the log ---

    def test_no_secret_in_the_log(self):
        body = json.dumps({"type": "order.created", "order": "O-1", "card": "4111111111111111"})
        with self.assertLogs("odoo", level=logging.INFO) as logged:
            logging.getLogger(CONTROLLER_LOGGER).info("the log works")
            self.post(body=body.encode())
            self.post(body=b"{")
            self.post(secret="wrong-0123456789")
        text = "\n".join(logged.output)
        for hidden in (WEBHOOK_SECRET, sign(body.encode()), "4111111111111111"):
            self.assertNotIn(hidden, text)
