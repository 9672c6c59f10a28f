# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Medusa partner server keeps and refuses what the seed says a real shop does."""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.peers import sender
from tests.peers.caller import Caller
from tests.peers.medusa import MedusaServer

KEY = "shop-key"
SAMPLE_PRODUCT = {
    "odoo_product_id": 12345,
    "sku": "CASE-IP15PRO-001",
    "title": "iPhone 15 Pro Case - Black",
    "title_ar": "غطاء آيفون 15 برو - أسود",
    "price": 5000,
    "compare_at_price": 7000,
    "cost_price": 2500,
    "currency_code": "kwd",
    "weight": 50,
    "weight_unit": "g",
    "barcode": "6291234567890",
    "category_handle": "mobile-accessories",
    "images": [{"url": "https://odoo.example/1", "position": 0, "is_thumbnail": True}],
    "metadata": {"odoo_id": 12345, "color": "Black"},
    "inventory": {"quantity": 150, "manage_inventory": True, "allow_backorder": False},
}


@pytest.fixture
def shop():
    with MedusaServer(api_key=KEY) as server:
        yield server


@pytest.fixture
def call(shop):
    caller = Caller(shop.port, {"x-odoo-api-key": KEY})
    yield caller
    caller.connection.close()


def assert_error(answer, status, code):
    assert answer[0] == status, answer
    assert answer[1]["success"] is False
    assert set(answer[1]["error"]) == {"code", "message", "details"}
    assert answer[1]["error"]["code"] == code


# -- what every route refuses ------------------------------------------------------------------


def test_key_is_needed_everywhere(shop, call):
    for headers in ({"x-odoo-api-key": ""}, {"x-odoo-api-key": "wrong"}, {"x-odoo-api-key": "é"}):
        assert_error(call("GET", "/odoo/orders", headers=headers), 401, "UNAUTHORIZED")
        answer = call("POST", "/odoo/products", SAMPLE_PRODUCT, headers=headers)
        assert_error(answer, 401, "UNAUTHORIZED")
    assert not shop.products


def test_malformed_json_and_unknown_routes(call):
    for body in (b"{", b'{"sku": NaN}', b"[" * 10000):
        assert_error(call("POST", "/odoo/products", body=body), 400, "VALIDATION_ERROR")
    assert_error(call("POST", "/odoo/products", ["a list"]), 400, "VALIDATION_ERROR")
    assert_error(call("GET", "/odoo/nothing"), 404, "NOT_FOUND")
    assert_error(call("PUT", "/odoo/products", SAMPLE_PRODUCT), 404, "NOT_FOUND")
    assert_error(call("DELETE", "/odoo/products/A/B"), 404, "NOT_FOUND")
    answer = call("POST", "/odoo/products", SAMPLE_PRODUCT, headers={"Content-Type": "text/plain"})
    assert_error(answer, 400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sku", ""),
        ("sku", 5),
        ("title", None),
        ("price", 5000.0),
        ("price", "5000"),
        ("price", -1),
        ("price", True),
        ("cost_price", 2.5),
        ("barcode", False),
        ("odoo_product_id", "12345"),
        ("currency_code", "dinar"),
        ("weight", "50"),
        ("weight_unit", "stone"),
        ("images", [{"position": 0}]),
        ("images", [{"url": "/web/image/1"}]),
        ("inventory", {"quantity": -1}),
        ("inventory", {"quantity": 1.5}),
        ("metadata", []),
    ],
)
def test_wrong_product_fields(shop, call, field, value):
    answer = call("POST", "/odoo/products", {**SAMPLE_PRODUCT, field: value})
    assert_error(answer, 400, "VALIDATION_ERROR")
    assert any(path.startswith(field) for path in answer[1]["error"]["details"])
    assert not shop.products


# -- products ----------------------------------------------------------------------------------


