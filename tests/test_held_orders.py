# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders that cannot be imported yet: nothing is half-made, and after the fix they come in, once."""

import pytest

from tests.refusals import Untouched
from tests.scenario import CASE


def with_unknown_sku(hub):
    """An order for a product Odoo does not have; the fix is to create it."""
    sku = f"NEW-{hub.count('product_product')}"
    order = hub.shop.place_order(
        [(CASE, 1), (sku, 2, 3000)], customer={"email": f"{sku}@new.example"}
    )
    return order, {}, lambda: hub.scenario.add_product(sku, "Just arrived", 3.0, quantity=5)


def with_inactive_currency(hub):
    """An order in a currency that is switched off; the fix is to switch it on."""
    (currency_id,) = hub.scenario.call(
        "res.currency", "search", [("name", "=", "SEK"), ("active", "=", False)]
    )
    order = hub.shop.place_order([(CASE, 1, 9900)], customer={"email": "sek@new.example"})
    return (
        order,
        {"currency_code": "sek"},
        lambda: hub.scenario.call("res.currency", "write", [currency_id], {"active": True}),
    )


def with_wrong_total(hub):
    """An order that does not add up; the fix is a decision of the administrator."""
    order = hub.shop.place_order([(CASE, 2, 5000)], customer={"email": "total@new.example"})
    accept = {"total_policy": "accept"}
    return (
        order,
        {"total": order["total"] + 1},
        lambda: hub.scenario.call("connector.hub.backend", "write", [hub.backend_id], accept),
    )


@pytest.fixture
def holding(hub):
    yield hub
    hold = {"total_policy": "hold"}
    hub.scenario.call("connector.hub.backend", "write", [hub.backend_id], hold)


@pytest.mark.parametrize(
    "prepare, reason",
    [
        (with_unknown_sku, "unknown_sku"),
        (with_inactive_currency, "currency_inactive"),
        (with_wrong_total, "total_mismatch"),
    ],
)
def test_held_order_is_imported_once_after_the_fix(holding, prepare, reason):
    hub = holding
    order, changes, fix = prepare(hub)
    external_id = order["id"]

    first = hub.post(hub.order_body(order, **changes))

    assert first.status == 202, first.body
    assert (first.json()["status"], first.json()["reason"]) == ("dead", reason)
    ((event_id, state, stored_reason, res_id),) = hub.events(external_id)
    assert (state, stored_reason, res_id) == ("dead", reason, None)
    assert hub.orders_of(external_id) == []
    # Where the lane was quicker, it calls the person at the end of its pass.
    (activity,) = hub.wait(hub.activities)
    responsible = hub.value(
        "SELECT user_id FROM connector_hub_backend WHERE id = %s", hub.backend_id
    )
    assert activity[0] == responsible

    # The shop goes on: it repeats the order, tells of its status, and sends it again, changed.
    with Untouched(hub):
        again = hub.post(hub.order_body(order, **changes), scheme="standard")
        assert (again.status, again.json()["event_id"]) == (202, first.json()["event_id"])
    update = hub.shop.change_status(external_id, payment_status="captured")
    body = hub.shop.webhook_body("order.status_updated", update)
    assert hub.post(body, path="/api/medusa/webhooks").status in (200, 202)
    changed = hub.post(hub.order_body(order, status="completed", **changes))
    assert (changed.status, changed.json()["event_id"]) == (202, first.json()["event_id"])
    assert hub.orders_of(external_id) == []

    fix()
    for _click in range(2):
        hub.scenario.call("connector.hub.event", "action_requeue", [event_id])

    (order_id,) = hub.wait(lambda: hub.orders_of(external_id))
    hub.wait(hub.is_idle)
    assert hub.orders_of(external_id) == [order_id], "once"
    assert hub.events(external_id)[0][1:] == ("done", None, order_id)
    assert hub.value("SELECT state FROM sale_order WHERE id = %s", order_id) == "sale"
    hub.wait(lambda: not hub.activities())
    late = hub.send(order)
    assert (late.status, late.json()["odoo_order_id"]) == (200, order_id)
    assert hub.orders_of(external_id) == [order_id]


def test_held_order_names_both_totals_and_leaves_nothing_behind(hub):
    order = hub.shop.place_order([(CASE, 2, 5000)], customer={"email": "nobody@new.example"})
    partners = hub.count("res_partner")

    hub.post(hub.order_body(order, total=10_001))

    error = hub.value("SELECT error FROM connector_hub_event WHERE external_id = %s", order["id"])
    assert "10.000" in error and "10.001" in error
    assert hub.count("res_partner") == partners
    assert hub.orders_of(order["id"]) == []


def test_one_bad_order_does_not_hold_up_the_others(hub):
    """Of a batch, the lane imports what can be imported."""
    hub.scenario.call("connector.hub.backend", "action_pause", [hub.backend_id])
    orders = [hub.shop.place_order([(CASE, 1)]) for _number in range(5)]
    bad = hub.shop.place_order([("NOWHERE", 1, 1000)])
    for order in (*orders[:2], bad, *orders[2:]):
        answer = hub.send(order)
        assert (answer.status, answer.json()["status"]) == (202, "pending")

    hub.scenario.call("connector.hub.backend", "action_activate", [hub.backend_id])

    hub.wait(lambda: all(hub.orders_of(order["id"]) for order in orders))
    hub.wait(lambda: hub.events(bad["id"])[0][1:3] == ("dead", "unknown_sku"))
    assert hub.orders_of(bad["id"]) == []
