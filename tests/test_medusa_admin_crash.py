# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo and all its workers killed while a stock Medusa v2 is asked, told and tells: SIGKILL at any moment."""

import http.client
import threading
import time

import pytest

from hubenv import OdooError
from tests.admin_hub import place
from tests.scenario import CABLE, CASE

#: Minutes after which the lease of what was being sent has run out.
LEASE_MINUTES = 3


@pytest.fixture
def fragile(admin):
    """The installation, running again after the test however it ends."""
    name = admin.product(CASE)["title"]
    yield admin
    if admin.server.process is None:
        admin.server.start()
    admin.rename(CASE, name)
    admin.settle()


def until_nobody_answers(work):
    try:
        for number in range(1000):
            work(number)
    except (OSError, OdooError, ValueError, http.client.HTTPException):
        return


@pytest.mark.parametrize("moment, answered", [(0.5, True), (1.5, False)])
def test_killed_while_everything_is_going_on(fragile, moment, answered):
    """What the shop has sold is in Odoo once, what was shipped or saved is in the shop once.

    :param moment: seconds of traffic before the end
    :param answered: the shop holds its answers back after it has done what it was asked, or before
    """
    admin = fragile
    shipped_orders = [place(admin, [(CABLE, 1)]) for _number in range(2)]
    admin.settle()
    new_orders = [admin.shop.place_order([(CASE, 1), (CABLE, 1)]) for _number in range(6)]

    def tell(number):
        if number < len(new_orders):
            admin.notify("order.placed", {"id": new_orders[number]["id"]})

    def ship(number):
        if number < len(shipped_orders):
            _shop_order, order = shipped_orders[number]
            admin.scenario.ship(order["picking_ids"][0], f"TRK-{order['id']}")

    def save(_number):
        admin.rename(CASE, f"Case {time.time_ns()}")

    admin.shop.fault(kind="delay", delay=0.3, path_prefix="/admin", after_processing=answered)
    threads = [
        threading.Thread(target=until_nobody_answers, args=[work]) for work in (tell, ship, save)
    ]
    for thread in threads:
        thread.start()
    admin.wait(lambda: admin.shop.sent("/admin"), 30)
    time.sleep(moment)
    admin.server.kill()
    for thread in threads:
        thread.join()

    admin.shop.clear_faults()
    admin.server.start()
    admin.time_passes(LEASE_MINUTES)
    for shop_order, order in shipped_orders:
        (state,) = admin.sql("SELECT state FROM stock_picking WHERE id = %s", *order["picking_ids"])
        if state != ("done",):
            admin.scenario.ship(order["picking_ids"][0], f"TRK-{order['id']}")
        admin.wait(lambda shop_order=shop_order: shop_order["fulfillments"], 60)
    admin.poll()

    for shop_order in new_orders:
        order = admin.order_of(shop_order)
        assert order, "sold there, and not here"
        told = admin.shop.orders[shop_order["id"]]["metadata"]
        assert told["odoo_order_id"] == order["id"]
        assert len(admin.events(shop_order["id"])) >= 1
    for shop_order, order in shipped_orders:
        (fulfillment,) = shop_order["fulfillments"]
        assert [label["tracking_number"] for label in fulfillment["labels"]] == [
            f"TRK-{order['id']}"
        ]
    (saved,) = admin.scenario.call(
        "product.product", "read", [admin.scenario.product_ids[CASE]], ["name"]
    )
    assert admin.product(CASE)["title"] == saved["name"]
    assert not admin.count("connector_hub_event", "state = 'dead'")
    assert not admin.count("connector_hub_delivery", "state = 'dead'")
