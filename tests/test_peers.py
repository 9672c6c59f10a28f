# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every partner server can do: keep a log, have faults, post webhooks, run as a process."""

import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.peers import sender
from tests.peers.caller import Caller, assert_seed_error
from tests.peers.medusa import MedusaServer

KEY = "shop-key"
PRODUCT = {
    "title": "iPhone 15 Pro Case",
    "price": 5000,
    "currency_code": "kwd",
    "weight": 50,
    "images": [{"url": "https://odoo.example/1", "position": 0, "is_thumbnail": True}],
    "metadata": {"color": "Black"},
    "inventory": {"quantity": 150, "manage_inventory": True},
}


@pytest.fixture
def shop():
    with MedusaServer(api_key=KEY) as server:
        yield server


@pytest.fixture
def call(shop):
    caller = Caller(shop.port, {"x-odoo-api-key": KEY})
    yield caller
    caller.connection.close()


# -- webhooks to Odoo --------------------------------------------------------------------------


@pytest.fixture
def odoo():
    """A receiver that fails as often as it is told."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.received.append((self.path, dict(self.headers.items()), body))
            failing = len(server.received) <= server.failures
            self.send_response(503 if failing else 200)
            self.end_headers()
            self.wfile.write(b'{"success": true}')

        def log_message(self, *_arguments):
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received, server.failures = [], 0
    server.url = f"http://127.0.0.1:{server.server_port}/api/medusa/webhooks"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_webhooks_are_signed_in_every_scheme(shop, odoo):
    order = shop.place_order([("A", 1, 5000)])
    for scheme in ("standard", "hmac", "bearer", "header"):
        result = shop.send_order(order["id"], odoo.url, secret="s3cret", scheme=scheme)
        assert result.ok and result.json() == {"success": True}
    headers = [
        {name.lower(): text for name, text in sent.items()} for _p, sent, _b in odoo.received
    ]
    body = odoo.received[0][2]
    assert json.loads(body)["event"] == "order.created"
    assert json.loads(body)["data"]["order"]["id"] == order["id"]
    signed = f"{headers[0]['webhook-id']}.{headers[0]['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"s3cret", signed, hashlib.sha256).digest()
    assert headers[0]["webhook-signature"] == "v1," + base64.b64encode(digest).decode()
    digest = hmac.new(b"s3cret", odoo.received[1][2], hashlib.sha256).hexdigest()
    assert headers[1]["x-medusa-signature"] == f"sha256={digest}"
    assert headers[2]["authorization"] == "Bearer s3cret"
    assert headers[3]["x-webhook-secret"] == "s3cret"
    assert sender.secret_key("whsec_" + base64.b64encode(b"raw").decode()) == b"raw"


def test_webhooks_are_repeated_only_when_asked(shop, odoo):
    odoo.failures = 3
    data = {"order_id": "order_1"}
    result = shop.send_webhook(odoo.url, "order.status_updated", data, secret="x")
    assert (result.status, result.attempts) == (503, 1)
    result = shop.send_webhook(
        odoo.url, "order.status_updated", data, secret="x", retry=True, retry_delays=(0.01,) * 3
    )
    assert (result.status, result.attempts) == (200, 3)
    ids = {sent["webhook-id"] for _path, sent, _body in odoo.received[1:]}
    assert len(ids) == 1
    result = shop.send_webhook("http://127.0.0.1:1/", "order.created", {}, secret="x")
    assert result.status == 0 and "refused" in result.error


# -- faults ------------------------------------------------------------------------------------

UPDATE = ("POST", "/odoo/inventory/update", {"sku": "A", "quantity": 9})


def test_status_fault_counts_and_obeys_its_path(shop, call):
    shop.add_product("A", stock=1)
    shop.fault("/odoo/inventory", "POST", skip=1, times=1, status=429, retry_after=3)
    assert call(*UPDATE)[0] == 200
    answer = call("POST", "/odoo/inventory/update", {"sku": "A", "quantity": 4})
    assert answer[0] == 429 and call.answer_headers["retry-after"] == "3"
    assert shop.stocked("A") == 9
    assert call("GET", "/odoo/inventory")[0] == 200
    assert call(*UPDATE)[0] == 200
    assert [request.status for request in shop.sent("/odoo/inventory/update")] == [200, 429, 200]
    assert shop.counts["POST /odoo/inventory/update"] == 2


@pytest.mark.parametrize("after_processing", [False, True])
@pytest.mark.parametrize("kind", ["status", "reset", "close_before_answer", "truncate", "bad_json"])
def test_broken_answers(shop, call, kind, after_processing):
    shop.add_product("A", stock=1)
    shop.fault(kind=kind, times=1, after_processing=after_processing)
    try:
        answer = call(*UPDATE)
    except (http.client.HTTPException, OSError, ValueError) as error:
        answer = type(error)
    expected = {
        "reset": ConnectionResetError,
        "close_before_answer": http.client.RemoteDisconnected,
        "truncate": http.client.IncompleteRead,
        "bad_json": json.JSONDecodeError,
    }
    if kind == "status":
        assert_seed_error(answer, 500, "SYNC_FAILED")
    else:
        assert answer is expected[kind]
    assert shop.stocked("A") == (9 if after_processing else 1)
    assert shop.requests[0].fault == kind
    call.connection.close()
    assert call(*UPDATE)[0] == 200


def test_html_delay_and_drip(shop, call):
    shop.add_product("A", stock=1)
    shop.fault(kind="html", times=1)
    status, page = call(*UPDATE)
    assert status == 200 and page.startswith(b"<!DOCTYPE") and shop.stocked("A") == 1
    shop.clear_faults()
    shop.fault(kind="delay", delay=0.15, times=1)
    started = time.monotonic()
    assert call(*UPDATE)[0] == 200
    assert time.monotonic() - started >= 0.15
    shop.clear_faults()
    for drip_headers in (False, True):
        shop.fault(kind="drip", delay=0.001, times=1, drip_headers=drip_headers)
        started = time.monotonic()
        assert call(*UPDATE)[0] == 200
        assert time.monotonic() - started >= 0.1


@pytest.mark.parametrize("anonymous", [False, True])
def test_one_bad_item(shop, call, anonymous):
    shop.add_product("A", stock=1)
    shop.add_product("B", stock=1)
    shop.fault(bulk_item_error={"A": "INVENTORY_ERROR"}, anonymous=anonymous)
    items = [{"sku": "A", "quantity": 5}, {"sku": "B", "quantity": 5}]
    _status, answer = call("POST", "/odoo/inventory/bulk-update", {"items": items})
    assert answer["success"] and answer["results"]["updated"] == 1
    assert answer["results"]["errors"][0].get("sku") == (None if anonymous else "A")
    assert (shop.stocked("A"), shop.stocked("B")) == (1, 5)
    assert_seed_error(call(*UPDATE), 500, "INVENTORY_ERROR")
    shop.clear_faults()
    assert call(*UPDATE)[0] == 200


def test_down_refuses_connections_and_up_is_the_same_port(shop, call):
    port = shop.port
    assert call("GET", "/odoo/orders")[0] == 200
    shop.down()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        call("GET", "/odoo/orders")
    for _attempt in range(3):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=1)
    shop.up()
    call.connection.close()
    assert call("GET", "/odoo/orders")[0] == 200 and shop.port == port


def test_a_taken_port_is_an_error(shop):
    with pytest.raises(OSError):
        MedusaServer(api_key=KEY, port=shop.port).start()


def test_chunked_and_expected_bodies(shop, call):
    shop.add_product("A", stock=1)
    chunks = iter([b'{"sku": "A", ', b'"quantity": 3}'])
    assert call("POST", "/odoo/inventory/update", body=chunks)[0] == 200
    assert shop.stocked("A") == 3


def test_many_requests_are_cheap(shop, call):
    products = [
        {**PRODUCT, "sku": f"S-{number}", "odoo_product_id": number} for number in range(1, 101)
    ]
    body = json.dumps({"products": products}).encode()
    # The shop's threads are this process's: other work on the machine does not count.
    started = time.process_time()
    for _turn in range(20):
        assert call("POST", "/odoo/products/bulk", body=body)[0] == 200
    for _turn in range(500):
        call("GET", "/odoo/orders?limit=1")
    assert time.process_time() - started < 5


# -- as a process ------------------------------------------------------------------------------


def test_process_and_its_controls(odoo):
    arguments = [sys.executable, "-m", "tests.peers.medusa", "--port", "0", "--api-key", KEY]
    root = Path(__file__).resolve().parents[1]
    process = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=root)
    try:
        word, url = process.stdout.readline().split()
        assert word == "READY"
        call = Caller(int(url.rpartition(":")[2]), {"x-odoo-api-key": KEY})
        webhook = {"url": odoo.url, "secret": "s", "scheme": "header"}
        assert call("POST", "/_control/webhook", webhook)[0] == 200
        product = {"sku": "A", "price": 5000, "stock": 4}
        assert call("POST", "/_control/add_product", product)[1]["sku"] == "A"
        placed = {"lines": [["A", 2]], "shipping_total": 1000, "send": True}
        _status, answer = call("POST", "/_control/place_order", placed)
        assert answer["webhook"]["status"] == 200
        assert json.loads(odoo.received[0][2])["data"]["order"]["total"] == 11000
        fault = {"kind": "status", "status": 503, "times": 1}
        assert call("POST", "/_control/fault", fault)[0] == 200
        assert call("GET", "/odoo/orders")[0] == 503
        assert call("GET", "/_control/state")[1]["orders"][answer["order"]["id"]]["total"] == 11000
        log = call("GET", "/_control/requests?since=0")[1]
        assert [(entry["path"], entry["status"]) for entry in log] == [("/odoo/orders", 503)]
        assert call("POST", "/_control/nothing", {})[0] == 404
        assert call("POST", "/_control/fault", {"kind": "nothing"})[0] == 400
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.stdout.close()
