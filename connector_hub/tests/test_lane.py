# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The lane against a real HTTP server: what becomes of batches, items and the backend."""

import logging
import time
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import odoo.sql_db
from odoo import SUPERUSER_ID, api, fields
from odoo.tests import tagged, test_cursor

from ..client import HubClient
from ..const import COOLDOWN_MINUTES, LOCK_LANE, RETRY_MINUTES
from ..converters import CONVERTERS
from ..exceptions import RejectedError
from .shop_case import API_KEY, ShopCase


class LaneCase(ShopCase):
    def setUp(self):
        super().setUp()
        self.commit()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.env.cr.execute("DELETE FROM ir_cron_trigger")

    def send(self, *products, entity="product"):
        """Queue products, run the lane, and return the SKUs of each request."""
        for product in products:
            self.deliver(product, entity=entity)
        self.shop.requests.clear()
        self.run_lane()
        return [request.skus for request in self.shop.requests]

    def of(self, record, entity="product"):
        """The last delivery of a record."""
        return self.deliveries(("res_id", "=", record.id), ("entity", "=", entity))[-1:]

    def assertStates(self, *states, attempts=None):
        deliveries = [self.of(product) for product in self.products]
        self.assertEqual([delivery.state for delivery in deliveries], list(states))
        if attempts is not None:
            self.assertEqual([delivery.attempts for delivery in deliveries], attempts)

    def assertResting(self, minutes):
        self.assertEqual(self.backend.state, "active")
        rest = (self.backend.cooldown_until - fields.Datetime.now()).total_seconds()
        self.assertAlmostEqual(rest, 60 * minutes, delta=10)

    def wakes(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.backend.cron_id.id)])