def test_product_is_created_then_updated(shop, call):
    status, answer = call("POST", "/odoo/products", SAMPLE_PRODUCT)
    product = answer["product"]
    assert status == 200 and answer["success"]
    assert product == {
        "id": shop.products["CASE-IP15PRO-001"]["id"],
        "title": "iPhone 15 Pro Case - Black",
        "handle": "iphone-15-pro-case-black",
        "variant_id": shop.products["CASE-IP15PRO-001"]["variant_id"],
        "sku": "CASE-IP15PRO-001",
        "created": True,
        "updated": False,
    }
    again = {"sku": "CASE-IP15PRO-001", "title": "New", "metadata": {"size": "L"}}
    _status, answer = call("POST", "/odoo/products", again)
    assert answer["product"]["updated"] and answer["product"]["id"] == product["id"]
    kept = shop.products["CASE-IP15PRO-001"]
    assert kept["title"] == "New" and kept["price"] == 5000
    assert kept["metadata"] == {"odoo_id": 12345, "color": "Black", "size": "L"}
    assert shop.stocked("CASE-IP15PRO-001") == 150


def test_same_sku_of_another_odoo_product(shop, call):
    call("POST", "/odoo/products", SAMPLE_PRODUCT)
    other = {**SAMPLE_PRODUCT, "odoo_product_id": 999, "title": "Other"}
    assert_error(call("POST", "/odoo/products", other), 409, "DUPLICATE_SKU")
    assert shop.products["CASE-IP15PRO-001"]["title"] == "iPhone 15 Pro Case - Black"


def test_bulk_reports_each_item(shop, call):
    shop.add_product("OLD", price=1)
    products = [
        {"odoo_product_id": 1, "sku": "OLD", "title": "Old", "price": 2},
        {"odoo_product_id": 2, "sku": "NEW", "title": "New", "price": 3},
        {"odoo_product_id": 3, "sku": "BAD", "title": "Bad", "price": 3.5},
        {"odoo_product_id": 4, "sku": "NEW", "title": "Twin"},
        "no object",
    ]
    status, answer = call("POST", "/odoo/products/bulk", {"products": products})
    results = answer["results"]
    assert status == 200 and answer["success"] is True
    assert [results[key] for key in ("total", "created", "updated", "failed")] == [5, 1, 1, 3]
    codes = [(entry.get("sku"), entry["error"]["code"]) for entry in results["errors"]]
    assert codes == [
        ("BAD", "VALIDATION_ERROR"),
        ("NEW", "DUPLICATE_SKU"),
        (None, "VALIDATION_ERROR"),
    ]
    assert shop.products["OLD"]["price"] == 2 and shop.products["NEW"]["title"] == "New"
    assert shop.items["POST /odoo/products/bulk"] == 5
    for payload in ({}, {"products": []}, {"products": {}}):
        assert_error(call("POST", "/odoo/products/bulk", payload), 400, "VALIDATION_ERROR")


def test_delete_by_quoted_sku(shop, call):
    shop.add_product("A/B 50%", stock=3)
    status, answer = call("DELETE", "/odoo/products/" + quote("A/B 50%", safe=""))
    assert status == 200 and answer["success"] and answer["sku"] == "A/B 50%"
    assert not shop.products and not shop.inventory
    assert_error(call("DELETE", "/odoo/products/gone"), 404, "SKU_NOT_FOUND")


def test_product_webhook_in_major_units_and_kg(shop, call):
    product = {
        "odoo_id": 123,
        "sku": "PHONE-CASE-001",
        "name": "iPhone 15 Pro Case",
        "list_price": 25.005,
        "standard_price": 12.0,
        "weight": 0.15,
        "active": True,
        "qty_available": 100.0,
    }
    body = {"event_type": "product.created", "product": product}
    _status, answer = call("POST", "/odoo/webhooks/products", body)
    assert answer["success"] and answer["action"] == "inventory_created"
    assert answer["sku"] == "PHONE-CASE-001" and not shop.products
    assert shop.stocked("PHONE-CASE-001") == 100
    shop.add_product("PHONE-CASE-001", stock=100)
    updated = {**body, "event_type": "product.updated"}
    _status, answer = call("POST", "/odoo/webhooks/products", updated)
    kept = shop.products["PHONE-CASE-001"]
    assert answer["action"] == "updated"
    assert answer["product"]["product_id"] == kept["id"]
    assert (kept["price"], kept["cost_price"], kept["weight"]) == (25005, 12000, 150.0)
    deletion = {"event_type": "product.deleted", "product": {"sku": "PHONE-CASE-001"}}
    _status, answer = call("POST", "/odoo/webhooks/products", deletion)
    assert answer["action"] == "deleted" and not shop.products
    assert_error(call("POST", "/odoo/webhooks/products", deletion), 404, "SKU_NOT_FOUND")
    unknown = {**body, "event_type": "product.renamed"}
    assert_error(call("POST", "/odoo/webhooks/products", unknown), 400, "VALIDATION_ERROR")
    broken = {**body, "product": {**product, "qty_available": 1.5}}
    assert_error(call("POST", "/odoo/webhooks/products", broken), 400, "VALIDATION_ERROR")


