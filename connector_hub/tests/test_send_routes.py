# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import tagged

from ..batch import LeasedClient
from ..exceptions import RejectedError, RetryableError
from ..routes import EventRoute, ExportRoute, ItemResult
from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestSendRoutes(ShopCase):
    """Partners that need several exchanges for a batch."""

    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.sent = []
        self.told = []
        self.answers = {}
        self.patch_route()

    def patch_route(self, **options):
        route = ExportRoute(
            model="product.product",
            batch_size=50,
            send=self._send,
            context=lambda backend, items: [item.res_id for item in items],
            after=lambda backend, items: self.told.extend(item.res_id for item in items),
            **options,
        )
        adapter = type(self.env["connector.hub.adapter.probe"])
        self.startPatcher(
            patch.object(adapter, "_export_routes", lambda adapter: {"product": route})
        )
        self.registry.clear_cache()

    def _send(self, client, items, context):
        """Two exchanges; ``self.answers``: what to raise or return, by SKU."""
        self.sent.append(([item.reference for item in items], [item.bound_id for item in items]))
        self.assertEqual(context, self.context_of(items, context))
        client.request("GET", "/ping")
        client.request("POST", "/products", json={"items": []})
        results = {}
        for position, item in enumerate(items):
            answer = self.answers.get(item.reference)
            if isinstance(answer, RejectedError) and len(items) > 1:
                raise answer
            if answer:
                results[position] = answer
        return results

    def context_of(self, items, context):
        self.assertLessEqual({item.res_id for item in items}, set(context))
        return context

    def _deliver_all(self):
        for product in self.products:
            self.deliver(product)
        self.run_lane()

    def test_results_are_per_item(self):
        self.answers = {
            "A-1": ItemResult("ext_1", links=(("res.partner", 1, "contact_1", "C"),)),
            "B-2": RetryableError("later"),
        }
        self._deliver_all()
        states = {d.res_id: d.state for d in self.deliveries(("is_fact", "=", False))}
        self.assertEqual([states[i] for i in self.products.ids], ["done", "pending", "done"])
        bound = self.env["connector.hub.binding"]._find(
            self.backend, "product", ["ext_1", "contact_1"]
        )
        self.assertEqual(bound, {"ext_1": self.products[0].id, "contact_1": 1})
        self.assertEqual(sorted(self.told), sorted([self.products[0].id, self.products[2].id]))

    def test_one_id_for_several_records_links_the_first(self):
        """A partner that mixes them up stops nothing."""
        self.answers = dict.fromkeys(("A-1", "B-2"), ItemResult("ext_1"))
        self._deliver_all()
        self.assertEqual({d.state for d in self.deliveries(("is_fact", "=", False))}, {"done"})
        bound = self.env["connector.hub.binding"]._find(self.backend, "product", ["ext_1"])
        self.assertEqual(bound, {"ext_1": self.products[0].id})
        self.assertFalse(self.backend.last_error)

    def test_refused_batch_is_sent_singly(self):
        self.answers = {"B-2": RejectedError("not this one")}
        self._deliver_all()
        self.assertEqual([len(references) for references, _bound in self.sent], [3, 1, 1, 1])
        dead = self.deliveries(("state", "=", "dead"))
        self.assertEqual(dead.res_id, self.products[1].id)

    def test_bound_id_is_known(self):
        self.bind(self.products[0], "prod_7")
        self.deliver(self.products[0])
        self.run_lane()
        self.assertEqual(self.sent, [(["A-1"], ["prod_7"])])

    def test_deleted_ones_come_only_where_they_are_taken(self):
        self.bind(self.products[0], "prod_7", reference="A-1")
        self.products[0].active = False
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.deliver(self.products[0])
        self.run_lane()
        self.assertEqual(self.sent, [])
        self.patch_route(takes_deleted=True)
        self.deliver(self.products[0])
        self.run_lane()
        self.assertEqual(self.sent, [(["A-1"], ["prod_7"])])

    def test_lease_is_renewed_in_time(self):
        renewed = []
        client = LeasedClient(self._Client(), lambda: renewed.append(1))
        client.request("GET", "/")
        self.assertEqual(renewed, [])
        client._renewed_at -= 60
        client.request("GET", "/")
        client.request("GET", "/")
        self.assertEqual(renewed, [1])

    class _Client:
        def request(self, *args, **kwargs):
            return None


@tagged("post_install", "-at_install")
class TestNotices(ShopCase):
    """Events that only name what changed."""

    def setUp(self):
        super().setUp()
        self.fetched = []
        adapter = type(self.env["connector.hub.adapter.probe"])
        routes = self.env["connector.hub.adapter.probe"]._event_routes()
        routes["order.named"] = EventRoute(None, family="notice", entity="order", notice=True)
        self.startPatcher(patch.object(adapter, "_event_routes", lambda adapter: routes))
        self.startPatcher(
            patch.object(adapter, "_fetch_routes", lambda adapter: {"order": self._fetch})
        )

    def _fetch(self, backend, client, external_id):
        self.fetched.append(external_id)
        return [{"type": "order.created", "order": external_id}]

    def test_notice_is_fetched_and_done(self):
        notice = self.add_event("order.named", order="O-9")
        self.run_lane()
        self.assertEqual(self.fetched, ["O-9"])
        self.assertEqual(notice.state, "done")
        self.assertTrue(self.env["res.partner"].search([("ref", "=", "O-9")]))

    def test_notice_costs_no_attempt(self):
        """The partner may be down for hours; what a notice named is fetched when it is back."""
        notice = self.add_event("order.named", order="O-9")
        for _time in range(6):
            self.process()
            self.let_time_pass()
        self.assertEqual((notice.state, notice.attempts), ("pending", 0))
        self.assertEqual(self.fetched, [])