@tagged("post_install", "-at_install")
class TestLaneItems(LaneCase):
    """A partner that lives: every item gets what it deserves."""

    def test_all_well(self):
        self.assertEqual(self.send(*self.products), [["A-1", "B-2", "C-3"]])
        self.assertStates("done", "done", "done", attempts=[0, 0, 0])
        self.assertEqual(
            self.shop.products["A-1"],
            {
                "sku": "A-1",
                "title": "Product A-1",
                "price": 7000,
                "category": "",
                "codes": [{"barcode": ""}],
            },
        )
        self.assertEqual(self.shop.requests[0].headers["X-Api-Key"], API_KEY)

    def test_batches(self):
        self.set_options(batch_size=2)
        self.assertEqual(self.send(*self.products), [["A-1", "B-2"], ["C-3"]])

    def test_results_per_item(self):
        self.shop.refuse = {"B-2": "bad", "C-3": "busy"}
        self.send(*self.products)
        self.assertStates("done", "dead", "pending", attempts=[0, 0, 1])
        dead = self.of(self.products[1])
        self.assertEqual((dead.reason, dead.error), ("rejected_by_partner", "The shop says bad"))
        self.assertFalse(self.backend.cooldown_until)

    def test_item_is_retried_at_1_5_15_minutes_then_dead(self):
        self.shop.refuse = {"B-2": "busy"}
        self.send(self.products[1])
        delivery = self.of(self.products[1])
        for attempts, minutes in enumerate(RETRY_MINUTES, start=1):
            wait = (delivery.next_attempt_at - fields.Datetime.now()).total_seconds()
            self.assertAlmostEqual(wait, 60 * minutes, delta=10)
            self.assertEqual((delivery.state, delivery.attempts), ("pending", attempts))
            self.assertIn(delivery.next_attempt_at, self.wakes().mapped("call_at"))
            self.assertEqual(self.send(), [], "not before its time")
            self.let_time_pass()
            self.assertEqual(self.send(), [["B-2"]])
        self.assertEqual((delivery.state, delivery.reason), ("dead", "retries_exhausted"))
        self.assertTrue(self.backend.activity_ids)

    def test_error_that_names_no_item_is_resent_singly(self):
        self.shop.refuse = {"B-2": "bad"}
        self.shop.anonymous = True
        self.assertEqual(
            self.send(*self.products), [["A-1", "B-2", "C-3"], ["A-1"], ["B-2"], ["C-3"]]
        )
        self.assertStates("done", "dead", "done")

    def test_bulk_that_is_refused_as_a_whole_is_resent_singly(self):
        self.shop.refuse = {"C-3": "bad"}
        self.shop.all_or_nothing = True
        self.assertEqual(
            self.send(*self.products), [["A-1", "B-2", "C-3"], ["A-1"], ["B-2"], ["C-3"]]
        )
        self.assertStates("done", "done", "dead")
        self.assertIn("not valid", self.of(self.products[2]).response)

    def test_content_that_the_partner_breaks_on(self):
        """500 to a bulk with one bad item: the partner lives, so the item is to blame."""
        self.shop.crash = {"B-2"}
        self.assertEqual(
            self.send(*self.products), [["A-1", "B-2", "C-3"], ["A-1"], ["B-2"], ["C-3"]]
        )
        self.assertStates("done", "pending", "done", attempts=[0, 1, 0])
        self.assertFalse(self.backend.cooldown_until)
        for _retry in RETRY_MINUTES:
            self.let_time_pass()
            self.assertEqual(self.send(), [["B-2"]])
        self.assertEqual(self.of(self.products[1]).state, "dead")

    def _break_content_of(self, sku, error):
        """The SKU of one record cannot be converted."""
        text = CONVERTERS["text"]

        def failing(value, context):
            if value == sku:
                raise error
            return text.to_external(value, context)

        broken = replace(text, to_external=failing)
        self.startPatcher(patch.dict(CONVERTERS, {"text": broken}))

    def test_content_that_cannot_be_built(self):
        """One bad record, in a batch or alone, stops neither the others nor the lane."""
        self._break_content_of("B-2", ZeroDivisionError("by zero"))
        for products in (self.products, self.products[1]):
            self.send(*products)
            delivery = self.of(self.products[1])
            self.assertEqual((delivery.state, delivery.reason), ("dead", "invalid_payload"))
            self.assertIn("by zero", delivery.error)
            self.assertIn("B-2", delivery.error)
        self.assertStates("done", "dead", "done")

    def test_content_that_is_refused_when_built(self):
        self._break_content_of("B-2", RejectedError("No good", reason="duplicate_sku"))
        for products in (self.products, self.products[1]):
            self.send(*products)
            delivery = self.of(self.products[1])
            self.assertEqual((delivery.state, delivery.reason), ("dead", "duplicate_sku"))

    def test_content_that_the_database_refuses_to_build(self):
        product_id = self.products[1].id
        to_external = CONVERTERS["text"].to_external

        def failing(value, context):
            if value == "B-2":
                context.env.cr.execute("SELECT 1 / 0", log_exceptions=False)
            return to_external(value, context)

        broken = replace(CONVERTERS["text"], to_external=failing)
        with patch.dict(CONVERTERS, {"text": broken}):
            self.send(*self.products)
        self.assertStates("done", "dead", "done")
        self.assertIn("zero", self.deliveries(("res_id", "=", product_id)).error)

    def test_fact_that_cannot_be_built(self):
        """It is not ours to lose, but it must not keep the rest waiting."""
        order = self.sale_order()
        fact = self.deliver_fact(order)
        route = self.backend._get_adapter()._fact_routes()["order.confirmed"]

        def broken(backend, record, fact):
            raise ZeroDivisionError("by zero")

        routes = {"order.confirmed": type(route)(**{**vars(route), "build": broken})}
        with patch.object(
            type(self.backend._get_adapter()), "_fact_routes", lambda adapter: routes
        ):
            self.send(self.products[0])
        self.assertIn(fact.state, ("pending", "dead"))
        self.assertIn("by zero", fact.error)
        self.assertStates("done", *[False] * 2)

    def test_product_without_a_sku(self):
        self.products[0].default_code = False
        self.assertEqual(self.send(*self.products), [["B-2", "C-3"]])
        self.assertEqual(self.of(self.products[0]).reason, "missing_sku")
        self.assertFalse(self.backend.dead_count)

    def test_stock(self):
        self.send(*self.products, entity="stock")
        self.assertEqual(self.shop.stock, {"A-1": 100, "B-2": 100, "C-3": 100})

    def test_from_the_save_to_the_shop(self):
        self.products[0].product_tmpl_id.name = "Renamed"
        self.env["stock.quant"]._update_available_quantity(
            self.products[1], self.warehouse.lot_stock_id, -40
        )
        self.send()
        self.assertEqual(self.shop.products["A-1"]["title"], "Renamed")
        self.assertEqual(self.shop.stock, {"B-2": 60})
        self.assertEqual(self.changes(), [])

    def test_stock_that_was_never_told_follows(self):
        """Of a product the partner has since just now; told once, and again under a new SKU."""
        self.env["connector.hub.binding"].search([("entity", "=", "stock")]).unlink()
        self.assertEqual(self.send(self.products[0]), [["A-1"], ["A-1"]])
        self.assertEqual(self.shop.stock, {"A-1": 100})
        self.products[0].name = "Renamed"
        self.assertEqual(self.send(), [["A-1"]])
        self.products[0].default_code = "A-1b"
        self.send()
        self.assertEqual(self.shop.stock, {"A-1": 100, "A-1b": 100})

    def test_changed_while_it_is_sent(self):
        """The shop ends with what was saved last."""
        product_id, request = self.products[0].id, HubClient.request
        renamed = []

        def rename_and_request(client, *arguments, **options):
            if not renamed:
                renamed.append(True)
                with self.registry.cursor() as cr:
                    env = api.Environment(cr, SUPERUSER_ID, {})
                    env["product.product"].browse(product_id).name = "Newest"
                    cr.commit()
            return request(client, *arguments, **options)

        with patch.object(HubClient, "request", rename_and_request):
            self.assertEqual(self.send(self.products[0]), [["A-1"], ["A-1"]])
        self.assertEqual(self.shop.products["A-1"]["title"], "Newest")
        self.assertEqual(self.deliveries().mapped("state"), ["done", "done"])

    def test_no_transaction_is_open_during_an_exchange(self):
        request = HubClient.request
        open_ones = []

        def look_and_request(client, *arguments, **options):
            open_ones.append(bool(test_cursor.TestCursor._cursors_stack[-1]._savepoint))
            return request(client, *arguments, **options)

        self.shop.refuse = {"B-2": "bad"}
        self.shop.anonymous = True
        self.deliver_fact(self.sale_order())
        with patch.object(HubClient, "request", look_and_request):
            self.send(*self.products)
        self.assertEqual(open_ones, [False] * 5)


