# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders of a stock Medusa v2: polled or named by a webhook, each once."""

import time

import pytest

from tests.admin_hub import place
from tests.scenario import CABLE, CASE


def dead_reason(admin, order):
    events = admin.events(order["id"])
    return [reason for _id, state, reason, _res_id in events if state == "dead"]


def activate_tax(admin, rate, **values):
    return admin.scenario.call(
        "account.tax",
        "create",
        {"name": f"VAT {rate}", "amount": rate, "type_tax_use": "sale", **values},
    )


@pytest.fixture
def euro(admin):
    ids = admin.scenario.call(
        "res.currency", "search", [("name", "=", "EUR"), ("active", "in", [True, False])]
    )
    admin.scenario.call("res.currency", "write", ids, {"active": True})


# -- in ------------------------------------------------------------------------------------------


def test_polled_order_is_whole(admin):
    shop_order, order = place(admin, shipping=1)
    assert order["state"] == "sale"
    assert order["amount_total"] == 16.0
    assert order["client_order_ref"] == f"MEDUSA-{shop_order['display_id']}"
    lines = admin.scenario.odoo.search_read(
        "sale.order.line",
        [("order_id", "=", order["id"])],
        ["product_id", "product_uom_qty", "price_unit", "connector_hub_external_id"],
        order="id",
    )
    by_line = {line["connector_hub_external_id"]: line for line in lines}
    for item in shop_order["items"]:
        line = by_line[item["id"]]
        assert line["product_id"][0] == admin.scenario.product_ids[item["variant_sku"]]
        assert (line["product_uom_qty"], line["price_unit"]) == (item["quantity"], 5.0)
    (shown,) = admin.sql(
        "SELECT connector_hub_payment_status, connector_hub_fulfillment_status FROM sale_order WHERE id = %s",
        order["id"],
    )
    assert shown == ("Authorized", "Not fulfilled")
    admin.wait(lambda: (shop_order["metadata"] or {}).get("odoo_order_name") == order["name"], 30)
    assert shop_order["metadata"]["odoo_order_id"] == order["id"]


def test_polling_again_changes_nothing(admin):
    _shop_order, order = place(admin)
    for _time in range(3):
        admin.poll()
    assert admin.scenario.orders(("id", ">", order["id"])) == []


def test_figures_are_not_rounded_by_the_shop(admin, euro):
    """20.0753 EUR with 19 % on 16.87: a price with three decimals, tax on top, a discount."""
    activate_tax(admin, 19.0, price_include_override="tax_excluded")
    shop_order, order = place(
        admin, [(CASE, 1, 16.87), (CABLE, 2, 3.5)], currency="eur", tax_rate=19, discount=1.6
    )
    total = admin.shop.full_order(shop_order["id"])["total"]
    assert total != round(total, 2)
    assert order["amount_total"] == round(total, 2)


def test_prices_with_the_tax_in_them(admin):
    activate_tax(admin, 5.0, price_include_override="tax_included")
    _shop_order, order = place(
        admin, [(CASE, 3, 5.25)], tax_rate=5, tax_inclusive=True, shipping=2.1, discount=1
    )
    assert order["amount_total"] == round(15.75 + 2.1 - 1.05, 3)


def test_refund_before_the_import_lowers_the_total(admin):
    order = admin.shop.place_order([(CASE, 2)])
    admin.shop.capture(order["id"])
    admin.shop.refund(order["id"], 2.5)
    admin.poll()
    assert admin.order_of(order)["amount_total"] == 7.5


def test_unknown_sku_holds_the_order(admin):
    shop_order, order = place(admin, [{"sku": "NOWHERE", "unit_price": 3, "quantity": 1}])
    assert order is None
    assert dead_reason(admin, shop_order) == ["unknown_sku"]
    # The poll would bring it again and again.
    del admin.shop.orders[shop_order["id"]]


def test_cancelled_in_the_shop(admin):
    shop_order, order = place(admin)
    assert order["state"] == "sale"
    admin.shop.cancel_order(shop_order)
    admin.poll()
    assert admin.order_of(shop_order)["state"] == "cancel"
    assert admin.last(order["id"], "order.cancelled", "order")[0] is None, "the shop knows"


def test_shipped_before_the_import_is_not_shipped_again(admin):
    order = admin.shop.place_order([(CABLE, 1)])
    item = admin.shop.orders[order["id"]]["items"][0]
    admin.shop.fulfill(
        admin.shop.orders[order["id"]],
        [(item, 1, admin.shop.reservation_of(item["id"]))],
        admin.shop.main_location,
        None,
    )
    admin.poll()
    imported = admin.order_of(order)
    assert imported["state"] == "draft"
    assert imported["picking_ids"] == []


def test_webhook_and_poll_make_one_order(admin):
    order = admin.shop.place_order([(CASE, 1)])
    answer = admin.notify("order.placed", {"id": order["id"]})
    assert answer.status == 202, answer.body
    admin.wait(lambda: admin.order_of(order), 30)
    admin.poll()
    again = admin.notify("order.placed", {"id": order["id"]})
    assert again.ok
    admin.settle()
    assert admin.order_of(order)["state"] == "sale"
    states = {state for _id, state, _reason, _res in admin.events(order["id"])}
    assert states == {"done"}


