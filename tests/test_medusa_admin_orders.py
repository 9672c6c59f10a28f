# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders of a stock Medusa v2: polled or named by a webhook, each once; and what the shop is told of them."""

import time

import pytest

from tests.scenario import CABLE, CASE, POWER_BANK


def place(admin, lines=((CASE, 2), (POWER_BANK, 1)), **options):
    """A customer orders, and Odoo asks the shop -> (the shop's order, Odoo's)."""
    order = admin.shop.place_order(list(lines), **options)
    admin.poll()
    return admin.shop.orders[order["id"]], admin.order_of(order)


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


# -- out -----------------------------------------------------------------------------------------


def test_partial_shipments_each_have_their_fulfilment(admin):
    shop_order, order = place(admin)
    case, power_bank = (admin.scenario.product_ids[sku] for sku in (CASE, POWER_BANK))
    admin.scenario.ship_some(order["picking_ids"][0], {case: 1, power_bank: 1}, "TRK-1,TRK-2")
    admin.settle()
    rest = [
        picking
        for picking in admin.order_of(shop_order)["picking_ids"]
        if picking != order["picking_ids"][0]
    ]
    admin.scenario.ship(rest[0], "TRK-3")
    admin.settle()

    lines = {item["id"]: item["variant_sku"] for item in shop_order["items"]}
    told = [
        (
            {lines[item["line_item_id"]]: item["quantity"] for item in fulfillment["items"]},
            [label["tracking_number"] for label in fulfillment["labels"]],
            bool(fulfillment["shipped_at"]),
        )
        for fulfillment in shop_order["fulfillments"]
    ]
    assert told == [
        ({CASE: 1, POWER_BANK: 1}, ["TRK-1", "TRK-2"], True),
        ({CASE: 1}, ["TRK-3"], True),
    ]
    bound = admin.value(
        "SELECT external_id FROM connector_hub_binding WHERE res_model = 'stock.picking' AND res_id = %s",
        rest[0],
    )
    assert bound == shop_order["fulfillments"][1]["id"]


def test_delivered(admin):
    shop_order, order = place(admin)
    admin.scenario.ship(order["picking_ids"][0])
    admin.scenario.call("stock.picking", "action_connector_hub_delivered", order["picking_ids"])
    admin.settle()
    (fulfillment,) = shop_order["fulfillments"]
    assert fulfillment["delivered_at"]
    assert fulfillment["labels"] == []


@pytest.mark.parametrize("step", ["fulfillments", "shipments"])
def test_lost_answer_makes_no_second_fulfilment(admin, step):
    """Medusa has no idempotency keys: what it has is looked at before anything is repeated."""
    shop_order, order = place(admin)
    fault = admin.shop.fault(
        f"/admin/orders/{shop_order['id']}/fulfillments",
        kind="reset",
        method="POST",
        after_processing=True,
        times=1,
        skip=0 if step == "fulfillments" else 1,
    )
    admin.scenario.ship(order["picking_ids"][0], "TRK-L")
    admin.wait(lambda: fault.hits == 1 and admin.backend()["cooldown_count"] == 1, 30)
    admin.time_passes(2)
    admin.wait(
        lambda: admin.last(order["picking_ids"][0], "order.shipped", "order")[0] == "done", 30
    )

    (fulfillment,) = shop_order["fulfillments"]
    assert [label["tracking_number"] for label in fulfillment["labels"]] == ["TRK-L"]
    admin.requeue(order["picking_ids"][0], "order.shipped", "order")


def test_fulfilment_made_in_the_shop_is_taken(admin):
    shop_order, order = place(admin, [(CASE, 2)])
    item = shop_order["items"][0]
    admin.shop.fulfill(
        shop_order,
        [(item, 2, admin.shop.reservation_of(item["id"]))],
        admin.shop.main_location,
        None,
    )
    admin.scenario.ship(order["picking_ids"][0], "TRK-F")
    admin.settle()
    (fulfillment,) = shop_order["fulfillments"]
    assert [label["tracking_number"] for label in fulfillment["labels"]] == ["TRK-F"]


