# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A MarqaSouq shop: a Medusa server with the /odoo/* routes of the seed, kept in memory.

```
with MedusaServer(api_key="key") as shop:
    shop.add_product("CASE-1", price=5000, stock=10)
    order = shop.place_order([("CASE-1", 2)], shipping_total=1000)
    shop.send_order(odoo_url, order["id"], secret="s3cret", scheme="hmac")
```
As a process: ``python -m tests.peers.medusa --port 0 --api-key key``.
"""

import hmac
import time

from .base import PeerServer, Refused
from .control import serve_process
from .medusa_orders import MedusaOrders
from .medusa_products import MedusaProducts
from .medusa_stock import MedusaStock
from .sender import WEBHOOK_CONTROLS, WebhookSender
from .values import parse_iso, strict_json
from .wire import Answer

#: The seed's error codes, section 9.
STATUS_OF_CODE = {
    "UNAUTHORIZED": 401,
    "NOT_FOUND": 404,
    "VALIDATION_ERROR": 400,
    "SKU_NOT_FOUND": 404,
    "DUPLICATE_SKU": 409,
    "INVENTORY_ERROR": 500,
    "SYNC_FAILED": 500,
}
CODE_OF_STATUS = {
    400: "VALIDATION_ERROR",
    401: "UNAUTHORIZED",
    404: "NOT_FOUND",
    409: "DUPLICATE_SKU",
    413: "VALIDATION_ERROR",
}


class MedusaServer(MedusaProducts, MedusaStock, MedusaOrders, WebhookSender, PeerServer):
    """The seed's contract; see the parts for the state, PeerServer for log and faults."""

    def __init__(self, api_key, currency="kwd", **options):
        super().__init__(**options)
        self.api_key = api_key
        self.currency = currency
        self._init_products()
        self._init_stock()
        self._init_orders()

    # -- answers and refusals -----------------------------------------------------------------

    def check_request(self, request):
        """The body is parsed before the key is looked at, as the shop's framework does."""
        if len(request.body) > self.max_body:
            raise Refused(413, self.error_body("VALIDATION_ERROR", "Request entity too large"))
        is_json = request.headers.get("content-type", "").startswith("application/json")
        if request.body and is_json:
            try:
                request.payload = strict_json(request.body)
            except ValueError as error:
                raise self.refusal("VALIDATION_ERROR", f"Malformed JSON: {error}") from error
        given = request.headers.get("x-odoo-api-key", "")
        if not hmac.compare_digest(given.encode(), self.api_key.encode()):
            raise self.refusal("UNAUTHORIZED", "Invalid or missing API key")

    def unknown_route(self, request):
        return self.error_answer(404, f"Cannot {request.method} {request.path}")

    def error_answer(self, status, message):
        code = CODE_OF_STATUS.get(status, "SYNC_FAILED")
        return Answer.json(status, self.error_body(code, message))

    @staticmethod
    def error_body(code, message, details=None):
        error = {"code": code, "message": message, "details": details or {}}
        return {"success": False, "error": error}

    def refusal(self, code, message, details=None):
        return Refused(STATUS_OF_CODE.get(code, 400), self.error_body(code, message, details))

    def refuse_problems(self, found, prefix=None):
        if not found:
            return
        if isinstance(found, str):
            found = {prefix or "body": found}
        elif prefix:
            found = {f"{prefix}.{path}": message for path, message in found.items()}
        path, message = next(iter(found.items()))
        raise self.refusal("VALIDATION_ERROR", f"{path} {message}", found)

    # -- reading requests ---------------------------------------------------------------------

    def body(self, request):
        """The JSON object sent; {} for another content type, which the shop does not read."""
        payload = {} if request.payload is None else request.payload
        if not isinstance(payload, dict):
            self.refuse_problems({"body": "must be an object"})
        return payload

    def body_list(self, request, name):
        items = self.body(request).get(name)
        if not isinstance(items, list) or not items:
            self.refuse_problems({name: "must be a list, not empty"})
        self.count_items(request, len(items))
        return items

    def count_items(self, request, number):
        self.items[request.route] += number

    def event_type(self, payload, known):
        event = payload.get("event_type")
        if event not in known:
            self.refuse_problems({"event_type": f"must be one of {', '.join(known)}"})
        return event

    def query_boolean(self, request, name):
        text = request.first(name)
        if text not in (None, "true", "false"):
            self.refuse_problems({name: "must be true or false"})
        return None if text is None else text == "true"

    def query_date(self, request, name):
        text = request.first(name)
        try:
            return parse_iso(text) if text is not None else None
        except ValueError:
            return self.refuse_problems({name: "must be an ISO date"})

    def query_count(self, request, name, default, minimum):
        text = request.first(name)
        if text is None:
            return default
        if not text.isdecimal() or int(text) < minimum:
            self.refuse_problems({name: f"must be an integer of at least {minimum}"})
        return int(text)

    def page(self, request, name, rows, default_limit, show=None):
        limit = self.query_count(request, "limit", default_limit, 1)
        offset = self.query_count(request, "offset", 0, 0)
        shown = rows[offset : offset + limit]
        if show:
            shown = [show(row) for row in shown]
        return {name: shown, "total": len(rows), "limit": limit, "offset": offset}

    # -- webhooks to Odoo ---------------------------------------------------------------------

    def send_order(self, order_id, url=None, **options):
        """Post order.created for an order; options as for send_webhook."""
        order = self.orders[order_id]
        options.setdefault("occurred_at", order["created_at"])
        return self.send_webhook(url, "order.created", self.order_data(order_id), **options)

    def state(self):
        return {
            "time": time.time(),
            "url": self.url,
            "currency": self.currency,
            "products": self.products,
            "inventory": self.inventory,
            "locations": self.locations,
            "orders": self.orders,
            "customers": self.customers,
        }


