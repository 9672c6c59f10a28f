# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import fields
from odoo.tests import new_test_user, tagged

from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestOverview(ShopCase):
    def setUp(self):
        super().setUp()
        self.Delivery = self.env["connector.hub.delivery"]
        self.Event = self.env["connector.hub.event"]
        self.other = self.add_backend()

    def _delivery(self, state, product=None, **values):
        product = self.env["product.product"].create({"name": state})
        delivery = self.deliver(product, **values)
        self.Delivery._settle({delivery.id: {"state": state, "reason": "unknown_sku"}})
        return delivery

    def _event(self, state, number, **values):
        event = self.add_event(order=f"O-{number}")
        event.write(values)
        self.Event._settle({event.id: {"state": state, "reason": "invalid_payload"}})
        return event

    # --- figures ---

    def test_counts(self):
        for number, state in enumerate(("pending", "done", "ignored", "dead", "dead")):
            self._event(state, number)
        for state in ("pending", "sending", "done", "dead", "ignored", "pending"):
            self._delivery(state)
        self._delivery("dead", backend_id=self.other.id)
        backend = self.backend
        self.assertEqual(
            (backend.event_count, backend.event_waiting_count, backend.event_dead_count), (5, 1, 2)
        )
        self.assertEqual(
            (backend.delivery_count, backend.delivery_waiting_count, backend.delivery_dead_count),
            (6, 3, 1),
        )
        self.assertEqual((backend.waiting_count, backend.dead_count), (4, 3))
        self.assertEqual((self.other.dead_count, self.other.event_count), (1, 0))
        self.assertEqual(backend.binding_count, 3)

    def test_search_by_dead_count(self):
        self._event("dead", 1)
        backends = self.backend | self.other
        search = self.env["connector.hub.backend"].search
        mine = [("id", "in", backends.ids)]
        self.assertEqual(search([("dead_count", ">", 0), *mine]), self.backend)
        self.assertEqual(search([("dead_count", "!=", 0), *mine]), self.backend)
        self.assertEqual(search([("dead_count", "=", 0), *mine]), self.other)
        self._delivery("dead", backend_id=self.other.id)
        self.assertEqual(search([("dead_count", ">", 0), *mine]), backends)

    def test_last_success(self):
        self.assertFalse(self.backend.last_success_at)
        self._event("dead", 1)
        self.assertFalse(self.backend.last_success_at)
        event, delivery = self._event("done", 2), self._delivery("done")
        moments = [
            datetime.replace(microsecond=0) for datetime in (event.done_at, delivery.done_at)
        ]
        later = moments[0] + timedelta(hours=1)
        delivery.done_at = later
        self.env.invalidate_all()
        self.assertEqual(self.backend.last_success_at, later)
        event.done_at = later + timedelta(hours=1)
        self.env.invalidate_all()
        self.assertEqual(self.backend.last_success_at, later + timedelta(hours=1))
        self.assertFalse(self.other.last_success_at)

    def test_resting(self):
        self.assertFalse(self.backend.is_resting)
        self.backend.cooldown_until = fields.Datetime.now() + timedelta(minutes=1)
        self.assertTrue(self.backend.is_resting)
        self.backend.cooldown_until = fields.Datetime.now() - timedelta(minutes=1)
        self.assertFalse(self.backend.is_resting)

    def test_figures_of_many_backends_in_few_queries(self):
        self._event("dead", 1)
        self._delivery("done")
        names = ["event_count", "dead_count", "binding_count", "last_success_at"]
        counts = []
        for backends in (self.backend, self.backend | self.other):
            self.env.invalidate_all()
            backends.mapped("name")
            before = self.env.cr.sql_log_count
            backends.read(names)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    # --- the activity ---

    def _activities(self, backend=None):
        return (backend or self.backend).activity_ids

    def test_one_activity(self):
        responsible = new_test_user(
            self.env,
            "responsible",
            groups="connector_hub.group_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.backend.user_id = responsible
        for number in range(3):
            self._event("dead", number)
            self._delivery("dead")
            self.backend._refresh_attention()
        [activity] = self._activities()
        self.assertEqual(activity.user_id, responsible)
        self.assertEqual(
            activity.activity_type_id, self.env.ref("connector_hub.activity_attention")
        )
        self.assertIn("Unknown SKU", activity.note)
        self.assertIn("Invalid data", activity.note)
        self.assertFalse(self._activities(self.other))

    def test_two_calls_at_the_same_moment(self):
        """Two transactions may each have seen no activity; the next pass leaves one."""
        self._event("dead", 1)
        self.backend._refresh_attention()
        self._activities().copy()
        self.backend._refresh_attention()
        self.assertEqual(len(self._activities()), 1)

    def test_closed_when_nothing_is_dead(self):
        dead = self._event("dead", 1)
        self.backend._refresh_attention()
        self.assertTrue(self._activities())
        dead.action_requeue()
        self.assertFalse(self._activities())

    def test_opened_again(self):
        dead = self._event("dead", 1)
        self.backend._refresh_attention()
        dead.action_requeue()
        self.Event._settle({dead.id: {"state": "dead", "reason": "unknown_sku"}})
        self.backend._refresh_attention()
        self.assertEqual(len(self._activities()), 1)

    def test_other_activities_are_left_alone(self):
        own = self.backend.activity_schedule(
            "mail.mail_activity_data_todo", summary="Call the shop"
        )
        dead = self._event("dead", 1)
        self.backend._refresh_attention()
        self.assertEqual(len(self._activities()), 2)
        dead.action_requeue()
        self.assertEqual(self._activities(), own)

    def test_without_a_responsible(self):
        self.backend.user_id = False
        self._event("dead", 1)
        self.backend._refresh_attention()
        self.assertEqual(self._activities().user_id, self.env.ref("base.user_admin"))

    def test_responsible_who_would_not_see_it(self):
        """One who has left, or has no access to the hub: a manager of the company is called."""
        values = {"company_id": self.company.id, "company_ids": self.company.ids}
        admin = self.env.ref("base.user_admin")
        left = new_test_user(self.env, "left", groups="connector_hub.group_user", **values)
        left.active = False
        outsider = new_test_user(self.env, "outsider", groups="base.group_user", **values)
        self.backend.user_id = left
        self.assertEqual(self.backend._responsible(), admin, "the company has no manager")
        manager = new_test_user(self.env, "boss", groups="connector_hub.group_manager", **values)
        for user in (left, outsider):
            self.backend.user_id = user
            self.backend._schedule_attention("Look", "here")
            [activity] = self._activities()
            self.assertEqual(activity.user_id, manager)
            activity.unlink()

    def test_paused_stays_open(self):
        self.backend._pause("The key was refused.")
        [activity] = self._activities()
        self.assertIn("The key was refused.", activity.note)
        self.assertIn(self.backend.name, activity.summary)
        self.backend._refresh_attention()
        self.assertEqual(self._activities(), activity)
        self.backend.action_activate()
        self.backend._refresh_attention()
        self.assertFalse(self._activities())

    def test_paused_while_messages_are_dead(self):
        """Whatever the reason, one activity is enough."""
        self._event("dead", 1)
        self.backend._refresh_attention()
        self.backend._pause("The key was refused.")
        self.backend._pause("It was refused again.")
        self.assertEqual(len(self._activities()), 1)

    # --- buttons ---

    def test_buttons_show_their_messages(self):
        event, delivery = self._event("dead", 1), self._delivery("pending")
        foreign = self._delivery("dead", backend_id=self.other.id)
        for action, records in (
            (self.backend.action_view_events(), event),
            (self.backend.action_view_deliveries(), delivery),
            (self.backend.action_view_dead(), event),
            (self.backend.action_view_waiting(), delivery),
            (self.other.action_view_dead(), foreign),
            (self.other.action_view_dead_deliveries(), foreign),
        ):
            model = self.env[action["res_model"]]
            self.assertEqual(model.search(action["domain"]), records)
        bindings = self.backend.action_view_bindings()
        self.assertEqual(len(self.env[bindings["res_model"]].search(bindings["domain"])), 3)
        self.assertIn("search_default_dead", self.backend.action_view_dead()["context"])
