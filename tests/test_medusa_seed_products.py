# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products to a shop with the seed's routes, both ways, with their public images."""

import base64
import struct
import urllib.error
import urllib.request
import zlib

import pytest

from tests.seed_shop import SeedShop


@pytest.fixture
def seed(hub):
    return SeedShop(hub)


def png(red, green, blue):
    """A picture of one colour -> base64 text, as Odoo takes it."""

    def chunk(kind, data):
        checksum = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)

    header = struct.pack(">IIBBBBB", 4, 4, 8, 2, 0, 0, 0)
    rows = b"".join(b"\0" + bytes([red, green, blue]) * 4 for _row in range(4))
    data = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + data).decode()


def fetch(url, **headers):
    """GET without a session -> (status, headers, body)."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(urllib.request.Request(url, headers=headers)) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def test_all_fields_of_a_product(hub, seed):
    """Seed, sections 5.1 and 7; Arabic, attributes and images from Odoo's own records."""
    odoo, call = seed.odoo, hub.scenario.call
    (arabic,) = odoo.search_read(
        "res.lang", [("code", "=", "ar_001"), ("active", "in", [True, False])], ["active"]
    )
    wizard = call("base.language.install", "create", {"lang_ids": [(6, 0, [arabic["id"]])]})
    call("base.language.install", "lang_install", [wizard])
    call("connector.hub.backend", "action_add_mappings", [hub.backend_id])
    china = call("res.country", "search", [("code", "=", "CN")])[0]
    category = call("product.category", "create", {"name": "Mobile Accessories"})
    lines = []
    for name, value in (
        ("Brand", "Powerology"),
        ("Color", "Black"),
        ("Material", "Silicone"),
        ("Warranty Months", "12"),
    ):
        attribute = call("product.attribute", "create", {"name": name})
        value = call(
            "product.attribute.value", "create", {"name": value, "attribute_id": attribute}
        )
        lines.append((0, 0, {"attribute_id": attribute, "value_ids": [(6, 0, [value])]}))
    with hub.lane_held():
        product_id = hub.scenario.add_product(
            "SEED/FULL 1",
            "Case - Black",
            5.0,
            quantity=150,
            weight=0.05,
            barcode="6291234567005",
            standard_price=2.5,
            description_sale="Premium quality",
            categ_id=category,
            country_of_origin=china,
            image_1920=png(200, 0, 0),
            attribute_line_ids=lines,
        )
        template_id = call("product.product", "read", [product_id], ["product_tmpl_id"])[0][
            "product_tmpl_id"
        ][0]
        for field, text in (("name", "غطاء أسود"), ("description_sale", "جودة عالية")):
            values = {"ar_001": text}
            call("product.template", "update_field_translations", [template_id], field, values)
    seed.settle()

    (sent,) = [body for body in seed.bodies("/odoo/products") if body["sku"] == "SEED/FULL 1"]
    (image,) = sent.pop("images")
    assert sent == {
        "odoo_product_id": product_id,
        "sku": "SEED/FULL 1",
        "title": "Case - Black",
        "title_ar": "غطاء أسود",
        "description": "Premium quality",
        "description_ar": "جودة عالية",
        "price": 5000,
        "cost_price": 2500,
        "currency_code": "kwd",
        "weight": 50,
        "weight_unit": "g",
        "barcode": "6291234567005",
        "category_handle": "mobile-accessories",
        "brand": "Powerology",
        "metadata": {
            "odoo_id": product_id,
            "color": "Black",
            "material": "Silicone",
            "warranty_months": "12",
            "origin_country": "China",
        },
        "inventory": {"quantity": 150, "manage_inventory": True, "allow_backorder": False},
    }
    assert (image["position"], image["is_thumbnail"]) == (0, True)
    assert hub.shop.products["SEED/FULL 1"]["thumbnail"] == image["url"]


