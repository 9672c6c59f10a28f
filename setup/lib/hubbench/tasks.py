# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the bench runs inside Odoo. Every function is called by name, with JSON arguments, and answers JSON."""

import itertools
import json
import logging
import threading
import time
from contextlib import contextmanager

import requests

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config

from .setting_values import API_KEY, WEBHOOK_SECRET

_logger = logging.getLogger(__name__)

ADMIN = 2
CREATE_BATCH = 1000
#: As many as the hub puts into one request to the shop.
READ_BATCH = 200
POST_BATCH = 500
#: What the shop is told of a product (Medusa's default mappings), by the names of Odoo's own fields.
PRODUCT_FIELDS = (
    "id", "default_code", "name", "description_sale", "lst_price", "standard_price", "currency_id", "weight",
    "barcode", "categ_id", "is_storable", "qty_available",
)  # fmt: skip
_database = None
_serial = itertools.count(1)


def connect(database, conf):
    global _database
    config.parse_config(["-c", conf, "-d", database])
    _database = threading.current_thread().dbname = database
    Registry(database)


def log_failure(name):
    _logger.exception("%s failed", name)


@contextmanager
def environment(uid=ADMIN, **context):
    """A transaction of its own, committed at the end, as a request has it."""
    registry = Registry(_database).check_signaling()
    with registry.cursor() as cr:
        yield api.Environment(cr, uid, context)
        cr.commit()


# -- what there is ------------------------------------------------------------------------------------------------


def make_company():
    """A company whose currency has three decimals."""
    with environment() as env:
        dinar = env["res.currency"].with_context(active_test=False).search([("name", "=", "KWD")])
        dinar.active = True
        env.company.write({"country_id": env.ref("base.kw").id, "currency_id": dinar.id})


def make_products(count, quantity=100):
    """Storable products BENCH-0, BENCH-1, ... with stock."""
    for start in range(0, count, CREATE_BATCH):
        with environment(tracking_disable=True) as env:
            products = env["product.product"].create(
                [
                    {
                        "name": f"Bench product {number}",
                        "default_code": f"BENCH-{number}",
                        "list_price": 5.0,
                        "standard_price": 3.0,
                        "weight": 0.25,
                        "barcode": f"62{number:011d}",
                        "description_sale": f"What there is to say of bench product {number}.",
                        "is_storable": True,
                    }
                    for number in range(start, min(start + CREATE_BATCH, count))
                ]
            )
            env["stock.quant"].create(
                [
                    {"product_id": product.id, "location_id": _stock(env).id, "quantity": quantity}
                    for product in products
                ]
            )


def _stock(env):
    return (
        env["stock.warehouse"].search([("company_id", "=", env.company.id)], limit=1).lot_stock_id
    )


def make_backends(count, url, frequency):
    with environment() as env:
        backends = env["connector.hub.backend"].create(
            [
                {
                    "name": f"Bench {number}",
                    "code": "medusa",
                    "base_url": url,
                    "api_key": API_KEY,
                    "webhook_secret": WEBHOOK_SECRET + (str(number) if number else ""),
                    "frequency": frequency,
                }
                for number in range(count)
            ]
        )
        backends.action_activate()


# -- export -------------------------------------------------------------------------------------------------------


def _backend(env):
    return env["connector.hub.backend"].search([], limit=1)


def _bench_products(env, count):
    return env["product.product"].search(
        [("default_code", "=like", "BENCH-%")], order="id", limit=count
    )


def read_as_json(count):
    """Seconds to read what the shop is told with the ORM, and to write it as JSON, request by request."""
    with environment() as env:
        backend = _backend(env)
        products = backend._work_env()["product.product"]
        products = products.with_context(warehouse_id=backend.warehouse_id.id)
        ids = _bench_products(products.env, count).ids
        products.env.invalidate_all()
        begin = time.perf_counter()
        for start in range(0, count, READ_BATCH):
            json.dumps(products.browse(ids[start : start + READ_BATCH]).read(PRODUCT_FIELDS))
            products.env.invalidate_all()
        return time.perf_counter() - begin


