# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders of a stock Medusa v2: what the Admin API shows of them and lets one do."""

from ..values import iso
from . import schemas
from .orders_state import AdminOrdersState

LIST_FIELDS = (
    "id",
    "display_id",
    "custom_display_id",
    "status",
    "version",
    "summary",
    "total",
    "metadata",
    "locale",
    "created_at",
    "updated_at",
)
DETAIL_FIELDS = (
    *LIST_FIELDS,
    "region_id",
    "subtotal",
    "tax_total",
    "discount_total",
    "discount_tax_total",
    "original_total",
    "original_subtotal",
    "original_tax_total",
    "item_total",
    "item_subtotal",
    "item_tax_total",
    "original_item_total",
    "original_item_subtotal",
    "original_item_tax_total",
    "shipping_total",
    "shipping_subtotal",
    "shipping_tax_total",
    "original_shipping_tax_total",
    "original_shipping_subtotal",
    "original_shipping_total",
    "credit_line_total",
    "credit_line_subtotal",
    "credit_line_tax_total",
    "*items",
    "*credit_lines",
    "*items.tax_lines",
    "*items.adjustments",
    "*items.variant",
    "*items.variant.product",
    "*items.detail",
    "*shipping_address",
    "*billing_address",
    "*shipping_methods",
    "*shipping_methods.tax_lines",
    "*shipping_methods.adjustments",
    "*payment_collections",
    "*payment_collections.payments",
    "*payment_collections.payments.refunds",
    "*payment_collections.payments.captures",
)
STATUS_FIELDS = ("payment_status", "fulfillment_status")
ORDER_FILTERS = {
    "id": "operators",
    "status": "operators",
    "sales_channel_id": "many",
    "region_id": "texts",
    "customer_id": "texts",
    "created_at": "operators",
    "updated_at": "operators",
}


