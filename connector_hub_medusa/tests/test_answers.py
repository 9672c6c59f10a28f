# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from types import SimpleNamespace

from odoo.tests import TransactionCase, tagged

from odoo.addons.connector_hub.batch import Item
from odoo.addons.connector_hub.client import HubResponse
from odoo.addons.connector_hub.exceptions import HubError, RejectedError, RetryableError

#: What a broken shop, or a proxy before it, may answer 200 with.
ODD_ANSWERS = (
    5,
    "text",
    [],
    [{"sku": "A-1"}],
    {"results": 5},
    {"results": "failed"},
    {"results": {"failed": "x"}},
    {"results": {"failed": {}, "not_found": [1]}},
    {"results": {"errors": 5}},
    {"results": {"errors": {"sku": "A-1"}}},
    {"results": {"errors": [5]}},
    {"results": {"errors": [{"sku": ["A-1"]}]}},
    {"results": {"errors": [{"sku": {}}]}},
    {"results": {"errors": [{"sku": "not-ours"}]}},
    {"success": False},
)


@tagged("post_install", "-at_install")
class TestAnswers(TransactionCase):
    """A shop's answer is read whatever it is like: what cannot be matched is sent singly."""

    def setUp(self):
        super().setUp()
        self.adapter = self.env["connector.hub.adapter.medusa"]

    def _items(self, count=2, **values):
        skus = ("A-1", "B-2")[:count]
        return [
            Item(
                delivery_id=number,
                attempts=0,
                res_model="product.product",
                res_id=number,
                entity="product",
                reference=sku,
                external_id=sku,
                **{"payload": {"sku": sku, "quantity": 1}, **values},
            )
            for number, sku in enumerate(skus, start=1)
        ]

    def _client(self, data):
        answer = HubResponse("POST /x", 200, {}, str(data), data, 0.1)
        return SimpleNamespace(request=lambda *_args, **_options: answer)

    def test_errors_by_sku(self):
        errors = [{"sku": "B-2", "error": {"code": "SKU_NOT_FOUND", "message": "Unknown"}}]
        results = self.adapter._read_errors(
            self._items(), {"success": True, "results": {"updated": 1, "errors": errors}}
        )
        self.assertEqual(list(results), [1])
        self.assertIsInstance(results[1], HubError)
        self.assertIn("Unknown", results[1].message)

    def test_sku_that_is_not_in_the_payload(self):
        """The administrator may have removed its mapping; the shop names the one it was sent."""
        answer = {"results": {"errors": [{"sku": "B-2", "error": "no"}]}}
        self.assertEqual(list(self.adapter._read_errors(self._items(payload={}), answer)), [1])

    def test_all_well(self):
        for answer in (None, {}, {"success": True, "results": {"errors": [], "failed": 0}}):
            self.assertEqual(self.adapter._read_errors(self._items(), answer), {})

    def test_odd_answers(self):
        sends = {
            "products": self.adapter._send_products,
            "stock": self.adapter._send_stock,
            "stock by webhook": self.adapter._send_stock_webhook,
        }
        context = {"stale": frozenset(), "sent": set()}
        for answer in ODD_ANSWERS:
            with self.subTest(answer):
                self.assertIsNone(self.adapter._read_errors(self._items(), answer))
                [error] = self.adapter._read_errors(self._items(1), answer).values()
                self.assertIsInstance(error, HubError)
            for name, send in sends.items():
                for count in (1, 2):
                    with self.subTest(answer, name=name, count=count):
                        results = send(self._client(answer), self._items(count), context)
                        self.assertIn(type(results), (dict, type(None)))

    def test_odd_summaries_of_the_webhook(self):
        for answer in (
            {"summary": 5, "results": 5},
            {"summary": {"failed": "x"}},
            {"summary": {"failed": 1, "not_found": []}},
            {"summary": {"not_found": 1}},
            {"results": [{"sku": ["A-1"], "status": ["failed"]}]},
        ):
            with self.subTest(answer):
                self.adapter._send_stock_webhook(self._client(answer), self._items(), None)

    def test_odd_errors(self):
        for entry in (5, None, [], {}, {"error": 5}, {"error": {"code": ["x"]}}, {"code": {}}):
            with self.subTest(entry):
                self.assertIsInstance(
                    self.adapter._item_error(entry), RejectedError | RetryableError
                )
                refused = RejectedError("no", details={"status": 400, "body": entry})
                self.assertIs(self.adapter._as_item_error(refused), refused)

    def test_odd_answers_to_a_reduction(self):
        items = self._items(1, payload={"order_id": "order_1", "items": [{"sku": "A-1"}]})
        for answer in (5, [], {"results": 5}, {"results": {"errors": 5}}):
            with self.subTest(answer), self.assertRaises(RejectedError) as caught:
                self.adapter._send_reduction(self._client(answer), items, None)
            self.assertEqual(caught.exception.reason, "invalid_payload")
