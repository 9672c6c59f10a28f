# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is fetched from a shop with the seed's routes: lost webhooks, changed states, a first import."""

import pytest

from tests.peers import medusa_orders
from tests.scenario import CABLE, CASE
from tests.seed_shop import SeedShop


@pytest.fixture
def seed(hub):
    return SeedShop(hub)


def buyer(name):
    return {"email": f"{name}@example.com", "first_name": name.capitalize(), "last_name": "Buyer"}


def test_lost_webhook_is_polled_acknowledged_and_no_second_order(hub, seed):
    lost = hub.shop.place_order([(CASE, 1)])
    told = hub.shop.place_order([(CASE, 1)])
    assert hub.send(told).status == 200

    seed.poll()

    for order in (lost, told):
        assert seed.sale_order(order)["state"] == "sale"
        assert hub.shop.orders[order["id"]]["synced"] is True
        assert hub.shop.orders[order["id"]]["odoo_order_id"] == seed.sale_order(order)["id"]
    assert hub.send(lost).json()["odoo_order_id"] == seed.sale_order(lost)["id"]
    (request,) = [r for r in hub.shop.sent("/odoo/orders", "GET") if r.first("synced") == "false"]
    assert request.first("date_from")


def test_state_changes_are_polled(hub, seed):
    cancelled, completed = (hub.shop.place_order([(CABLE, 1)]) for _number in range(2))
    for order in (cancelled, completed):
        hub.import_order(order)
    hub.shop.change_status(cancelled["id"], new_status="cancelled")
    hub.shop.change_status(completed["id"], new_status="completed")

    seed.poll()

    assert seed.sale_order(cancelled)["state"] == "cancel"
    shown = seed.sale_order(completed, "connector_hub_status")
    assert (shown["state"], shown["connector_hub_status"]) == ("sale", "Completed")
    stored = hub.count("connector_hub_event")
    seed.poll()
    assert hub.count("connector_hub_event") == stored, "what is known is no news"


def test_states_of_pending_orders_are_polled(hub, seed, monkeypatch):
    """Webhooks are lost, and the shop's list tells more than the seed shows: what happens before completion is seen."""
    told = {"payment_status", "fulfillment_status"}
    monkeypatch.setattr(medusa_orders, "OWN", medusa_orders.OWN - told)
    captured, untouched = (hub.shop.place_order([(CABLE, 1)]) for _number in range(2))
    for order in (captured, untouched):
        hub.import_order(order)
    hub.shop.change_status(
        captured["id"], payment_status="captured", fulfillment_status="fulfilled"
    )

    seed.poll()

    names = ("connector_hub_payment_status", "connector_hub_fulfillment_status")
    shown = seed.sale_order(captured, *names)
    assert [shown[name] for name in names] == ["Captured", "Fulfilled"]
    assert hub.shop.sent("/odoo/orders", "GET")[-1].first("status") == "completed"
    stored = hub.count("connector_hub_event")
    seed.poll()
    assert hub.count("connector_hub_event") == stored, "what is known is no news"


def test_customers_are_polled(hub, seed):
    hub.shop.add_customer("polled@example.com", first_name="Polled", last_name="Person")
    hub.shop.add_customer(
        "visitor@example.com", has_account=False, first_name="Only", last_name="Looking"
    )

    seed.poll()

    (partner,) = seed.partners("polled@example.com", "x_medusa_customer_id")
    assert partner["name"] == "Polled Person"
    assert partner["x_medusa_customer_id"]
    assert not seed.partners("visitor@example.com")


def test_unreadable_order_does_not_keep_the_others_from_coming_in(hub, seed):
    good = hub.shop.place_order([(CASE, 1)])
    hub.shop.place_order([(CASE, 1)], extra={"items": []})

    seed.poll()

    assert seed.sale_order(good)["state"] == "sale"
    hub.wait(
        lambda: hub.count("connector_hub_event", "state = 'dead' AND reason = 'invalid_payload'")
    )


def test_first_import_can_be_stopped_and_goes_on(hub, seed):
    orders = [
        hub.shop.place_order(
            [(CABLE, 1)], customer=buyer("many"), created_at="2021-05-05T10:00:00Z", stock="none"
        )
        for _number in range(230)
    ]
    backend_id = hub.backend_id
    with seed.settings(auto_confirm=False):
        # Its second page is long in coming.
        with hub.shop_busy("/odoo/orders", skip=1):
            hub.scenario.call("connector.hub.backend", "action_import_all", [backend_id])
            hub.wait(
                lambda: hub.value("SELECT max(fetched) FROM connector_hub_cursor WHERE is_full")
            )
            (cursor,) = seed.odoo.search_read(
                "connector.hub.cursor",
                [("backend_id", "=", backend_id), ("entity", "=", "order")],
                ["total"],
            )
            hub.scenario.call("connector.hub.cursor", "action_stop", [cursor["id"]])
        seed.settle()
        (stopped,) = seed.odoo.call(
            "connector.hub.cursor",
            "read",
            [[cursor["id"]], ["state", "fetched", "total", "progress"]],
        )
        assert stopped["state"] == "stopped"
        assert 0 < stopped["fetched"] < stopped["total"]
        assert 0 < stopped["progress"] < 100
        hub.shop.clear_log()

        hub.scenario.call("connector.hub.cursor", "action_resume", [cursor["id"]])
        hub.wait(
            lambda: (
                hub.value("SELECT state FROM connector_hub_cursor WHERE id = %s", cursor["id"])
                == "idle"
            ),
            120,
        )
        seed.settle()

    first = next(request for request in hub.shop.sent("/odoo/orders", "GET"))
    assert int(first.first("offset")) > 0, "goes on where it was"
    assert all(len(hub.orders_of(order["id"])) == 1 for order in orders)