class AdminOrders(AdminOrdersState):
    """The /admin/orders routes."""

    def get_orders(self, request):
        return self.listed(
            request,
            "orders",
            list(self.orders.values()),
            ORDER_FILTERS,
            LIST_FIELDS,
            15,
            render=self.render_order,
            search=("id", "display_id", "email"),
            strict=False,
            extra=STATUS_FIELDS,
        )

    def get_order(self, request, order_id):
        return self._order_answer(request, self._known_order(order_id), STATUS_FIELDS)

    def post_order(self, request, order_id):
        payload = self.body(request, {**schemas.ORDER_UPDATE, **schemas.ADDITIONAL})
        order = self._known_order(order_id)
        self._refuse_canceled(order)
        if "email" in payload and schemas.email(payload["email"]):
            raise self.invalid("The email is not valid")
        for name in ("shipping_address", "billing_address"):
            given = (payload.get(name) or {}).get("country_code")
            if given and given != order[name]["country_code"]:
                raise self.invalid("Country code cannot be changed")
        for name in ("shipping_address", "billing_address"):
            order[name].update(payload.get(name) or {})
        if "metadata" in payload:
            order["metadata"] = self.merged(order["metadata"], payload["metadata"])
        if "email" in payload:
            order["email"] = payload["email"]
        self.touch_order(order, "updated", version=0)
        return self._order_answer(request, order)

    def post_cancel(self, request, order_id):
        order = self._known_order(order_id)
        self._refuse_canceled(order)
        if order["status"] == "completed":
            raise self.not_allowed(
                "Cannot cancel a completed order. Please use the return process to handle refunds "
                "or exchanges."
            )
        if any(not fulfillment["canceled_at"] for fulfillment in order["fulfillments"]):
            raise self.not_allowed("All fulfillments must be canceled before canceling an order")
        self.cancel_order(order)
        return self._order_answer(request, order)

    def post_complete(self, request, order_id):
        self.body(request, schemas.ADDITIONAL)
        order = self._known_order(order_id)
        if order["status"] == "canceled":
            raise self.invalid(f"Orders {order_id} are canceled and cannot be completed")
        order["status"] = "completed"
        self.touch_order(order, "completed")
        return self._order_answer(request, order)

    def post_fulfillments(self, request, order_id):
        payload = self.body(request, {**schemas.FULFILLMENT, **schemas.ADDITIONAL}, ("items",))
        order = self._known_order(order_id)
        self._refuse_canceled(order)
        items = self._known_items(order, payload["items"])
        for entry in payload["items"]:
            if not entry["quantity"]:
                raise self.invalid(f"Quantity to fulfill of item {entry['id']} is required.")
            if entry["quantity"] < 0:
                raise self.invalid(f"Quantity of item {entry['id']} must be greater than 0.")
        location_id = payload.get("location_id") or self.main_location
        if location_id not in self.locations:
            raise self.not_found(f"StockLocation id not found: {location_id}")
        planned = [
            (item, entry["quantity"], self._reservation_for(item, entry["quantity"], location_id))
            for item, entry in zip(items, payload["items"], strict=True)
        ]
        self.fulfill(order, planned, location_id, payload.get("metadata"))
        return self._order_answer(request, order)

    def post_shipments(self, request, order_id, fulfillment_id):
        payload = self.body(request, {**schemas.SHIPMENT, **schemas.ADDITIONAL}, ("items",))
        order = self._known_order(order_id)
        self._refuse_canceled(order)
        items = self._known_items(order, payload["items"])
        fulfillment = self._fulfillment(order, fulfillment_id)
        if fulfillment is None:
            raise self.unknown_error()
        if fulfillment["shipped_at"]:
            raise self.not_allowed("Shipment has already been created")
        if fulfillment["canceled_at"]:
            raise self.not_allowed("Cannot create shipment for a canceled fulfillment")
        fulfillment["shipped_at"] = iso()
        fulfillment["labels"] = [
            self.new_record("fulla", fulfillment_id=fulfillment_id, **label_of(label))
            for label in payload.get("labels") or []
        ]
        for item, entry in zip(items, payload["items"], strict=True):
            item["detail"]["shipped_quantity"] += entry["quantity"]
        self.touch_order(order, "shipment_created")
        return self._order_answer(request, order)

    def post_delivered(self, request, order_id, fulfillment_id):
        self.body(request, schemas.NOTIFICATION)
        order = self._known_order(order_id)
        self._refuse_canceled(order)
        fulfillment = self._fulfillment_or_refuse(order, fulfillment_id)
        if fulfillment["canceled_at"]:
            raise self.not_allowed("Cannot deliver an already canceled fulfillment")
        if fulfillment["delivered_at"]:
            raise self.not_allowed("Fulfillment has already been marked delivered")
        fulfillment["delivered_at"] = iso()
        for entry in fulfillment["items"]:
            item = self._item(order, entry["line_item_id"])
            item["detail"]["delivered_quantity"] += entry["quantity"]
        self.touch_order(order, "delivered")
        return self._order_answer(request, order)

    def post_cancel_fulfillment(self, request, order_id, fulfillment_id):
        self.body(request, {**schemas.NOTIFICATION, **schemas.ADDITIONAL})
        order = self._known_order(order_id)
        self._refuse_canceled(order)
        fulfillment = self._fulfillment_or_refuse(order, fulfillment_id)
        if fulfillment["canceled_at"]:
            raise self.not_allowed("The fulfillment is already canceled")
        if fulfillment["shipped_at"]:
            raise self.not_allowed(
                "The fulfillment has already been shipped. Shipped fulfillments cannot be canceled"
            )
        self.cancel_fulfillment(order, fulfillment)
        return self._order_answer(request, order)

    # -- what is refused ----------------------------------------------------------------------

    def _known_order(self, order_id):
        order = self.orders.get(order_id)
        if order is None:
            raise self.not_found(f"Order id not found: {order_id}")
        return order

    def _refuse_canceled(self, order):
        if order["status"] == "canceled":
            raise self.invalid(f"Order with id {order['id']} has been canceled.")

    def _known_items(self, order, entries):
        known = {item["id"]: item for item in order["items"]}
        missing = [entry["id"] for entry in entries if entry["id"] not in known]
        if missing:
            raise self.invalid(
                f"Items with ids {', '.join(missing)} does not exist in order with id "
                f"{order['id']}."
            )
        return [known[entry["id"]] for entry in entries]

    def _reservation_for(self, item, quantity, location_id):
        """The reservation that a fulfilment uses up; None for what the shop does not count."""
        open_quantity = item["quantity"] - item["detail"]["fulfilled_quantity"]
        reservation = self.reservation_of(item["id"])
        if reservation is None:
            if self.is_managed(item):
                raise self.invalid(
                    f"No stock reservation found for item {item['id']} - {item['title']} "
                    f"({item['variant_title']})"
                )
            if quantity > open_quantity:
                raise self.invalid(
                    f"Cannot fulfill more items than what was ordered for item {item['id']}."
                )
            return None
        if quantity > reservation["quantity"]:
            raise self.invalid(
                f"Quantity to fulfill exceeds the reserved quantity for the item: {item['id']}"
            )
        if (reservation["inventory_item_id"], location_id) not in self.levels:
            raise self.not_found(
                f"Inventory level for item {reservation['inventory_item_id']} and location "
                f"{location_id} not found"
            )
        return reservation

    def _fulfillment_or_refuse(self, order, fulfillment_id):
        fulfillment = self._fulfillment(order, fulfillment_id)
        if fulfillment is None:
            raise self.invalid(f"Fulfillment with id {fulfillment_id} not found in the order")
        return fulfillment

    @staticmethod
    def _fulfillment(order, fulfillment_id):
        return next((f for f in order["fulfillments"] if f["id"] == fulfillment_id), None)

    @staticmethod
    def _item(order, item_id):
        return next(item for item in order["items"] if item["id"] == item_id)

    def _order_answer(self, request, order, extra=()):
        return {"order": self.shown(request, self.render_order(order), DETAIL_FIELDS, extra)}


def label_of(label):
    return {name: label[name] for name in ("tracking_number", "tracking_url", "label_url")}