def test_image_addresses(hub, seed):
    """Public, cacheable for ever, of products that are sent only, and of nothing else."""
    call = hub.scenario.call
    product_id = hub.scenario.add_product("SEED-IMAGE", "Pictured", 1.0, image_1920=png(0, 200, 0))
    seed.settle()
    url = hub.shop.products["SEED-IMAGE"]["thumbnail"]
    url = hub.server.url + url[url.index("/connector_hub/") :]

    status, headers, body = fetch(url)
    assert status == 200
    assert headers["Content-Type"] == "image/png"
    assert body.startswith(b"\x89PNG")
    for directive in ("public", "immutable", "max-age=31536000"):
        assert directive in headers["Cache-Control"]
    assert "Set-Cookie" not in headers
    assert fetch(url, **{"If-None-Match": headers["ETag"]})[0] == 304

    folder, _slash, name = url.rpartition("/")
    signature = folder.rpartition("/")[2]
    for other in (
        f"{folder}/{name.replace('product-', 'product-1', 1)}",
        f"{folder[: -len(signature)]}{'0' * 40}/{name}",
        f"{folder}/res.users-2-{'a' * 40}.png",
        f"{folder}/extra-1-{'a' * 40}.png",
        f"{folder}/..%2F..%2Fetc%2Fpasswd",
    ):
        assert fetch(other)[0] == 404, other

    call("product.product", "write", [product_id], {"image_1920": png(0, 0, 200)})
    seed.settle()
    changed = hub.shop.products["SEED-IMAGE"]["thumbnail"]
    changed = hub.server.url + changed[changed.index("/connector_hub/") :]
    assert changed != url, "another picture has another address, which is sent"
    assert fetch(changed)[2] != body
    assert fetch(url)[0] == 404

    call("product.product", "write", [product_id], {"sale_ok": False})
    assert fetch(changed)[0] == 404, "not for sale, not public"


def test_archived_and_renamed_products_leave_the_shop(hub, seed):
    call = hub.scenario.call
    archived = hub.scenario.add_product("SEED/GONE", "Archived", 1.0, quantity=3)
    renamed = hub.scenario.add_product("SEED-OLD", "Renamed", 1.0, quantity=8)
    seed.settle()
    assert {"SEED/GONE", "SEED-OLD"} <= hub.shop.products.keys()

    known = hub.shop.products["SEED-OLD"]["id"]
    call("product.product", "write", [archived], {"active": False})
    call("product.product", "write", [renamed], {"default_code": "SEED-NEW"})
    seed.settle()

    assert "SEED/GONE" not in hub.shop.products
    assert "SEED-OLD" not in hub.shop.products
    assert hub.shop.products["SEED-NEW"]["odoo_product_id"] == renamed
    assert hub.shop.products["SEED-NEW"]["id"] == known, "with its reviews and orders"
    hub.wait(lambda: hub.shop.stocked("SEED-NEW") == 8)
    assert len(hub.shop.sent("/odoo/products/", "DELETE")) == 2

    call("product.product", "write", [archived], {"active": True})
    seed.settle()
    hub.wait(lambda: hub.shop.stocked("SEED/GONE") == 3)


@pytest.mark.parametrize("renames", [True, False], ids=["by_odoo_id", "by_sku"])
def test_swapped_skus(hub, seed, renames):
    """Two products swap: each has the other's SKU, and where the shop can rename, its own record there."""
    one, other, third = (f"SWAP-{renames}-{letter}" for letter in "ABX")
    hub.shop.renames_products = renames
    try:
        first, second = (
            hub.scenario.add_product(sku, sku, 1.0, quantity=quantity)
            for sku, quantity in ((one, 3), (other, 8))
        )
        seed.settle()
        known = {sku: hub.shop.products[sku]["id"] for sku in (one, other)}
        with hub.lane_held():
            for product_id, sku in ((first, third), (second, one), (first, other)):
                hub.scenario.call("product.product", "write", [product_id], {"default_code": sku})
        seed.settle()
        products = hub.shop.products
        hub.wait(lambda: products.get(other, {}).get("odoo_product_id") == first)
        hub.wait(lambda: products.get(one, {}).get("odoo_product_id") == second)
        hub.wait(lambda: (hub.shop.stocked(one), hub.shop.stocked(other)) == (8, 3))
        assert not [sku for sku in products if "~" in sku]
        if renames:
            assert products[other]["id"] == known[one]
            assert products[one]["id"] == known[other]
    finally:
        hub.shop.renames_products = True


def test_rename_survives_a_break_in_between(hub, seed):
    product_id = hub.scenario.add_product("SEED-BREAK-1", "Renamed", 1.0)
    seed.settle()
    hub.shop.fault(path_prefix="/odoo/products", method="POST", kind="reset", times=1)

    hub.scenario.call("product.product", "write", [product_id], {"default_code": "SEED-BREAK-2"})
    hub.wait(lambda: hub.backend()["cooldown_count"])
    assert "SEED-BREAK-1" in hub.shop.products, "until the shop has the other one"
    hub.time_passes(2)

    hub.wait(lambda: "SEED-BREAK-2" in hub.shop.products)
    hub.wait(lambda: "SEED-BREAK-1" not in hub.shop.products)


