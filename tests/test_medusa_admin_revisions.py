# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders that are changed in a stock Medusa v2 after Odoo has them: edits, returns, exchanges, claims."""

import pytest

from tests.admin_hub import place
from tests.scenario import CABLE, CASE, POWER_BANK


def lines(admin, order):
    """{SKU: (quantity, price)} of the sale order; shipping left out."""
    skus = {product_id: sku for sku, product_id in admin.scenario.product_ids.items()}
    rows = admin.sql(
        "SELECT product_id, product_uom_qty, price_unit FROM sale_order_line "
        "WHERE order_id = %s AND product_uom_qty <> 0",
        order["id"],
    )
    return {
        skus[product_id]: (float(quantity), float(price))
        for product_id, quantity, price in rows
        if product_id in skus
    }


def demand(admin, order):
    """{SKU: quantity} of the open deliveries."""
    skus = {product_id: sku for sku, product_id in admin.scenario.product_ids.items()}
    rows = admin.sql(
        "SELECT m.product_id, sum(m.product_uom_qty) FROM stock_move m "
        "JOIN sale_order_line l ON l.id = m.sale_line_id "
        "WHERE l.order_id = %s AND m.state NOT IN ('done', 'cancel') GROUP BY 1",
        order["id"],
    )
    return {skus[product_id]: float(quantity) for product_id, quantity in rows if quantity}


def dead(admin, order):
    """(reason, error) of the order's messages that need attention."""
    return admin.sql(
        "SELECT reason, error FROM connector_hub_event WHERE external_id = %s AND state = 'dead'",
        order["id"],
    )


def activities(admin, order):
    rows = admin.scenario.odoo.search_read(
        "mail.activity",
        [("res_model", "=", "sale.order"), ("res_id", "=", order["id"])],
        ["summary", "note"],
    )
    return [(row["summary"], row["note"]) for row in rows]


@pytest.mark.parametrize("way", ["polled", "subscriber"])
def test_edit_is_followed(admin, way):
    """7.250 becomes 19.750: another quantity and price, a line more; then a line less."""
    shop_order, order = place(admin, [(CASE, 1, 6)], shipping=1.25)
    assert order["amount_total"] == 7.25
    for new, total in (
        ([(CASE, 2, 5.5), (CABLE, 3, 2.5)], 19.75),
        ([(CABLE, 1, 2.5)], 3.75),
    ):
        admin.shop.edit_order(shop_order["id"], new)
        if way == "polled":
            admin.poll()
        else:
            admin.notify("order-edit.confirmed", {"order_id": shop_order["id"]})
            admin.settle()
        assert admin.order_of(shop_order)["amount_total"] == total
        assert lines(admin, order) == {sku: (quantity, price) for sku, quantity, price in new}
        assert demand(admin, order) == {sku: quantity for sku, quantity, _price in new}
    assert dead(admin, shop_order) == []


def test_what_is_no_edit_changes_nothing(admin):
    """Metadata, fulfilments and payments move the order's time, some its version."""
    shop_order, order = place(admin, [(CASE, 2)], payment="authorized")
    line = admin.sql("SELECT id FROM sale_order_line WHERE order_id = %s", order["id"])[0][0]
    admin.scenario.call("sale.order.line", "write", [line], {"product_uom_qty": 3})
    admin.shop.capture(shop_order["id"])
    item = shop_order["items"][0]
    reservation = admin.shop.reservation_of(item["id"])
    admin.shop.fulfill(shop_order, [(item, 2, reservation)], admin.shop.main_location, None)
    admin.poll()
    admin.shop.cancel_fulfillment(shop_order, shop_order["fulfillments"][0])
    admin.poll()
    assert lines(admin, order) == {CASE: (3, 5)}
    assert dead(admin, shop_order) == []


def test_edit_of_a_shipped_order_calls_a_person_once(admin):
    shop_order, order = place(admin, [(CASE, 1, 6)], shipping=1.25)
    admin.scenario.ship(order["picking_ids"][0], "TRK-E")
    admin.settle()
    admin.shop.edit_order(shop_order["id"], [(CASE, 1, 6), (CABLE, 5, 2.5)])
    for _time in range(3):
        admin.poll()
        admin.notify("order.updated", {"id": shop_order["id"]})
        admin.settle()
    ((reason, error),) = dead(admin, shop_order)
    assert reason == "order_changed"
    assert "19.750" in error and "7.250" in error
    assert lines(admin, order) == {CASE: (1, 6)}


def test_edit_with_a_product_that_odoo_does_not_have(admin):
    """Whole or not at all; when the product is there, Requeue follows."""
    shop_order, order = place(admin, [(CASE, 1, 6)])
    admin.shop.edit_order(shop_order["id"], [(CASE, 2, 6), ("NOT-IN-ODOO", 1, 3)])
    admin.poll()
    ((reason, error),) = dead(admin, shop_order)
    assert reason == "unknown_sku"
    assert "15.000" in error and "6.000" in error
    assert lines(admin, order) == {CASE: (1, 6)}
    admin.scenario.add_product("NOT-IN-ODOO", "Now it is", 3)
    ids = admin.scenario.call(
        "connector.hub.event",
        "search",
        [("external_id", "=", shop_order["id"]), ("state", "=", "dead")],
    )
    admin.scenario.call("connector.hub.event", "action_requeue", ids)
    admin.settle()
    assert lines(admin, order) == {CASE: (2, 6), "NOT-IN-ODOO": (1, 3)}


def test_return_exchange_and_claim_call_a_person(admin):
    """With what comes back, what came back, and both totals; once per change, and nothing is written."""
    shop_order, order = place(admin, [(POWER_BANK, 4, 6)], shipping=1.25)
    admin.scenario.ship(order["picking_ids"][0], "TRK-R")
    admin.settle()
    for event, change, figures in (
        (
            "order.return_requested",
            lambda: admin.shop.request_return(shop_order["id"], {POWER_BANK: 1}),
            ["1 ×", "25.250"],
        ),
        (
            "order.return_received",
            lambda: admin.shop.receive_return(shop_order["id"], {POWER_BANK: 1}),
            ["19.250", "25.250"],
        ),
        (
            "order.exchange_created",
            lambda: admin.shop.request_return(
                shop_order["id"], {POWER_BANK: 1}, exchange=[(CABLE, 1, 2.5)]
            ),
            ["21.750", "1 × CABLE"],
        ),
        (
            "order.claim_created",
            lambda: admin.shop.request_return(shop_order["id"], {POWER_BANK: 1}, claim=True),
            ["2 ×", "written off"],
        ),
    ):
        change()
        admin.notify(event, {"order_id": shop_order["id"]})
        admin.settle()
        for _time in range(2):
            admin.poll()
        ((_summary, note),) = activities(admin, order)
        for figure in figures:
            assert figure in note.replace(CABLE, "CABLE")
        assert lines(admin, order) == {POWER_BANK: (4, 6)}
    assert dead(admin, shop_order) == []


def test_order_that_came_back_before_odoo_asked(admin):
    """What the customer kept is what is imported: the totals agree."""
    shop_order = admin.shop.place_order([(CASE, 3, 6)])
    item = shop_order["items"][0]
    reservation = admin.shop.reservation_of(item["id"])
    admin.shop.fulfill(shop_order, [(item, 3, reservation)], admin.shop.main_location, None)
    admin.shop.request_return(shop_order["id"], {CASE: 1})
    admin.shop.receive_return(shop_order["id"], {CASE: 1})
    admin.poll()
    assert admin.order_of(shop_order)["amount_total"] == 12
