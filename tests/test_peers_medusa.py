# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Medusa partner server keeps and refuses what the seed says a real shop does."""

from urllib.parse import quote

import pytest

from tests.peers.caller import Caller, assert_seed_error
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


# -- what every route refuses ------------------------------------------------------------------


def test_key_is_needed_everywhere(shop, call):
    for headers in ({"x-odoo-api-key": ""}, {"x-odoo-api-key": "wrong"}, {"x-odoo-api-key": "é"}):
        assert_seed_error(call("GET", "/odoo/orders", headers=headers), 401, "UNAUTHORIZED")
        answer = call("POST", "/odoo/products", SAMPLE_PRODUCT, headers=headers)
        assert_seed_error(answer, 401, "UNAUTHORIZED")
    assert not shop.products


def test_malformed_json_and_unknown_routes(call):
    for body in (b"{", b'{"sku": NaN}', b"[" * 10000):
        assert_seed_error(call("POST", "/odoo/products", body=body), 400, "VALIDATION_ERROR")
    assert_seed_error(call("POST", "/odoo/products", ["a list"]), 400, "VALIDATION_ERROR")
    assert_seed_error(call("GET", "/odoo/nothing"), 404, "NOT_FOUND")
    assert_seed_error(call("PUT", "/odoo/products", SAMPLE_PRODUCT), 404, "NOT_FOUND")
    assert_seed_error(call("DELETE", "/odoo/products/A/B"), 404, "NOT_FOUND")
    answer = call("POST", "/odoo/products", SAMPLE_PRODUCT, headers={"Content-Type": "text/plain"})
    assert_seed_error(answer, 400, "VALIDATION_ERROR")


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
    assert_seed_error(answer, 400, "VALIDATION_ERROR")
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
    assert_seed_error(call("POST", "/odoo/products", other), 409, "DUPLICATE_SKU")
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
        assert_seed_error(call("POST", "/odoo/products/bulk", payload), 400, "VALIDATION_ERROR")


def test_delete_by_quoted_sku(shop, call):
    shop.add_product("A/B 50%", stock=3)
    status, answer = call("DELETE", "/odoo/products/" + quote("A/B 50%", safe=""))
    assert status == 200 and answer["success"] and answer["sku"] == "A/B 50%"
    assert not shop.products and not shop.inventory
    assert_seed_error(call("DELETE", "/odoo/products/gone"), 404, "SKU_NOT_FOUND")


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
    assert_seed_error(call("POST", "/odoo/webhooks/products", deletion), 404, "SKU_NOT_FOUND")
    unknown = {**body, "event_type": "product.renamed"}
    assert_seed_error(call("POST", "/odoo/webhooks/products", unknown), 400, "VALIDATION_ERROR")
    broken = {**body, "product": {**product, "qty_available": 1.5}}
    assert_seed_error(call("POST", "/odoo/webhooks/products", broken), 400, "VALIDATION_ERROR")


# -- inventory ---------------------------------------------------------------------------------


def test_inventory_update(shop, call):
    shop.add_product("A", stock=1)
    second = shop.add_location("Shop")
    status, _answer = call("POST", "/odoo/inventory/update", {"sku": "A", "quantity": 7})
    assert status == 200 and shop.stocked("A") == 7
    call("POST", "/odoo/inventory/update", {"sku": "A", "quantity": 2, "location_id": second})
    assert shop.stocked("A", second) == 2 and shop.stocked("A") == 9
    update = "/odoo/inventory/update"
    assert_seed_error(call("POST", update, {"sku": "Z", "quantity": 7}), 404, "SKU_NOT_FOUND")
    assert_seed_error(call("POST", update, {"sku": "A"}), 400, "VALIDATION_ERROR")
    assert_seed_error(call("POST", update, {"sku": "A", "quantity": -1}), 400, "VALIDATION_ERROR")
    assert_seed_error(call("POST", update, {"sku": "A", "quantity": 1.0}), 400, "VALIDATION_ERROR")
    elsewhere = {"sku": "A", "quantity": 1, "location_id": "loc_none"}
    assert_seed_error(call("POST", update, elsewhere), 404, "NOT_FOUND")


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
    assert_seed_error(call("POST", "/odoo/webhooks/inventory", unknown), 400, "VALIDATION_ERROR")


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
    assert_seed_error(call("POST", "/odoo/inventory/reduce", body), 404, "NOT_FOUND")


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
        assert_seed_error(call("GET", f"/odoo/inventory?{query}"), 400, "VALIDATION_ERROR")
