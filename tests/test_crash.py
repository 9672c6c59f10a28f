# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Odoo and all its workers killed in the middle of everything: SIGKILL, nothing gets to clean up."""

import json
import threading
import time

import pytest

from hubenv import OdooError
from tests.scenario import CABLE, CASE, POWER_BANK

STATUS_PATH = "/odoo/webhooks/order-status"

#: Minutes after which the lease of what was being sent has run out.
LEASE_MINUTES = 3


@pytest.fixture
def fragile(hub):
    """The installation, running again after the test however it ends."""
    yield hub
    if hub.server.process is None:
        hub.server.start()


def restart(hub):
    """Somebody notices and starts Odoo again; the lease of what was being sent runs out.

    Odoo's cron workers look for the first time a minute after they were started, unless they are called.
    """
    hub.shop.clear_faults()
    hub.server.start()
    last_call = "SELECT c.lastcall FROM ir_cron c JOIN connector_hub_backend b ON b.cron_id = c.id WHERE b.id = %s"
    before = hub.value(last_call, hub.backend_id)
    hub.time_passes(LEASE_MINUTES)
    hub.wait(lambda: hub.wake() or hub.value(last_call, hub.backend_id) != before, 60, interval=0.3)


class Traffic:
    """Customers, users and the warehouse at work, each in a thread of its own, until nobody answers."""

    def __init__(self, hub, pickings):
        self.hub = hub
        self.answers = {}
        self.orders = [hub.shop.place_order([(CASE, 1), (CABLE, 1)]) for _number in range(12)]
        works = [lambda half=half: self._order(self.orders[half::2]) for half in (0, 1)]
        works += [lambda sku=sku: self._save(sku) for sku in (CASE, POWER_BANK)]
        works += [lambda picking=picking: self._ship(picking) for picking in pickings]
        self._threads = [threading.Thread(target=work) for work in works]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_exception):
        for thread in self._threads:
            thread.join()

    def _order(self, orders):
        for order in orders:
            self.answers[order["id"]] = self.hub.send(order)

    def _until_nobody_answers(self, work):
        try:
            for number in range(1000):
                work(number)
        except (OSError, OdooError, ValueError) as error:
            self.error = error

    def _save(self, sku):
        self._until_nobody_answers(
            lambda number: self.hub.rename(sku, f"{sku} {time.time_ns()} {number}")
        )

    def _ship(self, picking_id):
        def ship(number):
            if number == 0:
                self.hub.scenario.ship(picking_id, f"TRACK-{picking_id}")

        self._until_nobody_answers(ship)

    def acknowledged(self):
        """Ids of the orders that Odoo said it has."""
        return [
            order_id
            for order_id, answer in list(self.answers.items())
            if answer.status in (200, 202)
        ]


def imported_orders(hub, count):
    """Orders waiting to be shipped -> {the shop's id: picking}."""
    result = {}
    for _number in range(count):
        order = hub.shop.place_order([(CABLE, 1)])
        sale_order_id = hub.import_order(order)
        result[order["id"]] = hub.value(
            "SELECT id FROM stock_picking WHERE sale_id = %s", sale_order_id
        )
    hub.settle()
    hub.shop.clear_log()
    return result


def name_and_stock(hub, sku):
    """What is committed: the product's name and the quantity on hand."""
    product_id = hub.scenario.product_ids[sku]
    name = hub.value(
        "SELECT t.name ->> 'en_US' FROM product_product p "
        "JOIN product_template t ON t.id = p.product_tmpl_id WHERE p.id = %s",
        product_id,
    )
    quantity = hub.value(
        "SELECT sum(quantity) FROM stock_quant WHERE product_id = %s AND location_id = %s",
        product_id,
        hub.scenario.stock_location_id,
    )
    return name, float(quantity)


def shipments(hub, external_id):
    """(times told, idempotency keys used) of one order's shipment."""
    keys = []
    for request in hub.shop.sent(STATUS_PATH):
        content = json.loads(request.body)
        told = content["event_type"], content["order"]["medusa_order_id"]
        if told == ("order.shipped", external_id):
            keys.append(request.headers["idempotency-key"])
    history = hub.shop.orders[external_id]["history"]
    return [entry["event"] for entry in history].count("order.shipped"), set(keys)