def say_again(admin, picking_id, tracking):
    """The tracking number is typed after the validation, and the shipment is told once more."""
    admin.scenario.call("stock.picking", "write", [picking_id], {"carrier_tracking_ref": tracking})
    admin.sql(
        "INSERT INTO connector_hub_delivery (backend_id, entity, event_type, is_fact, res_model, res_id,"
        " sequence_key, idempotency_key, state, attempts)"
        " SELECT backend_id, entity, event_type, is_fact, res_model, res_id, sequence_key, %s, 'pending', 0"
        " FROM connector_hub_delivery WHERE event_type = 'order.shipped' AND res_id = %s ORDER BY id LIMIT 1",
        f"again-{tracking}",
        picking_id,
    )
    admin.settle()
    assert admin.last(picking_id, "order.shipped", "order")[0] == "done"


def test_tracking_number_after_the_shipment(admin):
    """A shipment's labels are final: the order's metadata tell the number, and no second shipment is made."""
    carrier = admin.scenario.call(
        "delivery.carrier",
        "create",
        {
            "name": "Aramex",
            "product_id": admin.scenario.product_ids[CABLE],
            "tracking_url": "https://track.example.com/<shipmenttrackingnumber>",
        },
    )
    shop_order, order = place(admin, [(CASE, 1)])
    (picking_id,) = order["picking_ids"]
    admin.scenario.call("stock.picking", "write", [picking_id], {"carrier_id": carrier})
    admin.scenario.ship(picking_id)
    admin.settle()
    (fulfillment,) = shop_order["fulfillments"]
    shipped_at = fulfillment["shipped_at"]
    assert shipped_at
    admin.shop.clear_log()

    number, url = (f"odoo_tracking_{name}_{fulfillment['id']}" for name in ("number", "url"))
    for tracking in ("TRK-LATE", "TRK-RIGHT", "TRK-RIGHT"):
        say_again(admin, picking_id, tracking)
        assert shop_order["metadata"][number] == tracking
        assert shop_order["metadata"][url] == f"https://track.example.com/{tracking}"
    assert len(admin.shop.sent(f"/admin/orders/{shop_order['id']}", "POST")) == 2
    assert shop_order["fulfillments"] == [fulfillment]
    assert (fulfillment["shipped_at"], fulfillment["labels"]) == (shipped_at, [])
    assert shop_order["metadata"]["odoo_order_name"] == order["name"], "the rest stays"


def test_corrected_tracking_number_that_is_the_labels_again(admin):
    shop_order, order = place(admin, [(CASE, 1)])
    (picking_id,) = order["picking_ids"]
    admin.scenario.ship(picking_id, "TRK-1")
    admin.settle()
    (fulfillment,) = shop_order["fulfillments"]
    number = f"odoo_tracking_number_{fulfillment['id']}"
    say_again(admin, picking_id, "TRK-2")
    assert shop_order["metadata"][number] == "TRK-2"
    say_again(admin, picking_id, "TRK-1")
    assert number not in shop_order["metadata"]
    assert [label["tracking_number"] for label in fulfillment["labels"]] == ["TRK-1"]


def test_fulfilment_made_in_the_shop_belongs_to_one_delivery(admin):
    """The next delivery of just as many has its own, and each is delivered."""
    shop_order, order = place(admin, [(CASE, 2)])
    item = shop_order["items"][0]
    admin.shop.fulfill(
        shop_order,
        [(item, 1, admin.shop.reservation_of(item["id"]))],
        admin.shop.main_location,
        None,
    )
    case = admin.scenario.product_ids[CASE]
    admin.scenario.ship_some(order["picking_ids"][0], {case: 1}, "TRK-1")
    admin.settle()
    (second,) = set(admin.order_of(shop_order)["picking_ids"]) - set(order["picking_ids"])
    admin.scenario.ship(second, "TRK-2")
    admin.settle()
    assert [
        [label["tracking_number"] for label in fulfillment["labels"]]
        for fulfillment in shop_order["fulfillments"]
    ] == [["TRK-1"], ["TRK-2"]]

    admin.scenario.call(
        "stock.picking", "action_connector_hub_delivered", [order["picking_ids"][0]]
    )
    admin.settle()
    assert [bool(entry["delivered_at"]) for entry in shop_order["fulfillments"]] == [True, False]