def test_webhook_of_a_captured_payment(admin):
    """A capture does not move the order's updated_at: only the webhook tells of it."""
    shop_order, order = place(admin)
    admin.shop.capture(shop_order["id"])
    admin.notify("payment.captured", {"id": "pay_1", "order_id": shop_order["id"]})
    admin.wait(
        lambda: (
            admin.value(
                "SELECT connector_hub_payment_status FROM sale_order WHERE id = %s", order["id"]
            )
            == "Captured"
        ),
        30,
    )


def test_webhook_while_the_shop_is_down(admin):
    order = admin.shop.place_order([(CASE, 1)])
    admin.shop.down()
    assert admin.notify("order.placed", {"id": order["id"]}).status == 202
    admin.wait(lambda: admin.backend()["cooldown_count"] == 1, 30)
    admin.shop.up()
    admin.time_passes(3)
    admin.wait(lambda: admin.order_of(order), 30)


def test_webhook_for_an_order_that_does_not_exist(admin):
    admin.notify("order.updated", {"id": "order_nowhere"})
    admin.settle()
    assert admin.events("order_nowhere")[0][1:3] == ("dead", "not_found")


def test_many_orders_page_by_page(admin):
    """Many orders of one moment, as after an import, and pages that end in the middle of them."""
    moment = "2026-11-22T08:00:00.000Z"
    orders = [admin.shop.place_order([(CABLE, 1)]) for _number in range(75)]
    for order in orders[:55]:
        admin.shop.orders[order["id"]]["updated_at"] = moment
    admin.scenario.call("connector.hub.backend", "action_import_all", [admin.backend_id])
    admin.wait(lambda: all(map(admin.orders_of, [order["id"] for order in orders])), 120)
    admin.settle()
    assert all(len(admin.orders_of(order["id"])) == 1 for order in orders)
    total = admin.value("SELECT total FROM connector_hub_cursor WHERE entity = 'order'")
    assert total >= 75, "the first page says how many there are"


def test_polled_order_is_one_event_until_the_shop_changes_it(admin):
    """Our own acknowledgement and metadata move ``updated_at``: no news. What the shop does is."""
    orders = [admin.shop.place_order([(CABLE, 1)]) for _number in range(5)]
    admin.poll()
    moved = [order["updated_at"] for order in orders]
    assert all(admin.shop.orders[order["id"]]["metadata"]["odoo_order_id"] for order in orders)

    admin.poll()

    assert [len(admin.events(order["id"])) for order in orders] == [1] * 5
    assert [order["updated_at"] for order in orders] == moved
    admin.shop.capture(orders[0]["id"])
    admin.shop.touch_order(orders[0], "updated")
    admin.poll()
    assert [len(admin.events(order["id"])) for order in orders] == [2, 1, 1, 1, 1]
    order = admin.order_of(orders[0])
    status = "SELECT connector_hub_payment_status FROM sale_order WHERE id = %s"
    assert admin.value(status, order["id"]) == "Captured"


def test_old_order_that_is_touched_in_the_shop_is_history(admin):
    """The shop's list goes by the last change; what was placed before the hub began is not confirmed by that."""
    old = admin.shop.place_order([(CABLE, 1)], created_at="2021-05-05T10:00:00.000Z")
    admin.shop.touch_order(old, "updated")
    assert place(admin, [(CABLE, 1)])[1]["state"] == "sale"
    assert admin.order_of(old)["state"] == "draft"


def test_import_since_a_moment(admin):
    """By when an order was placed, whatever changed it since; the dialog counts the same orders."""
    old, older = (
        admin.shop.place_order([(CABLE, 1)], created_at=f"{year}-05-05T10:00:00.000Z")
        for year in (2018, 2015)
    )
    values = {"backend_id": admin.backend_id, "made_since": "2017-01-01 00:00:00"}
    spec = {name: {} for name in ("backend_id", "has_orders", "made_since", "count_text")}
    wizard = "connector.hub.import"
    answer = admin.scenario.call(wizard, "onchange", [], values, ["made_since"], spec)
    newer = [o for o in admin.shop.orders.values() if o["created_at"] > "2017"]
    assert answer["value"]["count_text"] == f"{len(newer)} orders"
    wizard_id = admin.scenario.call(wizard, "create", values)
    admin.scenario.call(wizard, "action_import", [wizard_id])
    admin.wait(lambda: admin.orders_of(old["id"]))
    admin.settle()
    assert admin.order_of(old)["state"] == "draft"
    assert admin.order_of(older) is None


# -- underneath ----------------------------------------------------------------------------------


def test_no_transaction_is_open_while_the_shop_is_asked(admin):
    """Polls, products, stock and shipments take several exchanges each: nobody waits for a lock of the lane's."""
    found = []

    def look(request):
        open_since = admin.sql(
            "SELECT query FROM pg_stat_activity WHERE datname = %s AND state = 'idle in transaction' "
            # Odoo itself holds the row of a scheduled action that runs.
            "AND query NOT LIKE '%%ir_cron%%' AND query_start < now() - interval '50 ms'",
            admin.database,
        )
        found.extend((request.method, request.path, query) for (query,) in open_since)

    _shop_order, order = place(admin)
    admin.scenario.add_product("QUIET-1", "Quiet", 1, quantity=4)
    admin.settle()
    admin.shop.before = lambda request: (time.sleep(0.1), look(request))
    # What a request of a user's is in the middle of is no business of the lane's.
    with admin.lane_held():
        admin.scenario.ship(order["picking_ids"][0], "TRK-Q")
        admin.scenario.call("connector.hub.backend", "action_export_all", [admin.backend_id])
    admin.poll()
    assert found == []