# -- inventory ---------------------------------------------------------------------------------


def test_inventory_update(shop, call):
    shop.add_product("A", stock=1)
    second = shop.add_location("Shop")
    status, _answer = call("POST", "/odoo/inventory/update", {"sku": "A", "quantity": 7})
    assert status == 200 and shop.stocked("A") == 7
    call("POST", "/odoo/inventory/update", {"sku": "A", "quantity": 2, "location_id": second})
    assert shop.stocked("A", second) == 2 and shop.stocked("A") == 9
    update = "/odoo/inventory/update"
    assert_error(call("POST", update, {"sku": "Z", "quantity": 7}), 404, "SKU_NOT_FOUND")
    assert_error(call("POST", update, {"sku": "A"}), 400, "VALIDATION_ERROR")
    assert_error(call("POST", update, {"sku": "A", "quantity": -1}), 400, "VALIDATION_ERROR")
    assert_error(call("POST", update, {"sku": "A", "quantity": 1.0}), 400, "VALIDATION_ERROR")
    elsewhere = {"sku": "A", "quantity": 1, "location_id": "loc_none"}
    assert_error(call("POST", update, elsewhere), 404, "NOT_FOUND")


def test_inventory_bulk_update(shop, call):
    shop.add_product("A", stock=1)
    items = [{"sku": "A", "quantity": 5}, {"sku": "Z", "quantity": 5}, {"sku": "A", "quantity": -5}]
    _status, answer = call("POST", "/odoo/inventory/bulk-update", {"items": items})
    assert answer["success"] is True
    results = answer["results"]
    assert [results[key] for key in ("total", "updated", "not_found")] == [3, 1, 1]
    assert [entry["error"]["code"] for entry in results["errors"]] == [
        "SKU_NOT_FOUND",
        "VALIDATION_ERROR",
    ]
    assert shop.stocked("A") == 5


def test_inventory_webhook_absolute_and_delta(shop, call):
    shop.add_product("A", stock=25)
    shop.add_product("B", stock=30)
    items = [
        {"sku": "A", "quantity": 50, "adjustment_type": "absolute", "warehouse_name": "Main"},
        {"sku": "B", "quantity": -5, "adjustment_type": "delta"},
        {"sku": "B", "quantity": -500, "adjustment_type": "delta"},
        {"sku": "Z", "quantity": 1},
    ]
    body = {"event_type": "inventory.updated", "items": items}
    _status, answer = call("POST", "/odoo/webhooks/inventory", body)
    assert answer["summary"] == {"total": 4, "processed": 2, "failed": 1, "not_found": 1}
    assert answer["results"][:2] == [
        {"sku": "A", "status": "success", "previous_quantity": 25, "new_quantity": 50},
        {"sku": "B", "status": "success", "previous_quantity": 30, "new_quantity": 25},
    ]
    assert answer["results"][2]["error"]["code"] == "INVENTORY_ERROR"
    unknown = {**body, "event_type": "inventory.lost"}
    assert_error(call("POST", "/odoo/webhooks/inventory", unknown), 400, "VALIDATION_ERROR")


def test_reduce_is_not_idempotent(shop, call):
    shop.add_product("A", stock=10)
    order = shop.place_order([("A", 2)])
    assert (shop.stocked("A"), shop.reserved("A")) == (10, 2)
    body = {"order_id": order["id"], "items": [{"sku": "A", "quantity": 2}]}
    for left in (8, 6):
        status, _answer = call("POST", "/odoo/inventory/reduce", body)
        assert status == 200 and shop.stocked("A") == left
    assert shop.reserved("A") == 0
    body["order_id"] = "order_none"
    assert_error(call("POST", "/odoo/inventory/reduce", body), 404, "NOT_FOUND")


