# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An order of a stock Medusa v2 as the Admin API shows it: totals, statuses, all its parts."""

from . import totals
from .customers import render_customer

STORED = (
    "items",
    "shipping_methods",
    "fulfillments",
    "payment",
    "credit_lines",
    "shipping_address",
    "billing_address",
    "history",
)


class AdminOrdersRendering:
    """Records whose relations are functions, for query.pick to choose from."""

    def full_order(self, order_id):
        """An order with all its parts, for webhooks and assertions."""
        order = self.render_order(self.orders[order_id])
        return _unfolded(order, skip=("variant", "product"))

    def render_order(self, order):
        counted = self._totals(order)
        return {
            **{key: value for key, value in order.items() if key not in STORED},
            **totals.as_numbers(counted),
            "summary": self._summary(order, counted["total"]),
            "payment_status": payment_status(order["payment"]),
            "fulfillment_status": fulfillment_status(order),
            # In no fixed order: each change of the order turns the list round.
            "items": lambda: [
                self._render_item(item) for item in order["items"][:: (-1) ** order["version"]]
            ],
            "shipping_methods": lambda: [_render_shipping(m) for m in order["shipping_methods"]],
            "credit_lines": lambda: [
                {**line, "amount": totals.as_number(line["amount"])}
                for line in order["credit_lines"]
            ],
            "shipping_address": lambda: order["shipping_address"],
            "billing_address": lambda: order["billing_address"],
            "customer": lambda: self._render_buyer(order),
            "sales_channel": lambda: self.sales_channels.get(order["sales_channel_id"]),
            "region": lambda: self.regions.get(order["region_id"]),
            "fulfillments": lambda: [_render_fulfillment(f) for f in order["fulfillments"]],
            "payment_collections": lambda: [_render_payment(order)],
            "transactions": list,
        }

    def _render_buyer(self, order):
        customer = self.customers.get(order["customer_id"])
        return customer and render_customer(customer)

    def _render_item(self, item):
        variant = self.variants.get(item["variant_id"])
        counted = totals.as_numbers(item_totals(item))
        own = ("detail", "tax_rate", "discount")
        return {
            **{key: value for key, value in item.items() if key not in own},
            **counted,
            "detail": lambda: item["detail"],
            "tax_lines": lambda: _tax_lines(item),
            "adjustments": lambda: (
                [{"id": f"adj_{item['id']}", "code": None, "amount": counted["discount_subtotal"]}]
                if item["discount"]
                else []
            ),
            "variant": lambda: variant and self.render_variant(variant),
            "product": lambda: (
                variant and self.render_product(self.products[variant["product_id"]])
            ),
        }

    @staticmethod
    def _totals(order):
        return totals.order_totals(
            [item_totals(item) for item in order["items"]],
            [_shipping_totals(method) for method in order["shipping_methods"]],
            totals.summed(order["credit_lines"], "amount"),
        )

    @staticmethod
    def _summary(order, total):
        payment = order["payment"]
        paid = payment["captured_amount"]
        refunded = payment["refunded_amount"]
        return totals.as_numbers(
            {
                "current_order_total": total,
                "original_order_total": payment["amount"],
                "paid_total": paid,
                "refunded_total": refunded,
                "transaction_total": paid - refunded,
                "accounting_total": total,
                "pending_difference": total - (paid - refunded),
            }
        )


def payment_status(payment):
    amount, captured = payment["amount"], payment["captured_amount"]
    refunded = payment["refunded_amount"]
    if refunded:
        return "refunded" if refunded >= amount else "partially_refunded"
    if captured:
        return "captured" if captured >= amount else "partially_captured"
    return "canceled" if payment["canceled"] else payment["status"]


def fulfillment_status(order):
    """delivered, shipped or fulfilled, and partially_..., by what the fulfilments reached."""
    standing = [entry for entry in order["fulfillments"] if not entry["canceled_at"]]
    if not standing:
        return "canceled" if order["fulfillments"] else "not_fulfilled"
    whole = all(item["detail"]["fulfilled_quantity"] >= item["quantity"] for item in order["items"])
    for date, status in (
        ("delivered_at", "delivered"),
        ("shipped_at", "shipped"),
        ("packed_at", "fulfilled"),
    ):
        reached = [entry for entry in standing if _reached(entry) == date]
        if reached:
            return status if whole and len(reached) == len(standing) else f"partially_{status}"
    return "not_fulfilled"


def _reached(fulfillment):
    dates = ("delivered_at", "shipped_at", "packed_at")
    return next(date for date in dates if fulfillment[date])


def item_totals(item):
    """What came back is not paid any more, though the item's quantity stays what was ordered."""
    back = ("return_received_quantity", "return_dismissed_quantity")
    kept = item["quantity"] - sum(item["detail"][name] for name in back)
    return totals.line_totals(
        item["unit_price"],
        kept,
        item["tax_rate"],
        item["discount"] and item["discount"] * kept / item["quantity"],
        item["is_tax_inclusive"],
    )


def _shipping_totals(method):
    return totals.line_totals(
        method["amount"], 1, method["tax_rate"], 0, method["is_tax_inclusive"]
    )


def _tax_lines(line):
    if not line["tax_rate"]:
        return []
    return [{"id": f"taxline_{line['id']}", "rate": line["tax_rate"], "code": "tax"}]


def _render_shipping(method):
    return {
        **{key: value for key, value in method.items() if key != "tax_rate"},
        **totals.as_numbers(_shipping_totals(method)),
        "tax_lines": lambda: _tax_lines(method),
        "adjustments": list,
    }


def _render_fulfillment(fulfillment):
    return {
        **{key: value for key, value in fulfillment.items() if key not in ("items", "labels")},
        "items": lambda: fulfillment["items"],
        "labels": lambda: fulfillment["labels"],
    }


def _render_payment(order):
    payment = order["payment"]
    captured, refunded = payment["captured_amount"], payment["refunded_amount"]
    amounts = totals.as_numbers(
        {
            "amount": payment["amount"],
            "captured_amount": captured,
            "refunded_amount": refunded,
        }
    )
    parts = {"captures": captured, "refunds": refunded}
    return {
        **amounts,
        "id": payment["id"],
        "currency_code": order["currency_code"],
        "status": "completed" if captured >= payment["amount"] else payment["status"],
        "payments": lambda: [
            {
                "id": payment["payment_id"],
                "amount": amounts["amount"],
                "currency_code": order["currency_code"],
                "provider_id": "pp_system_default",
                **{
                    name: lambda name=name, amount=amount: (
                        [{"id": f"{name}_{payment['id']}", "amount": totals.as_number(amount)}]
                        if amount
                        else []
                    )
                    for name, amount in parts.items()
                },
            }
        ],
    }


def _unfolded(value, skip):
    if callable(value):
        value = value()
    if isinstance(value, list):
        return [_unfolded(element, skip) for element in value]
    if isinstance(value, dict):
        return {key: _unfolded(part, skip) for key, part in value.items() if key not in skip}
    return value
