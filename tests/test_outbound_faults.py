# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shop that is down, slow, refusing or talking nonsense: users notice nothing, nothing is lost."""

import time
from email.utils import formatdate

import pytest

from tests.peers.medusa import MedusaServer
from tests.scenario import API_KEY, CABLE, CASE, POWER_BANK

#: Seconds a user's save may take on a busy machine; a shop that hangs would make it 20 and more.
PATIENCE = 10.0


def wait_for_rest(hub, count, minutes):
    """The backend rests for so many minutes, after its so-manieth failure in a row."""
    hub.wait(lambda: hub.backend()["cooldown_count"] == count)
    assert minutes - 0.6 < hub.rest_minutes() <= minutes + 0.1


def assert_unharmed(hub, sku):
    """Waiting for its turn; a failure of the shop as a whole is not the message's."""
    assert hub.deliveries(sku)[-1] == ("pending", 0, None)


def describe(hub, text, *skus):
    """A user changes several products in one save."""
    ids = [hub.scenario.product_ids[sku] for sku in skus]
    hub.scenario.call("product.product", "write", ids, {"description_sale": text})


def description(hub, sku):
    return hub.shop.products[sku].get("description")


# -- the shop as a whole -----------------------------------------------------------------------


def test_shop_down_for_hours(hub):
    """Rests of 1, 5, 15 and then 60 minutes; users and customers go on; then all of it arrives."""
    hub.shop.down()
    earlier = hub.shop.place_order([(CASE, 1)])
    hub.import_order(earlier)
    for count, minutes in enumerate((1, 5, 15, 60, 60), start=1):
        assert hub.rename(CASE, f"Case {count}") < PATIENCE
        wait_for_rest(hub, count, minutes)
        hub.wait(lambda: hub.deliveries(CASE)[-1][0] == "pending")
        assert_unharmed(hub, CASE)
        if count < 5:
            hub.time_passes(minutes)
    order = hub.shop.place_order([(CABLE, 1)])
    with hub.lane_held():
        assert hub.send(order).status == 200, "orders come in all the same"
    assert hub.activities() == [], "a person can do nothing about it"

    hub.shop.up()
    hub.time_passes(60)

    hub.wait(lambda: hub.title(CASE) == "Case 5")
    hub.wait(lambda: hub.backend()["cooldown_count"] == 0)
    assert hub.backend()["last_error"] is None
    for shop_order in (earlier, order):
        history = hub.shop.orders[shop_order["id"]]["history"]
        hub.wait(lambda history=history: "order.confirmed" in [e["event"] for e in history])


@pytest.fixture
def quick_shop(hub):
    """A second backend, whose shop answers at once; gone afterwards."""
    with MedusaServer(api_key=API_KEY) as shop:
        backend_id = hub.scenario.add_backend("Quick shop", shop.url, secret="another-secret-1")
        yield shop
        hub.scenario.call("connector.hub.backend", "action_pause", [backend_id])
        hub.scenario.call("connector.hub.backend", "write", [backend_id], {"active": False})


def test_slow_shop_makes_nobody_wait(hub, quick_shop):
    """A shop that drips its answer is cut off by the wall clock, not by a pause between two bytes."""
    hub.shop.fault(kind="drip", delay=1.0, drip_headers=True, path_prefix="/odoo")
    started = time.monotonic()
    hub.rename(CASE, "Slow 0")
    hub.shop.wait_for(lambda shop: shop.sent("/odoo/products"), 30)

    saves = [hub.rename(CASE, f"Slow {number}") for number in range(1, 6)]
    hub.scenario.set_stock(CASE, 33)

    assert max(saves) < PATIENCE
    hub.wait(lambda: quick_shop.products.get(CASE, {}).get("title") == "Slow 5", 18)
    hub.wait(lambda: quick_shop.stocked(CASE) == 33, 18)
    assert hub.backend()["cooldown_count"] == 0, "all that while the shop still drips"
    assert locks_on_our_tables(hub) == [], "nothing is locked while somebody else's server thinks"
    wait_for_rest(hub, 1, 1)
    # Till the last of its bytes it would have dripped for minutes.
    assert 18 < time.monotonic() - started < 60
    assert_unharmed(hub, CASE)

    hub.shop.clear_faults()
    hub.time_passes(1)

    hub.wait(lambda: hub.title(CASE) == "Slow 5" and hub.shop.stocked(CASE) == 33)


def locks_on_our_tables(hub):
    """Tables of the hub, or of products, that a transaction of Odoo's has touched and not ended."""
    for _look in range(50):
        found = hub.sql(
            "SELECT DISTINCT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation "
            "JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() "
            "WHERE l.pid <> pg_backend_pid() "
            "AND (c.relname LIKE 'connector_hub%%' OR c.relname LIKE 'product%%')"
        )
        if not found:
            return []
        time.sleep(0.1)  # somebody's page, perhaps
    return found


