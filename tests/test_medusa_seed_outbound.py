# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a shop with the seed's routes is told: products both ways, stock in all forms, facts of orders."""

import base64
import struct
import urllib.error
import urllib.request
import zlib

import pytest

from tests.scenario import CABLE, CASE
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


# -- products ---------------------------------------------------------------------------------


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
        call(
            "product.template", "update_field_translations", [template_id], field, {"ar_001": text}
        )
    seed.settle()

    sent = [body for body in seed.bodies("/odoo/products") if body["sku"] == "SEED/FULL 1"][-1]
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

    call("product.product", "write", [archived], {"active": False})
    call("product.product", "write", [renamed], {"default_code": "SEED-NEW"})
    seed.settle()

    assert "SEED/GONE" not in hub.shop.products
    assert "SEED-OLD" not in hub.shop.products
    assert hub.shop.products["SEED-NEW"]["odoo_product_id"] == renamed
    hub.wait(lambda: hub.shop.stocked("SEED-NEW") == 8)
    assert len(hub.shop.sent("/odoo/products/", "DELETE")) == 2

    call("product.product", "write", [archived], {"active": True})
    seed.settle()
    hub.wait(lambda: hub.shop.stocked("SEED/GONE") == 3, 10)


def test_rename_survives_a_break_in_between(hub, seed):
    product_id = hub.scenario.add_product("SEED-BREAK-1", "Renamed", 1.0)
    seed.settle()
    hub.shop.fault(path_prefix="/odoo/products", method="POST", kind="reset", times=1)

    hub.scenario.call("product.product", "write", [product_id], {"default_code": "SEED-BREAK-2"})
    hub.wait(lambda: "SEED-BREAK-1" not in hub.shop.products)
    hub.wait(lambda: hub.backend()["cooldown_count"])
    hub.time_passes(2)

    hub.wait(lambda: "SEED-BREAK-2" in hub.shop.products, 30)
    assert "SEED-BREAK-1" not in hub.shop.products


def test_products_without_a_sku_or_with_the_same_one_are_listed_and_sent_once_mended(hub, seed):
    call = hub.scenario.call
    nameless = hub.scenario.add_product(False, "No SKU yet", 1.0)
    first = hub.scenario.add_product("SEED-TWIN", "First", 1.0, quantity=2)
    second = hub.scenario.add_product("SEED-TWIN", "Second", 2.0, quantity=5)
    seed.settle()

    # The first one may have been sent before there was a second one; afterwards neither is.
    hub.shop.clear_log()
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
    hub.wait(lambda: hub.shop.stocked("SEED-TWIN-2") == 7, 10)
    assert hub.count("connector_hub_delivery", "state = 'dead'") == 0, "nobody is called any more"


def test_product_webhook(hub, seed):
    """Seed, section 13.1: major units, kg, one event each."""
    call = hub.scenario.call
    hub.shop.add_product("SEED-KNOWN", "In the catalogue")
    with seed.settings(medusa_product_route="webhook"):
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
        # The stock is counted a moment after the product is made.
        assert sent[0]["product"].pop("qty_available") in (0, 100)
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


# -- stock ------------------------------------------------------------------------------------


def test_one_figure_and_many(hub, seed):
    hub.scenario.set_stock(CASE, 41)
    seed.settle()
    assert seed.bodies("/odoo/inventory/update") == [{"sku": CASE, "quantity": 41}]
    assert seed.bodies("/odoo/inventory/bulk-update") == []

    with seed.settings(frequency="manual"):
        hub.scenario.set_stock(CASE, 42)
        hub.scenario.set_stock(CABLE, 43)
    hub.scenario.call("connector.hub.backend", "action_run_now", [hub.backend_id])
    seed.settle()
    hub.wait(lambda: hub.shop.stocked(CABLE) == 43)
    (bulk,) = seed.bodies("/odoo/inventory/bulk-update")
    assert sorted(item["quantity"] for item in bulk["items"]) == [42, 43]


def test_stock_webhook(hub, seed):
    """Seed, section 13.2: absolute quantities only."""
    with seed.settings(medusa_stock_route="webhook"):
        hub.scenario.set_stock(CASE, 55)
        seed.settle()
    hub.wait(lambda: hub.shop.stocked(CASE) == 55)
    (body,) = seed.bodies("/odoo/webhooks/inventory")
    assert body["event_type"] == "inventory.updated"
    (item,) = body["items"]
    assert item["adjustment_type"] == "absolute"
    assert (item["sku"], item["quantity"]) == (CASE, 55)
    assert item["odoo_product_id"] == hub.scenario.product_ids[CASE]


