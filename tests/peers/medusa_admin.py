# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A stock Medusa v2 (2.21) as its Admin API shows it, kept in memory; no plugin, no webhooks.

```
with MedusaAdminServer(api_key="sk_test") as shop:
    shop.add_product("CASE-1", price=5, stock=10)
    order = shop.place_order([("CASE-1", 2)], shipping=1)
```
As a process: ``python -m tests.peers.medusa_admin --port 0 --api-key sk_test``.
"""

import base64
import binascii
import hmac

from .base import PeerServer, Refused
from .control import serve_process
from .medusa_v2.categories import AdminCategories
from .medusa_v2.common import AdminCommon
from .medusa_v2.customers import AdminCustomers
from .medusa_v2.orders import AdminOrders
from .medusa_v2.products import AdminProducts
from .medusa_v2.stock import AdminStock
from .sender import WEBHOOK_CONTROLS, WebhookSender
from .values import strict_json
from .wire import Answer

KIB = 1024
BODY_LIMIT = 100 * KIB
BATCH_BODY_LIMIT = 2 * KIB * KIB
#: Request line and headers together, as Node's HTTP server limits them.
HEAD_LIMIT = 16 * KIB
TYPE_OF_STATUS = {
    400: "invalid_data",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    422: "duplicate_error",
}
STORE_FIELDS = (
    "id",
    "name",
    "*supported_currencies",
    "default_sales_channel_id",
    "default_region_id",
    "default_location_id",
    "metadata",
    "created_at",
    "updated_at",
)
CHANNEL_FIELDS = (
    "id",
    "name",
    "description",
    "is_disabled",
    "created_at",
    "updated_at",
    "deleted_at",
    "metadata",
)
PROFILE_FIELDS = ("id", "name", "type", "metadata", "created_at", "updated_at")
REGION_FIELDS = ("id", "name", "currency_code", "created_at", "updated_at", "metadata")
DATES = {"created_at": "operators", "updated_at": "operators", "deleted_at": "operators"}


class MedusaAdminServer(
    AdminProducts,
    AdminCategories,
    AdminStock,
    AdminOrders,
    AdminCustomers,
    AdminCommon,
    WebhookSender,
    PeerServer,
):
    """The Admin API; see the parts for the state, PeerServer for log and faults."""

    def __init__(self, api_key, currencies=("kwd", "eur"), **options):
        super().__init__(**options)
        if not api_key.startswith("sk_"):
            raise ValueError("A secret API key of Medusa starts with sk_")
        self.api_key = api_key
        self._undo = []
        self._init_products()
        self._init_categories()
        self._init_stock()
        self._init_customers()
        self._init_orders()
        self.sales_channels = self._table(
            "sc", name="Default Sales Channel", description=None, is_disabled=False
        )
        self.shipping_profiles = self._table("sp", name="Default", type="default")
        self.regions = self._table("reg", name="Kuwait", currency_code=currencies[0])
        self.stores = self._table(
            "store",
            name="Medusa Store",
            currencies=list(currencies),
            default_sales_channel_id=next(iter(self.sales_channels)),
            default_region_id=next(iter(self.regions)),
            default_location_id=self.main_location,
        )

    def _table(self, prefix, **values):
        record = self.new_record(prefix, **values)
        return {record["id"]: record}

    # -- every request ------------------------------------------------------------------------

    def check_request(self, request):
        """Size, JSON and key, in the order in which the shop's framework looks at them."""
        head = len(request.target) + sum(map(len, (*request.headers, *request.headers.values())))
        if head > HEAD_LIMIT:
            raise self.refusal(431, "unknown_error", "Request Header Fields Too Large")
        limit = BATCH_BODY_LIMIT if request.path.endswith("/batch") else BODY_LIMIT
        if len(request.body) > limit:
            raise self.refusal(413, "unknown_error", "request entity too large")
        is_json = request.headers.get("content-type", "").startswith("application/json")
        if request.body and is_json:
            try:
                request.payload = strict_json(request.body)
            except ValueError as error:
                raise self.invalid(str(error)) from error
        if not hmac.compare_digest(self._given_key(request).encode(), self.api_key.encode()):
            hint = "Unauthorized"
            if request.headers.get("authorization", "").lower().startswith("bearer sk_"):
                hint = (
                    "A secret API key was passed as a Bearer token. Secret API keys must be sent "
                    "using HTTP Basic authentication instead (Authorization: Basic "
                    "<secret-api-key>)."
                )
            raise Refused(401, {"message": hint})

    @staticmethod
    def _given_key(request):
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return ""
        if not token.startswith("sk_"):
            try:
                token = base64.b64decode(token).decode("utf-8", "replace")
            except (ValueError, binascii.Error):
                return ""
        return token.removesuffix(":")

    def unknown_route(self, request):
        text = f"Cannot {request.method} {request.path}"
        return Answer.html(404, f"<!DOCTYPE html><html><body><pre>{text}</pre></body></html>")

    def error_answer(self, status, message):
        if status == 401:
            return Answer.json(status, {"message": message})
        kind = TYPE_OF_STATUS.get(status, "unknown_error")
        return Answer.json(status, {"type": kind, "message": message})

    # -- the shop's set-up --------------------------------------------------------------------

    def get_stores(self, request):
        filters = {"id": "texts", "name": "texts"}
        rows = list(self.stores.values())
        return self.listed(request, "stores", rows, filters, STORE_FIELDS, 50, render=_render_store)

    def get_sales_channels(self, request):
        filters = {
            "id": "texts",
            "name": "texts",
            "description": "text",
            "is_disabled": "boolean",
            **DATES,
        }
        rows = list(self.sales_channels.values())
        return self.listed(request, "sales_channels", rows, filters, CHANNEL_FIELDS, 20)

    def get_shipping_profiles(self, request):
        filters = {"id": "texts", "name": "text", "type": "text", **DATES}
        rows = list(self.shipping_profiles.values())
        return self.listed(request, "shipping_profiles", rows, filters, PROFILE_FIELDS, 20)

    def get_regions(self, request):
        filters = {"id": "texts", "name": "texts", "currency_code": "texts", **DATES}
        rows = list(self.regions.values())
        return self.listed(request, "regions", rows, filters, REGION_FIELDS, 20)

    def state(self):
        return {
            "url": self.url,
            "products": self.products,
            "categories": self.categories,
            "inventory_items": self.inventory_items,
            "levels": list(self.levels.values()),
            "locations": self.locations,
            "reservations": self.reservations,
            "customers": self.customers,
            "orders": {order_id: self.full_order(order_id) for order_id in self.orders},
        }