@pytest.mark.parametrize(
    "moment, answered", [(0.1, False), (0.4, True), (0.9, False), (1.6, True), (2.5, False)]
)
def test_killed_while_everything_is_going_on(fragile, moment, answered):
    """Whatever was promised is kept, whatever was saved arrives.

    :param moment: seconds of traffic before the end; from one second on, some of it has been answered
    :param answered: the shop holds its answers back after it has done what it was asked, or before
    """
    hub = fragile
    pickings = imported_orders(hub, 2)
    hub.shop.fault(kind="delay", delay=0.4, path_prefix="/odoo", after_processing=answered)
    with Traffic(hub, pickings.values()) as traffic:
        time.sleep(moment)
        hub.wait(lambda: traffic.acknowledged() or moment < 1, 60)
        hub.server.kill()

    restart(hub)

    for external_id in traffic.acknowledged():
        hub.wait(lambda external_id=external_id: len(hub.orders_of(external_id)) == 1, 60)
    for order in traffic.orders:
        assert hub.send(order).status in (200, 202), "the shop repeats what it is not sure of"
    for order in traffic.orders:
        hub.wait(lambda order=order: hub.orders_of(order["id"]), 60)
    for external_id, picking_id in pickings.items():
        if hub.value("SELECT state FROM stock_picking WHERE id = %s", picking_id) != "done":
            hub.scenario.ship(picking_id, f"TRACK-{picking_id}")
        hub.wait(lambda external_id=external_id: shipments(hub, external_id)[0], 60)
    hub.wait(hub.is_idle, 60)
    for order in traffic.orders:
        assert len(hub.orders_of(order["id"])) == 1, "once"
        assert len(hub.events(order["id"])) == 1
    for external_id in pickings:
        assert len(shipments(hub, external_id)[1]) == 1, "always with the same key"
        assert len(hub.shop.orders[external_id]["shipments"]) == 1
    for sku in (CASE, POWER_BANK, CABLE):
        name, quantity = name_and_stock(hub, sku)
        assert hub.title(sku) == name
        assert hub.shop.stocked(sku) == quantity
    assert not hub.count("connector_hub_event", "state = 'dead'")
    assert not hub.count("connector_hub_delivery", "state = 'dead'")


def test_killed_after_the_shop_has_done_it_and_before_the_answer_was_kept(fragile):
    hub = fragile
    ((external_id, picking_id),) = imported_orders(hub, 1).items()
    hub.shop.fault(kind="delay", delay=15, path_prefix=STATUS_PATH, after_processing=True)
    hub.scenario.ship(picking_id, "TRACK-9")
    hub.wait(lambda: shipments(hub, external_id)[0] == 1)
    told = (
        "SELECT state, idempotency_key FROM connector_hub_delivery "
        "WHERE event_type = 'order.shipped' ORDER BY id DESC LIMIT 1"
    )
    hub.server.kill()
    ((state, key),) = hub.sql(told)
    assert state == "sending"

    hub.shop.clear_faults()
    hub.server.start()
    hub.run_lane()
    assert hub.sql(told) == [("sending", key)], "its lease protects it while it may be under way"
    hub.time_passes(LEASE_MINUTES)
    hub.run_lane()

    hub.wait(lambda: hub.sql(told) == [("done", key)])
    assert shipments(hub, external_id)[1] == {key}
    assert len(hub.shop.orders[external_id]["shipments"]) == 1


def test_killed_with_a_newer_change_waiting(fragile):
    """What was being sent gives way to what was saved since."""
    hub = fragile
    hub.shop.fault(kind="delay", delay=15, path_prefix="/odoo/products", after_processing=True)
    hub.rename(CASE, "On its way when the power went")
    hub.shop.wait_for(lambda shop: shop.sent("/odoo/products"), 30)
    hub.rename(CASE, "Saved before the power went")
    hub.server.kill()

    restart(hub)

    hub.wait(lambda: hub.title(CASE) == "Saved before the power went")
    hub.wait(hub.is_idle)
    hub.run_lane()
    assert hub.title(CASE) == "Saved before the power went"