@pytest.mark.parametrize("route", ["bulk", "webhook"])
def test_stock_per_location(hub, seed, route):
    call = hub.scenario.call
    suffix = route.upper()[:3]
    second = call("stock.warehouse", "create", {"name": f"Second {route}", "code": f"S{suffix}"})
    (there,) = call("stock.warehouse", "read", [second], ["lot_stock_id"])
    shop_location = hub.shop.add_location(f"Branch {route}")
    ours, theirs = (
        (hub.shop.main_location, shop_location)
        if route == "bulk"
        else ("Main Warehouse", f"Branch {route}")
    )
    lines = [
        (0, 0, {"warehouse_id": hub.scenario.warehouse_id, "external_id": ours}),
        (0, 0, {"warehouse_id": second, "external_id": theirs}),
    ]
    sku = f"SEED-LOC-{suffix}"
    backend_id = hub.backend_id
    call(
        "connector.hub.backend",
        "write",
        [backend_id],
        {"location_ids": lines, "medusa_stock_route": route},
    )
    try:
        product_id = hub.scenario.add_product(sku, "In two places", 1.0, quantity=10)
        context = {"inventory_mode": True}
        quant = call(
            "stock.quant",
            "create",
            {
                "product_id": product_id,
                "location_id": there["lot_stock_id"][0],
                "inventory_quantity": 4,
            },
            context=context,
        )
        call("stock.quant", "action_apply_inventory", [quant], context=context)
        seed.settle()
        hub.wait(lambda: hub.shop.stocked(sku, shop_location) == 4, 10)
        assert hub.shop.stocked(sku, hub.shop.main_location) == 10
    finally:
        call(
            "connector.hub.backend",
            "write",
            [backend_id],
            {"location_ids": [(5, 0, 0)], "medusa_stock_route": "bulk"},
        )


def test_free_quantity_and_safety_stock(hub, seed):
    hub.scenario.add_product("SEED-FREE", "Reserved", 1.0, quantity=20)
    seed.settle()
    with seed.settings(quantity_source="free", stock_buffer=3):
        order = hub.shop.place_order([("SEED-FREE", 5)], stock="none")
        hub.send(order)
        hub.wait(lambda: hub.shop.stocked("SEED-FREE") == 12, 20)


def test_shipped_goods_are_reduced_once(hub, seed):
    with seed.settings(medusa_reduce_stock=True):
        order = hub.shop.place_order([(CABLE, 2)])
        hub.send(order)
        (picking_id,) = seed.sale_order(order, "picking_ids")["picking_ids"]
        hub.scenario.ship(picking_id, "TRK-RED")
        seed.settle()
    hub.wait(lambda: seed.bodies("/odoo/inventory/reduce"))
    assert seed.bodies("/odoo/inventory/reduce") == [
        {"order_id": order["id"], "items": [{"sku": CABLE, "quantity": 2}]}
    ]


def test_reduction_with_unknown_outcome_is_not_repeated(hub, seed):
    hub.shop.fault(path_prefix="/odoo/inventory/reduce", kind="reset", after_processing=True)
    with seed.settings(medusa_reduce_stock=True):
        order = hub.shop.place_order([(CABLE, 1)])
        hub.send(order)
        (picking_id,) = seed.sale_order(order, "picking_ids")["picking_ids"]
        hub.scenario.ship(picking_id)
        hub.wait(
            lambda: hub.count(
                "connector_hub_delivery", "state = 'dead' AND reason = 'outcome_unknown'"
            ),
            20,
        )
    hub.shop.clear_faults()
    hub.time_passes(60)
    seed.settle()
    assert len(seed.bodies("/odoo/inventory/reduce")) == 1


# -- facts of orders --------------------------------------------------------------------------


def test_all_six_facts(hub, seed):
    call = hub.scenario.call
    carrier_product = call("product.product", "create", {"name": "Aramex", "type": "service"})
    carrier = call(
        "delivery.carrier",
        "create",
        {
            "name": "Aramex",
            "product_id": carrier_product,
            "tracking_url": "https://track.example.com/<shipmenttrackingnumber>",
        },
    )
    order = hub.shop.place_order([(CASE, 1)], extra={"shipping_methods": [{"name": "Aramex"}]})
    hub.send(order)
    sale_order = seed.sale_order(order, "picking_ids", "name")
    picking_id = sale_order["picking_ids"][0]
    call("stock.picking", "write", [picking_id], {"carrier_id": carrier})
    hub.scenario.ship(picking_id, "TRK-6")
    call("stock.picking", "action_connector_hub_delivered", [picking_id])
    wizard = call(
        "sale.advance.payment.inv",
        "create",
        {"advance_payment_method": "delivered", "sale_order_ids": [(6, 0, [sale_order["id"]])]},
    )
    call("sale.advance.payment.inv", "create_invoices", [wizard])
    (invoice_id,) = seed.sale_order(order, "invoice_ids")["invoice_ids"]
    call("account.move", "action_post", [invoice_id])
    payment = call(
        "account.payment.register",
        "create",
        {},
        context={"active_model": "account.move", "active_ids": [invoice_id]},
    )
    call("account.payment.register", "action_create_payments", [payment])
    seed.settle()

    expected = [
        f"order.{name}" for name in ("confirmed", "shipped", "delivered", "invoiced", "paid")
    ]
    hub.wait(lambda: seed.facts_sent(order) == expected)
    bodies = {
        body["event_type"]: body["order"] for body in seed.bodies("/odoo/webhooks/order-status")
    }
    assert bodies["order.confirmed"] == {
        "medusa_order_id": order["id"],
        "odoo_order_id": sale_order["id"],
        "odoo_order_name": sale_order["name"],
    }
    shipped = bodies["order.shipped"]
    assert shipped["tracking_number"] == "TRK-6"
    assert shipped["tracking_url"] == "https://track.example.com/TRK-6"
    assert shipped["carrier_name"] == "Aramex"
    assert shipped["shipped_date"].endswith("Z")
    assert bodies["order.delivered"]["delivered_date"].endswith("Z")


