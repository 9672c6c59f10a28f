# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What two tellings of one order are compared by."""

from decimal import Decimal


def order_content(order):
    """What of an order is money or goods, as texts that can be compared."""

    def figures(*values):
        return [f"{Decimal(value or 0):.4f}" for value in values]

    def taxes(priced):
        return sorted(f"{tax.rate:.4f} {tax.included}" for tax in priced.taxes)

    shipping = order.shipping
    return {
        "total": figures(order.total, order.tax_total, order.discount_total, order.credit_total),
        "shipping": [shipping.method, *figures(shipping.amount), *taxes(shipping)]
        if shipping
        else [],
        "returns": order_returns(order),
        "lines": sorted(
            [
                line.external_id,
                line.product_external_id or line.sku,
                *figures(line.quantity, line.price_unit, line.discount_amount),
                *taxes(line),
            ]
            for line in order.lines
        ),
    }


def order_returns(order):
    """Pieces that come back, came back or were written off, by line."""
    return sorted(
        [line.external_id or line.sku, *(f"{figure:.4f}" for figure in figures)]
        for line in order.lines
        if any(figures := (line.return_requested, line.returned, line.written_off))
    )
