# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What must not get in: requests that are not authentic, bodies that are no orders."""

import gzip
import json
import socket

import pytest

from hubenv import OdooServer, test_database
from tests.hub import Hub
from tests.peers import sender
from tests.peers.medusa import MedusaServer
from tests.scenario import API_KEY, CABLE, CASE, WEBHOOK_SECRET

MEBIBYTE = 1024 * 1024
WRONG = "not-the-secret-of-this-shop"
UNKNOWN_UUID = "11111111-2222-4333-8444-555555555555"

#: Tables that a refused request must leave as they are.
KEPT = ("connector_hub_event", "sale_order", "res_partner", "connector_hub_binding")


class Untouched:
    """Nothing is stored, nothing is half-made."""

    def __init__(self, hub):
        self.hub = hub

    def _counts(self):
        return {table: self.hub.count(table) for table in KEPT}

    def __enter__(self):
        self.before = self._counts()

    def __exit__(self, kind, *_rest):
        if kind is None:
            assert self._counts() == self.before


def assert_refused(answer, status, code=None):
    """The error format of the seed, and no more than that."""
    assert answer.status in (status if isinstance(status, tuple) else (status,)), answer
    content = answer.json()
    assert set(content) == {"success", "error"}
    assert content["success"] is False
    assert set(content["error"]) == {"code", "message", "details"}
    assert code in (None, content["error"]["code"])
    assert b"Traceback" not in answer.body
    return content["error"]


# -- who may send ------------------------------------------------------------------------------


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


# -- what may be sent --------------------------------------------------------------------------


def changed(**values):
    """A body maker: the sample order with other values."""
    return lambda hub, order: hub.order_body(order, **values)


def item(**values):
    """A body maker: the sample order whose only line has other values; None drops a key."""

    def make(hub, order):
        line = {**order["items"][0], **values}
        return hub.order_body(
            order, items=[{key: value for key, value in line.items() if value is not None}]
        )

    return make


def text(old, new):
    """A body maker: the sample order's JSON with a piece of text replaced."""

    def make(hub, order):
        body = hub.order_body(order)
        assert old in body
        return body.replace(old, new, 1)

    return make


def literal(content):
    return lambda hub, order: content


def without(*names):
    def make(hub, order):
        content = json.loads(hub.order_body(order))
        for name in names:
            del content["data"]["order"][name]
        return json.dumps(content).encode()

    return make


