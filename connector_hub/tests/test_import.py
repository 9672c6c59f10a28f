# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Importing everything: since when, how many, and what is business of the past."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from ..routes import PollPage
from .test_lane import LaneCase


class ImportCase(LaneCase):
    """The partner's list of orders is ``self.placed``: {external id: when it was placed}."""

    def setUp(self):
        super().setUp()
        self.now = fields.Datetime.now()
        self.requests, self.placed, self.payloads = [], {}, {}
        self.count = lambda client, made_since, deadline: len(self._listed(made_since))
        adapter = type(self.backend._get_adapter())
        for name, table in (
            ("_poll_routes", lambda a: {"order": self._fetch, "partner": self._fetch_nothing}),
            ("_count_routes", lambda a: {"order": self.count}),
        ):
            self.startPatcher(patch.object(adapter, name, table))
        self.cursor = self.backend._cursor("order")

    def _listed(self, made_since):
        return [
            external_id
            for external_id, placed_at in self.placed.items()
            if not made_since or placed_at >= made_since.replace(tzinfo=None)
        ]

    def _fetch(self, backend, client, request):
        self.requests.append(request)
        return PollPage(
            payloads=[
                {
                    "type": "order.created",
                    "order": external_id,
                    "at": self.placed[external_id].isoformat(),
                    **self.payloads.get(external_id, {}),
                }
                for external_id in self._listed(request.made_since)
            ]
        )

    def _fetch_nothing(self, backend, client, request):
        return PollPage(payloads=[])

    def _ago(self, **age):
        return self.now - timedelta(**age)

    def _events(self, **values):
        return self.env["connector.hub.event"].search(
            [("backend_id", "=", self.backend.id), *((n, "=", v) for n, v in values.items())],
            order="id",
        )

    def _history(self):
        return {event.external_id: event.is_history for event in self._events(creates=True)}

    def _ask(self, **values):
        """The dialog of the button, filled in."""
        action = self.backend.with_context(connector_hub_ask=True).action_import_all()
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        for name, value in values.items():
            form[name] = value
        return form


@tagged("post_install", "-at_install")
class TestImportAll(ImportCase):
    def test_count_is_shown_first(self):
        self.placed = {"O-1": self._ago(days=30), "O-2": self._ago(hours=2)}
        form = self._ask()
        self.assertEqual((form.count_text, form.mode, form.is_old), ("2 orders", "history", True))
        form.made_since = self._ago(hours=3)
        self.assertEqual((form.count_text, form.mode, form.is_old), ("1 order", "live", False))
        self.send()
        self.assertFalse(self.cursor.is_full, "nothing has begun")

    def test_partner_that_does_not_count(self):
        """It does not block the import, and the dialog says why the number is missing."""
        self.shop.fail(503)
        self.count = lambda client, made_since, deadline: client.request(
            "GET", "/count", deadline=deadline
        )
        form = self._ask()
        self.assertIn("503", form.count_text)
        self.count = lambda client, made_since, deadline: None
        self.assertIn("Not known", self._ask().count_text)
        self._ask().save().action_import()
        self.assertEqual(self.cursor.state, "running")

    def test_as_history(self):
        """What was placed before new orders were last fetched is history; later ones are new business."""
        self.placed = {"O-1": self._ago(days=400), "O-2": self._ago(hours=1), "O-3": self.now}
        self._ask().save().action_import()
        self.send()
        self.assertEqual(self._history(), {"O-1": True, "O-2": True, "O-3": False})

    def test_as_new_orders(self):
        self.placed = {"O-1": self._ago(days=400), "O-2": self._ago(hours=1)}
        self._ask(mode="live").save().action_import()
        self.send()
        self.assertEqual(self._history(), {"O-1": False, "O-2": False})

    def test_since(self):
        self.placed = {"O-1": self._ago(days=400), "O-2": self._ago(days=3)}
        self._ask(made_since=self._ago(days=10), mode="live").save().action_import()
        self.send()
        self.assertEqual(self._history(), {"O-2": False})
        self.cursor.polled_at = self._ago(hours=1)
        self.send()
        self.assertEqual(self.requests[-1].made_since, None)

    def test_script_that_asks_nobody(self):
        """It begins at once, and old orders are history."""
        self.placed = {"O-1": self._ago(days=400), "O-2": self.now}
        self.backend.action_import_all()
        self.send()
        self.assertEqual(self._history(), {"O-1": True, "O-2": False})

    def test_old_order_that_a_poll_shows(self):
        """Somebody touches an order of last year in the shop: it is not confirmed by that."""
        self.placed = {"O-1": self._ago(days=400), "O-2": self._ago(hours=20)}
        self.send()
        self.assertFalse(self.requests[0].made_since)
        self.assertEqual(self._history(), {"O-1": True, "O-2": False})

    def test_order_of_a_webhook_is_new(self):
        self.add_event(order="O-1", at=self._ago(days=400).isoformat())
        self.placed = {"O-1": self._ago(days=400)}
        self.backend.action_import_all()
        self.send()
        self.assertEqual(self._history(), {"O-1": False})

    def test_orders_alone(self):
        """The button beside the orders asks too; that of another kind begins."""
        other = self.backend._cursor("partner")
        action = self.cursor.with_context(connector_hub_ask=True).action_start()
        self.assertEqual(action["context"]["default_entity"], "order")
        form = Form(self.env[action["res_model"]].with_context(**action["context"]))
        form.save().action_import()
        self.assertEqual((self.cursor.state, other.state), ("running", "idle"))
        other.with_context(connector_hub_ask=True).action_start()
        self.assertEqual(other.state, "running")

    def test_manager_of_another_company(self):
        company = self.env["res.company"].create({"name": "Another"})
        user = new_test_user(
            self.env,
            "import-manager",
            "connector_hub.group_manager",
            company_id=company.id,
            company_ids=[fields.Command.set(company.ids)],
        )
        wizards = self.env["connector.hub.import"].with_user(user)
        wizards = wizards.with_context(allowed_company_ids=company.ids)
        with self.assertRaises(AccessError):
            wizards.create({"backend_id": self.backend.id}).action_import()
        with self.assertRaises(AccessError):
            self._ask().save().with_user(user).read(["made_since"])


