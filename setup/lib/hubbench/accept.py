# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Webhooks stored and answered 202, beside a bare route that inserts one row and commits."""

import hashlib
import hmac
import json

from hubenv import OdooServer, SetupError

from .client import http_request, post_all
from .result import of_rounds
from .setting_values import WEBHOOK_SECRET

TARGET = 0.8
FLOOR_PATH = "/hub_bench/accept"
HUB_PATH = "/api/medusa/order-created"


def run(setting, options):
    database = setting.database("accept", extra=("hub_bench",))
    with setting.worker(database) as worker:
        # Every quarter of an hour: the webhook is stored, and left to the lane.
        worker.call("make_company")
        worker.call("make_backends", count=1, url="http://127.0.0.1:9", frequency="15")
    server = OdooServer(
        database,
        cluster=setting.cluster,
        workers=2,
        max_cron_threads=0,
        # Without a dbfilter Odoo needs no list of databases for each request, which would favour the slower of both.
        extra_conf={"addons_path": setting.addons_path, "dbfilter": ""},
    )
    with server:
        numbers = iter(range(10**9))
        post_both(server.port, numbers, options.requests // 4, options.threads)
        rounds = [
            post_both(server.port, numbers, options.requests, options.threads)
            for _round in range(options.rounds)
        ]
    yield of_rounds("accept", "webhooks accepted per second", rounds, TARGET, at_least=True)


def post_both(port, numbers, count, threads):
    """Post the same number of orders to the bare route and to the hub -> requests/s of both."""
    bodies = [order_body(next(numbers)) for _request in range(count)]
    rates = []
    for path in (FLOOR_PATH, HUB_PATH):
        requests = [http_request(path, body, sign(body)) for body in bodies]
        seconds, statuses = post_all(port, requests, threads)
        if statuses != {202: count}:
            raise SetupError(f"{path} answered {statuses} instead of 202 only")
        rates.append(count / seconds)
    return rates


def sign(body):
    digest = hmac.new(WEBHOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    return {"x-medusa-signature": f"sha256={digest}"}


def order_body(number, skus=("BENCH-0", "BENCH-1")):
    """An order as the seed has it (section 3.1), of two lines, with a customer of its own."""
    items = [
        {
            "id": f"li_{number}_{position}",
            "title": f"Product {sku}",
            "quantity": 2,
            "unit_price": 5000,
            "subtotal": 10000,
            "sku": sku,
            "variant_id": f"variant_{sku}",
            "product_id": f"prod_{sku}",
        }
        for position, sku in enumerate(skus)
    ]
    names = {"first_name": "Ahmed", "last_name": f"Al-Rashid {number}", "phone": "+96512345678"}
    order = {
        "id": f"order_{number:08d}",
        "display_id": 1001 + number,
        "status": "pending",
        "email": f"customer{number}@example.com",
        "currency_code": "kwd",
        "subtotal": 20000,
        "tax_total": 0,
        "shipping_total": 1000,
        "total": 21000,
        "created_at": "2026-02-28T10:30:00.000Z",
        "customer": {"id": f"cus_{number}", "email": f"customer{number}@example.com", **names},
        "shipping_address": {
            **names,
            "address_1": "Block 5, Street 10, House 25",
            "city": "Kuwait City",
            "country_code": "kw",
            "postal_code": "12345",
        },
        "items": items,
    }
    event = {
        "event": "order.created",
        "timestamp": "2026-02-28T10:30:00.000Z",
        "data": {"order": order},
    }
    return json.dumps(event).encode()