def test_old_orders_are_imported_as_history(hub, seed):
    """On record, and acknowledged; nothing is confirmed, reserved or told, not even when the shop changes them."""
    orders = [
        hub.shop.place_order([(CABLE, 2)], created_at="2021-05-05T10:00:00Z", stock="none")
        for _number in range(3)
    ]
    reserved = hub.value("SELECT sum(reserved_quantity) FROM stock_quant")
    hub.scenario.call("connector.hub.backend", "action_import_all", [hub.backend_id])
    hub.wait(lambda: all(hub.orders_of(order["id"]) for order in orders))
    seed.settle()
    seed.change_status(orders[0], payment_status="captured")
    seed.change_status(orders[1], new_status="cancelled")
    seed.settle()

    shown = [seed.sale_order(order, "connector_hub_is_history", "picking_ids") for order in orders]
    assert [order["state"] for order in shown] == ["draft", "cancel", "draft"]
    assert all(order["connector_hub_is_history"] for order in shown)
    assert not any(order["picking_ids"] for order in shown)
    assert hub.value("SELECT sum(reserved_quantity) FROM stock_quant") == reserved
    assert all(hub.shop.orders[order["id"]]["synced"] for order in orders)
    hub.scenario.call("sale.order", "action_cancel", [shown[2]["id"]])
    seed.settle()
    bodies = seed.bodies("/odoo/webhooks/order-status")
    told = {body["order"]["medusa_order_id"] for body in bodies}
    assert not told & {order["id"] for order in orders}, "cleaning up cancels nothing there"


def test_figure_changed_in_the_shop_is_corrected(hub, seed):
    """Somebody counts in the shop's own screens: Odoo's figure comes back, and the administrator can read why."""
    hub.scenario.set_stock(CABLE, 480)
    seed.settle()
    hub.wait(lambda: hub.shop.stocked(CABLE) == 480)
    hub.shop.inventory[CABLE][hub.shop.main_location]["stocked_quantity"] = 12

    seed.poll()
    assert hub.shop.stocked(CABLE) == 12, "it is looked at twice"
    seed.poll()

    hub.wait(lambda: hub.shop.stocked(CABLE) == 480)
    (note,) = seed.odoo.search_read(
        "mail.message",
        [("model", "=", "connector.hub.backend"), ("body", "ilike", "12 there")],
        ["body"],
    )
    assert f"{CABLE} (12 there, 480 here)" in note["body"]


def test_test_connection_compares_the_skus(hub, seed):
    hub.shop.add_product("ONLY-IN-THE-SHOP", "Unknown to Odoo")
    try:
        action = hub.scenario.call(
            "connector.hub.backend", "action_test_connection", [hub.backend_id]
        )
        lines = seed.odoo.search_read(
            "connector.hub.check.line",
            [("check_id", "=", action["res_id"])],
            ["name", "result", "message"],
        )
    finally:
        hub.shop.products.pop("ONLY-IN-THE-SHOP")
        hub.shop.inventory.pop("ONLY-IN-THE-SHOP")
    assert {line["result"] for line in lines[:-1]} == {"passed"}, lines
    assert any("ONLY-IN-THE-SHOP" in (line["message"] or "") for line in lines)


def test_list_the_shop_does_not_give_stops_that_list_alone(hub, seed):
    """A plugin without customers is no reason to leave the orders."""
    hub.shop.fault(path_prefix="/odoo/customers", status=404)
    order = hub.shop.place_order([(CASE, 1)])

    seed.poll()

    assert seed.sale_order(order)["state"] == "sale"
    assert hub.backend()["state"] == "active"
    (cursor,) = seed.odoo.search_read(
        "connector.hub.cursor",
        [("backend_id", "=", hub.backend_id), ("entity", "=", "partner")],
        ["state"],
    )
    assert cursor["state"] == "stopped"
    assert any("fetching has stopped" in summary for _user, summary in hub.activities())
    hub.shop.clear_faults()
    hub.scenario.call("connector.hub.cursor", "action_resume", [cursor["id"]])
    seed.settle()
    state = hub.value("SELECT state FROM connector_hub_cursor WHERE id = %s", cursor["id"])
    assert state == "idle"


def test_dialog_of_import_all_counts_the_shops_orders(hub, seed):
    """The button asks; the shop tells how many orders there are since a moment."""
    hub.shop.place_order([(CABLE, 1)], created_at="2020-03-03T10:00:00Z", stock="none")
    field_names = ("backend_id", "has_orders", "made_since", "count_text", "mode")

    def ask(**values):
        values = {"backend_id": hub.backend_id, "made_since": False, **values}
        changed = ["made_since"]
        spec = {name: {} for name in field_names}
        answer = hub.scenario.call("connector.hub.import", "onchange", [], values, changed, spec)
        return answer["value"]["count_text"]

    assert ask() == f"{len(hub.shop.orders)} orders"
    assert ask(made_since="2199-01-01 00:00:00") == "0 orders"
    hub.shop.fault(path_prefix="/odoo/orders", status=503)
    assert "503" in ask()
