# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A partner that takes its time for each record: requests become as large as it takes in a few seconds."""

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tests.common import BaseCase

from .. import pace as pace_module
from ..batch import LeasedClient
from ..const import HTTP_DEADLINE, HTTP_DEADLINE_MAX
from ..models import connector_hub_sending as sending
from ..pace import FIRST_SIZE, SLOW_SECONDS, Pace, deadline_for
from .lane_case import LaneCase


@tagged("standard")
class TestPace(BaseCase):
    @given(st.integers(1, 1000), st.floats(0.001, 30))
    def test_settles_where_an_answer_takes_a_few_seconds(self, most, seconds_per_record):
        """Whatever the partner's pace: after a first small request none is slow that could be smaller."""
        pace = Pace(most)
        self.assertLessEqual(pace.size, FIRST_SIZE)
        pace.took(pace.size, pace.size * seconds_per_record)
        for _request in range(20):
            seconds = pace.size * seconds_per_record
            self.assertTrue(pace.size == 1 or seconds <= SLOW_SECONDS, seconds)
            pace.took(pace.size, seconds)
        if seconds_per_record * most < pace_module.FAST_SECONDS:
            self.assertTrue(pace.is_full)

    def test_a_smaller_rest_says_nothing(self):
        pace = Pace(200, 50)
        pace.took(3, 0.1)
        self.assertEqual(pace.size, 50)

    def test_partner_at_full_pace_is_known_after_one_request(self):
        pace = Pace(1000)
        pace.took(3, 0.01)
        self.assertFalse(pace.is_known, "a smaller one says nothing")
        pace.took(pace.size, 0.01)
        self.assertTrue(pace.is_known and pace.is_full)

    def test_halved_when_nothing_was_answered(self):
        pace, sizes = Pace(200, 200), []
        while pace.size > 1:
            pace.was_too_much(pace.size)
            sizes.append(pace.size)
        self.assertEqual(sizes, [100, 50, 25, 12, 6, 3, 1])

    @given(st.floats(0.1, 100), st.integers(1, 10_000))
    def test_deadline_grows_with_the_content(self, seconds, count):
        deadline = deadline_for(seconds, count)
        self.assertGreaterEqual(deadline, seconds)
        self.assertGreaterEqual(deadline, deadline_for(seconds, max(count - 1, 1)))
        self.assertLessEqual(deadline, max(seconds, HTTP_DEADLINE_MAX))
        self.assertEqual(deadline_for(seconds, 1), seconds)

    def test_of_what_carries_the_content(self):
        class Client:
            deadline = HTTP_DEADLINE

            def request(self, _method, **options):
                return options.get("deadline", self.deadline)

        client = LeasedClient(Client(), lambda: None)
        client.count = 100
        self.assertGreater(client.request("POST"), HTTP_DEADLINE)
        self.assertEqual(client.request("POST", deadline=1), 1)
        self.assertEqual(client.request("GET"), HTTP_DEADLINE)