def export_changed(count):
    """Seconds until the lane has sent that many changed products."""
    with environment() as env:
        templates = _bench_products(env, count).product_tmpl_id
        env.cr.execute(
            "UPDATE product_template SET list_price = list_price + 0.01 WHERE id = ANY(%s)",
            (templates.ids,),
        )
        _note_singly(env, "product.template", templates.ids)
    return _seconds_to_send("product", count)


def export_stock(count):
    """Seconds until the lane has sent that many changed quantities."""
    with environment() as env:
        products = _bench_products(env, count)
        env.cr.execute(
            "UPDATE stock_quant SET quantity = quantity + 1 WHERE product_id = ANY(%s) AND location_id = %s",
            (products.ids, _stock(env).id),
        )
        _note_singly(env, "stock.quant", products.ids)
    return _seconds_to_send("stock", count)


def post_quantities(count, url):
    """Seconds to read quantities with the ORM and to post them in bulk, as a plain script would."""
    with environment() as env, requests.Session() as session:
        session.headers["x-odoo-api-key"] = API_KEY
        session.trust_env = False
        products = env["product.product"].with_context(warehouse_id=_backend(env).warehouse_id.id)
        ids = _bench_products(products.env, count).ids
        products.env.invalidate_all()
        begin = time.perf_counter()
        for start in range(0, count, POST_BATCH):
            rows = products.browse(ids[start : start + POST_BATCH]).read(
                ["default_code", "qty_available"]
            )
            items = [
                {"sku": row["default_code"], "quantity": int(row["qty_available"])} for row in rows
            ]
            answer = session.post(f"{url}/odoo/inventory/bulk-update", json={"items": items})
            if not answer.json()["success"]:
                raise AssertionError(answer.text)
            products.env.invalidate_all()
        return time.perf_counter() - begin


def _note_singly(env, model, ids):
    """One note for each record, as single saves leave them."""
    backend = _backend(env)
    env.cr.execute("DELETE FROM connector_hub_change")
    env["connector.hub.change"]._append((backend.id, model, [number]) for number in ids)


def _seconds_to_send(entity, count):
    begin = time.perf_counter()
    _run_lane(("connector_hub_change", "TRUE"), ("connector_hub_delivery", "state = 'pending'"))
    seconds = time.perf_counter() - begin
    with environment() as env:
        env.cr.execute(
            "SELECT count(*) FROM connector_hub_delivery WHERE state = 'done' AND entity = %s",
            (entity,),
        )
        (done,) = env.cr.fetchone()
        env.cr.execute("DELETE FROM connector_hub_delivery")
    if done != count:
        raise AssertionError(f"{done} of {count} messages about {entity} reached the shop")
    return seconds


def _run_lane(*waiting):
    """Run the lane's scheduled action until nothing waits; a pass of it ends after ten seconds.

    :param waiting: (table, condition) of what has to be gone
    """
    for _pass in range(1000):
        with environment(SUPERUSER_ID) as env:
            env["ir.cron"].browse(_backend(env).cron_id.id).method_direct_trigger()
        with environment() as env:
            conditions = " OR ".join(
                f"EXISTS (SELECT 1 FROM {table} WHERE {condition})" for table, condition in waiting
            )
            env.cr.execute(f"SELECT {conditions}")
            if not env.cr.fetchone()[0]:
                return
            backend = _backend(env)
            if backend.last_error:
                raise AssertionError(f"The lane stopped: {backend.last_error}")
    raise AssertionError("The lane does not come to an end")


# -- import -------------------------------------------------------------------------------------------------------


def order_one_by_one(bodies):
    """Seconds to create and confirm orders as a plain script would: customer, order, confirmation, commit."""
    orders = [json.loads(body)["data"]["order"] for body in bodies]
    begin = time.perf_counter()
    for order in orders:
        with environment() as env:
            _create_order(env, order)
    return time.perf_counter() - begin