BAD_BODIES = {
    # no JSON
    "empty": (literal(b""), "JSON"),
    "no JSON": (literal(b"order=1"), "JSON"),
    "half a JSON": (lambda hub, order: hub.order_body(order)[:-40], "JSON"),
    "two JSON": (lambda hub, order: hub.order_body(order) * 2, "JSON"),
    "null": (literal(b"null"), "object"),
    "list": (lambda hub, order: b"[" + hub.order_body(order) + b"]", "object"),
    "number": (literal(b"17"), "object"),
    "NaN": (text(b'"quantity": 1', b'"quantity": NaN'), "NaN"),
    "Infinity": (text(b'"quantity": 1', b'"quantity": -Infinity'), "Infinity"),
    "nesting of 10,000": (
        lambda hub, order: text(
            b'"data": {', b'"deep": ' + b"[" * 10_000 + b"]" * 10_000 + b', "data": {'
        )(hub, order),
        "nested",
    ),
    "nested objects": (literal(b'{"a":' * 10_000 + b"1" + b"}" * 10_000), "nested"),
    "integer of 5,000 digits": (text(b'"quantity": 1', b'"quantity": ' + b"1" * 5_000), "digits"),
    "NUL in a text": (text(b'"title": "', b'"title": "\\u0000'), "NUL"),
    "NUL in an id": (text(b'"id": "order_', b'"id": "\\u0000order_'), "NUL"),
    "NUL in an unused key": (text(b'"data": {', b'"x\\u0000": 1, "data": {'), "NUL"),
    "raw NUL": (text(b'"title": "', b'"title": "\x00'), "JSON"),
    "not UTF-8": (text(b'"title": "', b'"title": "\xff\xfe'), "UTF-8"),
    "UTF-16": (lambda hub, order: hub.order_body(order).decode().encode("utf-16"), "UTF-8"),
    "gzip": (lambda hub, order: gzip.compress(hub.order_body(order)), "UTF-8"),
    # JSON, but no order
    "missing id": (without("id"), "order.id"),
    "empty id": (changed(id=""), "order.id"),
    "number as id": (changed(id=17), "order.id"),
    "id of 10,000 characters": (changed(id="o" * 10_000), "order.id"),
    "missing items": (without("items"), "items"),
    "no items": (changed(items=[]), "items"),
    "items no list": (changed(items={"sku": CASE}), "items"),
    "item no object": (changed(items=["SKU"]), "items"),
    "missing total": (without("total"), "total"),
    "missing currency": (without("currency_code"), "currency_code"),
    "currency of four letters": (changed(currency_code="KWDX"), "currency_code"),
    "list as currency": (changed(currency_code=["kwd"]), "currency_code"),
    "negative quantity": (item(quantity=-1), "quantity"),
    "quantity zero": (item(quantity=0), "quantity"),
    "missing quantity": (item(quantity=None), "quantity"),
    "text as quantity": (item(quantity="two"), "quantity"),
    "NaN as text": (item(quantity="NaN"), "quantity"),
    "true as quantity": (item(quantity=True), "quantity"),
    "list as quantity": (item(quantity=[1]), "quantity"),
    "quantity 1e400": (text(b'"quantity": 1', b'"quantity": 1e400'), "quantity"),
    "quantity 1e999999999999": (text(b'"quantity": 1', b'"quantity": 1e9999999999999999999'), ""),
    "quantity 10**300": (item(quantity=10**300), "quantity"),
    "price 1e400": (text(b'"unit_price": 5000', b'"unit_price": 1e400'), "unit_price"),
    "object as price": (item(unit_price={"amount": 5}), "unit_price"),
    "text as customer": (changed(customer="Ahmed"), "customer"),
    "list as address": (changed(shipping_address=["Kuwait"]), "shipping_address"),
    "date no date": (changed(created_at="yesterday"), "created_at"),
    "date in the year 20000": (changed(created_at="20000-01-01T00:00:00Z"), "created_at"),
    "data no object": (literal(b'{"event": "order.created", "data": [1]}'), "data"),
    "no data": (literal(b'{"event": "order.created"}'), "data"),
    "no event": (literal(b'{"data": {}}'), "event"),
    "list as event": (literal(b'{"event": ["order.created"], "data": {}}'), "event"),
    "event of 10,000 characters": (
        literal(b'{"event": "%s", "data": {}}' % (b"e" * 10_000)),
        "event",
    ),
}


@pytest.mark.parametrize("case", BAD_BODIES)
def test_bad_body_is_400_and_names_the_problem(hub, case):
    make, named = BAD_BODIES[case]
    order = hub.shop.place_order([(CASE, 1, 5000)])
    body = make(hub, order)

    with Untouched(hub):
        answer = hub.post(body)

    error = assert_refused(answer, 400, "VALIDATION_ERROR")
    assert named in error["message"]
    assert len(answer.body) < 5_000, "the answer does not repeat the body"


@pytest.mark.parametrize(
    "moment",
    ["9999-12-31T23:59:59.999-12:00", "0001-01-01T00:00:00+12:00", "1600-01-01T00:00:00Z"],
)
@pytest.mark.parametrize("where", ["timestamp", "created_at"])
def test_dates_at_the_edge_of_the_calendar_do_no_harm(hub, moment, where):
    """Refused, or taken as they are, but never a surprise."""
    order = hub.shop.place_order([(CASE, 1)])
    body = json.loads(hub.order_body(order))
    target = body if where == "timestamp" else body["data"]["order"]
    target[where] = moment

    answer = hub.post(json.dumps(body).encode())

    assert answer.status in (200, 202, 400), answer
    if answer.status == 400:
        assert_refused(answer, 400, "VALIDATION_ERROR")
    else:
        assert hub.events(order["id"])[0][1] in ("done", "dead")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/html",
        "application/xml",
    ],
)
def test_form_or_multipart_body_is_415(hub, content_type):
    order = hub.shop.place_order([(CASE, 1)])
    parts = b'--x\r\nContent-Disposition: form-data; name="order"\r\n\r\n1\r\n--x--\r\n'

    with Untouched(hub):
        for body in (hub.order_body(order), b"order=1", parts):
            answer = hub.post(body, headers={"Content-Type": content_type})
            error = assert_refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
            assert "JSON" in error["message"]