def test_inventory_list(shop, call):
    for number in range(120):
        shop.add_product(f"SKU-{number}", stock=number)
    _status, answer = call("GET", "/odoo/inventory?include_products=true")
    assert (answer["total"], answer["limit"], answer["offset"]) == (120, 100, 0)
    assert len(answer["inventory"]) == 100
    row = answer["inventory"][5]
    assert row["location_name"] == "Main Warehouse" and row["available_quantity"] == 5
    assert set(row["product"]) == {"id", "title", "handle", "variant_id"}
    _status, answer = call("GET", "/odoo/inventory?low_stock=true&limit=4&offset=8")
    assert answer["total"] == 10 and len(answer["inventory"]) == 2
    _status, answer = call("GET", "/odoo/inventory?sku=SKU-7")
    assert [row["sku"] for row in answer["inventory"]] == ["SKU-7"]
    assert "product" not in answer["inventory"][0]
    for query in ("limit=0", "limit=x", "offset=-1", "low_stock=1"):
        assert_error(call("GET", f"/odoo/inventory?{query}"), 400, "VALIDATION_ERROR")


# -- orders and customers ----------------------------------------------------------------------


def test_order_has_the_seeds_shape(shop):
    shop.add_product("CASE-IP15PRO-001", title="iPhone 15 Pro Case", price=5000, stock=10)
    shop.add_product("PB-20000-BLK", title="Power Bank 20000mAh", price=5000, stock=10)
    order = shop.place_order([("CASE-IP15PRO-001", 2), ("PB-20000-BLK", 1)], shipping_total=1000)
    data = shop.order_data(order["id"])["order"]
    assert list(data) == [
        "id",
        "display_id",
        "status",
        "email",
        "currency_code",
        "subtotal",
        "tax_total",
        "shipping_total",
        "total",
        "created_at",
        "customer",
        "shipping_address",
        "items",
    ]
    assert (data["subtotal"], data["shipping_total"], data["total"]) == (15000, 1000, 16000)
    assert set(data["items"][0]) == {
        "id",
        "title",
        "quantity",
        "unit_price",
        "subtotal",
        "sku",
        "variant_id",
        "product_id",
    }
    assert set(data["customer"]) == {"id", "email", "first_name", "last_name", "phone"}
    json.dumps(shop.state())


def test_orders_are_listed_filtered_and_acknowledged(shop, call):
    shop.add_product("A", price=1000, stock=100)
    orders = [
        shop.place_order([("A", 1)], created_at=f"2026-02-{day:02}T10:00:00.000Z")
        for day in range(1, 11)
    ]
    shop.change_status(orders[0]["id"], "completed", payment_status="captured")
    _status, answer = call("GET", "/odoo/orders?limit=4")
    assert answer["total"] == 10 and answer["limit"] == 4
    assert [order["id"] for order in answer["orders"]] == [
        order["id"] for order in reversed(orders[6:])
    ]
    assert "product_id" not in answer["orders"][0]["items"][0]
    _status, answer = call("GET", "/odoo/orders?status=completed")
    assert [order["id"] for order in answer["orders"]] == [orders[0]["id"]]
    span = "date_from=2026-02-03T00:00:00Z&date_to=2026-02-05T23:00:00Z"
    assert call("GET", f"/odoo/orders?{span}")[1]["total"] == 3
    path = f"/odoo/orders/{orders[3]['id']}"
    ack = {"odoo_order_id": 77, "synced_at": "2026-02-28T10:35:00.000Z"}
    status, answer = call("POST", f"{path}/synced", ack)
    assert status == 200 and answer["success"] is True
    assert shop.orders[orders[3]["id"]]["synced"] is True
    assert call("GET", "/odoo/orders?synced=false")[1]["total"] == 9
    assert call("GET", "/odoo/orders?synced=true")[1]["total"] == 1
    assert call("GET", path)[1]["order"]["metadata"] == {"odoo_order_id": 77}
    assert_error(call("POST", f"{path}/synced", {}), 400, "VALIDATION_ERROR")
    assert_error(call("POST", f"{path}/synced", {"odoo_order_id": "77"}), 400, "VALIDATION_ERROR")
    assert_error(call("GET", "/odoo/orders/order_none"), 404, "NOT_FOUND")
    assert_error(call("POST", "/odoo/orders/order_none/synced", ack), 404, "NOT_FOUND")
    for query in ("status=paid", "synced=yes", "date_from=yesterday", "limit=-1"):
        assert_error(call("GET", f"/odoo/orders?{query}"), 400, "VALIDATION_ERROR")