def _create_order(env, order):
    partner = env["res.partner"].search([("email", "=ilike", order["email"])], limit=1)
    if not partner:
        address = order["shipping_address"]
        partner = env["res.partner"].create(
            {
                "name": f"{address['first_name']} {address['last_name']}",
                "email": order["email"],
                "phone": address["phone"],
                "street": address["address_1"],
                "city": address["city"],
                "zip": address["postal_code"],
                "country_id": env["res.country"].search([("code", "=", "KW")]).id,
            }
        )
    products = env["product.product"].search(
        [("default_code", "in", [item["sku"] for item in order["items"]])]
    )
    by_sku = {product.default_code: product for product in products}
    created = env["sale.order"].create(
        {
            "partner_id": partner.id,
            "client_order_ref": f"MEDUSA-{order['display_id']}",
            "order_line": [
                (
                    0,
                    0,
                    {
                        "product_id": by_sku[item["sku"]].id,
                        "product_uom_qty": item["quantity"],
                        "price_unit": item["unit_price"] / 1000,
                    },
                )
                for item in order["items"]
            ],
        }
    )
    created.action_confirm()


def import_waiting(bodies):
    """Seconds the lane takes for orders whose webhooks wait."""
    with environment() as env:
        backend = _backend(env)
        for body in bodies:
            order = json.loads(body)["data"]["order"]
            env["connector.hub.event"]._insert(
                env.cr,
                {
                    "backend_id": backend.id,
                    "event_id": f"order.created:{order['id']}",
                    "event_type": "order.created",
                    "family": "order",
                    "creates": True,
                    "external_id": order["id"],
                    "occurred_at": None,
                    "payload": body,
                },
            )
        # What the lane would send of it is not what is measured here: nobody is there to take it.
        env.cr.execute("UPDATE connector_hub_backend SET cooldown_until = now() + interval '1 day'")
    begin = time.perf_counter()
    _run_lane(("connector_hub_event", "state = 'pending'"))
    seconds = time.perf_counter() - begin
    with environment() as env:
        done = env["connector.hub.event"].search_count([("state", "=", "done")])
        confirmed = env["sale.order"].search_count(
            [("connector_hub_backend_id", "=", _backend(env).id), ("state", "=", "sale")]
        )
    if done != confirmed or done < len(bodies):
        raise AssertionError(f"{done} events done, {confirmed} orders confirmed")
    return seconds


# -- save ---------------------------------------------------------------------------------------------------------


def save_products(count):
    """Seconds of each product write with its commit."""
    with environment() as env:
        ids = _bench_products(env, 100).ids
    times = []
    for number in range(count):
        price = 5 + next(_serial) / 1000
        begin = time.perf_counter()
        with environment() as env:
            env["product.product"].browse(ids[number % len(ids)]).write({"list_price": price})
        times.append(time.perf_counter() - begin)
    return times


def save_quantities(count):
    """Seconds of each stock quantity update with its commit."""
    with environment() as env:
        ids = _bench_products(env, 100).ids
        location_id = _stock(env).id
    times = []
    for number in range(count):
        begin = time.perf_counter()
        with environment() as env:
            product = env["product.product"].browse(ids[number % len(ids)])
            location = env["stock.location"].browse(location_id)
            env["stock.quant"]._update_available_quantity(product, location, 1)
        times.append(time.perf_counter() - begin)
    return times


def validate_deliveries(count):
    """Seconds of each validation of a confirmed order's delivery, with its commit."""
    with environment() as env:
        products = _bench_products(env, 2)
        orders = env["sale.order"].create(
            [
                {
                    "partner_id": env.user.partner_id.id,
                    "order_line": [
                        (0, 0, {"product_id": product.id, "product_uom_qty": 1})
                        for product in products
                    ],
                }
                for _number in range(count)
            ]
        )
        orders.action_confirm()
        picking_ids = orders.picking_ids.ids
    times = []
    for picking_id in picking_ids:
        begin = time.perf_counter()
        with environment(skip_sms=True) as env:
            picking = env["stock.picking"].browse(picking_id)
            if picking.button_validate() is not True or picking.state != "done":
                raise AssertionError(f"{picking.name} was not validated")
        times.append(time.perf_counter() - begin)
    return times