def test_body_of_10_mb_is_413(hub):
    body = hub.order_body(hub.shop.place_order([(CASE, 1)]), padding="x" * 10 * MEBIBYTE)

    with Untouched(hub):
        error = assert_refused(hub.post(body), 413, "PAYLOAD_TOO_LARGE")

    assert "bytes" in error["message"]


def in_chunks(body):
    """Sent piece by piece, without saying beforehand how much it is."""
    return (body[start : start + 8192] for start in range(0, len(body), 8192))


def test_body_in_chunks_is_taken_up_to_the_same_limit(hub):
    order = hub.shop.place_order([(CASE, 1)])
    body = hub.order_body(order)
    large = hub.order_body(order, padding="x" * 3 * MEBIBYTE)

    def post(content):
        headers = sender.sign(content, WEBHOOK_SECRET, "hmac")
        return hub.post(in_chunks(content), "none", headers=headers)

    with Untouched(hub):
        assert_refused(post(large), 413, "PAYLOAD_TOO_LARGE")
    assert post(body).status == 200


def test_body_that_ends_too_early_is_400(hub):
    """The sender announces more than it sends, and closes its side."""
    body = hub.order_body(hub.shop.place_order([(CASE, 1)]))
    signature = sender.sign(body, WEBHOOK_SECRET, "hmac")["x-medusa-signature"]
    head = (
        f"POST /api/medusa/webhooks HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"x-medusa-signature: {signature}\r\nContent-Length: {len(body) + 10}\r\n\r\n"
    )

    with (
        Untouched(hub),
        socket.create_connection(("127.0.0.1", hub.server.port), timeout=30) as connection,
    ):
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()

    assert b" 400 " in answer.splitlines()[0]
    assert b"not complete" in answer


def test_strange_but_valid_text_is_kept_to_the_letter(hub):
    name = "منزل 🏡 \u202eesuoh\u202c e\u0301 " + "𝕳" * 20
    order = hub.shop.place_order(
        [(CABLE, 1)], shipping_address={"address_1": name, "city": "مدينة الكويت"}
    )

    unused = text(b'"data": {', b'"unused": [1e300, 1e400, "\\ud800"], "data": {')
    answer = hub.post(unused(hub, order))

    assert answer.status == 200, answer.body
    partner_id = hub.value(
        "SELECT partner_shipping_id FROM sale_order WHERE id = %s", answer.json()["odoo_order_id"]
    )
    street, city = hub.sql("SELECT street, city FROM res_partner WHERE id = %s", partner_id)[0]
    assert (street, city) == (name, "مدينة الكويت")


def test_half_an_emoji_is_no_reason_to_lose_an_order(hub):
    """PostgreSQL takes no lone surrogate: in a text it is replaced, a SKU with one is unknown."""
    order = hub.shop.place_order([(CABLE, 1)])
    answer = hub.post(text(b'"title": "', b'"title": "\\ud83d')(hub, order))
    assert (answer.status, len(hub.orders_of(order["id"]))) == (200, 1)

    other = hub.shop.place_order([(CABLE, 1)])
    answer = hub.post(text(b'"sku": "', b'"sku": "\\ud83d')(hub, other))
    assert (answer.status, answer.json()["reason"]) == (202, "unknown_sku")
    assert hub.orders_of(other["id"]) == []


def test_a_key_given_twice_counts_once(hub):
    """Most JSON libraries take the last one; what is read is what is stored and imported."""
    order = hub.shop.place_order([(CASE, 1)])
    body = text(b'"id": "order_', b'"id": "ignored", "id": "order_')(hub, order)

    assert hub.post(body).status == 200

    assert len(hub.orders_of(order["id"])) == 1
    assert hub.events("ignored") == []


def test_an_event_of_no_use_is_answered_200_and_does_nothing(hub):
    body = json.dumps({"event": "cart.updated", "data": {}}).encode()

    answer = hub.post(body)

    assert answer.status == 200
    assert answer.json()["status"] == "ignored"


# -- several databases -------------------------------------------------------------------------


def test_several_databases_on_one_server(tmp_path):
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
