# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from lxml import html

from odoo.tests import new_test_user, tagged

from ..exceptions import RejectedError
from .lane_case import LaneCase

LIVE = "<img src=x onerror=alert(1)>"


@tagged("post_install", "-at_install")
class TestAttention(LaneCase):
    """One activity per backend calls the responsible user, and what it says is true after every pass."""

    def setUp(self):
        super().setUp()
        self.Delivery = self.env["connector.hub.delivery"]
        self.Event = self.env["connector.hub.event"]
        self.responsible = self._user("responsible", "group_manager")
        self.backend.user_id = self.responsible
        self.number = 0

    def _user(self, login, group):
        return new_test_user(
            self.env,
            login,
            groups=f"connector_hub.{group}" if group else "base.group_user",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )

    def _dead_event(self, reason="invalid_payload", error=None):
        self.number += 1
        event = self.add_event(order=f"O-{self.number}")
        self.Event._settle({event.id: {"state": "dead", "reason": reason, "error": error}})
        return event

    def _dead_delivery(self, reason="unknown_sku", **values):
        delivery = self.deliver(self.products[0], **values)
        self.Delivery._settle({delivery.id: {"state": "dead", "reason": reason}})
        return delivery

    def _activity(self):
        """The one after a pass, or none."""
        self.backend._refresh_attention()
        activities = self.backend.activity_ids
        self.assertLessEqual(len(activities), 1)
        return activities

    def _text(self):
        return html.fromstring(self._activity().note).text_content()

    # --- true ---

    def test_figures_follow(self):
        """The second failure is told as the first was, and so is one that is dealt with."""
        first = self._dead_event()
        activity = self._activity()
        self.assertEqual(activity.summary, "1 message needs attention")
        self.assertIn("1 event needs attention", self._text())
        self.assertIn("Invalid data: 1", self._text())
        self._dead_event("unknown_sku")
        self._dead_delivery()
        self.assertEqual(self._activity(), activity, "the same one, kept up to date")
        self.assertEqual(activity.summary, "3 messages need attention")
        for text in ("2 events need attention", "Unknown SKU: 1", "1 delivery needs attention"):
            self.assertIn(text, self._text())
        first.action_requeue()
        self.assertEqual(activity.summary, "2 messages need attention")
        self.assertNotIn("Invalid data", activity.note)

    def test_many(self):
        activity = self._activity
        self.Event.create(
            [
                {
                    "backend_id": self.backend.id,
                    "event_id": f"many-{number}",
                    "event_type": "order.created",
                    "state": "dead",
                }
                for number in range(1001)
            ]
        )
        self.assertEqual(activity().summary, "1,001 messages need attention")

    def test_paused_while_messages_are_dead(self):
        """Whatever the reason, one activity is enough, and it says all of it."""
        self._dead_event()
        activity = self._activity()
        self.backend._pause("The key was refused.")
        self.assertEqual(self._activity(), activity)
        self.assertIn(f"{self.backend.name} is paused", activity.summary)
        self.assertIn("1 message needs attention", activity.summary)
        for text in ("The key was refused.", "Since", "Resume"):
            self.assertIn(text, self._text())
        self.backend._pause("It was refused again.")
        self.assertIn("It was refused again.", self._activity().note)
        self.backend.action_activate()
        self.assertEqual(activity.summary, "1 message needs attention")
        self.assertNotIn("paused", activity.note)

    def test_paused_alone(self):
        self.backend._pause("The key was refused.")
        self.assertEqual(self._activity().summary, f"{self.backend.name} is paused")
        self.backend.action_activate()
        self.assertFalse(self._activity())

    def test_paused_by_a_person(self):
        """Who pauses needs no call; an open one says so."""
        self.backend.action_pause()
        self.assertFalse(self._activity())
        self._dead_event()
        self.assertIn("is paused", self._activity().summary)

    def test_resting(self):
        self._dead_event()
        self._activity()
        self.shop.fail(503)
        self.send(self.products[0])
        self.assertIn("is resting until", self._text())
        self.shop.recover()
        self.let_time_pass()
        self.send()
        self.assertNotIn("resting", self._text())

    def test_what_may_not_be_fetched(self):
        """It is told until fetching goes on, whatever else is well."""
        cursor = self.backend._cursor("order")
        cursor._refuse(RejectedError("Orders are none of your business."))
        activity = self._activity()
        self.assertEqual(activity.summary, "Order: fetching has stopped")
        self.assertIn("none of your business", activity.note)
        self.assertEqual(self.backend.fetching_stopped, "Order: Orders are none of your business.")
        cursor.action_resume()
        self.assertFalse(self._activity())
        self.backend.invalidate_recordset(["fetching_stopped"])
        self.assertFalse(self.backend.fetching_stopped)

    def test_what_broke_off_goes_on(self):
        """Also with nothing to send: the call ends with what it was for."""
        with patch.object(type(self.Event), "_due", side_effect=ZeroDivisionError):
            self.send(self.products[0])
        self.assertIn("cannot go on", self._activity().summary)
        self.deliveries().unlink()
        self.let_time_pass()
        self.send()
        self.assertFalse(self._activity())

    def test_closed_when_nothing_is_dead(self):
        dead = self._dead_event()
        self.assertTrue(self._activity())
        dead.action_requeue()
        self.assertFalse(self.backend.activity_ids)

    def test_links(self):
        """Each leads to what failed of this backend alone, as facets."""
        self._dead_event()
        self._dead_delivery()
        links = html.fromstring(self._activity().note).xpath("//a/@href")
        for link, kind in zip(links, ("event", "delivery"), strict=True):
            action = self.env.ref(f"connector_hub.action_{kind}_dead")
            self.assertEqual(
                link,
                f"/odoo/connector-hub/{self.backend.id}/action-connector_hub.action_{kind}_dead",
            )
            self.assertIn("search_default_backend_id", action.context)

    def test_in_the_language_of_the_responsible(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.responsible.lang = "de_DE"
        seen = []
        describe = type(self.backend)._describe_dead

        def spy(backend, kind, counts):
            seen.append(backend.env.lang)
            return describe(backend, kind, counts)

        self._dead_event()
        with patch.object(type(self.backend), "_describe_dead", spy):
            self._activity()
        self.assertEqual(seen, ["de_DE"])

    # --- harmless ---

    def test_nothing_from_outside_is_live(self):
        for show in (
            lambda: self.backend._pause(LIVE),
            lambda: self.backend._cursor("order")._refuse(RejectedError(LIVE)),
        ):
            show()
            note = self._activity().note
            self.assertFalse(html.fromstring(note).xpath("//img"), note)
            self.assertIn(LIVE, html.fromstring(note).text_content())

    def test_no_name_is_live_on_an_order(self):
        order = self.sale_order()
        for text in (f"At {LIVE}", f"At {LIVE} again"):
            self.env["connector.hub.order.status"]._ask(self.backend, order, "Look", text)
            (activity,) = order.activity_ids
            self.assertFalse(html.fromstring(activity.note).xpath("//img"), activity.note)
            self.assertEqual(html.fromstring(activity.note).text_content(), text)

    # --- once ---

    def test_written_only_when_it_changes(self):
        self._dead_event()
        activity = self._activity()
        with patch.object(type(activity), "write", side_effect=AssertionError):
            self._activity()

    def test_nobody_is_mailed(self):
        self._dead_event()
        self._activity()
        self._dead_event()
        with patch.object(
            type(self.env["mail.activity"]), "action_notify", side_effect=AssertionError
        ):
            self._activity()

    def test_closed_by_hand_it_comes_back_with_news_only(self):
        dead = self._dead_event() | self._dead_event()
        self._activity().action_done()
        self.assertFalse(self._activity(), "it is known")
        dead[0].action_requeue()
        self.assertFalse(self._activity(), "less is no news")
        self._dead_event()
        self.assertEqual(self._activity().summary, "2 messages need attention")
        self.backend.activity_ids.action_done()
        self.backend._pause("The key was refused.")
        self.assertIn("paused", self._activity().summary)

    def test_two_calls_at_the_same_moment(self):
        """Two transactions may each have seen no activity; the next pass leaves one."""
        self._dead_event()
        self._activity().copy()
        self._activity()
        self.assertEqual(len(self.backend.activity_ids), 1)

    def test_other_activities_are_left_alone(self):
        own = self.backend.activity_schedule(
            "mail.mail_activity_data_todo", summary="Call the shop"
        )
        dead = self._dead_event()
        self.backend._refresh_attention()
        self.assertEqual(len(self.backend.activity_ids), 2)
        dead.action_requeue()
        self.assertEqual(self.backend.activity_ids, own)

    # --- whom ---

    def test_the_responsible(self):
        self._dead_event()
        activity = self._activity()
        self.assertEqual(activity.user_id, self.responsible)
        self.assertEqual(
            activity.activity_type_id, self.env.ref("connector_hub.activity_attention")
        )

    def test_without_a_responsible(self):
        self.responsible.active = False
        self.backend.user_id = False
        self._dead_event()
        self.assertEqual(self._activity().user_id, self.env.ref("base.user_admin"))

    def test_responsible_who_would_not_see_it(self):
        """One who has left, or has no access to the hub: a manager of the company is called."""
        left = self._user("left", "group_user")
        left.active = False
        self.backend.user_id = left
        self.assertEqual(self.backend._responsible(), self.responsible)
        self.backend.user_id = self._user("outsider", None)
        self.assertEqual(self.backend._responsible(), self.responsible)
        self.responsible.active = False
        self.assertEqual(
            self.backend._responsible(),
            self.env.ref("base.user_admin"),
            "the company has no manager",
        )
