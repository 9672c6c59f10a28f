# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The stock Medusa partner server takes, keeps and refuses what Medusa 2.21 does."""

import base64
import json
import time
from urllib.parse import quote, urlencode

import pytest

from tests.peers.caller import Caller
from tests.peers.medusa_admin import MedusaAdminServer

KEY = "sk_0123456789"
PRODUCT = {
    "title": "Shirt",
    "external_id": "42",
    "options": [{"title": "Size", "values": ["S", "M"]}],
    "variants": [
        {
            "title": size,
            "sku": f"SHIRT-{size}",
            "prices": [
                {"currency_code": "kwd", "amount": 5.25},
                {"currency_code": "eur", "amount": 15},
            ],
            "options": {"Size": size},
            "metadata": {"external_id": number},
        }
        for number, size in enumerate(("S", "M"))
    ],
    "images": [{"url": "https://odoo.example/1"}],
    "metadata": {"odoo_id": 42, "color": "red"},
}


@pytest.fixture
def shop():
    with MedusaAdminServer(api_key=KEY) as server:
        yield server


@pytest.fixture
def call(shop):
    caller = Caller(shop.port, {"Authorization": f"Basic {KEY}"})
    yield caller
    caller.connection.close()


def ok(answer):
    assert answer[0] == 200, answer
    return answer[1]


def assert_error(answer, status=400, kind="invalid_data", text=""):
    assert answer[0] == status, answer
    assert answer[1]["type"] == kind and text in answer[1]["message"], answer


def create(call, **changes):
    return ok(call("POST", "/admin/products", {**PRODUCT, **changes}))["product"]


# -- every request -----------------------------------------------------------------------------


def test_key_is_basic_auth_raw_or_encoded(call):
    encoded = base64.b64encode(f"{KEY}:".encode()).decode()
    for given in (f"Basic {KEY}", f"Basic {encoded}", f"basic {KEY}"):
        ok(call("GET", "/admin/stores", headers={"Authorization": given}))
    for given in (f"Bearer {KEY}", "Basic sk_wrong", "Basic !!!", KEY, ""):
        status, answer = call("GET", "/admin/stores", headers={"Authorization": given})
        assert status == 401 and set(answer) == {"message"}


def test_unknown_routes_are_html_and_bodies_are_limited(call):
    status, page = call("GET", "/admin/nothing")
    assert status == 404 and b"Cannot GET" in page
    assert call("PUT", "/admin/products", {})[0] == 404
    assert_error(call("POST", "/admin/products", body=b"{"))
    assert call("POST", "/admin/products", body=b'"' + b"x" * 110000 + b'"')[0] == 413
    assert call("POST", "/admin/products/batch", body=b'"' + b"x" * 110000 + b'"')[0] == 400
    long = "&".join(f"sku[]={number:0100}" for number in range(200))
    assert_error(call("GET", f"/admin/inventory-items?{long}"), 431, "unknown_error")


@pytest.mark.parametrize(
    ("path", "body", "text"),
    [
        ("/admin/products", {**PRODUCT, "name": "x"}, "Unrecognized fields: 'name'"),
        ("/admin/products", {"options": []}, "Field 'title' is required"),
        ("/admin/products", {**PRODUCT, "title": 5}, "title"),
        ("/admin/products", {**PRODUCT, "options": []}, "Product options are not provided"),
        ("/admin/products", {**PRODUCT, "status": "active"}, "status"),
        ("/admin/products", {**PRODUCT, "handle": "No Good"}, "Invalid product handle"),
        ("/admin/products/batch", {"create": [{**PRODUCT, "qty": 1}]}, "Unrecognized"),
        ("/admin/products/batch", {"created": []}, "Unrecognized fields: 'created'"),
        ("/admin/inventory-items", {"name": "x"}, "Unrecognized"),
        ("/admin/product-categories", {"name": "x", "active": True}, "Unrecognized"),
        ("/admin/customers", {"email": "no"}, "e-mail"),
        ("/admin/customers", {"name": "x"}, "Unrecognized"),
    ],
)
def test_strict_bodies(shop, call, path, body, text):
    assert_error(call("POST", path, body), text=text)
    assert not shop.products and not shop.categories and not shop.customers


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"prices": None}, "prices"),
        ({"quantity": 1}, "Unrecognized fields: 'quantity'"),
        ({"options": {}}, "missing options"),
        ({"options": {"Size": "XL"}}, "Option value XL does not exist"),
        ({"options": {"Size": "M"}}, "already exists"),
        ({"prices": [{"currency_code": "kwd", "amount": "5"}]}, "amount"),
    ],
)
def test_variants_of_a_new_product(shop, call, change, text):
    variants = [{**PRODUCT["variants"][0], **change}, PRODUCT["variants"][1]]
    assert_error(call("POST", "/admin/products", {**PRODUCT, "variants": variants}), text=text)
    assert not shop.products and not shop.variants and not shop.inventory_items
    create(call)