MedusaServer.ROUTES = (
    ("GET", "/odoo/orders", MedusaServer.get_orders),
    ("GET", "/odoo/orders/{id}", MedusaServer.get_order),
    ("POST", "/odoo/orders/{id}/synced", MedusaServer.post_order_synced),
    ("GET", "/odoo/customers", MedusaServer.get_customers),
    ("GET", "/odoo/inventory", MedusaServer.get_inventory),
    ("POST", "/odoo/inventory/update", MedusaServer.post_inventory_update),
    ("POST", "/odoo/inventory/bulk-update", MedusaServer.post_inventory_bulk),
    ("POST", "/odoo/inventory/reduce", MedusaServer.post_inventory_reduce),
    ("POST", "/odoo/products", MedusaServer.post_product),
    ("POST", "/odoo/products/bulk", MedusaServer.post_products_bulk),
    ("DELETE", "/odoo/products/{sku}", MedusaServer.delete_product),
    ("POST", "/odoo/webhooks/products", MedusaServer.post_product_webhook),
    ("POST", "/odoo/webhooks/inventory", MedusaServer.post_inventory_webhook),
    ("POST", "/odoo/webhooks/order-status", MedusaServer.post_order_status),
)


def _control_place_order(shop, arguments):
    """place_order's arguments; with ``send`` true the order is posted to Odoo as well."""
    send = arguments.pop("send", False)
    options = arguments.pop("webhook", {})
    order = shop.place_order(**arguments)
    answer = {"order": order}
    if send or options:
        answer["webhook"] = shop.send_order(order["id"], **options).as_dict()
    return answer


MedusaServer.CONTROLS = (
    *WEBHOOK_CONTROLS,
    ("POST", "place_order", _control_place_order),
    ("POST", "send_order", lambda shop, arguments: shop.send_order(**arguments).as_dict()),
    ("POST", "add_product", lambda shop, arguments: shop.add_product(**arguments)),
    ("POST", "add_customer", lambda shop, arguments: shop.add_customer(**arguments)),
    ("POST", "change_status", lambda shop, arguments: shop.change_status(**arguments)),
)


if __name__ == "__main__":
    serve_process(MedusaServer, "A MarqaSouq shop on 127.0.0.1, for tests and the demo.")