def test_cancelled_with_its_reason(hub, seed):
    order = hub.shop.place_order([(CASE, 1)])
    hub.send(order)
    order_id = seed.sale_order(order)["id"]
    reason = {"connector_hub_cancel_reason": "Out of stock at the supplier"}
    hub.scenario.call("sale.order", "write", [order_id], reason)
    hub.scenario.call("sale.order", "action_cancel", [order_id])
    seed.settle()

    hub.wait(lambda: seed.facts_sent(order) == ["order.confirmed", "order.cancelled"])
    told = seed.bodies("/odoo/webhooks/order-status")[-1]["order"]
    assert told["cancelled_reason"] == "Out of stock at the supplier"


def test_partial_shipments_in_order_with_keys_of_their_own(hub, seed):
    order = hub.shop.place_order([(CASE, 3)])
    hub.send(order)
    call = hub.scenario.call
    for number, quantity in ((1, 1), (2, 2)):
        pickings = seed.sale_order(order, "picking_ids")["picking_ids"]
        (picking,) = seed.odoo.search_read(
            "stock.picking", [("id", "in", pickings), ("state", "=", "assigned")], ["move_ids"]
        )
        call("stock.picking", "write", [picking["id"]], {"carrier_tracking_ref": f"PART-{number}"})
        call("stock.move", "write", picking["move_ids"], {"quantity": quantity, "picked": True})
        context = {"skip_sms": True, "skip_backorder": True}
        call("stock.picking", "button_validate", [picking["id"]], context=context)
    seed.settle()

    hub.wait(lambda: len(hub.shop.orders[order["id"]]["shipments"]) == 2)
    shipments = hub.shop.orders[order["id"]]["shipments"]
    assert [entry["tracking_number"] for entry in shipments] == ["PART-1", "PART-2"]
    keys = [
        request.headers["idempotency-key"]
        for request in hub.shop.sent("/odoo/webhooks/order-status")
    ]
    assert len(set(keys)) == len(keys) == 3


def test_fact_with_unknown_outcome_is_looked_up_before_it_is_repeated(hub, seed):
    order = hub.shop.place_order([(CASE, 1)])
    hub.send(order)
    seed.settle()
    (picking_id,) = seed.sale_order(order, "picking_ids")["picking_ids"]
    hub.shop.clear_log()
    path = "/odoo/webhooks/order-status"
    hub.shop.fault(path_prefix=path, kind="reset", after_processing=True, times=1)

    hub.scenario.ship(picking_id, "TRK-ONCE")
    hub.wait(lambda: hub.backend()["cooldown_count"], 20)
    hub.time_passes(2)
    hub.wait(
        lambda: hub.count(
            "connector_hub_delivery",
            "state = 'done' AND event_type = 'order.shipped' AND res_id = %s",
            picking_id,
        ),
        30,
    )

    assert len(hub.shop.sent(path)) == 1, "the shop has confirmed it"
    assert hub.shop.sent(f"/odoo/orders/{order['id']}", "GET")


def test_fact_that_did_not_arrive_is_repeated_with_the_same_key(hub, seed):
    order = hub.shop.place_order([(CASE, 1)])
    hub.send(order)
    seed.settle()
    (picking_id,) = seed.sale_order(order, "picking_ids")["picking_ids"]
    hub.shop.clear_log()
    path = "/odoo/webhooks/order-status"
    hub.shop.fault(path_prefix=path, kind="reset", times=1)

    hub.scenario.ship(picking_id, "TRK-TWICE")
    hub.wait(lambda: hub.backend()["cooldown_count"], 20)
    hub.time_passes(2)

    hub.wait(lambda: hub.shop.orders[order["id"]]["shipments"], 30)
    keys = {request.headers["idempotency-key"] for request in hub.shop.sent(path)}
    assert (len(hub.shop.sent(path)), len(keys)) == (2, 1)
