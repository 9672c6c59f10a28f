# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stock, orders and customers of the stock Medusa partner server, as Medusa 2.21 keeps them."""

import json
import time
from urllib.parse import urlencode

import pytest

from tests.peers.caller import Caller, assert_admin_error, ok
from tests.peers.medusa_admin import MedusaAdminServer

KEY = "sk_0123456789"


@pytest.fixture
def shop():
    with MedusaAdminServer(api_key=KEY) as server:
        yield server


@pytest.fixture
def call(shop):
    caller = Caller(shop.port, {"Authorization": f"Basic {KEY}"})
    yield caller
    caller.connection.close()


# -- stock -------------------------------------------------------------------------------------


def test_levels_are_created_before_they_are_updated(shop, call):
    shop.add_product("SHIRT-S")
    item = ok(call("GET", "/admin/inventory-items?sku=SHIRT-S"))["inventory_items"][0]
    location = ok(call("GET", "/admin/stock-locations"))["stock_locations"][0]["id"]
    path = f"/admin/inventory-items/{item['id']}/location-levels"
    level = {"location_id": location, "stocked_quantity": 5}
    assert item["location_levels"] == []
    assert_admin_error(
        call("POST", f"{path}/{location}", {"stocked_quantity": 5}), 404, "not_found"
    )
    assert_admin_error(call("POST", path, {**level, "location_id": "no"}), 404, "not_found")
    assert_admin_error(
        call("POST", path, {**level, "stocked_quantity": -1}), text="stocked_quantity"
    )
    shown = ok(call("POST", path, level))["inventory_item"]
    assert shown["stocked_quantity"] == 5
    assert shown["location_levels"][0]["available_quantity"] == 5
    assert_admin_error(call("POST", path, level), text="already exists")
    ok(call("POST", f"{path}/{location}", {"stocked_quantity": 8}))
    assert_admin_error(call("POST", f"{path}/{location}", {"quantity": 8}), text="Unrecognized")
    assert shop.stocked("SHIRT-S") == 8
    found = ok(call("GET", f"/admin/inventory-items?location_levels[location_id]={location}"))
    assert found["count"] == 1


def test_level_batch_is_all_or_nothing(shop, call):
    shop.add_product("A", stock=1)
    shop.add_product("B")
    items = {item["sku"]: item["id"] for item in shop.inventory_items.values()}
    at = {"location_id": shop.main_location}
    path = "/admin/inventory-items/location-levels/batch"
    update = [
        {"inventory_item_id": items["A"], "stocked_quantity": 9, **at},
        {"inventory_item_id": items["B"], "stocked_quantity": 9, **at},
    ]
    assert_admin_error(
        call("POST", path, {"update": update}), 404, "not_found", "is not stocked at"
    )
    assert shop.stocked("A") == 1
    answer = ok(call("POST", path, {"update": update[:1], "create": update[1:]}))
    assert [len(answer[key]) for key in ("created", "updated", "deleted")] == [1, 1, 0]
    assert (shop.stocked("A"), shop.stocked("B")) == (9, 9)
    assert_admin_error(call("POST", path, {"create": update}), text="already exists")
    delete = {"delete": [answer["created"][0]["id"]]}
    assert_admin_error(call("POST", path, delete), kind="not_allowed")
    ok(call("POST", path, {**delete, "force": True}))


def test_reserved_stock(shop, call):
    variant = shop.add_product("A", stock=5)
    order = shop.place_order([("A", 2)])
    assert (shop.stocked("A"), shop.reserved("A")) == (5, 2)
    product = f"/admin/products/{variant['product_id']}"
    assert_admin_error(call("DELETE", product), text="reservations")
    item = next(iter(shop.inventory_items))
    path = f"/admin/inventory-items/{item}/location-levels/{shop.main_location}"
    ok(call("POST", path, {"stocked_quantity": 1}))
    assert shop.stocked("A") == 1
    found = ok(call("GET", f"/admin/reservations?line_item_id={order['items'][0]['id']}"))
    assert found["reservations"][0]["quantity"] == 2
    ok(call("POST", f"/admin/orders/{order['id']}/cancel"))
    assert shop.reserved("A") == 0
    assert ok(call("DELETE", product)) == {
        "id": variant["product_id"],
        "object": "product",
        "deleted": True,
    }