@tagged("post_install", "-at_install")
class TestLaneDeletes(LaneCase):
    def setUp(self):
        super().setUp()
        self.send(*self.products)

    def _bindings(self):
        return self.env["connector.hub.binding"].search(
            [("backend_id", "=", self.backend.id), ("entity", "=", "product")]
        )

    def _assert_deleted(self, sku="A-1"):
        self.send()
        self.assertEqual(
            [(r.method, r.path) for r in self.shop.requests], [("DELETE", f"/products/{sku}")]
        )
        self.assertNotIn(sku, self.shop.products)
        self.assertNotIn(sku, self._bindings().mapped("external_id"))

    def test_archived(self):
        self.products[0].active = False
        self._assert_deleted()
        self.assertEqual(self.of(self.products[0]).state, "done")

    def test_archived_template(self):
        self.products[0].product_tmpl_id.active = False
        self._assert_deleted()

    def test_out_of_scope(self):
        self.products[0].sale_ok = False
        self._assert_deleted()

    def test_of_another_company(self):
        quants = self.env["stock.quant"].sudo().search([("product_id", "=", self.products[0].id)])
        quants.unlink()
        self.products[0].product_tmpl_id.company_id = self.env.ref("base.main_company")
        self._assert_deleted()

    def test_deleted_record(self):
        """Nothing is left of it but the binding: that knows what the partner calls it."""
        self.env["stock.quant"].sudo().search([("product_id", "=", self.products[0].id)]).unlink()
        self.products[0].default_code = "NEVER-SENT"
        self.products[0].product_tmpl_id.unlink()
        self._assert_deleted()

    def test_comes_back(self):
        self.products[0].active = False
        self._assert_deleted()
        self.products[0].active = True
        self.send()
        self.assertIn("A-1", self.shop.products)
        self.assertEqual(self.shop.stock, {"A-1": 100}, "its stock was gone with it")

    def test_gone_at_the_partner_already(self):
        del self.shop.products["A-1"]
        self.products[0].active = False
        self._assert_deleted()
        self.assertEqual(self.of(self.products[0]).state, "done")

    def test_never_sent(self):
        product = self.env["product.product"].create({"name": "New", "default_code": "N-1"})
        product.active = False
        self.assertEqual(self.send(), [])
        self.assertEqual(self.of(product).state, "ignored")

    def test_partner_that_cannot_delete(self):
        self.send(self.products[0], entity="stock")
        self.products[0].active = False
        self._assert_deleted()
        self.deliver(self.products[0], entity="stock")
        self.assertEqual(self.send(), [])
        self.assertEqual(self.of(self.products[0], "stock").state, "ignored")

    def test_refused(self):
        self.shop.fail(422, path="/products/A-1")
        self.products[0].active = False
        self.products[1].name = "Renamed"
        self.send()
        self.assertEqual(self.of(self.products[0]).state, "dead")
        self.assertEqual(self.shop.products["B-2"]["title"], "Renamed")
        self.assertIn("A-1", self._bindings().mapped("external_id"))