# -- products ----------------------------------------------------------------------------------


def test_product_with_variants(shop, call):
    product = create(call)
    assert product["status"] == "draft" and product["handle"] == "shirt"
    assert product["thumbnail"] == "https://odoo.example/1"
    assert [variant["sku"] for variant in product["variants"]] == ["SHIRT-S", "SHIRT-M"]
    assert {price["currency_code"] for price in product["variants"][0]["prices"]} == {"kwd", "eur"}
    assert product["variants"][0]["options"][0]["value"] == "S"
    assert "categories" not in product and "product" not in product["variants"][0]
    found = ok(call("GET", "/admin/product-variants?sku=SHIRT-M"))
    assert found["count"] == 1 and found["limit"] == 50
    assert found["variants"][0]["product"]["id"] == product["id"]
    items = ok(call("GET", "/admin/inventory-items?" + urlencode({"sku[]": "SHIRT-S,SHIRT-M"})))
    assert items["count"] == 2 and items["limit"] == 20


def test_updates_replace_lists_and_merge_metadata(shop, call):
    product = create(call)
    path = f"/admin/products/{product['id']}"
    variant = f"{path}/variants/{product['variants'][0]['id']}"
    before = shop.products[product["id"]]["updated_at"]
    time.sleep(0.002)
    prices = {"prices": [{"currency_code": "kwd", "amount": 6}], "metadata": {"external_id": ""}}
    ok(call("POST", variant, prices))
    assert shop.prices("SHIRT-S") == {"kwd": 6}
    assert shop.by_sku("SHIRT-S")["metadata"] == {}
    assert shop.products[product["id"]]["updated_at"] == before
    assert shop.by_sku("SHIRT-S")["updated_at"] > before
    ok(call("POST", path, {"metadata": {"color": "", "size": 1}, "status": "published"}))
    kept = shop.products[product["id"]]
    assert kept["metadata"] == {"odoo_id": 42, "size": 1} and kept["updated_at"] > before
    ok(call("POST", path, {"variants": [{"id": product["variants"][1]["id"], "title": "Medium"}]}))
    assert [entry["title"] for entry in kept["variants"]] == ["Medium"]
    assert shop.by_sku("SHIRT-S") is None
    assert_error(call("POST", path, {"options": []}), text="removed in version 2.16.0")
    assert_error(call("POST", "/admin/products/prod_no", {"title": "x"}), 404, "not_found")


def test_what_is_unique(shop, call):
    create(call)
    assert_error(call("POST", "/admin/products", {**PRODUCT, "handle": "other"}), text="sku")
    assert_error(call("POST", "/admin/products", PRODUCT), text="handle: shirt, already exists")
    barcoded = {**PRODUCT["variants"][0], "sku": "X", "barcode": "1"}
    create(call, handle="other", variants=[barcoded])
    again = {**barcoded, "sku": "Y"}
    answer = call("POST", "/admin/products", {**PRODUCT, "handle": "third", "variants": [again]})
    assert_error(answer, text="barcode: 1, already exists")
    assert len(shop.products) == 2


