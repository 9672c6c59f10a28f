# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a shop with /odoo/* routes says, in the hub's terms: plain functions, no database."""

from datetime import timezone
from decimal import Decimal

from odoo.addons.connector_hub.models.connector_hub_order_status import readable_status
from odoo.addons.connector_hub.schemas import (
    CanonicalAddress,
    CanonicalLine,
    CanonicalOrder,
    CanonicalOrderStatus,
    CanonicalPartner,
    CanonicalShipping,
    CanonicalTax,
)

from .const import CANCELLED, CAPTURED, COMPLETED, REFERENCE_PREFIX, SHIPPED
from .schemas import Customer


def to_canonical_order(order, factor, prices_include_tax):
    """An order (seed, section 3.1): minor units become major ones, first and last name one.

    The seed does not say which of its figures include tax; real shops send unit prices with tax and a shipping total
    without. What they may mean are the order's alternatives.

    :param order: schemas.Order
    :param int factor: how many of the shop's units make one of the order's currency
    :param bool prices_include_tax: whether unit prices probably include their taxes, where an item does not say so
    """

    def major(amount):
        return Decimal(amount or 0) / factor

    customer = order.customer or Customer()
    shipping = order.shipping_address
    figures, *others = [_figures(order, major, *way) for way in _ways(order, prices_include_tax)]
    canonical = CanonicalOrder(
        external_id=order.id,
        reference=order.id if order.display_id is None else f"{REFERENCE_PREFIX}{order.display_id}",
        state=_order_state(order),
        date_order=aware(order.created_at),
        currency_code=order.currency_code.upper(),
        customer=CanonicalPartner(
            external_id=customer.id or "",
            name=full_name(customer) or (full_name(shipping) if shipping else ""),
            email=customer.email or order.email or "",
            phone=customer.phone or (shipping.phone if shipping else None) or "",
            company_name=customer.company_name or "",
        ),
        shipping_address=to_canonical_address(shipping),
        billing_address=to_canonical_address(order.billing_address),
        total=major(order.total),
        tax_total=None if order.tax_total is None else major(order.tax_total),
        values={
            "x_medusa_order_id": order.id,
            "connector_hub_status": readable_status(order.status),
            "connector_hub_fulfillment_status": readable_status(order.fulfillment_status),
            "connector_hub_payment_status": readable_status(order.payment_status),
        },
        partner_values={"x_medusa_customer_id": customer.id} if customer.id else {},
        **figures,
    )
    alternatives = [canonical.model_copy(update=other) for other in others]
    return canonical.model_copy(update={"alternatives": alternatives})


def _ways(order, prices_include_tax):
    """In which ways an order's figures can be read, the likeliest first: (prices, shipping total include tax)."""
    stated = {item.is_tax_inclusive for item in order.items}
    if None not in stated:
        prices_include_tax = True in stated
    ways = [(prices_include_tax, prices_include_tax)]
    if not order.tax_total:
        return ways
    ways.append((prices_include_tax, not prices_include_tax))
    if None in stated:
        ways += [(not prices_include_tax, False), (not prices_include_tax, True)]
    if not order.shipping_total:
        return [(included, included) for included in dict.fromkeys(way[0] for way in ways)]
    return ways


def _figures(order, major, prices_include_tax, shipping_includes_tax):
    """What of an order depends on how its figures are read: values of a CanonicalOrder."""
    methods = order.shipping_methods
    shipping = None
    if order.shipping_total or methods:
        shipping = CanonicalShipping(
            amount=major(order.shipping_total),
            method=methods[0].name or "" if methods else "",
            taxes=_taxes(methods[0].tax_lines, prices_include_tax) if methods else [],
            includes_tax=shipping_includes_tax,
        )
    return {
        "lines": [_to_canonical_line(item, major, prices_include_tax) for item in order.items],
        "shipping": shipping,
        "discount_total": major(_order_discount(order, prices_include_tax, shipping_includes_tax)),
        "prices_include_tax": prices_include_tax,
    }