def test_products_without_a_sku_or_with_the_same_one_are_listed_and_sent_once_mended(hub, seed):
    call = hub.scenario.call
    nameless = hub.scenario.add_product(False, "No SKU yet", 1.0)
    first = hub.scenario.add_product("SEED-TWIN", "First", 1.0, quantity=2)
    seed.settle()
    assert hub.shop.products["SEED-TWIN"]["title"] == "First"

    # Once there is a second one, neither is sent.
    hub.shop.clear_log()
    second = hub.scenario.add_product("SEED-TWIN", "Second", 2.0, quantity=5)
    for product_id in (first, second):
        call("product.product", "write", [product_id], {"list_price": 9.0})
    hub.scenario.set_stock("SEED-TWIN", 7)
    seed.settle()
    assert not [body for body in hub.shop.sent("/odoo/") if b"SEED-TWIN" in body.body]
    listed = {
        row["id"]: row["connector_hub_problem"]
        for row in seed.odoo.search_read(
            "product.product", [("connector_hub_problem", "!=", False)], ["connector_hub_problem"]
        )
    }
    assert listed[nameless] == "missing_sku"
    assert listed[first] == listed[second] == "duplicate_sku"
    states = hub.sql(
        "SELECT DISTINCT state, reason FROM connector_hub_delivery "
        "WHERE entity = 'product' AND res_id IN (%s, %s) AND state NOT IN ('done', 'ignored')",
        first,
        second,
    )
    assert states == [("dead", "duplicate_sku")]

    call("product.product", "write", [second], {"default_code": "SEED-TWIN-2"})
    call("product.product", "write", [nameless], {"default_code": "SEED-NAMED"})
    seed.settle()

    hub.wait(lambda: hub.shop.products.get("SEED-TWIN", {}).get("price") == 9000)
    hub.wait(lambda: hub.shop.products.get("SEED-TWIN-2", {}).get("odoo_product_id") == second)
    assert hub.shop.products["SEED-TWIN"]["odoo_product_id"] == first
    assert "SEED-NAMED" in hub.shop.products
    hub.wait(lambda: hub.shop.stocked("SEED-TWIN-2") == 7)
    seed.settle()
    assert hub.count("connector_hub_delivery", "state = 'dead'") == 0, "nobody is called any more"


def test_product_webhook(hub, seed):
    """Seed, section 13.1: major units, kg, one event each."""
    call = hub.scenario.call
    hub.shop.add_product("SEED-KNOWN", "In the catalogue")
    with seed.settings(medusa_product_route="webhook"):
        with hub.lane_held():
            known = hub.scenario.add_product(
                "SEED-KNOWN", "Phone Case", 25.0, quantity=100, weight=0.15, standard_price=12.0
            )
            unknown = hub.scenario.add_product("SEED-UNKNOWN", "Not yet there", 1.0)
        seed.settle()

        sent = [
            body
            for body in seed.bodies("/odoo/webhooks/products")
            if body["product"]["sku"] == "SEED-KNOWN"
        ]
        assert sent[0] == {
            "event_type": "product.created",
            "product": {
                "odoo_id": known,
                "sku": "SEED-KNOWN",
                "name": "Phone Case",
                "description": "",
                "list_price": 25.0,
                "standard_price": 12.0,
                "barcode": "",
                "weight": 0.15,
                "category_name": "",
                "active": True,
                "qty_available": 100,
            },
        }
        assert hub.shop.products["SEED-KNOWN"]["price"] == 25000
        assert hub.shop.products["SEED-KNOWN"]["weight"] == 150
        assert hub.deliveries("SEED-UNKNOWN")[-1][0] == "done", "it is a success"
        linked = "entity = 'product' AND res_id = %s"
        assert hub.count("connector_hub_binding", linked, unknown) == 0, "without a link"
        assert hub.count("connector_hub_binding", linked, known) == 1

        hub.shop.clear_log()
        call("product.product", "write", [known], {"list_price": 20.0})
        seed.settle()
        (body,) = seed.bodies("/odoo/webhooks/products")
        assert (body["event_type"], body["product"]["list_price"]) == ("product.updated", 20.0)

        call("product.product", "write", [known], {"active": False})
        seed.settle()
        assert seed.bodies("/odoo/webhooks/products")[-1] == {
            "event_type": "product.deleted",
            "product": {"sku": "SEED-KNOWN"},
        }
        assert "SEED-KNOWN" not in hub.shop.products
