# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

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
        """It is neither well nor paused, and is shown as neither."""
        for seconds, state, shown in (
            (-60, "active", "active"),
            (60, "active", "resting"),
            (60, "paused", "paused"),
            (60, "draft", "draft"),
        ):
            until = fields.Datetime.now() + timedelta(seconds=seconds)
            self.backend.write({"cooldown_until": until, "state": state})
            self.assertEqual(self.backend.is_resting, seconds > 0)
            self.assertEqual(self.backend.shown_state, shown)
        views = self.env["connector.hub.backend"].get_views([(False, "list"), (False, "kanban")])
        for view in views["views"].values():
            shown = etree.fromstring(view["arch"]).xpath("//field[@name='shown_state']")
            self.assertTrue(shown)
        self.backend.state = "active"
        arch = etree.fromstring(self.backend.get_view(view_type="search")["arch"])
        [resting] = arch.xpath("//filter[@name='resting']")
        found = self.backend.search(safe_eval(resting.get("domain")))
        self.assertEqual(found, self.backend)

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
            self.assertEqual(self._shown(action), records)
        self.assertEqual(len(self._shown(self.backend.action_view_bindings())), 3)

    def _shown(self, action):
        """What the list shows at first: each filter is a facet of its search view, which a person can take away."""
        self.assertFalse(safe_eval(action["domain"] or "[]"))
        model = self.env[action["res_model"]]
        arch = etree.fromstring(model.get_view(view_type="search")["arch"])
        domain = []
        for key, value in action["context"].items():
            [element] = arch.xpath(f"//*[@name='{key.removeprefix('search_default_')}']")
            domain += (
                safe_eval(element.get("domain"))
                if element.tag == "filter"
                else [(element.get("name"), "=", value)]
            )
        return model.search(domain)