# -- orders ------------------------------------------------------------------------------------


def test_totals_are_unrounded_major_units(shop):
    shop.add_product("A", price=9.99, currency="eur", stock=5)
    order = shop.place_order([("A", 3)], currency="eur", shipping=5, tax_rate=19, discount=3.33)
    shown = shop.full_order(order["id"])
    assert shown["item_subtotal"] == 29.97 and shown["subtotal"] == 34.97
    assert (shown["shipping_subtotal"], shown["shipping_total"]) == (5, 5.95)
    assert shown["tax_total"] == 6.0116 and shown["total"] == 37.6516
    assert shown["items"][0]["adjustments"][0]["amount"] == 3.33
    assert json.loads(json.dumps(shown)) == shown
    included = shop.place_order(
        [("A", 1, 11.9)], currency="eur", tax_rate=19, tax_inclusive=True, shipping=1.19
    )
    shown = shop.full_order(included["id"])
    assert (shown["total"], shown["subtotal"], shown["tax_total"]) == (13.09, 11, 2.09)


def test_polling_by_updated_at_misses_captures(shop, call):
    shop.add_product("A", stock=50)
    orders = [
        shop.place_order([("A", 1)], created_at=f"2026-03-{day:02}T00:00:00.000Z")
        for day in range(1, 21)
    ]
    first = ok(call("GET", "/admin/orders"))
    assert (first["count"], first["limit"], len(first["orders"])) == (20, 15, 15)

    def since(moment):
        query = urlencode({"updated_at[$gte]": moment, "order": "-updated_at", "limit": 100})
        return [order["id"] for order in ok(call("GET", f"/admin/orders?{query}"))["orders"]]

    assert since("2026-03-20T00:00:00.000Z") == [orders[19]["id"]]
    shop.capture(orders[3]["id"])
    assert since("2026-03-20T00:00:00.000Z") == [orders[19]["id"]]
    shown = ok(call("GET", f"/admin/orders/{orders[3]['id']}"))["order"]
    assert shown["payment_status"] == "captured"
    ok(call("POST", f"/admin/orders/{orders[4]['id']}", {"metadata": {"odoo_id": 1}}))
    time.sleep(0.002)
    shop.refund(orders[3]["id"], 2)
    assert since("2026-03-20T00:00:00.000Z") == [
        orders[3]["id"],
        orders[4]["id"],
        orders[19]["id"],
    ]
    refunded = shop.full_order(orders[3]["id"])
    assert refunded["total"] == 3 and refunded["credit_lines"][0]["amount"] == 2
    assert refunded["payment_status"] == "partially_refunded"
    assert_admin_error(call("GET", "/admin/orders?updated_at[$gte]=yesterday"))
    assert ok(call("GET", "/admin/orders?status=canceled"))["count"] == 0
    assert_admin_error(call("GET", "/admin/orders?sales_channel_id=x"))