def test_product_batch_is_all_or_nothing(shop, call):
    product = create(call)
    new = {
        "title": "Cap",
        "options": [{"title": "Size", "values": ["one"]}],
        "variants": [{**PRODUCT["variants"][0], "sku": "CAP", "options": {"Size": "one"}}],
    }
    clash = {**new, "title": "Clash", "variants": [{**new["variants"][0], "sku": "SHIRT-S"}]}
    batch = {
        "create": [new, clash],
        "update": [{"id": product["id"], "title": "Changed"}],
    }
    assert_error(call("POST", "/admin/products/batch", batch), text="SHIRT-S, already exists")
    assert shop.products[product["id"]]["title"] == "Shirt" and shop.by_sku("CAP") is None
    assert {item["sku"] for item in shop.inventory_items.values()} == {"SHIRT-S", "SHIRT-M"}
    batch["create"] = [new]
    answer = ok(call("POST", "/admin/products/batch", batch))
    assert [entry["title"] for entry in answer["created"]] == ["Cap"]
    assert [entry["title"] for entry in answer["updated"]] == ["Changed"]
    assert answer["deleted"] == {"ids": [], "object": "product", "deleted": True}
    assert shop.items["POST /admin/products/batch"] == 5
    shop.fault(bulk_item_error={"CAP": "invalid_data"}, times=1)
    update = {"update": [{"id": answer["created"][0]["id"], "title": "No"}]}
    assert_error(call("POST", "/admin/products/batch", update), text="CAP")
    missing = {"update": [{"id": "prod_no", "title": "No"}]}
    assert_error(call("POST", "/admin/products/batch", missing), 404, "not_found")


def test_variant_batch_and_new_option_values(shop, call):
    product = create(call)
    path = f"/admin/products/{product['id']}"
    large = {**PRODUCT["variants"][0], "title": "L", "sku": "SHIRT-L", "options": {"Size": "L"}}
    assert_error(call("POST", f"{path}/variants/batch", {"create": [large]}), text="does not exist")
    option = product["options"][0]["id"]
    values = {"update": [{"product_option_id": option, "add": ["L"]}]}
    ok(call("POST", f"{path}/options/batch", values))
    small, medium = (variant["id"] for variant in product["variants"])
    batch = {"create": [large], "update": [{"id": small, "weight": 200}], "delete": [medium]}
    answer = ok(call("POST", f"{path}/variants/batch", batch))
    assert answer["created"][0]["sku"] == "SHIRT-L" and answer["updated"][0]["weight"] == 200
    assert [variant["sku"] for variant in shop.products[product["id"]]["variants"]] == [
        "SHIRT-S",
        "SHIRT-L",
    ]
    assert "SHIRT-M" not in {item["sku"] for item in shop.inventory_items.values()}


def test_product_list_drops_unknown_filters(shop, call):
    create(call, external_id="42")
    create(call, title="Other", variants=[], external_id=None)
    assert ok(call("GET", "/admin/products?external_id=42"))["count"] == 1
    assert ok(call("GET", "/admin/products?sku=NOPE"))["count"] == 2
    assert ok(call("GET", "/admin/products?q=shirt-m"))["count"] == 1
    assert_error(call("GET", "/admin/product-variants?colour=red"), text="Unrecognized")
    assert_error(call("GET", "/admin/products?limit=many"))


def test_categories(shop, call):
    path = "/admin/product-categories"
    parent = ok(call("POST", path, {"name": "Phone Cases", "is_active": True}))["product_category"]
    assert parent["handle"] == "phone-cases" and parent["category_children"] == []
    child = {"name": "Leather", "parent_category_id": parent["id"]}
    child = ok(call("POST", path, child))["product_category"]
    assert child["parent_category"]["id"] == parent["id"]
    assert_error(call("POST", path, {"name": "Phone cases"}), text="already exists")
    assert ok(call("GET", f"{path}?handle=leather"))["count"] == 1
    product = create(call, categories=[{"id": child["id"]}])
    shown = ok(call("GET", f"/admin/products/{product['id']}?fields=id,categories.name"))
    assert shown["product"] == {"id": product["id"], "categories": [{"name": "Leather"}]}
    unknown = {**PRODUCT, "handle": "x", "variants": [], "categories": [{"id": "pcat_no"}]}
    assert_error(call("POST", "/admin/products", unknown), 404, "not_found")


# -- fields ------------------------------------------------------------------------------------


def test_fields_replace_or_change_the_defaults(shop, call):
    shop.add_product("A", stock=5)
    shop.place_order([("A", 1)])

    def shown(fields):
        path = f"/admin/orders?fields={quote(fields, safe=',*.+-')}"
        return ok(call("GET", path))["orders"][0]

    plain = ok(call("GET", "/admin/orders"))["orders"][0]
    assert not {"email", "currency_code", "items", "shipping_address"} & set(plain)
    assert plain["payment_status"] == "authorized"
    assert set(shown("email")) == {"id", "email", "payment_status", "fulfillment_status"}
    assert "email" in shown("+email") and "total" in shown("%2Bemail".replace("%2B", "+"))
    assert "total" not in shown("-total")
    assert shown("*items")["items"][0]["variant_sku"] == "A"
    assert "detail" not in shown("*items")["items"][0]
    nested = shown("id,items.variant_sku,items.detail.*")["items"][0]
    assert set(nested) == {"variant_sku", "detail"}
    assert_error(call("GET", "/admin/orders?fields=sku"), text="does not have property 'sku'")