@tagged("post_install", "-at_install")
class TestLaneOutage(LaneCase):
    """A partner that is down, slow or throttling: the backend rests, no message suffers."""

    def test_schedule(self):
        self.shop.fail(503)
        self.shop.alive = False
        self.assertEqual(COOLDOWN_MINUTES, (1, 5, 15, 60))
        for count, minutes in enumerate((*COOLDOWN_MINUTES, 60), start=1):
            self.assertEqual(len(self.send(*(self.products if count == 1 else []))), 1)
            self.assertResting(minutes)
            self.assertEqual(self.backend.cooldown_count, count)
            self.assertIn(self.backend.cooldown_until, self.wakes().mapped("call_at"))
            self.assertEqual(self.send(), [], "it rests")
            self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
            self.let_time_pass()
        self.assertIn("503", self.backend.last_error)
        self.assertFalse(self.backend.activity_ids)
        self.shop.recover()
        self.assertEqual(self.send(), [["A-1", "B-2", "C-3"]])
        self.assertStates("done", "done", "done", attempts=[0, 0, 0])
        self.assertFalse(self.backend.cooldown_until or self.backend.cooldown_count)
        self.assertFalse(self.backend.last_error)

    def test_500_of_a_partner_that_is_down(self):
        self.shop.fail(500)
        self.shop.alive = False
        self.assertEqual(len(self.send(*self.products)), 1)
        self.assertResting(1)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])

    def test_item_that_brings_the_partner_down_again_and_again(self):
        """From the second time on a bulk is suspected: the rest of it gets through."""
        self.shop.gateway = {"B-2"}
        self.assertEqual(self.send(*self.products), [["A-1", "B-2", "C-3"]])
        self.assertResting(1)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
        self.let_time_pass()
        self.assertEqual(self.send(), [["A-1", "B-2", "C-3"], ["A-1"], ["B-2"], ["C-3"]])
        self.assertStates("done", "pending", "done", attempts=[0, 1, 0])

    def test_retry_after(self):
        for seconds, minutes in (("1800", 30), ("7", 7 / 60)):
            self.shop.fail(429, Retry_After=seconds)
            self.send(*([] if self.deliveries() else self.products))
            self.assertResting(minutes)
            self.let_time_pass()
            self.shop.recover()

    def test_slow(self):
        self.set_options(deadline=0.5)
        self.shop.fail(200, delay=3)
        began = time.monotonic()
        self.send(*self.products)
        self.assertLess(time.monotonic() - began, 2.5)
        self.assertResting(1)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])

    def test_not_there(self):
        self.backend.base_url = "http://127.0.0.1:9"
        self.send(*self.products)
        self.assertResting(1)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])

    def test_down_in_the_middle(self):
        """What was sent is done, what was not waits unharmed."""
        self.set_options(batch_size=1)
        self.shop.on_request = lambda request: (
            self.shop.fail(502) if request.skus == ["B-2"] else None
        )
        self.send(*self.products)
        self.assertStates("done", "pending", "pending", attempts=[0, 0, 0])
        self.assertResting(1)

    def test_down_while_sending_singly(self):
        self.shop.refuse = {"B-2": "bad"}
        self.shop.anonymous = True
        self.shop.on_request = lambda request: (
            self.shop.fail(502) if request.skus == ["C-3"] else None
        )
        self.send(*self.products)
        self.assertStates("done", "dead", "pending")
        self.assertResting(1)

    def test_changes_are_folded_and_events_processed_meanwhile(self):
        self.shop.fail(503)
        self.send(self.products[0])
        event = self.add_event()
        self.products[1].name = "Renamed"
        self.assertEqual(self.send(), [])
        self.assertEqual(event.state, "done")
        self.assertEqual(self.of(self.products[1]).state, "pending")

    def test_other_backends_go_on(self):
        self.shop.fail(503, times=1)
        other = self.add_backend()
        self.send(self.products[0])
        self.deliver(self.products[0], backend_id=other.id)
        self.run_lane(other)
        self.assertFalse(other.cooldown_until)
        self.assertEqual(set(self.deliveries(backend=other).mapped("state")), {"done"})

    def test_activation_ends_the_rest(self):
        self.shop.fail(503, times=1)
        self.send(self.products[0])
        self.backend.action_pause()
        self.backend.action_activate()
        self.assertEqual(self.send(), [["A-1"]])

    # --- what must not be repeated ---

    def _contact(self):
        return self.env["res.partner"].create({"name": "P", "ref": "SHOP-1"})

    def test_outcome_unknown(self):
        self.set_options(idempotent=False)
        self.shop.fail_after(504, path="/partners", times=1)
        contact = self._contact()
        self.send()
        delivery = self.of(contact, "partner")
        self.assertEqual((delivery.state, delivery.reason), ("dead", "outcome_unknown"))
        self.let_time_pass()
        self.send()
        self.assertEqual(len(self.shop.partners), 1)
        delivery.action_requeue()
        self.send()
        self.assertEqual(len(self.shop.partners), 2, "a person has looked, and asked for it")

    def test_outcome_known_because_nothing_was_sent(self):
        self.set_options(idempotent=False)
        self.backend.base_url = "http://127.0.0.1:9"
        contact = self._contact()
        self.send()
        self.assertEqual(self.of(contact, "partner").state, "pending")
        self.assertResting(1)

    def test_what_may_be_repeated_is(self):
        self.shop.fail_after(504, path="/partners", times=1)
        contact = self._contact()
        self.send()
        self.assertEqual(self.of(contact, "partner").state, "pending")
        self.let_time_pass()
        self.send()
        self.assertEqual(self.of(contact, "partner").state, "done")

    # --- facts ---

    def test_facts_in_order_with_their_keys(self):
        order = self.sale_order()
        names = ("order.confirmed", "order.invoiced", "order.shipped")
        facts = [self.deliver_fact(order, name) for name in names]
        self.send()
        self.assertEqual([payload["fact"] for _key, payload in self.shop.facts], list(names))
        self.assertEqual(
            [key for key, _payload in self.shop.facts], [f.idempotency_key for f in facts]
        )

    def test_fact_is_repeated_as_it_was(self):
        """Same key, same content, though the order was renamed since."""
        order = self.sale_order()
        fact = self.deliver_fact(order)
        self.shop.fail_after(503, times=1)
        self.send()
        self.assertEqual(fact.state, "pending")
        kept = fact.payload
        self.let_time_pass()
        self.send()
        self.assertEqual(fact.state, "done")
        self.assertEqual(fact.payload, kept)
        first, second = self.shop.facts
        self.assertEqual(first, second)

    def test_rejected_fact_does_not_hold_the_next(self):
        order = self.sale_order()
        first, second = self.deliver_fact(order), self.deliver_fact(order, "order.shipped")
        self.shop.fail(404, path="/facts", times=1)
        self.send()
        self.assertEqual((first.state, second.state), ("dead", "done"))

    def test_fact_of_a_deleted_record(self):
        order = self.sale_order()
        fact = self.deliver_fact(order)
        order.unlink()
        self.assertEqual(self.send(), [])
        self.assertEqual(fact.state, "ignored")


