# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders and customers of the Medusa partner server, as the seed shows them."""

import json

import pytest

from tests.peers.caller import Caller, assert_seed_error
from tests.peers.medusa import MedusaServer

KEY = "shop-key"


@pytest.fixture
def shop():
    with MedusaServer(api_key=KEY) as server:
        yield server


@pytest.fixture
def call(shop):
    caller = Caller(shop.port, {"x-odoo-api-key": KEY})
    yield caller
    caller.connection.close()


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
    assert_seed_error(call("POST", f"{path}/synced", {}), 400, "VALIDATION_ERROR")
    assert_seed_error(
        call("POST", f"{path}/synced", {"odoo_order_id": "77"}), 400, "VALIDATION_ERROR"
    )
    assert_seed_error(call("GET", "/odoo/orders/order_none"), 404, "NOT_FOUND")
    assert_seed_error(call("POST", "/odoo/orders/order_none/synced", ack), 404, "NOT_FOUND")
    for query in ("status=paid", "synced=yes", "date_from=yesterday", "limit=-1"):
        assert_seed_error(call("GET", f"/odoo/orders?{query}"), 400, "VALIDATION_ERROR")


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
    assert_seed_error(call("POST", path, unknown), 404, "NOT_FOUND")
    assert_seed_error(
        call("POST", path, {**cancel, "event_type": "order.lost"}), 400, "VALIDATION_ERROR"
    )
    assert_seed_error(call("POST", path, {"event_type": "order.paid"}), 400, "VALIDATION_ERROR")


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