# -- stock -------------------------------------------------------------------------------------


def test_levels_are_created_before_they_are_updated(shop, call):
    create(call)
    item = ok(call("GET", "/admin/inventory-items?sku=SHIRT-S"))["inventory_items"][0]
    location = ok(call("GET", "/admin/stock-locations"))["stock_locations"][0]["id"]
    path = f"/admin/inventory-items/{item['id']}/location-levels"
    level = {"location_id": location, "stocked_quantity": 5}
    assert item["location_levels"] == []
    assert_error(call("POST", f"{path}/{location}", {"stocked_quantity": 5}), 404, "not_found")
    assert_error(call("POST", path, {**level, "location_id": "no"}), 404, "not_found")
    assert_error(call("POST", path, {**level, "stocked_quantity": -1}), text="stocked_quantity")
    shown = ok(call("POST", path, level))["inventory_item"]
    assert shown["stocked_quantity"] == 5
    assert shown["location_levels"][0]["available_quantity"] == 5
    assert_error(call("POST", path, level), text="already exists")
    ok(call("POST", f"{path}/{location}", {"stocked_quantity": 8}))
    assert_error(call("POST", f"{path}/{location}", {"quantity": 8}), text="Unrecognized")
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
    assert_error(call("POST", path, {"update": update}), 404, "not_found", "is not stocked at")
    assert shop.stocked("A") == 1
    answer = ok(call("POST", path, {"update": update[:1], "create": update[1:]}))
    assert [len(answer[key]) for key in ("created", "updated", "deleted")] == [1, 1, 0]
    assert (shop.stocked("A"), shop.stocked("B")) == (9, 9)
    assert_error(call("POST", path, {"create": update}), text="already exists")
    delete = {"delete": [answer["created"][0]["id"]]}
    assert_error(call("POST", path, delete), kind="not_allowed")
    ok(call("POST", path, {**delete, "force": True}))


def test_reserved_stock(shop, call):
    variant = shop.add_product("A", stock=5)
    order = shop.place_order([("A", 2)])
    assert (shop.stocked("A"), shop.reserved("A")) == (5, 2)
    product = f"/admin/products/{variant['product_id']}"
    assert_error(call("DELETE", product), text="reservations")
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
    assert_error(call("GET", "/admin/orders?updated_at[$gte]=yesterday"))
    assert ok(call("GET", "/admin/orders?status=canceled"))["count"] == 0
    assert_error(call("GET", "/admin/orders?sales_channel_id=x"))