@tagged("post_install", "-at_install")
class TestLaneControl(LaneCase):
    """When a lane runs, and what only a person can mend."""

    def test_refused_credentials_pause_the_backend(self):
        for status in (401, 403):
            self.shop.fail(status)
            self.send(*([] if self.deliveries() else self.products))
            self.assertEqual(self.backend.state, "paused")
            self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
            [activity] = self.backend.activity_ids
            self.assertEqual(activity.user_id, self.backend.user_id)
            self.assertIn(str(status), self.backend.last_error)
            self.assertEqual(self.send(), [], "paused")
            self.shop.recover()
            self.backend.action_activate()
        self.assertEqual(self.send(), [["A-1", "B-2", "C-3"]])
        self.assertFalse(self.backend.activity_ids)

    def test_missing_credentials_pause_the_backend(self):
        self.backend.action_clear_api_key()
        self.send(*self.products)
        self.assertEqual(self.backend.state, "paused")
        self.assertIn("API key", self.backend.last_error)
        self.assertStates("pending", "pending", "pending", attempts=[0, 0, 0])
        self.assertEqual(self.shop.requests, [])

    def test_draft_and_paused_lanes_rest(self):
        event = self.add_event()
        self.products[0].name = "Renamed"
        for values in (
            {"state": "draft"},
            {"state": "paused"},
            {"state": "active", "active": False},
        ):
            self.backend.write(values)
            self.assertEqual(self.send(), [])
            self.assertEqual(event.state, "pending")
            self.assertTrue(self.changes())
        self.backend.active = True
        self.assertTrue(self.send())
        self.assertEqual(event.state, "done")

    def test_manual(self):
        self.backend.frequency = "manual"
        self.assertEqual(self.send(self.products[0]), [])
        self.backend.action_run_now()
        self.assertEqual(self.send(), [["A-1"]])
        self.assertFalse(self.backend.run_requested)
        self.assertEqual(self.send(self.products[1]), [])

    @contextmanager
    def _held_elsewhere(self, key):
        """Another process has a lock of the backend."""
        with odoo.sql_db.db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute("SELECT pg_advisory_lock(%s, %s)", (key, self.backend.id))
            yield
            cr.execute("SELECT pg_advisory_unlock(%s, %s)", (key, self.backend.id))

    def test_one_lane_at_a_time(self):
        with self._held_elsewhere(LOCK_LANE):
            self.assertEqual(self.send(self.products[0]), [])
            self.assertStates("pending", False, False)
        self.assertEqual(self.send(), [["A-1"]])

    def test_locks_are_given_back(self):
        self.shop.fail(503)
        self.send(self.products[0])
        self.env.cr.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s "
            "AND pid = pg_backend_pid()",
            (self.backend.id,),
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))

    def test_time_is_up(self):
        for product in self.products:
            self.deliver(product)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"cron_end_time": time.monotonic() - 1})
            env["connector.hub.backend"].browse(self.backend.id)._run_lane()
        self.env.invalidate_all()
        self.assertStates("pending", "pending", "pending")
        self.assertTrue(self.wakes(), "it goes on soon")

    def test_lane_through_its_scheduled_action(self):
        self.deliver(self.products[0])
        self.commit()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cron = env["ir.cron"].browse(self.backend.cron_id.id)
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertStates("done", False, False)

    def test_no_secret_in_the_log(self):
        with self.assertLogs("odoo", logging.INFO) as logged:
            self.send(self.products[0])
            self.shop.fail(401)
            self.send(self.products[1])
        text = "\n".join(logged.output)
        self.assertIn("/products", text)
        self.assertNotIn(API_KEY, text)
        self.assertNotIn(API_KEY, self.backend.last_error)
        for delivery in self.deliveries():
            self.assertNotIn(API_KEY, str(delivery.read(["payload", "response", "error"])))