@pytest.mark.parametrize("as_date", [False, True])
def test_throttling_shop_is_left_alone_as_long_as_it_asks(hub, as_date):
    retry_after = formatdate(time.time() + 600, usegmt=True) if as_date else 600
    hub.shop.fault(path_prefix="/odoo", status=429, retry_after=retry_after, times=1)
    hub.rename(CASE, f"Throttled {as_date}")

    wait_for_rest(hub, 1, 10)
    assert_unharmed(hub, CASE)
    hub.rename(CABLE, "Not yet")
    hub.run_lane()
    assert len(hub.shop.requests) == 1, "not asked again before its time"
    hub.time_passes(10)

    hub.wait(
        lambda: hub.title(CASE) == f"Throttled {as_date}" and hub.title(CABLE) == "Not yet", 30
    )


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 503},
        {"status": 408},
        {"kind": "reset"},
        {"kind": "close_before_answer"},
        {"kind": "truncate", "after_processing": True},
        {"kind": "bad_json"},
        {"kind": "html"},
        {"kind": "html", "status": 502},
    ],
    ids=str,
)
def test_broken_shop_is_given_a_rest_and_nothing_is_lost(hub, fault):
    hub.shop.fault(path_prefix="/odoo", **fault)
    name = f"Broken {sorted(fault.values(), key=str)}"
    assert hub.rename(CASE, name) < PATIENCE

    wait_for_rest(hub, 1, 1)
    assert_unharmed(hub, CASE)
    assert hub.backend()["state"] == "active"
    hub.shop.clear_faults()
    hub.time_passes(1)

    hub.wait(lambda: hub.title(CASE) == name)
    hub.wait(lambda: hub.backend()["cooldown_count"] == 0)


def test_refused_key_pauses_the_backend_until_a_person_has_mended_it(hub):
    hub.shop.api_key = "a-new-key-of-the-shop-123"
    try:
        hub.rename(CASE, "Behind a closed door")

        hub.wait(lambda: hub.backend()["state"] == "paused")
        assert_unharmed(hub, CASE)
        assert len(hub.activities()) == 1
        assert "401" in hub.backend()["last_error"]
        hub.run_lane()  # the pass that paused it has ended
        asked = len(hub.shop.requests)
        hub.rename(CABLE, "Noted meanwhile")
        order = hub.shop.place_order([(CASE, 1)])
        answer = hub.send(order)
        assert (answer.status, answer.json()["status"]) == (202, "pending")
        hub.run_lane()
        assert len(hub.shop.requests) == asked, "a paused backend sends nothing"

        backends = "connector.hub.backend"
        hub.scenario.call(backends, "write", [hub.backend_id], {"api_key": hub.shop.api_key})
        hub.scenario.call(backends, "action_activate", [hub.backend_id])

        hub.wait(lambda: hub.title(CASE) == "Behind a closed door")
        hub.wait(lambda: hub.title(CABLE) == "Noted meanwhile")
        hub.wait(lambda: hub.orders_of(order["id"]))
        hub.wait(lambda: not hub.activities())
    finally:
        hub.shop.api_key = API_KEY
        hub.scenario.call("connector.hub.backend", "write", [hub.backend_id], {"api_key": API_KEY})


STATUS_PATH = "/odoo/webhooks/order-status"


def ship_an_order(hub):
    """An order comes in and its goods go out -> the shop's order."""
    order = hub.shop.place_order([(CASE, 1)])
    sale_order_id = hub.import_order(order)
    hub.settle()
    hub.shop.clear_log()
    picking_id = hub.value("SELECT id FROM stock_picking WHERE sale_id = %s", sale_order_id)
    return order, lambda: hub.scenario.ship(picking_id, "TRACK-1")


def shipments_told(hub, order):
    history = hub.shop.orders[order["id"]]["history"]
    return [entry["event"] for entry in history].count("order.shipped")


def keys_sent(hub):
    """Idempotency keys of all the attempts to tell of a shipment."""
    posts = [
        post for post in hub.shop.sent(STATUS_PATH) if post.json["event_type"] == "order.shipped"
    ]
    return [post.headers.get("idempotency-key") for post in posts]


def test_fact_is_repeated_with_its_key_until_it_has_arrived(hub):
    order, ship = ship_an_order(hub)
    hub.shop.fault(kind="reset", path_prefix=STATUS_PATH, times=2)
    ship()

    for count, minutes in enumerate((1, 5), start=1):
        wait_for_rest(hub, count, minutes)
        assert shipments_told(hub, order) == 0
        hub.time_passes(minutes)

    hub.wait(lambda: shipments_told(hub, order))
    hub.wait(hub.is_idle)
    assert shipments_told(hub, order) == 1
    assert len(keys_sent(hub)) == 3
    assert keys_sent(hub)[0] and len(set(keys_sent(hub))) == 1