def test_order_status(shop, call):
    shop.add_product("A", stock=5)
    order = shop.place_order([("A", 2)])
    values = {
        "medusa_order_id": order["id"],
        "odoo_order_id": 123,
        "odoo_order_name": "S00123",
        "tracking_number": "TRK1",
        "tracking_url": "https://carrier.example/TRK1",
        "carrier_name": "FedEx",
        "shipped_date": "2026-02-28T10:30:00Z",
    }
    body = {"event_type": "order.shipped", "order": values}
    status, answer = call("POST", "/odoo/webhooks/order-status", body)
    assert status == 200
    assert answer == {
        "success": True,
        "event_type": "order.shipped",
        "order": {
            "medusa_order_id": order["id"],
            "display_id": order["display_id"],
            "odoo_order_id": 123,
            "odoo_order_name": "S00123",
        },
        "metadata_updated": [
            "odoo_shipped",
            "odoo_shipped_at",
            "tracking_number",
            "tracking_url",
            "carrier_name",
        ],
    }
    call("POST", "/odoo/webhooks/order-status", body, headers={"Idempotency-Key": "k"})
    kept = shop.orders[order["id"]]
    assert [shipment["tracking_number"] for shipment in kept["shipments"]] == ["TRK1"]
    assert [entry["event"] for entry in kept["history"]][1:] == ["order.shipped"] * 2
    assert kept["history"][-1]["idempotency_key"] == "k"
    assert shop.reserved("A") == 0 and shop.stocked("A") == 5
    cancel = {"event_type": "order.cancelled", "order": {"medusa_order_id": order["id"]}}
    call("POST", "/odoo/webhooks/order-status", cancel)
    assert kept["status"] == "cancelled"
    unknown = {**cancel, "order": {"medusa_order_id": "order_none"}}
    path = "/odoo/webhooks/order-status"
    assert_error(call("POST", path, unknown), 404, "NOT_FOUND")
    assert_error(
        call("POST", path, {**cancel, "event_type": "order.lost"}), 400, "VALIDATION_ERROR"
    )
    assert_error(call("POST", path, {"event_type": "order.paid"}), 400, "VALIDATION_ERROR")


def test_customers(shop, call):
    shop.add_product("A", price=1000, stock=5)
    guest = shop.place_order([("A", 1)], customer={"email": "Guest@example.com"})
    record = shop.customers[guest["customer"]["id"]]
    assert record["has_account"] is False
    registered = shop.add_customer(
        "guest@example.com",
        first_name="Sara",
        addresses=[{"address_1": "Block 1", "city": "Kuwait City", "country_code": "kw"}],
    )
    assert registered is record and record["has_account"] is True
    shop.add_customer("old@example.com", created_at="2020-01-01T00:00:00.000Z", phone="+965-99")
    _status, answer = call("GET", "/odoo/customers?created_after=2021-01-01")
    assert answer["total"] == 1 and answer["limit"] == 50
    row = answer["customers"][0]
    assert (row["order_count"], row["total_spent"]) == (1, 1000)
    assert row["addresses"][0]["is_default_shipping"] is True
    assert call("GET", "/odoo/customers?email=old@example.com")[1]["total"] == 1
    assert call("GET", "/odoo/customers?phone=96599")[1]["total"] == 1
    assert "order_count" not in shop.customer_data(record["id"])["customer"]


# -- webhooks to Odoo --------------------------------------------------------------------------