def test_fulfil_ship_deliver(shop, call):
    shop.add_product("A", stock=10)
    shop.add_product("B", stock=10)
    order = shop.place_order([("A", 2), ("B", 1)])
    path = f"/admin/orders/{order['id']}"
    first, second = ({"id": item["id"], "quantity": item["quantity"]} for item in order["items"])

    def fulfill(*items, **values):
        body = {"items": list(items), "location_id": shop.main_location, **values}
        return call("POST", f"{path}/fulfillments?fields=*fulfillments", body)

    assert_admin_error(fulfill({"id": "ordli_no", "quantity": 1}), text="does not exist in order")
    assert_admin_error(fulfill({**first, "quantity": 3}), text="exceeds the reserved quantity")
    assert_admin_error(fulfill(first, tracking="x"), text="Unrecognized")
    assert_admin_error(call("POST", f"{path}/fulfillments", {"items": []}), text="items")
    fulfillment = ok(fulfill(first))["order"]["fulfillments"][0]["id"]
    assert (shop.stocked("A"), shop.reserved("A")) == (8, 0)
    assert shop.full_order(order["id"])["fulfillment_status"] == "partially_fulfilled"
    assert_admin_error(fulfill(first), text="No stock reservation found")
    assert_admin_error(call("POST", f"{path}/cancel"), kind="not_allowed")
    label = {"tracking_number": "T1", "tracking_url": "https://t.example/T1", "label_url": "#"}
    ship = f"{path}/fulfillments/{fulfillment}/shipments"
    for bad in ({"label_url": "javascript:1"}, {"tracking_url": None}):
        assert_admin_error(call("POST", ship, {"items": [first], "labels": [{**label, **bad}]}))
    unlabelled = {key: label[key] for key in ("tracking_number", "tracking_url")}
    assert_admin_error(
        call("POST", ship, {"items": [first], "labels": [unlabelled]}), text="label_url"
    )
    ok(call("POST", ship, {"items": [first], "labels": [label]}))
    assert_admin_error(call("POST", ship, {"items": [first]}), kind="not_allowed", text="already")
    missing = ship.replace(fulfillment, "ful_no")
    assert_admin_error(call("POST", missing, {"items": [first]}), 500, "unknown_error")
    delivered = f"{path}/fulfillments/{fulfillment}/mark-as-delivered"
    ok(call("POST", delivered, {}))
    assert_admin_error(call("POST", delivered, {}), kind="not_allowed")
    shown = shop.full_order(order["id"])
    assert shown["fulfillment_status"] == "partially_delivered"
    assert shown["fulfillments"][0]["labels"][0]["tracking_number"] == "T1"
    other = ok(fulfill(second))["order"]["fulfillments"][1]["id"]
    ok(call("POST", f"{path}/fulfillments/{other}/cancel", {}))
    assert (shop.stocked("B"), shop.reserved("B")) == (10, 1)
    ok(call("POST", f"{path}/complete", {}))
    assert_admin_error(call("POST", f"{path}/cancel"), kind="not_allowed", text="completed")


def test_canceled_orders_are_closed(shop, call):
    order = shop.place_order([("X", 1, 5)])
    path = f"/admin/orders/{order['id']}"
    canceled = ok(call("POST", f"{path}/cancel?fields=status,canceled_at"))["order"]
    assert canceled["status"] == "canceled" and canceled["canceled_at"]
    for method, tail, body in (
        ("POST", "", {"metadata": {"a": 1}}),
        ("POST", "/cancel", {}),
        ("POST", "/complete", {}),
        ("POST", "/fulfillments", {"items": [{"id": order["items"][0]["id"], "quantity": 1}]}),
    ):
        assert_admin_error(call(method, path + tail, body), text="cancel")
    assert_admin_error(call("GET", "/admin/orders/order_no"), 404, "not_found")
    assert_admin_error(call("POST", "/admin/orders/order_no/cancel"), 404, "not_found")


# -- customers and the rest --------------------------------------------------------------------


def test_customers_and_addresses(shop, call):
    order = shop.place_order([("X", 1, 5)], email="sara@example.com")
    account = shop.add_customer("sara@example.com", first_name="Sara")
    assert account["id"] != order["customer_id"]
    found = ok(call("GET", "/admin/customers?email=sara@example.com"))
    assert found["count"] == 2 and "addresses" not in found["customers"][0]
    assert ok(call("GET", "/admin/customers?has_account=true"))["count"] == 1
    path = f"/admin/customers/{account['id']}"
    moved = account["updated_at"]
    address = {"address_1": "Block 1", "city": "Kuwait City", "country_code": "kw"}
    ok(call("POST", f"{path}/addresses", {**address, "is_default_shipping": True}))
    assert account["updated_at"] == moved
    shown = ok(call("GET", f"{path}?fields=*addresses"))["customer"]
    assert shown["addresses"][0]["is_default_shipping"] and shown["email"]
    assert_admin_error(call("POST", f"{path}/addresses", {"street": "x"}), text="Unrecognized")
    address_path = f"{path}/addresses/{shown['addresses'][0]['id']}"
    ok(call("POST", address_path, {"city": "Hawalli"}))
    assert ok(call("GET", f"{path}/addresses"))["addresses"][0]["city"] == "Hawalli"
    ok(call("DELETE", address_path))
    ok(call("POST", path, {"phone": "+96599", "metadata": {"odoo_id": 5}}))
    assert account["phone"] == "+96599"
    assert_admin_error(call("GET", "/admin/customers/cus_no"), 404, "not_found")
    created = ok(call("POST", "/admin/customers", {"email": "new@example.com"}))["customer"]
    assert created["has_account"] is False
    assert_admin_error(call("POST", "/admin/customers", {"email": "new@example.com"}))