def test_fulfil_ship_deliver(shop, call):
    shop.add_product("A", stock=10)
    shop.add_product("B", stock=10)
    order = shop.place_order([("A", 2), ("B", 1)])
    path = f"/admin/orders/{order['id']}"
    first, second = ({"id": item["id"], "quantity": item["quantity"]} for item in order["items"])

    def fulfill(*items, **values):
        body = {"items": list(items), "location_id": shop.main_location, **values}
        return call("POST", f"{path}/fulfillments?fields=*fulfillments", body)

    assert_error(fulfill({"id": "ordli_no", "quantity": 1}), text="does not exist in order")
    assert_error(fulfill({**first, "quantity": 3}), text="exceeds the reserved quantity")
    assert_error(fulfill(first, tracking="x"), text="Unrecognized")
    assert_error(call("POST", f"{path}/fulfillments", {"items": []}), text="items")
    fulfillment = ok(fulfill(first))["order"]["fulfillments"][0]["id"]
    assert (shop.stocked("A"), shop.reserved("A")) == (8, 0)
    assert shop.full_order(order["id"])["fulfillment_status"] == "partially_fulfilled"
    assert_error(fulfill(first), text="No stock reservation found")
    assert_error(call("POST", f"{path}/cancel"), kind="not_allowed")
    label = {"tracking_number": "T1", "tracking_url": "https://t.example/T1", "label_url": "#"}
    ship = f"{path}/fulfillments/{fulfillment}/shipments"
    for bad in ({"label_url": "javascript:1"}, {"tracking_url": None}):
        assert_error(call("POST", ship, {"items": [first], "labels": [{**label, **bad}]}))
    unlabelled = {key: label[key] for key in ("tracking_number", "tracking_url")}
    assert_error(call("POST", ship, {"items": [first], "labels": [unlabelled]}), text="label_url")
    ok(call("POST", ship, {"items": [first], "labels": [label]}))
    assert_error(call("POST", ship, {"items": [first]}), kind="not_allowed", text="already")
    missing = ship.replace(fulfillment, "ful_no")
    assert_error(call("POST", missing, {"items": [first]}), 500, "unknown_error")
    delivered = f"{path}/fulfillments/{fulfillment}/mark-as-delivered"
    ok(call("POST", delivered, {}))
    assert_error(call("POST", delivered, {}), kind="not_allowed")
    shown = shop.full_order(order["id"])
    assert shown["fulfillment_status"] == "partially_delivered"
    assert shown["fulfillments"][0]["labels"][0]["tracking_number"] == "T1"
    other = ok(fulfill(second))["order"]["fulfillments"][1]["id"]
    ok(call("POST", f"{path}/fulfillments/{other}/cancel", {}))
    assert (shop.stocked("B"), shop.reserved("B")) == (10, 1)
    ok(call("POST", f"{path}/complete", {}))
    assert_error(call("POST", f"{path}/cancel"), kind="not_allowed", text="completed")


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
        assert_error(call(method, path + tail, body), text="cancel")
    assert_error(call("GET", "/admin/orders/order_no"), 404, "not_found")
    assert_error(call("POST", "/admin/orders/order_no/cancel"), 404, "not_found")


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
    assert_error(call("POST", f"{path}/addresses", {"street": "x"}), text="Unrecognized")
    address_path = f"{path}/addresses/{shown['addresses'][0]['id']}"
    ok(call("POST", address_path, {"city": "Hawalli"}))
    assert ok(call("GET", f"{path}/addresses"))["addresses"][0]["city"] == "Hawalli"
    ok(call("DELETE", address_path))
    ok(call("POST", path, {"phone": "+96599", "metadata": {"odoo_id": 5}}))
    assert account["phone"] == "+96599"
    assert_error(call("GET", "/admin/customers/cus_no"), 404, "not_found")
    created = ok(call("POST", "/admin/customers", {"email": "new@example.com"}))["customer"]
    assert created["has_account"] is False
    assert_error(call("POST", "/admin/customers", {"email": "new@example.com"}))


def test_the_shops_set_up(shop, call):
    store = ok(call("GET", "/admin/stores"))["stores"][0]
    assert [entry["currency_code"] for entry in store["supported_currencies"]] == ["kwd", "eur"]
    assert store["default_location_id"] == shop.main_location
    for name in ("sales-channels", "shipping-profiles", "regions"):
        answer = ok(call("GET", f"/admin/{name}"))
        assert answer["count"] == 1 and answer["limit"] == 20


def test_faults_and_control(shop, call):
    shop.add_product("A", stock=1)
    shop.fault("/admin/orders", status=409, times=1)
    assert_error(call("GET", "/admin/orders"), 409, "conflict")
    placed = {"lines": [["A", 1]], "shipping": 1}
    order = ok(call("POST", "/_control/place_order", placed))
    assert order["total"] == 6
    captured = ok(call("POST", "/_control/capture", {"order_id": order["id"]}))
    assert captured["payment_status"] == "captured"
    assert ok(call("GET", "/_control/state"))["orders"][order["id"]]["display_id"] == 1


def test_hundred_products_in_a_batch_are_cheap(call):
    products = []
    for number in range(100):
        variants = [{**v, "sku": f"{v['sku']}-{number}"} for v in PRODUCT["variants"]]
        products.append({**PRODUCT, "handle": f"shirt-{number}", "variants": variants})
    started = time.monotonic()
    answer = ok(call("POST", "/admin/products/batch", {"create": products}))
    ids = [product["id"] for product in answer["created"]]
    update = [{"id": product_id, "title": "New"} for product_id in ids]
    ok(call("POST", "/admin/products/batch", {"update": update}))
    ok(call("GET", "/admin/products?limit=100"))
    assert time.monotonic() - started < 3