@tagged("post_install", "-at_install")
class TestLanePace(LaneCase):
    def slow_is(self, slow, fast):
        for module in (pace_module, sending):
            self.startPatcher(patch.object(module, "SLOW_SECONDS", slow))
        self.startPatcher(patch.object(pace_module, "FAST_SECONDS", fast))

    def test_bulk_that_is_not_answered_in_time(self):
        """Halved, and no reason to rest: what is not part of it goes on, and the partner has time to get done."""
        self.slow_is(5, 0.01)
        self.startPatcher(patch.object(pace_module, "ITEM_SECONDS", 0.0))
        self.set_options(deadline=1.0)
        self.shop.pace = 0.4
        order = self.deliver_fact(self.sale_order())
        stock = self.deliver(entity="stock")
        self.assertEqual(self.send(*self.products)[-1], ["A-1", "B-2", "C-3"])
        self.assertEqual((order.state, stock.state), ("done", "done"))
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
        self.assertFalse(self.backend.cooldown_until or self.backend.last_error)
        again_at = self.of(self.products[0]).next_attempt_at
        self.assertIn(again_at, self.wakes().mapped("call_at"))
        self.assertEqual(self.backend.batch_sizes, {"product": 1})
        self.let_time_pass()
        self.assertEqual(self.send(), [["A-1"], ["B-2"], ["C-3"]])
        self.assertStates("done", "done", "done", attempts=[0, 0, 0])

    def test_single_record_that_is_not_answered_in_time(self):
        """Then it is the partner."""
        self.set_options(deadline=0.5)
        self.shop.pace = 1
        self.send(self.products[0])
        self.assertResting(1)

    def test_gateway_that_does_not_wait(self):
        self.shop.fail(504, times=1)
        self.send(*self.products)
        self.assertFalse(self.backend.cooldown_until)
        self.assertEqual(self.backend.batch_sizes, {"product": 1})

    def test_slow_answers_make_smaller_requests_and_fast_ones_larger_again(self):
        self.slow_is(0.3, 0.0)
        self.shop.pace = 0.3
        self.send(*self.products)
        self.assertStates("done", "done", "done")
        self.assertLess(self.backend.batch_sizes["product"], 50)
        self.shop.pace = 0.0
        self.slow_is(5, 2)
        self.backend.batch_sizes = {"product": 1}
        for product in self.products:
            product.name = "Renamed"
        self.assertEqual(self.send(), [["A-1"], ["B-2", "C-3"]])
        self.assertEqual(self.backend.batch_sizes, {"product": 4})
        with patch.object(type(self.backend), "batch_sizes", {"product": 4}):
            self.backend._keep_pace("product", False, Pace(50, 4))
        self.backend._keep_pace("stock", False, Pace(50))
        self.assertEqual(self.backend.batch_sizes, {"product": 4}, "of stock nothing is known yet")
        self.backend._keep_pace("product", False, Pace(50, 50))
        self.assertEqual(self.backend.batch_sizes, {"product": 50})
        self.backend._keep_pace("product", False, Pace(1, 50))
        self.assertFalse(self.backend.batch_sizes)

    def test_what_is_urgent_does_not_wait_for_all_of_a_slow_kind(self):
        """A quantity that changes, and an order confirmed, while the first of many products is sent."""
        self.slow_is(0.2, 0.1)
        self.set_options(batch_size=1)
        self.shop.pace = 0.3
        quant_location, product_id = self.warehouse.lot_stock_id.id, self.products[2].id
        order_id, backend_id = self.sale_order().id, self.backend.id
        happened = []

        def happen(_request):
            if happened:
                return
            happened.append(True)
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                env["stock.quant"]._update_available_quantity(
                    env["product.product"].browse(product_id),
                    env["stock.location"].browse(quant_location),
                    -40,
                )
                order = env["sale.order"].browse(order_id)
                env["connector.hub.delivery"]._enqueue_fact(
                    env["connector.hub.backend"].browse(backend_id),
                    "order",
                    "order.confirmed",
                    order,
                    order,
                )
                cr.commit()  # pylint: disable=invalid-commit

        client = type(self.backend._get_adapter())
        make = client._make_client

        def make_client(adapter, backend):
            made = make(adapter, backend)
            request = made.request

            def request_and_happen(*arguments, **options):
                happen(arguments)
                return request(*arguments, **options)

            made.request = request_and_happen
            return made

        with patch.object(client, "_make_client", make_client):
            self.send(*self.products)
        self.assertEqual(
            [request.path for request in self.shop.requests],
            ["/products", "/facts", "/stock", "/products", "/products"],
        )
        self.assertEqual(self.shop.stock, {"C-3": 60})

    def test_wait_that_is_asked_for_in_the_midst_of_a_claim(self):
        """What was taken before it does not end the rest."""
        self.set_options(batch_size=1)

        def ask_at_the_second(_request):
            if len(self.shop.requests) == 2:
                self.shop.fail(429, times=1, Retry_After="600")

        self.shop.on_request = ask_at_the_second
        for product in self.products:
            product.name = "Renamed"
        self.assertEqual(self.send(), [["A-1"], ["B-2"]])
        self.assertResting(10)
