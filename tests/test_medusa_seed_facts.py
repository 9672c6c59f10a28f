# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What becomes of an order, told to a shop with the seed's routes."""

import pytest

from tests.scenario import CASE
from tests.seed_shop import SeedShop


@pytest.fixture
def seed(hub):
    return SeedShop(hub)


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
    hub.import_order(order)
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
    hub.import_order(order)
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
    hub.import_order(order)
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
    hub.import_order(order)
    seed.settle()
    (picking_id,) = seed.sale_order(order, "picking_ids")["picking_ids"]
    hub.shop.clear_log()
    path = "/odoo/webhooks/order-status"
    hub.shop.fault(path_prefix=path, kind="reset", after_processing=True, times=1)

    hub.scenario.ship(picking_id, "TRK-ONCE")
    hub.wait(lambda: hub.backend()["cooldown_count"])
    hub.time_passes(2)
    hub.wait(
        lambda: hub.count(
            "connector_hub_delivery",
            "state = 'done' AND event_type = 'order.shipped' AND res_id = %s",
            picking_id,
        )
    )

    assert len(hub.shop.sent(path)) == 1, "the shop has confirmed it"
    assert hub.shop.sent(f"/odoo/orders/{order['id']}", "GET")


def test_fact_that_did_not_arrive_is_repeated_with_the_same_key(hub, seed):
    order = hub.shop.place_order([(CASE, 1)])
    hub.import_order(order)
    seed.settle()
    (picking_id,) = seed.sale_order(order, "picking_ids")["picking_ids"]
    hub.shop.clear_log()
    path = "/odoo/webhooks/order-status"
    hub.shop.fault(path_prefix=path, kind="reset", times=1)

    hub.scenario.ship(picking_id, "TRK-TWICE")
    hub.wait(lambda: hub.backend()["cooldown_count"])
    hub.time_passes(2)

    hub.wait(lambda: hub.shop.orders[order["id"]]["shipments"])
    keys = {request.headers["idempotency-key"] for request in hub.shop.sent(path)}
    assert (len(hub.shop.sent(path)), len(keys)) == (2, 1)
