# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Many at once: the same order, the same customer, the same product; commits and claims in any order."""

import contextlib
import random
import threading
import time

import pytest

from hubenv import OdooClient
from tests.hub import at_once
from tests.scenario import CABLE, CASE, POWER_BANK

USERS = 50
SCHEMES = ("standard", "hmac", "bearer", "header")


# -- orders ------------------------------------------------------------------------------------


def test_same_order_ten_times_eight_at_once_is_one_sale_order(hub):
    """Every answer names the same event, and the order as soon as there is one."""
    for number in range(3):
        order = hub.shop.place_order([(CASE, 1), (CABLE, 2)])
        external_id = order["id"]

        def send(position, order=order):
            return hub.send(order, scheme=SCHEMES[position % 4])

        answers = at_once([lambda position=position: send(position) for position in range(8)])
        (order_id,) = hub.wait(lambda external_id=external_id: hub.orders_of(external_id))
        answers += [send(8), send(9)]

        assert {answer.status for answer in answers} <= {200, 202}
        contents = [answer.json() for answer in answers]
        assert {content["event_id"] for content in contents} == {f"order.created:{external_id}"}
        named = {content["odoo_order_id"] for content in contents if "odoo_order_id" in content}
        assert named == {order_id}
        assert all("odoo_order_id" in content for content in contents[8:])
        assert all(answer.status == 200 for answer in answers[8:])
        assert len(hub.events(external_id)) == 1, f"round {number}"


def test_different_orders_of_a_new_customer_at_once_make_one_partner(hub):
    email = f"new-{time.time_ns()}@customer.example"
    written = [email, email.upper(), email.title(), f" {email}"]
    orders = [
        hub.shop.place_order([(CABLE, 1)], customer={"email": written[number % 4]})
        for number in range(8)
    ]

    answers = at_once([lambda order=order: hub.send(order) for order in orders])

    assert {answer.status for answer in answers} <= {200, 202}
    hub.wait(lambda: all(hub.orders_of(order["id"]) for order in orders), 60)
    assert all(len(hub.orders_of(order["id"])) == 1 for order in orders)
    partners = hub.sql(
        "SELECT DISTINCT partner_id FROM sale_order WHERE x_medusa_order_id = ANY(%s)",
        [order["id"] for order in orders],
    )
    assert len(partners) == 1
    assert hub.count("res_partner", "lower(trim(email)) = %s AND parent_id IS NULL", email) == 1


@contextlib.contextmanager
def stock_counted_all_the_time(hub, skus):
    """Somebody writes the stock of some products at shorter intervals than it takes to import an order."""
    stop = threading.Event()

    def count():
        with contextlib.closing(hub.connect()) as connection, connection.cursor() as cursor:
            while not stop.wait(0.02):
                cursor.execute(
                    "UPDATE stock_quant SET write_date = now() AT TIME ZONE 'UTC' "
                    "WHERE product_id = ANY(%s) AND location_id = %s",
                    [
                        [hub.scenario.product_ids[sku] for sku in skus],
                        hub.scenario.stock_location_id,
                    ],
                )
                connection.commit()

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_orders_come_in_while_their_stock_is_counted_all_the_time(hub):
    orders = [hub.shop.place_order([(CASE, 1), (CABLE, 1)]) for _number in range(8)]

    with stock_counted_all_the_time(hub, (CASE, CABLE)):
        answers = at_once([lambda order=order: hub.send(order) for order in orders])
        hub.wait(lambda: all(hub.orders_of(order["id"]) for order in orders), 30)

    assert {answer.status for answer in answers} <= {200, 202}
    assert all(len(hub.orders_of(order["id"])) == 1 for order in orders)
    assert hub.backend()["cooldown_count"] == 0


def test_orders_and_their_stock_at_once(hub):
    """Many orders for one product reserve exactly what was ordered."""
    before = reserved(hub, POWER_BANK)
    orders = [hub.shop.place_order([(POWER_BANK, 1)]) for _number in range(12)]

    answers = at_once([lambda order=order: hub.send(order) for order in orders])

    assert {answer.status for answer in answers} <= {200, 202}
    hub.wait(lambda: all(hub.orders_of(order["id"]) for order in orders), 60)
    assert reserved(hub, POWER_BANK) == before + 12


def reserved(hub, sku):
    return hub.value(
        "SELECT sum(reserved_quantity) FROM stock_quant WHERE product_id = %s AND location_id = %s",
        hub.scenario.product_ids[sku],
        hub.scenario.stock_location_id,
    )


# -- users -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def users(installation):
    """Sessions of several users, so many for each of them as people have tabs."""
    scenario = installation.scenario
    group_ids = [
        scenario.odoo.search_read(
            "ir.model.data", [("module", "=", module), ("name", "=", name)], ["res_id"]
        )[0]["res_id"]
        for module, name in (("base", "group_user"), ("product", "group_product_manager"))
    ]
    for number in range(5):
        login = f"seller{number}"
        values = {"name": login, "login": login, "password": f"{login}-Passw0rd!"}
        values["group_ids"] = [(6, 0, group_ids)]
        scenario.call("res.users", "create", values)
    return [
        OdooClient(
            installation.server.url,
            installation.database,
            login=f"seller{number}",
            password=f"seller{number}-Passw0rd!",
        )
        for number in range(5)
    ]