def _render_store(store):
    currencies = store["currencies"]
    return {
        **{key: value for key, value in store.items() if key != "currencies"},
        "supported_currencies": lambda: [
            {"currency_code": code, "is_default": code == currencies[0]} for code in currencies
        ],
    }


_S = MedusaAdminServer
_ORDER = "/admin/orders/{id}"
_FULFILLMENT = f"{_ORDER}/fulfillments/{{fulfillment_id}}"
_PRODUCT = "/admin/products/{id}"
_VARIANT = f"{_PRODUCT}/variants/{{variant_id}}"
_ITEM = "/admin/inventory-items/{id}"
_LEVEL = f"{_ITEM}/location-levels/{{location_id}}"
_CUSTOMER = "/admin/customers/{id}"
_ADDRESS = f"{_CUSTOMER}/addresses/{{address_id}}"

MedusaAdminServer.ROUTES = (
    ("GET", "/admin/products", _S.get_products),
    ("POST", "/admin/products", _S.post_products),
    ("POST", "/admin/products/batch", _S.post_products_batch),
    ("GET", _PRODUCT, _S.get_product),
    ("POST", _PRODUCT, _S.post_product),
    ("DELETE", _PRODUCT, _S.delete_product),
    ("POST", f"{_PRODUCT}/options/batch", _S.post_options_batch),
    ("GET", f"{_PRODUCT}/variants", _S.get_product_variants),
    ("POST", f"{_PRODUCT}/variants", _S.post_product_variants),
    ("POST", f"{_PRODUCT}/variants/batch", _S.post_variants_batch),
    ("GET", _VARIANT, _S.get_product_variant),
    ("POST", _VARIANT, _S.post_product_variant),
    ("DELETE", _VARIANT, _S.delete_product_variant),
    ("GET", "/admin/product-variants", _S.get_variants),
    ("GET", "/admin/product-categories", _S.get_categories),
    ("POST", "/admin/product-categories", _S.post_categories),
    ("GET", "/admin/product-categories/{id}", _S.get_category),
    ("POST", "/admin/product-categories/{id}", _S.post_category),
    ("DELETE", "/admin/product-categories/{id}", _S.delete_category),
    ("GET", "/admin/inventory-items", _S.get_inventory_items),
    ("POST", "/admin/inventory-items", _S.post_inventory_items),
    ("POST", "/admin/inventory-items/location-levels/batch", _S.post_levels_batch),
    ("GET", _ITEM, _S.get_inventory_item),
    ("POST", _ITEM, _S.post_inventory_item),
    ("DELETE", _ITEM, _S.delete_inventory_item),
    ("GET", f"{_ITEM}/location-levels", _S.get_levels),
    ("POST", f"{_ITEM}/location-levels", _S.post_levels),
    ("POST", f"{_ITEM}/location-levels/batch", _S.post_item_levels_batch),
    ("POST", _LEVEL, _S.post_level),
    ("DELETE", _LEVEL, _S.delete_level),
    ("GET", "/admin/stock-locations", _S.get_locations),
    ("GET", "/admin/stock-locations/{id}", _S.get_location),
    ("GET", "/admin/reservations", _S.get_reservations),
    ("GET", "/admin/orders", _S.get_orders),
    ("GET", _ORDER, _S.get_order),
    ("POST", _ORDER, _S.post_order),
    ("POST", f"{_ORDER}/cancel", _S.post_cancel),
    ("POST", f"{_ORDER}/complete", _S.post_complete),
    ("POST", f"{_ORDER}/fulfillments", _S.post_fulfillments),
    ("POST", f"{_FULFILLMENT}/cancel", _S.post_cancel_fulfillment),
    ("POST", f"{_FULFILLMENT}/shipments", _S.post_shipments),
    ("POST", f"{_FULFILLMENT}/mark-as-delivered", _S.post_delivered),
    ("GET", "/admin/customers", _S.get_customers),
    ("POST", "/admin/customers", _S.post_customers),
    ("GET", _CUSTOMER, _S.get_customer),
    ("POST", _CUSTOMER, _S.post_customer),
    ("DELETE", _CUSTOMER, _S.delete_customer),
    ("GET", f"{_CUSTOMER}/addresses", _S.get_addresses),
    ("POST", f"{_CUSTOMER}/addresses", _S.post_addresses),
    ("POST", _ADDRESS, _S.post_address),
    ("DELETE", _ADDRESS, _S.delete_address),
    ("GET", "/admin/stores", _S.get_stores),
    ("GET", "/admin/sales-channels", _S.get_sales_channels),
    ("GET", "/admin/shipping-profiles", _S.get_shipping_profiles),
    ("GET", "/admin/regions", _S.get_regions),
)


def _control_place_order(shop, arguments):
    return shop.full_order(shop.place_order(**arguments)["id"])


def _control_order(method):
    """A control that calls a method with an order's id and answers the whole order."""

    def control(shop, arguments):
        method(shop, **arguments)
        return shop.full_order(arguments["order_id"])

    return control


MedusaAdminServer.CONTROLS = (
    *WEBHOOK_CONTROLS,
    ("POST", "add_product", lambda shop, arguments: shop.add_product(**arguments)),
    ("POST", "add_customer", lambda shop, arguments: shop.add_customer(**arguments)),
    ("POST", "place_order", _control_place_order),
    ("POST", "capture", _control_order(_S.capture)),
    ("POST", "refund", _control_order(_S.refund)),
)


if __name__ == "__main__":
    serve_process(MedusaAdminServer, "A stock Medusa v2 on 127.0.0.1, for tests and the demo.")