def test_fact_whose_answer_was_lost_is_known_by_its_key_or_looked_up(hub):
    """The shop has it, and nobody told us so: it is never told under another key, and not lost."""
    order, ship = ship_an_order(hub)
    hub.shop.fault(
        kind="close_before_answer", after_processing=True, path_prefix=STATUS_PATH, times=1
    )
    ship()
    wait_for_rest(hub, 1, 1)
    hub.time_passes(1)

    hub.wait(hub.is_idle)
    states = hub.sql(
        "SELECT state FROM connector_hub_delivery WHERE event_type = 'order.shipped' ORDER BY id DESC LIMIT 1"
    )
    assert states == [("done",)]
    assert len(set(keys_sent(hub))) == 1
    assert shipments_told(hub, order) >= 1
    assert len(hub.shop.orders[order["id"]]["shipments"]) == 1


# -- one item of many --------------------------------------------------------------------------


@pytest.mark.parametrize("anonymous", [False, True])
def test_bad_item_of_a_bulk_is_retried_and_then_dead(hub, anonymous):
    """1, 5, 15 minutes, then dead with its reason, and one activity for all there is to do."""
    errors = {CASE: "SYNC_FAILED"}
    hub.shop.fault(path_prefix="/odoo/products", bulk_item_error=errors, anonymous=anonymous)
    text = f"Bulk {anonymous}"
    describe(hub, text, CASE, POWER_BANK, CABLE)

    hub.wait(lambda: description(hub, CABLE) == text and description(hub, POWER_BANK) == text)
    assert hub.shop.sent("/odoo/products/bulk"), "they were sent together"
    for attempt, minutes in enumerate((1, 5, 15), start=1):
        hub.wait(lambda attempt=attempt: hub.deliveries(CASE)[-1][:2] == ("pending", attempt))
        assert minutes - 0.6 < minutes_to_retry(hub, CASE) <= minutes + 0.1
        assert hub.activities() == []
        assert hub.rest_minutes() is None, "the others are not held up"
        hub.time_passes(minutes)

    hub.wait(lambda: hub.deliveries(CASE)[-1][::2] == ("dead", "retries_exhausted"))
    assert len(hub.wait(hub.activities)) == 1
    errors[CABLE] = "VALIDATION_ERROR"
    describe(hub, f"{text} again", CABLE, POWER_BANK)
    hub.wait(lambda: hub.deliveries(CABLE)[-1][::2] == ("dead", "rejected_by_partner"))
    hub.wait(lambda: description(hub, POWER_BANK) == f"{text} again")
    assert len(hub.activities()) == 1

    hub.shop.clear_faults()
    requeue_dead(hub)

    hub.wait(lambda: description(hub, CASE) == text)
    hub.wait(lambda: description(hub, CABLE) == f"{text} again")
    hub.wait(lambda: not hub.activities())


def minutes_to_retry(hub, sku):
    return hub.value(
        "SELECT extract(epoch FROM next_attempt_at - now() AT TIME ZONE 'UTC') / 60 "
        "FROM connector_hub_delivery WHERE state = 'pending' AND entity = 'product' AND res_id = %s",
        hub.scenario.product_ids[sku],
    )


def requeue_dead(hub):
    ids = [row[0] for row in hub.sql("SELECT id FROM connector_hub_delivery WHERE state = 'dead'")]
    hub.scenario.call("connector.hub.delivery", "action_requeue", ids)


def test_content_the_shop_stumbles_over_does_not_stop_the_rest(hub):
    """The shop answers 500 to some content, yet lives: the messages are retried, not the backend."""
    hub.shop.fault(path_prefix="/odoo/products", status=500)
    describe(hub, "Stumbling block", CASE, CABLE)

    for sku in (CASE, CABLE):
        hub.wait(lambda sku=sku: hub.deliveries(sku)[-1][:2] == ("pending", 1))
    hub.scenario.set_stock(POWER_BANK, 61)
    hub.wait(lambda: hub.shop.stocked(POWER_BANK) == 61)
    assert hub.backend()["cooldown_count"] == 0
    hub.shop.clear_faults()
    hub.time_passes(1)

    for sku in (CASE, CABLE):
        hub.wait(lambda sku=sku: description(hub, sku) == "Stumbling block")


def test_bulk_that_is_refused_as_a_whole_is_sent_singly(hub):
    hub.shop.fault(path_prefix="/odoo/products/bulk", status=400)
    describe(hub, "One by one", CASE, CABLE, POWER_BANK)

    for sku in (CASE, CABLE, POWER_BANK):
        hub.wait(lambda sku=sku: description(hub, sku) == "One by one")
    assert len(hub.shop.sent("/odoo/products/bulk")) == 1