def test_two_users_save_a_product_while_the_lane_sends_it(hub, users):
    with hub.shop_busy("/odoo/products"):
        hub.rename(CASE, "Being sent")
        hub.shop.wait_for(lambda shop: shop.sent("/odoo/products"), 30)

        seconds = at_once(
            [
                lambda: hub.rename(CASE, "By the first", users[0]),
                lambda: hub.rename(CASE, "By the second", users[1]),
            ]
        )

        assert max(seconds) < 10, "nobody waits for the shop"
        assert hub.title(CASE) != "Being sent", "all that before the shop has answered"
    committed = hub.scenario.odoo.call(
        "product.product", "read", [[hub.scenario.product_ids[CASE]], ["name"]]
    )[0]["name"]
    assert committed.startswith("By the")
    hub.wait(lambda: hub.title(CASE) == committed)


def test_fifty_users_at_once_on_the_same_and_on_different_products(hub, users):
    """Nobody fails, nobody waits for the shop, and the shop ends with what was committed last."""
    hub.shop.fault(kind="delay", delay=0.3, path_prefix="/odoo")
    skus = [CASE, POWER_BANK, CABLE]
    ids = [hub.scenario.product_ids[sku] for sku in skus]
    failed = []

    def save(number):
        client = users[number % len(users)]
        for turn in range(3):
            values = {"name": f"User {number}, turn {turn}", "list_price": 1 + number / 10}
            target = ids[0] if turn == 0 else random.Random(number * 7 + turn).choice(ids)
            try:
                client.call("product.product", "write", [[target], values])
            except Exception as error:
                failed.append(error)

    at_once([lambda number=number: save(number) for number in range(USERS)])

    assert failed == []
    for sku in skus:
        name, price = hub.sql(
            "SELECT t.name ->> 'en_US', t.list_price FROM product_product p "
            "JOIN product_template t ON t.id = p.product_tmpl_id WHERE p.id = %s",
            hub.scenario.product_ids[sku],
        )[0]
        hub.wait(lambda sku=sku, name=name: hub.title(sku) == name, 75)
        assert hub.shop.products[sku]["price"] == round(float(price) * 1000)
    hub.wait(hub.is_idle, 75)
    assert not hub.count("connector_hub_delivery", "state = 'dead'")


# -- commit and claim --------------------------------------------------------------------------


@contextlib.contextmanager
def unfinished_save(hub, sku, name):
    """A save whose transaction has noted the change and is not committed yet; committed at the end.

    What Odoo's save does in one go, a step at a time: the row, the note, and on commit the call of the workers.
    """
    with contextlib.closing(hub.connect()) as connection:
        cursor = connection.cursor()
        cursor.execute(
            "UPDATE product_template SET name = jsonb_build_object('en_US', %s::text) WHERE id = ("
            " SELECT product_tmpl_id FROM product_product WHERE id = %s) RETURNING id",
            [name, hub.scenario.product_ids[sku]],
        )
        (template_id,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO connector_hub_change (backend_id, model, res_ids) "
            "VALUES (%s, 'product.template', %s::jsonb)",
            [hub.backend_id, f"[{template_id}]"],
        )
        yield
        connection.commit()


def test_change_committed_after_the_lane_has_looked_is_sent(hub):
    """Its note has a lower id than those that were folded before: no high-water mark may pass over it."""
    with unfinished_save(hub, CASE, "Committed late"):
        hub.rename(CABLE, "Committed early")
        hub.wait(lambda: hub.title(CABLE) == "Committed early")
        hub.run_lane()
        assert hub.title(CASE) != "Committed late"
    hub.run_lane()

    hub.wait(lambda: hub.title(CASE) == "Committed late")


def test_change_committed_while_its_product_is_being_sent_is_sent(hub):
    """The claim is older than the commit, and what was read is out of date."""
    with hub.shop_busy("/odoo/products"):
        hub.rename(CASE, "Read by the lane")
        hub.shop.wait_for(lambda shop: shop.sent("/odoo/products"), 30)
        with unfinished_save(hub, CASE, "Committed meanwhile"):
            assert hub.deliveries(CASE)[-1][0] == "sending"
    hub.run_lane()

    hub.wait(lambda: hub.title(CASE) == "Committed meanwhile")


def test_what_users_save_in_one_second_is_sent_at_once(hub, users):
    """The saves of a second share a call of the lane; the last of them is not left to the next minute."""
    with hub.without_the_minute():
        for number in range(6):
            time.sleep(0.13 * number)
            for user in users[:2]:
                hub.rename(CABLE, f"Early {number}", user)
                hub.rename(CASE, f"Late {number}", user)
            hub.wait(lambda number=number: hub.title(CASE) == f"Late {number}", 30)
            hub.wait(lambda number=number: hub.title(CABLE) == f"Early {number}", 30)


def test_a_note_hinders_nobody(hub, users):
    """An unfinished save of one product keeps no user from saving another, nor the lane from folding."""
    with unfinished_save(hub, CASE, "Unfinished"):
        # Whoever is hindered waits until the save is finished: until after this.
        hub.rename(CABLE, "Not hindered", users[0])
        hub.scenario.set_stock(CABLE, 44)
        hub.wait(lambda: hub.title(CABLE) == "Not hindered" and hub.shop.stocked(CABLE) == 44)
