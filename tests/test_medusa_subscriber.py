# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The subscriber that is copied into a stock Medusa v2, run by node: what it tells Odoo, and what when it cannot."""

import runpy
import time
from datetime import datetime, timezone
from urllib.parse import urlsplit

import pytest
from standardwebhooks.webhooks import Webhook

from hubenv import ROOT
from tests.scenario import CASE, WEBHOOK_SECRET
from tests.subscriber import Front, Subscriber, compile_subscriber

ODOO = "/connector_hub/medusa/"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    return compile_subscriber(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def front(admin):
    with Front(admin.server.url) as front:
        yield front


@pytest.fixture
def start(admin, front, compiled):
    """A function that starts the shop's process, with settings replaced, or left out when they are None."""

    def started(**settings):
        path = urlsplit(admin.scenario.backend("webhook_url")["webhook_url"]).path
        given = {
            "ODOO_WEBHOOK_URL": front.url + path,
            "ODOO_WEBHOOK_SECRET": WEBHOOK_SECRET,
            **settings,
        }
        return Subscriber(
            compiled, admin.shop, **{name: value for name, value in given.items() if value}
        )

    return started


@pytest.fixture
def subscriber(start):
    with start() as subscriber:
        yield subscriber


def ids(front):
    return [request.headers["webhook-id"] for request in front.sent(ODOO)]


def stored(admin, front):
    """(event type, external id) of what Odoo has stored of all that was posted."""
    return admin.sql(
        "SELECT event_type, external_id FROM connector_hub_event WHERE event_id = ANY(%s)",
        [f"sender:{webhook_id}" for webhook_id in ids(front)],
    )


def payment_status(admin, order):
    return admin.value(
        "SELECT connector_hub_payment_status FROM sale_order WHERE x_medusa_order_id = %s",
        order["id"],
    )


# -- what it tells -------------------------------------------------------------------------------


def test_placed_order_arrives(admin, front, subscriber):
    order = admin.shop.place_order([(CASE, 2)])
    assert subscriber.emit(("order.placed", {"id": order["id"]})) == []
    admin.wait(lambda: admin.order_of(order), 30)
    assert admin.order_of(order)["state"] == "sale"
    assert stored(admin, front) == [("order.placed", order["id"])]


def test_captured_payment_is_shown_with_its_order(admin, subscriber):
    """Medusa names the payment; the order that Odoo has to look at is found by the shop's query."""
    order = admin.shop.place_order([(CASE, 1)])
    admin.poll()
    admin.shop.capture(order["id"])
    assert subscriber.emit(("payment.captured", {"id": order["payment"]["payment_id"]})) == []
    admin.wait(lambda: payment_status(admin, order) == "Captured", 30)


def test_customer_arrives(admin, subscriber):
    customer = admin.shop.add_customer("sub@example.com", first_name="Sub")
    assert subscriber.emit(("customer.created", {"id": customer["id"]})) == []
    admin.wait(
        lambda: admin.scenario.call(
            "res.partner", "search", [("x_medusa_customer_id", "=", customer["id"])]
        ),
        30,
    )


def test_it_subscribes_to_what_odoo_understands(subscriber):
    config = subscriber.ask(config=True)
    known = runpy.run_path(str(ROOT / "connector_hub_medusa" / "const_admin.py"))
    assert sorted(config["event"]) == sorted([*known["ORDER_EVENTS"], *known["CUSTOMER_EVENTS"]])
    assert config["context"] == {"subscriberId": "connector-hub"}


def test_every_event_names_what_it_is_about(admin, front, subscriber):
    """The data are those of Medusa's workflows (@medusajs/core-flows 2.21.2); they all come at once."""
    customer = admin.shop.add_customer("every@example.com", first_name="Every")
    order = admin.shop.place_order([(CASE, 1)], customer=customer["id"])
    item = order["items"][0]
    reservation = admin.shop.reservation_of(item["id"])
    admin.shop.fulfill(order, [(item, 1, reservation)], admin.shop.main_location, None)
    fulfillment = {"id": order["fulfillments"][0]["id"], "no_notification": False}
    payment = {"id": order["payment"]["payment_id"]}
    of_order = {
        **dict.fromkeys(
            ("order.placed", "order.updated", "order.canceled", "order.completed"),
            {"id": order["id"]},
        ),
        **dict.fromkeys(
            ("order.fulfillment_created", "order.fulfillment_canceled"),
            {
                "order_id": order["id"],
                "fulfillment_id": fulfillment["id"],
                "no_notification": False,
            },
        ),
        "order-edit.confirmed": {
            "order_id": order["id"],
            "actions": [{"action": "ITEM_UPDATE", "details": {"quantity": 2}}],
            "no_notification": None,
        },
        **dict.fromkeys(
            ("order.return_requested", "order.return_received"),
            {"order_id": order["id"], "return_id": "return_1"},
        ),
        "order.exchange_created": {"order_id": order["id"], "exchange_id": "oexc_1"},
        "order.claim_created": {"order_id": order["id"], "claim_id": "claim_1"},
        "shipment.created": fulfillment,
        "delivery.created": fulfillment,
        "payment.captured": payment,
        "payment.refunded": payment,
    }
    of_customer = dict.fromkeys(("customer.created", "customer.updated"), {"id": customer["id"]})
    events = {**of_order, **of_customer}
    assert set(events) == set(subscriber.ask(config=True)["event"])

    assert subscriber.emit(*events.items()) == []
    assert {request.status for request in front.sent(ODOO)} <= {200, 202}
    assert sorted(stored(admin, front)) == sorted(
        [(name, order["id"]) for name in of_order]
        + [(name, customer["id"]) for name in of_customer]
    )
    admin.settle()
    assert admin.order_of(order)


def test_payment_without_an_order_is_not_told(front, subscriber):
    (entry,) = subscriber.emit(("payment.captured", {"id": "pay_of_something_else"}))
    assert entry[0] == "info"
    assert front.sent(ODOO) == []


# -- signature -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "secret",
    [WEBHOOK_SECRET, "سر من الكويت", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_/+8="],
    ids=["text", "arabic", "whsec", "padded"],
)
@pytest.mark.parametrize(
    "body", ['{"event": "order.placed"}', '{"name": "قهوة ☕"}'], ids=["ascii", "unicode"]
)
def test_signature_is_that_of_standard_webhooks(subscriber, secret, body):
    headers = subscriber.ask(sign=[body, secret, "msg_1", 1795334400])
    library = Webhook(secret if secret.startswith("whsec_") else secret.encode())
    moment = datetime.fromtimestamp(1795334400, tz=timezone.utc)
    assert headers == {
        "webhook-id": "msg_1",
        "webhook-timestamp": "1795334400",
        "webhook-signature": library.sign("msg_1", moment, body),
    }


# -- when it cannot ------------------------------------------------------------------------------


def test_wrong_secret_is_not_tried_again(admin, front, start):
    order = admin.shop.place_order([(CASE, 1)])
    with start(ODOO_WEBHOOK_SECRET="another") as subscriber:
        for _time in range(2):
            ((level, text),) = subscriber.emit(("order.placed", {"id": order["id"]}))
            assert level == "error"
            assert text.startswith("connector-hub: order.placed did not reach Odoo: 401")
    assert [request.status for request in front.sent(ODOO)] == [401, 401]
    assert stored(admin, front) == []


def test_redirect_is_not_followed(admin, front, subscriber):
    """A signed event is for nobody but the address that was entered."""
    front.moved_to = admin.server.url
    ((level, text),) = subscriber.emit(("order.updated", {"id": "order_1"}))
    assert level == "error"
    assert "308" in text
    assert len(ids(front)) == 1
    assert stored(admin, front) == []


def test_unreachable_odoo(admin, front, subscriber):
    """Two tries more, and the shop goes on; Odoo finds the order when it asks."""
    order = admin.shop.place_order([(CASE, 1)])
    front.down()
    begin = time.monotonic()
    ((level, text),) = subscriber.emit(("order.placed", {"id": order["id"]}))
    assert time.monotonic() - begin >= 6
    assert level == "error"
    assert "order.placed did not reach Odoo" in text
    assert "ECONNREFUSED" in text
    front.up()
    admin.poll()
    assert admin.order_of(order)["state"] == "sale"

    assert subscriber.emit(("order.updated", {"id": order["id"]})) == []
    assert stored(admin, front) == [("order.updated", order["id"])]


def test_busy_odoo_is_asked_three_times_for_the_same(admin, front, subscriber):
    front.fault(ODOO, status=503)
    ((level, text),) = subscriber.emit(("order.updated", {"id": "order_1"}))
    assert level == "error"
    assert "503" in text
    tries = front.sent(ODOO)
    assert len(tries) == 3
    assert len(set(ids(front))) == 1
    assert len({request.body for request in tries}) == 1
    assert len({request.headers["webhook-timestamp"] for request in tries}) == 3
    for request in tries:
        Webhook(WEBHOOK_SECRET.encode()).verify(request.body, request.headers)
    pauses = [after.time - before.time for before, after in zip(tries, tries[1:], strict=False)]
    assert pauses[0] > 0.5
    assert pauses[1] > 4
    assert stored(admin, front) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 503},
        {"status": 429},
        {"status": 503, "after_processing": True},
        {"kind": "reset", "after_processing": True},
    ],
    ids=["busy", "too_many", "answer_lost", "connection_lost"],
)
def test_second_try_makes_no_second_event(admin, front, subscriber, fault):
    order = admin.shop.place_order([(CASE, 1)])
    front.fault(ODOO, times=1, **fault)
    assert subscriber.emit(("order.placed", {"id": order["id"]})) == []
    assert len(front.sent(ODOO)) == 2
    assert stored(admin, front) == [("order.placed", order["id"])]
    admin.wait(lambda: admin.order_of(order), 30)


@pytest.mark.parametrize("name", ["ODOO_WEBHOOK_URL", "ODOO_WEBHOOK_SECRET"])
def test_without_settings_it_warns(front, start, name):
    with start(**{name: None}) as subscriber:
        ((level, text),) = subscriber.emit(("order.placed", {"id": "order_1"}))
    assert level == "warn"
    assert name in text
    assert front.sent(ODOO) == []


def test_failing_query_is_logged(admin, front, subscriber):
    admin.shop.fault("/admin/orders", status=500)
    ((level, text),) = subscriber.emit(("payment.captured", {"id": "pay_1"}))
    assert level == "error"
    assert "payment.captured did not reach Odoo" in text
    assert front.sent(ODOO) == []
