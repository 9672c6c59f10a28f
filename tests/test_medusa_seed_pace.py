# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shop at the pace of a real one: it takes a tenth of a second for each product of a bulk."""

import pytest

from tests.scenario import CABLE, CASE
from tests.seed_shop import SeedShop

MANY = 80

#: Seconds the shop takes for one product.
REAL_PACE = 0.1


@pytest.fixture
def seed(hub):
    return SeedShop(hub)


@pytest.fixture
def slow_shop(hub):
    yield hub.shop
    hub.shop.item_seconds = 0.0


@pytest.fixture(scope="module")
def many(installation):
    """SKU -> id of many products that the shop has."""
    call = installation.scenario.call
    values = [
        {"name": f"M {n}", "default_code": f"M-{n}", "type": "consu", "is_storable": True}
        for n in range(MANY)
    ]
    template_ids = call("product.template", "create", values)
    installation.settle()
    installation.wait(lambda: f"M-{MANY - 1}" in installation.shop.products, 60)
    installation.settle()
    return template_ids


def reprice(hub, template_ids, price):
    hub.scenario.call("product.template", "write", template_ids, {"list_price": price})


def told(hub, price):
    """How many of the products the shop has at this price."""
    return [product.get("price") for product in list(hub.shop.products.values())].count(
        round(price * 1000)
    )


def test_quantities_and_orders_do_not_wait_for_all_the_prices(hub, seed, many, slow_shop):
    slow_shop.item_seconds = REAL_PACE
    # It was faster when it got the products: nothing is known yet of its real pace.
    hub.sql("UPDATE connector_hub_backend SET batch_sizes = NULL")
    order = slow_shop.place_order([(CASE, 1)])
    reprice(hub, many, 11.5)
    hub.shop.wait_for(lambda shop: shop.sent("/odoo/products/bulk"), 30)

    hub.scenario.set_stock(CABLE, 77)
    hub.import_order(order)
    hub.wait(lambda: hub.shop.stocked(CABLE) == 77)
    hub.wait(
        lambda: "order.confirmed" in [e["event"] for e in slow_shop.orders[order["id"]]["history"]]
    )

    hub.wait(lambda: told(hub, 11.5) == MANY, 60)
    hub.wait(hub.is_idle)
    sizes = [len(body["products"]) for body in seed.bodies("/odoo/products/bulk")]
    assert max(sizes) * REAL_PACE <= 5, "as many as take a few seconds, from the first request on"
    assert hub.backend()["cooldown_count"] == 0
