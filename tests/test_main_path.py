# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The main job, end to end: an order comes in, the goods go out, the shop is told."""

import time

from tests.scenario import CABLE, CASE, POWER_BANK


def test_order_becomes_sale_order_and_the_shop_is_told_of_the_shipment(hub):
    """The seed's sample order of 16.000 KWD, and everything that follows from it."""
    on_hand = {sku: hub.shop.stocked(sku) for sku in (CASE, POWER_BANK)}
    order = hub.shop.place_order(
        [(CASE, 2), (POWER_BANK, 1)], shipping_total=1000, display_id=91001
    )

    answer = hub.send(order)

    assert answer.status == 200, answer.body
    (sale_order,) = hub.scenario.orders(("x_medusa_order_id", "=", order["id"]))
    assert answer.json()["success"] is True
    assert answer.json()["odoo_order_id"] == sale_order["id"]
    assert answer.json()["odoo_order_name"] == sale_order["name"]
    assert sale_order["state"] == "sale"
    assert sale_order["amount_total"] == 16.0
    assert sale_order["client_order_ref"] == "MEDUSA-91001"
    lines = hub.scenario.odoo.search_read(
        "sale.order.line",
        [("order_id", "=", sale_order["id"])],
        ["product_id", "product_uom_qty", "price_unit", "price_total"],
        order="id",
    )
    products = hub.scenario.product_ids
    assert [
        (line["product_id"][0], line["product_uom_qty"], line["price_unit"]) for line in lines[:2]
    ] == [(products[CASE], 2.0, 5.0), (products[POWER_BANK], 1.0, 5.0)]
    assert (lines[2]["product_uom_qty"], lines[2]["price_total"]) == (1.0, 1.0)
    (partner,) = hub.scenario.odoo.search_read(
        "res.partner",
        [("id", "=", sale_order["partner_id"][0])],
        ["name", "email", "phone", "x_medusa_customer_id"],
    )
    assert partner["name"] == "Ahmed Al-Rashid"
    assert partner["email"] == "customer@example.com"
    assert partner["x_medusa_customer_id"] == order["customer"]["id"]
    (picking,) = hub.scenario.odoo.search_read(
        "stock.picking", [("id", "in", sale_order["picking_ids"])], ["state"]
    )
    assert picking["state"] == "assigned", "the stock is reserved"

    hub.scenario.ship(picking["id"], "ARAMEX-42")

    hub.shop.wait_for(lambda shop: shop.orders[order["id"]]["shipments"])
    told = hub.shop.orders[order["id"]]
    assert told["shipments"][0]["tracking_number"] == "ARAMEX-42"
    assert told["metadata"]["odoo_order_name"] == sale_order["name"]
    events = [entry["event"] for entry in told["history"]]
    assert events.index("order.confirmed") < events.index("order.shipped")
    hub.wait(lambda: hub.shop.stocked(CASE) == on_hand[CASE] - 2)
    hub.wait(lambda: hub.shop.stocked(POWER_BANK) == on_hand[POWER_BANK] - 1)


def test_product_stock_and_price_reach_the_shop(hub):
    hub.scenario.add_product("SKU-MAIN-1", "Screen protector", 2.345, quantity=7)

    hub.wait(lambda: hub.title("SKU-MAIN-1"))
    hub.wait(lambda: hub.shop.stocked("SKU-MAIN-1") == 7)
    assert hub.shop.products["SKU-MAIN-1"]["price"] == 2345, "fils"

    hub.scenario.call(
        "product.product",
        "write",
        [hub.scenario.product_ids["SKU-MAIN-1"]],
        {"list_price": 2.5},
    )
    hub.scenario.set_stock("SKU-MAIN-1", 12)

    hub.wait(lambda: hub.shop.products["SKU-MAIN-1"]["price"] == 2500)
    hub.wait(lambda: hub.shop.stocked("SKU-MAIN-1") == 12)


def test_cancelled_order_gives_its_stock_back(hub):
    order = hub.shop.place_order([(CABLE, 3)])
    sale_order_id = hub.import_order(order)
    assert hub.shop.reserved(CABLE) == 3

    hub.scenario.call("sale.order", "action_cancel", [sale_order_id])

    hub.wait(lambda: hub.shop.orders[order["id"]]["status"] == "cancelled")
    hub.wait(lambda: hub.shop.reserved(CABLE) == 0, 5)


def test_change_saved_while_the_lane_sends_does_not_wait_for_the_next_minute(hub):
    """A save must not take for its own the wake-up of an earlier one that the lane has used up."""
    hub.shop.fault(kind="delay", delay=0.5, path_prefix="/odoo/products")
    with hub.without_the_minute():
        for number in range(6):
            hub.shop.clear_log()
            # Odoo forgets wake-ups by whole seconds: a pass that begins in the next one forgets this.
            time.sleep((0.9 - time.time()) % 1)
            hub.rename(CASE, f"Case, edition {number}")
            hub.shop.wait_for(lambda shop: shop.sent("/odoo/products"), 30)
            hub.rename(CABLE, f"Cable, edition {number}")
            hub.wait(lambda number=number: hub.title(CABLE) == f"Cable, edition {number}", 30)
