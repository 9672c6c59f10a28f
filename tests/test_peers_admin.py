# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The stock Medusa partner server takes, keeps and refuses what Medusa 2.21 does."""

import base64
import time
from urllib.parse import quote, urlencode

import pytest

from tests.peers.caller import Caller, assert_admin_error, ok
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
    assert_admin_error(call("POST", "/admin/products", body=b"{"))
    assert call("POST", "/admin/products", body=b'"' + b"x" * 110000 + b'"')[0] == 413
    assert call("POST", "/admin/products/batch", body=b'"' + b"x" * 110000 + b'"')[0] == 400
    long = "&".join(f"sku[]={number:0100}" for number in range(200))
    assert_admin_error(call("GET", f"/admin/inventory-items?{long}"), 431, "unknown_error")


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
    assert_admin_error(call("POST", path, body), text=text)
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
    assert_admin_error(
        call("POST", "/admin/products", {**PRODUCT, "variants": variants}), text=text
    )
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
    assert_admin_error(call("POST", path, {"options": []}), text="removed in version 2.16.0")
    assert_admin_error(call("POST", "/admin/products/prod_no", {"title": "x"}), 404, "not_found")


def test_what_is_unique(shop, call):
    create(call)
    assert_admin_error(call("POST", "/admin/products", {**PRODUCT, "handle": "other"}), text="sku")
    assert_admin_error(
        call("POST", "/admin/products", PRODUCT), text="handle: shirt, already exists"
    )
    barcoded = {**PRODUCT["variants"][0], "sku": "X", "barcode": "1"}
    create(call, handle="other", variants=[barcoded])
    again = {**barcoded, "sku": "Y"}
    answer = call("POST", "/admin/products", {**PRODUCT, "handle": "third", "variants": [again]})
    assert_admin_error(answer, text="barcode: 1, already exists")
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
    assert_admin_error(call("POST", "/admin/products/batch", batch), text="SHIRT-S, already exists")
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
    assert_admin_error(call("POST", "/admin/products/batch", update), text="CAP")
    missing = {"update": [{"id": "prod_no", "title": "No"}]}
    assert_admin_error(call("POST", "/admin/products/batch", missing), 404, "not_found")


def test_variant_batch_and_new_option_values(shop, call):
    product = create(call)
    path = f"/admin/products/{product['id']}"
    large = {**PRODUCT["variants"][0], "title": "L", "sku": "SHIRT-L", "options": {"Size": "L"}}
    assert_admin_error(
        call("POST", f"{path}/variants/batch", {"create": [large]}), text="does not exist"
    )
    option = product["options"][0]["id"]
    values = {"update": [{"product_option_id": option, "add": ["L"]}]}
    assert_admin_error(
        call("POST", f"{path}/options/batch", values),
        404,
        "not_found",
        "product_option_value_id: L",
    )
    values = {"update": [{"product_option_id": option, "add": [{"value": "L"}]}]}
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


def test_options_that_are_shared_have_titles_of_their_own(call):
    first, second = (
        create(call, title=name, handle=name, variants=[])["id"] for name in ("one", "two")
    )
    fabric = {"title": "Fabric", "values": ["Wool"]}
    ok(call("POST", f"/admin/products/{first}/options/batch", {"add": [fabric]}))
    path = f"/admin/products/{second}/options/batch"
    assert_admin_error(call("POST", path, {"add": [fabric]}), text="title: Fabric, already exists")
    ok(call("POST", path, {"add": [{**fabric, "is_exclusive": True}]}))


def test_variants_of_one_request_cannot_swap_skus(call):
    product = create(call)
    path = f"/admin/products/{product['id']}"
    small, medium = (variant["id"] for variant in product["variants"])
    swap = [{"id": small, "sku": "SHIRT-M"}, {"id": medium, "sku": "SHIRT-S"}]
    for route, body in (
        (f"{path}/variants/batch", {"update": swap}),
        ("/admin/products/batch", {"update": [{"id": product["id"], "variants": swap}]}),
    ):
        assert_admin_error(call("POST", route, body), text="already exists")
    free = [{"id": small, "sku": None}, {"id": medium, "sku": None}]
    ok(call("POST", f"{path}/variants/batch", {"update": free}))
    ok(call("POST", f"{path}/variants/batch", {"update": swap}))


def test_options_of_a_variant_change_by_its_own_route_only(call):
    product = create(call)
    path = f"/admin/products/{product['id']}"
    small, medium = (variant["id"] for variant in product["variants"])
    option = product["options"][0]["id"]
    large = {"update": [{"product_option_id": option, "add": [{"value": "L"}]}]}
    ok(call("POST", f"{path}/options/batch", large))
    change = {"id": small, "options": {"Size": "L"}}
    entry = {"id": product["id"], "variants": [change, {"id": medium}]}
    assert call("POST", "/admin/products/batch", {"update": [entry]})[0] == 500
    ok(call("POST", f"{path}/variants/batch", {"update": [change]}))


def test_product_list_drops_unknown_filters(shop, call):
    create(call, external_id="42")
    create(call, title="Other", variants=[], external_id=None)
    assert ok(call("GET", "/admin/products?external_id=42"))["count"] == 1
    assert ok(call("GET", "/admin/products?sku=NOPE"))["count"] == 2
    assert ok(call("GET", "/admin/products?q=shirt-m"))["count"] == 1
    assert_admin_error(call("GET", "/admin/product-variants?colour=red"), text="Unrecognized")
    assert_admin_error(call("GET", "/admin/products?limit=many"))


def test_categories(shop, call):
    path = "/admin/product-categories"
    parent = ok(call("POST", path, {"name": "Phone Cases", "is_active": True}))["product_category"]
    assert parent["handle"] == "phone-cases" and parent["category_children"] == []
    child = {"name": "Leather", "parent_category_id": parent["id"]}
    child = ok(call("POST", path, child))["product_category"]
    assert child["parent_category"]["id"] == parent["id"]
    assert_admin_error(call("POST", path, {"name": "Phone cases"}), text="already exists")
    assert ok(call("GET", f"{path}?handle=leather"))["count"] == 1
    product = create(call, categories=[{"id": child["id"]}])
    shown = ok(call("GET", f"/admin/products/{product['id']}?fields=id,categories.name"))
    assert shown["product"] == {"id": product["id"], "categories": [{"name": "Leather"}]}
    unknown = {**PRODUCT, "handle": "x", "variants": [], "categories": [{"id": "pcat_no"}]}
    assert_admin_error(call("POST", "/admin/products", unknown), 404, "not_found")


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
    assert_admin_error(call("GET", "/admin/orders?fields=sku"), text="does not have property 'sku'")


# -- the rest ------------------------------------------------------------------------------------


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
    assert_admin_error(call("GET", "/admin/orders"), 409, "conflict")
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
    # The shop's threads are this process's: other work on the machine does not count.
    started = time.process_time()
    answer = ok(call("POST", "/admin/products/batch", {"create": products}))
    ids = [product["id"] for product in answer["created"]]
    update = [{"id": product_id, "title": "New"} for product_id in ids]
    ok(call("POST", "/admin/products/batch", {"update": update}))
    ok(call("GET", "/admin/products?limit=100"))
    assert time.process_time() - started < 3
