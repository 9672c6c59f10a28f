# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What Odoo tells the Medusa partner server of an order (seed, section 13.3)."""

from . import checks
from .values import iso


def empty_or_url(value):
    return checks.http_url(value) if value else checks.nullable(checks.text)(value)


ORDER_EVENTS = (
    "order.confirmed",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.invoiced",
    "order.paid",
)
STATUS_SCHEMA = {
    "medusa_order_id": checks.filled_text,
    "odoo_order_id": checks.positive_integer,
    "odoo_order_name": checks.text,
    "tracking_number": checks.nullable(checks.text),
    "tracking_url": empty_or_url,
    "carrier_name": checks.nullable(checks.text),
    "shipped_date": checks.text,
    "delivered_date": checks.text,
    "cancelled_reason": checks.nullable(checks.text),
}
#: Per event: the flag set in the order's metadata, and the field that dates it.
EVENT_DATES = {"order.shipped": "shipped_date", "order.delivered": "delivered_date"}
TRACKING = ("tracking_number", "tracking_url", "carrier_name")


class MedusaOrderStatus:
    """State: see ``MedusaOrders``, which this is a part of."""

    def post_order_status(self, request):
        payload = self.body(request)
        event = self.event_type(payload, ORDER_EVENTS)
        values = payload.get("order")
        rule = checks.record(STATUS_SCHEMA, ("medusa_order_id",))
        self.refuse_problems(rule(values), "order")
        order = self.known_order(values["medusa_order_id"])
        self.count_items(request, 1)
        written = self._status_metadata(event, values)
        order["metadata"].update(written)
        for key in ("odoo_order_id", "odoo_order_name"):
            if key in values:
                order["metadata"][key] = values[key]
        self._apply_event(order, event, values)
        self._remember(
            order,
            event,
            values=values,
            idempotency_key=request.headers.get("idempotency-key"),
        )
        return {
            "success": True,
            "event_type": event,
            "order": {
                "medusa_order_id": order["id"],
                "display_id": order["display_id"],
                "odoo_order_id": order["metadata"].get("odoo_order_id"),
                "odoo_order_name": order["metadata"].get("odoo_order_name"),
            },
            "metadata_updated": list(written),
        }

    @staticmethod
    def _status_metadata(event, values):
        flag = "odoo_" + event.removeprefix("order.")
        written = {flag: True, f"{flag}_at": values.get(EVENT_DATES.get(event)) or iso()}
        names = (*TRACKING, "cancelled_reason") if event == "order.cancelled" else TRACKING
        written.update({name: values[name] for name in names if values.get(name)})
        return written

    def _apply_event(self, order, event, values):
        if event == "order.shipped":
            order["fulfillment_status"] = "shipped"
            shipment = {name: values.get(name) for name in (*TRACKING, "shipped_date")}
            known = [told for told in order["shipments"] if is_same_shipment(told, shipment)]
            if known:
                known[0].update(shipment)
            else:
                order["shipments"].append(shipment)
            self.release(order)
        elif event == "order.delivered":
            order["fulfillment_status"] = "delivered"
            order["status"] = "completed"
        elif event == "order.cancelled":
            order["status"] = "cancelled"
            self.release(order)
        elif event == "order.paid":
            order["payment_status"] = "captured"


def is_same_shipment(told, shipment):
    """Whether this is a shipment told before: by its number, or, before it had one, by its date."""
    if told["tracking_number"]:
        return told["tracking_number"] == shipment["tracking_number"]
    return bool(told["shipped_date"]) and told["shipped_date"] == shipment["shipped_date"]
