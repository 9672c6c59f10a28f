# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The lane against a real HTTP server: what becomes of each item of a batch."""

from dataclasses import replace
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import tagged, test_cursor

from ..client import HubClient
from ..const import RETRY_MINUTES
from ..converters import CONVERTERS
from ..exceptions import RejectedError
from .lane_case import LaneCase
from .shop_case import API_KEY


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

    def test_refused_here_after_a_failed_attempt_there(self):
        """What was sent before is not what was refused: once it is mended it is sent by itself."""
        first, second = self.products[:2]
        self.shop.refuse = {"A-1": "busy"}
        self.send(first)
        self.assertTrue(self.of(first).payload)
        self.shop.refuse = {}
        second.default_code = "A-1"
        self.let_time_pass()
        self.run_lane()
        delivery = self.of(first)
        self.assertEqual((delivery.state, delivery.reason), ("dead", "duplicate_sku"))
        self.assertFalse(delivery.payload)
        second.default_code = "B-2"
        self.run_lane()
        self.assertEqual(self.of(first).state, "done")

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
                    # A user's save, while the lane waits for the partner's answer.
                    cr.commit()  # pylint: disable=invalid-commit
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