def _order_state(order):
    if order.status in CANCELLED:
        return "cancelled"
    if order.status in COMPLETED or order.fulfillment_status in SHIPPED:
        return "done"
    return "open"


def _order_discount(order, prices_include_tax, shipping_includes_tax):
    """The part of the order's discount that its lines do not contain already, in the shop's units.

    ``discount_total`` may repeat the discounts of lines, those already taken off unit prices or the shipping, and the
    tax on them. What is missing between the lines and the total (total = subtotal + shipping + tax - discount) shows
    how much of it is left to take off.
    """
    told = sum((item.discount_total or 0 for item in order.items), Decimal(0))
    told = max((order.discount_total or Decimal(0)) - told, Decimal(0))
    included = [item for item in order.items if _is_tax_included(item, prices_include_tax)]
    tax_added = len(included) < len(order.items) or (
        order.shipping_total and not shipping_includes_tax
    )
    if not told or (
        tax_added and order.tax_total is None and any(item.tax_lines for item in order.items)
    ):
        return told
    charged = order.shipping_total or Decimal(0)
    for item in order.items:
        charged += item.quantity * item.unit_price - (item.discount_total or 0)
    if tax_added:
        charged += order.tax_total or 0
        charged -= sum(item.tax_total or 0 for item in included)
    return min(told, max(charged - order.total, Decimal(0)))


def _is_tax_included(item, prices_include_tax):
    return prices_include_tax if item.is_tax_inclusive is None else item.is_tax_inclusive


def _to_canonical_line(item, major, prices_include_tax):
    included = _is_tax_included(item, prices_include_tax)
    return CanonicalLine(
        external_id=item.id or "",
        sku=item.sku or item.variant_sku or "",
        name=item.title or "",
        quantity=item.quantity,
        price_unit=major(item.unit_price),
        discount_amount=major(item.discount_total),
        taxes=_taxes(item.tax_lines, included),
    )


def _taxes(lines, included):
    return [CanonicalTax(rate=line.rate, included=included, name=line.name or "") for line in lines]


def to_canonical_status(external_id, status, fulfillment, payment):
    """A change of an order's state (seed, section 3.3), in the shop's words."""
    return CanonicalOrderStatus(
        external_id=external_id,
        status=status or "",
        fulfillment=fulfillment or "",
        payment=payment or "",
        is_cancelled=status in CANCELLED,
        is_captured=payment in CAPTURED,
    )


def to_canonical_customer(customer):
    """A customer with an address book (seed, section 3.2).

    :param customer: schemas.Customer
    """
    addresses = [to_canonical_address(address) for address in customer.addresses]
    return CanonicalPartner(
        external_id=customer.id,
        # An address may be somebody else's: it names a new customer, and renames nobody.
        name=full_name(customer),
        name_part=_name_part(customer),
        email=customer.email or "",
        phone=customer.phone or next((entry.phone for entry in addresses if entry.phone), ""),
        company_name=customer.company_name or "",
        addresses=addresses,
    )


def _name_part(customer):
    """Which part of the name alone was told: ``customer.updated`` brings updated fields only. A null is told."""
    parts = {"first_name": "first", "last_name": "last"}
    told = [part for name, part in parts.items() if name in customer.model_fields_set]
    return told[0] if len(told) == 1 else ""


def to_canonical_address(address):
    """:param address: schemas.Address or None"""
    if address is None:
        return None
    return CanonicalAddress(
        external_id=address.id or "",
        name=full_name(address),
        company_name=address.company or "",
        street=address.address_1 or "",
        street2=address.address_2 or "",
        city=address.city or "",
        zip=address.postal_code or "",
        state_name=address.province or "",
        country_code=address.country_code or "",
        phone=address.phone or "",
        is_default_shipping=bool(address.is_default_shipping),
        is_default_billing=bool(address.is_default_billing),
    )


def full_name(record):
    return " ".join(part for part in (record.first_name, record.last_name) if part)


def aware(moment):
    """A moment without an offset is UTC, as Medusa writes it."""
    return moment.replace(tzinfo=timezone.utc) if moment and not moment.tzinfo else moment
