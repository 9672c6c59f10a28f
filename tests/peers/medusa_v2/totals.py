# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Totals of an order as Medusa v2 counts them: in major units, exact, never rounded."""

from decimal import Decimal

ZERO = Decimal(0)


def exact(value):
    return value if isinstance(value, Decimal) else Decimal(str(value))


def line_totals(unit_price, quantity, rate, discount=0, inclusive=False):
    """Totals of one line or shipping method.

    rate: tax in percent; discount: amount off the untaxed subtotal; inclusive: the unit price
    contains the tax. -> {"subtotal", "discount_subtotal", "tax_total", "total", ...} as Decimal
    """
    factor = 1 + exact(rate) / 100
    subtotal = exact(unit_price) * exact(quantity)
    if inclusive:
        subtotal /= factor
    discount = exact(discount)
    tax = (subtotal - discount) * (factor - 1)
    return {
        "subtotal": subtotal,
        "discount_subtotal": discount,
        "discount_tax_total": discount * (factor - 1),
        "discount_total": discount * factor,
        "tax_total": tax,
        "total": subtotal - discount + tax,
        "original_subtotal": subtotal,
        "original_tax_total": subtotal * (factor - 1),
        "original_total": subtotal * factor,
    }


def summed(lines, name):
    return sum((line[name] for line in lines), ZERO)


def order_totals(items, shipping, credit):
    """Totals of an order from its lines' totals and its credit lines' sum, as Decimal.

    ``subtotal`` includes the shipping, ``shipping_total`` its tax; credit lowers ``total`` only.
    """
    lines = [*items, *shipping]
    totals = {name: summed(lines, name) for name in line_totals(0, 0, 0)}
    totals["total"] -= credit
    for prefix, part in (("item", items), ("shipping", shipping)):
        for name in ("subtotal", "tax_total", "total", "discount_total"):
            totals[f"{prefix}_{name}"] = summed(part, name)
        for name in ("subtotal", "tax_total", "total"):
            totals[f"original_{prefix}_{name}"] = summed(part, f"original_{name}")
    totals.update(
        credit_line_total=credit,
        credit_line_subtotal=credit,
        credit_line_tax_total=ZERO,
        gift_card_total=ZERO,
        gift_card_tax_total=ZERO,
    )
    return totals


def as_numbers(totals):
    """Decimal -> JSON numbers, whole ones without a point, as JavaScript writes them."""
    return {key: as_number(value) for key, value in totals.items()}


def as_number(value):
    value = exact(value)
    return int(value) if value == value.to_integral_value() else float(value)