@tagged("post_install", "-at_install")
class TestHeldOrders(ImportCase):
    """An order that could not be imported: tried again, or given up; what waits for it follows."""

    def _hold(self):
        self.placed = {"O-1": self._ago(hours=1)}
        self.payloads = {"O-1": {"do": "reject"}}
        self.send()
        self.add_event("order.changed", order="O-1")
        self.send()
        self.assertEqual(self._events().mapped("state"), ["dead", "pending"])
        return self._events()

    def test_import_all_tries_them_again(self):
        """As the order is in the shop now; an ordinary poll does not."""
        created, changed = self._hold()
        self.payloads.clear()
        self.cursor.polled_at = self._ago(hours=1)
        self.send()
        self.assertEqual(created.state, "dead")
        self.backend.action_import_all()
        self.send()
        self.assertEqual((created.state, changed.state), ("done", "done"))
        self.assertFalse(created.is_history, "it was new when it came")

    def test_what_is_not_in_the_range_stays_held(self):
        created, _changed = self._hold()
        self.payloads.clear()
        self._ask(made_since=self.now).save().action_import()
        self.send()
        self.assertEqual(created.state, "dead")

    def test_what_waits_says_for_what(self):
        created, changed = self._hold()
        self.assertEqual((changed.held_by_id, created.held_by_id), (created, created[:0]))

    def test_given_up(self):
        """Nothing waits any more, and what comes later waits no more either."""
        created, changed = self._hold()
        self.assertTrue(self.backend.activity_ids)
        created.action_give_up()
        self.send()
        self.assertEqual((created.state, changed.state), ("ignored", "ignored"))
        self.assertIn("Rejected as told", created.note)
        later = self.add_event("order.noted", order="O-1")
        self.process()
        self.assertEqual(later.state, "ignored")
        self.assertFalse(self.backend.activity_ids)
        self.assertFalse(self.backend.waiting_count)

    def test_requeued_after_all(self):
        created, changed = self._hold()
        created.action_give_up()
        self.send()
        created.payload = created.payload.replace("reject", "work")
        created.action_requeue()
        self.send()
        self.assertEqual((created.state, changed.state), ("done", "done"))

    def test_only_managers_give_up(self):
        created, _changed = self._hold()
        user = new_test_user(self.env, "reader", "connector_hub.group_user")
        with self.assertRaises(UserError):
            created.with_user(user).action_give_up()
