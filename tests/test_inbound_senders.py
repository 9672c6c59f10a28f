# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may send webhooks: secrets, schemes, addresses, methods, databases."""

import pytest

from hubenv import OdooServer, test_database
from tests.hub import Hub
from tests.peers import sender
from tests.peers.medusa import MedusaServer
from tests.refusals import Untouched, assert_refused
from tests.scenario import API_KEY, CASE, WEBHOOK_SECRET

WRONG = "not-the-secret-of-this-shop"
UNKNOWN_UUID = "11111111-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    "scheme, secret",
    [
        ("none", WRONG),
        ("hmac", WRONG),
        ("standard", WRONG),
        ("bearer", WRONG),
        ("header", WRONG),
        ("hmac", API_KEY),
    ],
)
def test_no_or_wrong_secret_is_401(hub, scheme, secret):
    order = hub.shop.place_order([(CASE, 1)])

    with Untouched(hub):
        answer = hub.send(order, scheme=scheme, secret=secret)

    assert_refused(answer, 401, "UNAUTHORIZED")


@pytest.mark.parametrize("path", ["/api/medusa/order-created", "/api/medusa/webhooks"])
@pytest.mark.parametrize("scheme", ["standard", "hmac", "bearer", "header"])
def test_right_secret_gets_in_by_each_scheme_of_the_contract(hub, scheme, path):
    order = hub.shop.place_order([(CASE, 1)])

    assert hub.send(order, scheme=scheme, path=path).status == 200


@pytest.mark.parametrize(
    "wrong, right",
    [
        ("hmac", "bearer"),
        ("hmac", "header"),
        ("standard", "hmac"),
        ("standard", "bearer"),
        ("bearer", "header"),
    ],
)
def test_wrong_signature_never_falls_through_to_a_weaker_scheme(hub, wrong, right):
    body = hub.order_body(hub.shop.place_order([(CASE, 1)]))
    headers = {**sender.sign(body, WEBHOOK_SECRET, right), **sender.sign(body, WRONG, wrong)}

    with Untouched(hub):
        answer = hub.post(body, "none", headers=headers)

    assert_refused(answer, 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "headers",
    [
        {"x-odoo-api-key": API_KEY},
        {"Authorization": f"Basic {WEBHOOK_SECRET}"},
        {"Authorization": WEBHOOK_SECRET},
        {"x-medusa-signature": "sha256="},
        {"x-medusa-signature": "sha256=ÿþ"},
        {"webhook-id": "msg_1", "webhook-timestamp": "soon", "webhook-signature": "v1,AAAA"},
        {"webhook-id": "msg_1"},
        {"Cookie": f"secret={WEBHOOK_SECRET}"},
    ],
)
def test_a_scheme_that_is_not_the_contracts_is_401(hub, headers):
    order = hub.shop.place_order([(CASE, 1)])

    with Untouched(hub):
        answer = hub.send(order, scheme="none", headers=headers)

    assert_refused(answer, 401, "UNAUTHORIZED")


def test_signature_of_another_body_or_of_long_ago_is_401(hub):
    body = hub.order_body(hub.shop.place_order([(CASE, 1)]))
    old = sender.sign(body, WEBHOOK_SECRET, "standard", timestamp=1_700_000_000)
    other = sender.sign(body + b" ", WEBHOOK_SECRET, "hmac")

    with Untouched(hub):
        assert_refused(hub.post(body, "none", headers=old), 401)
        assert_refused(hub.post(body, "none", headers=other), 401)


@pytest.mark.parametrize(
    "name", ["x-medusa-signature", "Authorization", "x-webhook-secret", "webhook-signature"]
)
def test_header_of_60_kb_is_401(hub, name):
    order = hub.shop.place_order([(CASE, 1)])

    with Untouched(hub):
        answer = hub.send(order, scheme="none", headers={name: "a" * 60_000})

    assert_refused(answer, 401, "UNAUTHORIZED")


def test_address_of_no_backend_or_of_a_draft_is_401(hub):
    draft_id = hub.scenario.call(
        "connector.hub.backend",
        "create",
        {
            "name": "Not ready",
            "code": "medusa",
            "base_url": hub.shop.url,
            "webhook_secret": WEBHOOK_SECRET,
        },
    )
    draft = hub.value("SELECT webhook_uuid FROM connector_hub_backend WHERE id = %s", draft_id)
    own = hub.value("SELECT webhook_uuid FROM connector_hub_backend WHERE id = %s", hub.backend_id)
    order = hub.shop.place_order([(CASE, 1)])
    paths = [
        f"/connector_hub/medusa/{UNKNOWN_UUID}",
        f"/connector_hub/medusa/{draft}",
        f"/connector_hub/nonsense/{own}",
        f"/connector_hub/medusa/{own}'--",
    ]

    with Untouched(hub):
        for path in paths:
            assert_refused(hub.send(order, path=path), 401, "UNAUTHORIZED")

    assert hub.send(order, path=f"/connector_hub/medusa/{own}").status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_wrong_method_is_405(hub, method):
    order = hub.shop.place_order([(CASE, 1)])

    with Untouched(hub):
        answer = hub.send(order, method=method)

    assert answer.status == 405
    assert b"Traceback" not in answer.body


def test_several_databases_on_one_server():
    """Without a dbfilter that picks one, the header X-Odoo-Database does; the other is not touched."""
    with test_database() as first, test_database() as second, MedusaServer(api_key=API_KEY) as shop:
        pattern = {"dbfilter": f"^({first}|{second})$", "db_name": f"{first},{second}"}
        with OdooServer(first, workers=0, max_cron_threads=0, extra_conf=pattern) as server:
            hub = Hub(server, shop)
            order = shop.place_order([(CASE, 1, 5000)])

            nowhere = hub.send(order)
            wrong = hub.send(order, headers={"X-Odoo-Database": second})
            right = hub.send(order, headers={"X-Odoo-Database": first})

            assert nowhere.status == 404
            assert_refused(wrong, 401, "UNAUTHORIZED")
            assert right.status in (200, 202)
            assert len(hub.events(order["id"])) == 1
            rows = server.cluster.psql("SELECT count(*) FROM connector_hub_event", second)
            assert rows == [["0"]]
            hub.close()
