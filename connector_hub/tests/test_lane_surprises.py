# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What nobody foresaw, in an answer, in a payload or in a handler: the lane goes on and calls a person."""

import time
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..const import RETRY_MINUTES
from ..routes import PollPage
from .test_lane import LaneCase
from .wire import WireServer, answer

LANE_LOGGER = "odoo.addons.connector_hub.models.connector_hub_lane"


class SurpriseCase(LaneCase):
    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(LANE_LOGGER))

    def answer_with(self, *answers):
        """The partner answers with exactly these bytes."""
        wire = WireServer(*answers)
        self.addCleanup(wire.close)
        self.move_to(wire.url)
        return wire

    def run_lane(self, backend=None, until=None):
        """As of all lanes; ``until``: when the scheduled action's time is up, by the monotonic clock."""
        if until is None:
            return super().run_lane(backend)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"cron_end_time": until})
            env["connector.hub.backend"].browse(self.backend.id)._run_lane()
        return self.env.invalidate_all()

    def contact(self):
        return self.env["res.partner"].create({"name": "P", "ref": "SHOP-1"})


@tagged("post_install", "-at_install")
class TestOddCharacters(SurpriseCase):
    """NUL and half an emoji, which PostgreSQL refuses: what was sent is recorded all the same."""

    def test_refusal(self):
        self.answer_with(answer(b"bad \x00 thing", status="400 Bad Request"))
        self.send(self.products[0])
        self.assertStates("dead", False, False)
        self.assertIn("bad", self.of(self.products[0]).response)

    def test_message_about_an_item(self):
        self.shop.refuse = {"B-2": "cut \ud83d", "C-3": "nul \x00"}
        self.send(*self.products)
        self.assertStates("done", "dead", "dead")
        self.assertEqual(self.of(self.products[1]).error, "The shop says cut \ufffd")
        self.assertEqual(self.send(), [])

    def test_outage(self):
        self.answer_with(answer(b"bad \x00 thing", status="503 Service Unavailable"))
        self.send(self.products[0])
        self.assertResting(1)
        self.assertStates("pending", False, False, attempts=[0, 0, 0])
        self.assertIn("503", self.backend.last_error)

    def test_external_id(self):
        self.answer_with(answer(rb'{"id": "cus_\u0000\ud83d"}'))
        contact = self.contact()
        self.send()
        self.assertEqual(self.of(contact, "partner").state, "done")
        binding = self.env["connector.hub.binding"].search([("entity", "=", "partner")])
        self.assertEqual(binding.external_id, "cus_\ufffd\ufffd")