def test_stock_agrees_after_a_late_fulfilment(admin):
    """The shop subtracts what it fulfils; Odoo's figure, sent before, would be lowered once more."""
    shop_order, order = place(admin, [(CABLE, 3)])
    fault = admin.shop.fault(
        f"/admin/orders/{shop_order['id']}/fulfillments", status=500, method="POST", times=1
    )
    admin.scenario.ship(order["picking_ids"][0])
    admin.wait(lambda: fault.hits == 1, 30)
    on_hand = admin.scenario.on_hand(CABLE)
    admin.wait(lambda: admin.shop.stocked(CABLE) == on_hand, 30)

    admin.time_passes(2)
    admin.wait(lambda: shop_order["fulfillments"], 30)
    admin.settle()
    assert admin.shop.stocked(CABLE) == on_hand


def test_invoiced_and_paid(admin):
    shop_order, order = place(admin, [(CASE, 1)])
    admin.scenario.ship(order["picking_ids"][0])
    call = admin.scenario.call
    wizard = call(
        "sale.advance.payment.inv",
        "create",
        {"advance_payment_method": "delivered", "sale_order_ids": [(6, 0, [order["id"]])]},
    )
    call("sale.advance.payment.inv", "create_invoices", [wizard])
    (invoice_id,) = call("sale.order", "read", [order["id"]], ["invoice_ids"])[0]["invoice_ids"]
    call("account.move", "action_post", [invoice_id])
    payment = call(
        "account.payment.register",
        "create",
        {"payment_date": "2026-11-20"},
        context={"active_model": "account.move", "active_ids": [invoice_id]},
    )
    call("account.payment.register", "action_create_payments", [payment])
    admin.settle()

    name = call("account.move", "read", [invoice_id], ["name"])[0]["name"]
    expected = {
        "odoo_invoiced": True,
        "odoo_invoice_name": name,
        "odoo_paid": True,
        "odoo_paid_at": "2026-11-20",
        "odoo_order_name": order["name"],
    }
    assert shop_order["metadata"].items() >= expected.items()
    for fact in ("order.invoiced", "order.paid"):
        assert admin.last(invoice_id, fact, "order")[0] == "done"
        admin.requeue(invoice_id, fact, "order")
    admin.settle()
    assert shop_order["metadata"].items() >= expected.items()


@pytest.mark.parametrize("reason", ["Out of stock at the supplier", False])
def test_cancelled_in_odoo(admin, reason):
    shop_order, order = place(admin)
    reserved = admin.shop.reserved(CASE)
    values = {"connector_hub_cancel_reason": reason}
    admin.scenario.call("sale.order", "write", [order["id"]], values)
    admin.scenario.call("sale.order", "action_cancel", [order["id"]])
    admin.settle()
    assert shop_order["status"] == "canceled"
    assert admin.shop.reserved(CASE) == reserved - 2
    told = shop_order["metadata"]["odoo_cancelled_reason"]
    assert told == (reason or "Cancelled in Odoo")


def test_lost_answer_to_a_cancellation(admin):
    """Nor is the reason, which a canceled order does not take any more, in the way of the second attempt."""
    shop_order, order = place(admin)
    fault = admin.shop.fault(
        f"/admin/orders/{shop_order['id']}/cancel",
        kind="reset",
        method="POST",
        after_processing=True,
        times=1,
    )
    admin.scenario.call("sale.order", "action_cancel", [order["id"]])
    admin.wait(lambda: fault.hits == 1 and admin.backend()["cooldown_count"] == 1, 30)
    admin.time_passes(2)
    admin.wait(lambda: admin.last(order["id"], "order.cancelled", "order")[0] == "done", 30)


def test_cancelling_what_the_shop_has_fulfilled_needs_a_person(admin):
    shop_order, order = place(admin)
    item = shop_order["items"][0]
    admin.shop.fulfill(
        shop_order,
        [(item, 1, admin.shop.reservation_of(item["id"]))],
        admin.shop.main_location,
        None,
    )
    admin.scenario.call("sale.order", "action_cancel", [order["id"]])
    admin.settle()
    assert shop_order["status"] == "pending"
    assert "odoo_cancelled_reason" not in shop_order["metadata"]
    state, _reason, error = admin.last(order["id"], "order.cancelled", "order")
    assert state == "dead"
    assert shop_order["fulfillments"][0]["id"] in error


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
