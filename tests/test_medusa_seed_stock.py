# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Stock to a shop with the seed's routes: one figure and many, by location, and what was shipped."""

import pytest

from tests.scenario import CABLE, CASE
from tests.seed_shop import SeedShop


@pytest.fixture
def seed(hub):
    return SeedShop(hub)


def test_one_figure_and_many(hub, seed):
    hub.scenario.set_stock(CASE, 41)
    seed.settle()
    assert seed.bodies("/odoo/inventory/update") == [{"sku": CASE, "quantity": 41}]
    assert seed.bodies("/odoo/inventory/bulk-update") == []

    with seed.settings(frequency="manual"), hub.lane_held():
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
    bodies = seed.bodies("/odoo/webhooks/inventory")
    assert {body["event_type"] for body in bodies} == {"inventory.updated"}
    # All stock goes that way once the setting is changed.
    item = [item for body in bodies for item in body["items"] if item["sku"] == CASE][-1]
    assert (item["adjustment_type"], item["quantity"]) == ("absolute", 55)
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
        hub.wait(lambda: hub.shop.stocked(sku, shop_location) == 4)
        hub.wait(lambda: hub.shop.stocked(sku, hub.shop.main_location) == 10)
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
        hub.import_order(order)
        hub.wait(lambda: hub.shop.stocked("SEED-FREE") == 12)


def test_shipped_goods_are_reduced_once(hub, seed):
    with seed.settings(medusa_reduce_stock=True):
        order = hub.shop.place_order([(CABLE, 2)])
        hub.import_order(order)
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
        hub.import_order(order)
        (picking_id,) = seed.sale_order(order, "picking_ids")["picking_ids"]
        hub.scenario.ship(picking_id)
        hub.wait(
            lambda: hub.count(
                "connector_hub_delivery", "state = 'dead' AND reason = 'outcome_unknown'"
            )
        )
    hub.shop.clear_faults()
    hub.time_passes(60)
    seed.settle()
    assert len(seed.bodies("/odoo/inventory/reduce")) == 1
