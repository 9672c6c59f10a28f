# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What must not get in: bodies that are no orders, and what is strange but right."""

import gzip
import json
import socket

import pytest

from tests.peers import sender
from tests.refusals import Untouched, assert_refused
from tests.scenario import CABLE, CASE, WEBHOOK_SECRET

MEBIBYTE = 1024 * 1024


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