@pytest.fixture
def odoo():
    """A receiver that fails as often as it is told."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append((self.path, dict(self.headers.items()), body))
            failing = len(server.received) <= server.failures
            self.send_response(503 if failing else 200)
            self.end_headers()
            self.wfile.write(b'{"success": true}')

        def log_message(self, *_arguments):
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.failures = [], 0
    server.url = f"http://127.0.0.1:{server.server_port}/api/medusa/webhooks"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_webhooks_are_signed_in_every_scheme(shop, odoo):
    order = shop.place_order([("A", 1, 5000)])
    for scheme in ("standard", "hmac", "bearer", "header"):
        result = shop.send_order(order["id"], odoo.url, secret="s3cret", scheme=scheme)
        assert result.ok and result.json() == {"success": True}
    headers = [
        {name.lower(): text for name, text in sent.items()} for _p, sent, _b in odoo.received
    ]
    body = odoo.received[0][2]
    assert json.loads(body)["event"] == "order.created"
    assert json.loads(body)["data"]["order"]["id"] == order["id"]
    signed = f"{headers[0]['webhook-id']}.{headers[0]['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"s3cret", signed, hashlib.sha256).digest()
    assert headers[0]["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    digest = hmac.new(b"s3cret", odoo.received[1][2], hashlib.sha256).hexdigest()
    assert headers[1]["x-medusa-signature"] == f"sha256={digest}"
    assert headers[2]["authorization"] == "Bearer s3cret"
    assert headers[3]["x-webhook-secret"] == "s3cret"
    assert sender.secret_key("whsec_" + base64.b64encode(b"raw").decode()) == b"raw"


def test_webhooks_are_repeated_only_when_asked(shop, odoo):
    odoo.failures = 3
    data = {"order_id": "order_1"}
    result = shop.send_webhook(odoo.url, "order.status_updated", data, secret="x")
    assert (result.status, result.attempts) == (503, 1)
    result = shop.send_webhook(
        odoo.url, "order.status_updated", data, secret="x", retry=True, retry_delays=(0.01,) * 3
    )
    assert (result.status, result.attempts) == (200, 3)
    ids = {sent["webhook-id"] for _path, sent, _body in odoo.received[1:]}
    assert len(ids) == 1
    result = shop.send_webhook("http://127.0.0.1:1/", "order.created", {}, secret="x")
    assert result.status == 0 and "refused" in result.error


# -- faults ------------------------------------------------------------------------------------

UPDATE = ("POST", "/odoo/inventory/update", {"sku": "A", "quantity": 9})


def test_status_fault_counts_and_obeys_its_path(shop, call):
    shop.add_product("A", stock=1)
    shop.fault("/odoo/inventory", "POST", skip=1, times=1, status=429, retry_after=3)
    assert call(*UPDATE)[0] == 200
    answer = call("POST", "/odoo/inventory/update", {"sku": "A", "quantity": 4})
    assert answer[0] == 429 and call.answer_headers["retry-after"] == "3"
    assert shop.stocked("A") == 9
    assert call("GET", "/odoo/inventory")[0] == 200
    assert call(*UPDATE)[0] == 200
    assert [request.status for request in shop.sent("/odoo/inventory/update")] == [200, 429, 200]
    assert shop.counts["POST /odoo/inventory/update"] == 2


@pytest.mark.parametrize("after_processing", [False, True])
@pytest.mark.parametrize("kind", ["status", "reset", "close_before_answer", "truncate", "bad_json"])
def test_broken_answers(shop, call, kind, after_processing):
    shop.add_product("A", stock=1)
    shop.fault(kind=kind, times=1, after_processing=after_processing)
    try:
        answer = call(*UPDATE)
    except (http.client.HTTPException, OSError, ValueError) as error:
        answer = type(error)
    expected = {
        "reset": ConnectionResetError,
        "close_before_answer": http.client.RemoteDisconnected,
        "truncate": http.client.IncompleteRead,
        "bad_json": json.JSONDecodeError,
    }
    if kind == "status":
        assert_error(answer, 500, "SYNC_FAILED")
    else:
        assert answer is expected[kind]
    assert shop.stocked("A") == (9 if after_processing else 1)
    assert shop.requests[0].fault == kind
    call.connection.close()
    assert call(*UPDATE)[0] == 200


def test_html_delay_and_drip(shop, call):
    shop.add_product("A", stock=1)
    shop.fault(kind="html", times=1)
    status, page = call(*UPDATE)
    assert status == 200 and page.startswith(b"<!DOCTYPE") and shop.stocked("A") == 1
    shop.clear_faults()
    shop.fault(kind="delay", delay=0.15, times=1)
    started = time.monotonic()
    assert call(*UPDATE)[0] == 200
    assert time.monotonic() - started >= 0.15
    shop.clear_faults()
    for drip_headers in (False, True):
        shop.fault(kind="drip", delay=0.001, times=1, drip_headers=drip_headers)
        started = time.monotonic()
        assert call(*UPDATE)[0] == 200
        assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize("anonymous", [False, True])
def test_one_bad_item(shop, call, anonymous):
    shop.add_product("A", stock=1)
    shop.add_product("B", stock=1)
    shop.fault(bulk_item_error={"A": "INVENTORY_ERROR"}, anonymous=anonymous)
    items = [{"sku": "A", "quantity": 5}, {"sku": "B", "quantity": 5}]
    _status, answer = call("POST", "/odoo/inventory/bulk-update", {"items": items})
    assert answer["success"] and answer["results"]["updated"] == 1
    assert answer["results"]["errors"][0].get("sku") == (None if anonymous else "A")
    assert (shop.stocked("A"), shop.stocked("B")) == (1, 5)
    assert_error(call(*UPDATE), 500, "INVENTORY_ERROR")
    shop.clear_faults()
    assert call(*UPDATE)[0] == 200


def test_down_refuses_connections_and_up_is_the_same_port(shop, call):
    port = shop.port
    assert call("GET", "/odoo/orders")[0] == 200
    shop.down()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        call("GET", "/odoo/orders")
    for _attempt in range(3):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
    shop.up()
    call.connection.close()
    assert call("GET", "/odoo/orders")[0] == 200 and shop.port == port


def test_a_taken_port_is_an_error(shop):
    with pytest.raises(OSError):
        MedusaServer(api_key=KEY, port=shop.port).start()


def test_chunked_and_expected_bodies(shop, call):
    shop.add_product("A", stock=1)
    chunks = iter([b'{"sku": "A", ', b'"quantity": 3}'])
    assert call("POST", "/odoo/inventory/update", body=chunks)[0] == 200
    assert shop.stocked("A") == 3


def test_many_requests_are_cheap(shop, call):
    products = [
        {**SAMPLE_PRODUCT, "sku": f"S-{number}", "odoo_product_id": number}
        for number in range(1, 101)
    ]
    body = json.dumps({"products": products}).encode()
    started = time.monotonic()
    for _turn in range(20):
        assert call("POST", "/odoo/products/bulk", body=body)[0] == 200
    for _turn in range(500):
        call("GET", "/odoo/orders?limit=1")
    assert time.monotonic() - started < 5


# -- as a process ------------------------------------------------------------------------------


def test_process_and_its_controls(odoo):
    arguments = [sys.executable, "-m", "tests.peers.medusa", "--port", "0", "--api-key", KEY]
    root = Path(__file__).resolve().parents[1]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=root)
    try:
        word, url = process.stdout.readline().split()
        assert word == "READY"
        call = Caller(int(url.rpartition(":")[2]), {"x-odoo-api-key": KEY})
        webhook = {"url": odoo.url, "secret": "s", "scheme": "header"}
        assert call("POST", "/_control/webhook", webhook)[0] == 200
        product = {"sku": "A", "price": 5000, "stock": 4}
        assert call("POST", "/_control/add_product", product)[1]["sku"] == "A"
        placed = {"lines": [["A", 2]], "shipping_total": 1000, "send": True}
        _status, answer = call("POST", "/_control/place_order", placed)
        assert answer["webhook"]["status"] == 200
        assert json.loads(odoo.received[0][2])["data"]["order"]["total"] == 11000
        fault = {"kind": "status", "status": 503, "times": 1}
        assert call("POST", "/_control/fault", fault)[0] == 200
        assert call("GET", "/odoo/orders")[0] == 503
        assert call("GET", "/_control/state")[1]["orders"][answer["order"]["id"]]["total"] == 11000
        log = call("GET", "/_control/requests?since=0")[1]
        assert [(entry["path"], entry["status"]) for entry in log] == [("/odoo/orders", 503)]
        assert call("POST", "/_control/nothing", {})[0] == 404
        assert call("POST", "/_control/fault", {"kind": "nothing"})[0] == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 0
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.stdout.close()
