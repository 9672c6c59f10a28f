# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a stock Medusa v2 is told of an order: shipped, delivered, invoiced, paid, cancelled; each once."""

import pytest

from tests.admin_hub import place
from tests.scenario import CABLE, CASE, POWER_BANK


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


def fulfil_there(admin, shop_order, quantity):
    """Somebody packs some of an order's first item in the shop's own screens."""
    item = shop_order["items"][0]
    items = [(item, quantity, admin.shop.reservation_of(item["id"]))]
    admin.shop.fulfill(shop_order, items, admin.shop.main_location, None)


def test_fulfilment_made_in_the_shop_is_taken(admin):
    shop_order, order = place(admin, [(CASE, 2)])
    fulfil_there(admin, shop_order, 2)
    admin.scenario.ship(order["picking_ids"][0], "TRK-F")
    admin.settle()
    (fulfillment,) = shop_order["fulfillments"]
    assert [label["tracking_number"] for label in fulfillment["labels"]] == ["TRK-F"]


def say_again(admin, picking_id, tracking):
    """The tracking number is typed after the validation, and the shipment is told once more."""
    admin.scenario.call("stock.picking", "write", [picking_id], {"carrier_tracking_ref": tracking})
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
    fulfil_there(admin, shop_order, 1)
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
    fulfil_there(admin, shop_order, 1)
    admin.scenario.call("sale.order", "action_cancel", [order["id"]])
    admin.settle()
    assert shop_order["status"] == "pending"
    assert "odoo_cancelled_reason" not in shop_order["metadata"]
    state, _reason, error = admin.last(order["id"], "order.cancelled", "order")
    assert state == "dead"
    assert shop_order["fulfillments"][0]["id"] in error