@tagged("post_install", "-at_install")
class TestLaneSurprises(SurpriseCase):
    def _assert_retried_then_dead(self, delivery):
        """1, 5, 15 minutes, and then a person is called: nothing is sent again and again."""
        for attempts, minutes in enumerate(RETRY_MINUTES, start=1):
            self.assertEqual((delivery.state, delivery.attempts), ("pending", attempts))
            wait = (delivery.next_attempt_at - fields.Datetime.now()).total_seconds()
            self.assertAlmostEqual(wait, 60 * minutes, delta=10)
            self.assertIn(delivery.next_attempt_at, self.wakes().mapped("call_at"))
            self.let_time_pass()
            self.send()
        self.assertEqual((delivery.state, delivery.reason), ("dead", "internal_error"))
        self.assertIn("ZeroDivisionError", delivery.error)
        self.assertTrue(self.backend.activity_ids)

    def test_while_preparing(self):
        event, contact = self.add_event(), self.contact()

        def failing(_adapter, _backend, entity, _records):
            if entity == "product":
                raise ZeroDivisionError("as nobody foresaw")
            return {}

        with patch.object(type(self.backend._get_adapter()), "_refused", failing):
            self.send(self.products[0])
            self.assertEqual((event.state, self.of(contact, "partner").state), ("done", "done"))
            self.assertFalse(self.backend.cooldown_until)
            self._assert_retried_then_dead(self.of(self.products[0]))

    def test_while_reading_the_answer(self):
        def failing(*_arguments):
            raise ZeroDivisionError("as nobody foresaw")

        with patch.object(type(self.backend._get_adapter()), "_read_results", failing):
            self.send(self.products[0])
            self._assert_retried_then_dead(self.of(self.products[0]))
        self.assertEqual(len(self.shop.products), 1)

    def test_answers_of_the_wrong_type(self):
        for body in (b"5", b"null", b'"text"', b"[]", b'{"errors": 5}', b'{"errors": [5]}'):
            with self.subTest(body):
                self.deliveries().unlink()
                self.answer_with(answer(body))
                self.send(self.products[0])
                self.assertStates("pending", False, False, attempts=[1, 0, 0])

    def test_what_must_not_be_repeated_is_not(self):
        self.set_options(idempotent=False)
        contact = self.contact()
        wire = self.answer_with(answer(b"5"))
        self.send()
        delivery = self.of(contact, "partner")
        self.assertEqual((delivery.state, delivery.reason), ("dead", "outcome_unknown"))
        self.let_time_pass()
        self.send()
        self.assertEqual(len(wire.requests), 1)
        self.assertTrue(self.backend.activity_ids)

    def test_while_processing(self):
        """An error beyond a single event: the backend rests, loudly, and tries again."""
        with patch.object(
            type(self.env["connector.hub.event"]), "_due", side_effect=ZeroDivisionError
        ):
            self.send(self.products[0])
        self.assertResting(1)
        self.assertIn("ZeroDivisionError", self.backend.last_error)
        self.assertIn("cannot go on", self.backend.activity_ids.summary)
        self.assertIn(self.backend.cooldown_until, self.wakes().mapped("call_at"))
        self.let_time_pass()
        self.assertEqual(self.send(), [["A-1"]])
        self.assertFalse(self.backend.last_error or self.backend.activity_ids)

    def test_while_fetching(self):
        """What nobody foresaw, or a page that cannot be used, stops one kind of record; all others go on."""
        pages = {
            "order": lambda: 1 / 0,
            "category": lambda: PollPage(payloads=[object()], position=None),
            "product": lambda: PollPage(payloads=[], count=1, unreadable=["0: id: Field required"]),
            "partner": lambda: PollPage(payloads=[], count=2, unreadable=["0: id: Field required"]),
        }
        routes = {entity: lambda *_arguments, make=make: make() for entity, make in pages.items()}
        with (
            patch.object(type(self.backend._get_adapter()), "_poll_routes", lambda adapter: routes),
            self.assertLogs("odoo.addons.connector_hub.models.connector_hub_lane") as logs,
        ):
            self.assertEqual(self.send(self.products[0]), [["A-1"]])
        states = {cursor.entity: cursor.state for cursor in self.backend.cursor_ids}
        self.assertEqual(
            states,
            {"order": "stopped", "category": "stopped", "product": "stopped", "partner": "idle"},
        )
        self.assertEqual(["ZeroDivisionError" in text for text in logs.output], [True, False])
        self.assertFalse(self.backend.cooldown_count or self.backend.cooldown_until)
        self.assertIn("0: id: Field required", self.backend.message_ids[0].body)
        self.assertTrue(self.backend.activity_ids, "a person is called, and told why")
        refused = self.backend.cursor_ids.filtered(lambda cursor: cursor.entity == "product")
        self.assertIn("0: id: Field required", refused.error)
        refused.action_resume()
        self.assertFalse(refused.error)

    def test_conflict_at_the_end_of_a_pass(self):
        """Somebody closed the activity meanwhile: the retry is woken all the same."""
        self.shop.refuse = {"A-1": "busy"}
        refresh, failed = type(self.backend)._refresh_attention, []

        def conflict_once(backend):
            if not failed:
                failed.append(True)
                raise psycopg2.errors.SerializationFailure()
            return refresh(backend)

        with patch.object(type(self.backend), "_refresh_attention", conflict_once):
            self.send(self.products[0])
        self.assertTrue(failed)
        self.assertIn(self.of(self.products[0]).next_attempt_at, self.wakes().mapped("call_at"))
        self.assertFalse(self.backend.last_error)

    def test_what_the_partner_is_not_told_of_any_more(self):
        """Another dialect was chosen while this waited, or was on its way."""
        fact = self.deliver_fact(self.sale_order(), "order.unknown")
        waiting = self.deliver(entity="category")
        lost = self.deliver(self.products[1], entity="category")
        lost._settle({lost.id: {"state": "sending"}})
        self.env.cr.execute("UPDATE connector_hub_delivery SET lease_until = '2026-01-01'")
        self.assertEqual(self.send(self.products[2]), [["C-3"]])
        for delivery in (fact, waiting, lost):
            self.assertEqual((delivery.state, delivery.reason), ("dead", "not_configured"))
        self.assertFalse(self.backend.cooldown_until)

    def test_language_that_was_archived(self):
        lang = self.env["res.lang"]._activate_lang("fr_FR")
        self.env["connector.hub.field.mapping"].create(
            {
                "backend_id": self.backend.id,
                "odoo_field": "name",
                "external_field": "titre",
                "lang": "fr_FR",
            }
        )
        self.backend.lang = "fr_FR"
        lang.active = False
        event = self.add_event()
        self.send(self.products[0])
        self.assertEqual(event.state, "done")
        self.assertStates("done", "done", "done")
        self.assertEqual(self.shop.products["A-1"]["titre"], "Product A-1")

    # --- when it goes on ---

    def test_lease_of_a_lost_lane(self):
        """Nobody else wakes a backend whose lane was killed while it sent."""
        delivery = self.deliver()
        self.env.cr.execute(
            "UPDATE connector_hub_delivery SET state = 'sending', "
            "lease_until = date_trunc('second', now() AT TIME ZONE 'UTC') + interval '1 minute'"
        )
        self.env.invalidate_all()
        self.assertEqual(self.send(), [])
        self.assertIn(delivery.lease_until, self.wakes().mapped("call_at"))

    def test_only_when_asked_goes_on_until_nothing_is_left(self):
        """Beyond the time of one pass, and beyond a rest."""
        self.backend.frequency = "manual"
        self.backend.action_run_now()
        self.deliver(self.products[0])
        self.run_lane(until=time.monotonic() - 1)
        self.assertEqual(self.shop.requests, [])
        self.assertTrue(self.backend.run_requested)
        self.shop.fail(503, times=1)
        self.assertEqual(self.send(), [["A-1"]])
        self.let_time_pass()
        self.assertEqual(self.send(), [["A-1"]])
        self.assertStates("done", False, False)
        self.assertFalse(self.backend.run_requested)
        self.assertEqual(self.send(self.products[1]), [], "not asked for")

    def test_run_now_ends_a_rest(self):
        self.shop.fail(503, times=1)
        self.send(self.products[0])
        self.assertEqual(self.send(), [], "it rests")
        self.backend.action_run_now()
        self.assertFalse(self.backend.run_requested, "that is for the frequency “Only when asked”")
        self.assertEqual(self.send(), [["A-1"]])
