# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders and customers of a stock Medusa v2 in the hub's terms; no database.

Medusa's figures (contracts/medusa.md, part c): an order's ``subtotal`` includes the shipping, ``shipping_total`` its
tax, and nothing is rounded. Odoo computes from the unit prices, discounts and taxes of the lines, and compares the
totals.
"""

from decimal import Decimal

from odoo.addons.connector_hub.schemas import (
    CanonicalAddress,
    CanonicalLine,
    CanonicalOrder,
    CanonicalOrderStatus,
    CanonicalPartner,
    CanonicalShipping,
    CanonicalTax,
)

from .const import REFERENCE_PREFIX
from .schemas_admin import ItemDetail

#: The goods have left the shop's shelf: Odoo must not send them again.
SHIPPED: frozenset[str] = frozenset({"fulfilled", "shipped", "delivered"})
PAID: frozenset[str] = frozenset({"captured"})


def to_canonical_order(order):
    """:param order: schemas_admin.Order"""
    customer = to_canonical_customer(order.customer) if order.customer else CanonicalPartner()
    shipping = order.shipping_address
    known = {
        "external_id": customer.external_id,
        "company_name": customer.company_name,
        "name": customer.name or (full_name(shipping) if shipping else ""),
        "email": customer.email or order.email or "",
        "phone": customer.phone or (shipping.phone if shipping else None) or "",
    }
    has_account = bool(order.customer and order.customer.has_account)
    return CanonicalOrder(
        external_id=order.id,
        reference=f"{REFERENCE_PREFIX}{order.display_id}" if order.display_id else order.id,
        revision=order.version or 0,
        state=_state(order),
        date_order=order.created_at,
        currency_code=order.currency_code.upper(),
        # The shop knows one person by several ids: a guest's is no account that could be updated.
        customer=CanonicalPartner(**{**known, **({} if has_account else {"external_id": ""})}),
        shipping_address=to_canonical_address(shipping),
        billing_address=to_canonical_address(order.billing_address),
        lines=[_line(item) for item in order.items],
        shipping=_shipping(order.shipping_methods),
        credit_total=order.credit_line_total or Decimal(0),
        prices_include_tax=any(item.is_tax_inclusive for item in order.items),
        total=order.total,
        tax_total=order.tax_total,
        values={"x_medusa_order_id": order.id},
        partner_values={"x_medusa_customer_id": order.customer.id} if has_account else {},
    )


def to_canonical_status(order):
    """:param order: schemas_admin.OrderState"""
    return CanonicalOrderStatus(
        external_id=order.id,
        status=order.status or "",
        fulfillment=order.fulfillment_status or "",
        payment=order.payment_status or "",
        is_cancelled=order.status == "canceled",
        is_captured=order.payment_status in PAID,
    )


def to_canonical_customer(customer):
    """:param customer: schemas_admin.Customer"""
    return CanonicalPartner(
        external_id=customer.id,
        name=full_name(customer),
        email=customer.email or "",
        phone=customer.phone or "",
        company_name=customer.company_name or "",
        addresses=[to_canonical_address(address) for address in customer.addresses],
    )


def to_canonical_address(address):
    """:param address: schemas_admin.Address or None"""
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


def _state(order):
    if order.status == "canceled":
        return "cancelled"
    if order.status == "completed" or order.fulfillment_status in SHIPPED:
        return "done"
    return "open"


def _line(item):
    title = item.title or ""
    variant = item.variant_title or ""
    detail = item.detail or ItemDetail()
    # What was received, damaged or not, is not paid any more.
    returned = detail.return_received_quantity + detail.return_dismissed_quantity
    return CanonicalLine(
        external_id=item.id,
        sku=item.variant_sku or "",
        product_external_id=item.variant_id or "",
        name=f"{title} ({variant})" if variant and "default" not in variant.lower() else title,
        quantity=item.quantity - returned,
        return_requested=detail.return_requested_quantity,
        returned=returned,
        written_off=detail.written_off_quantity,
        price_unit=item.unit_price,
        discount_amount=_discount(item),
        taxes=_taxes(item),
        tax_amount=item.tax_total,
    )


def _shipping(methods):
    """All shipping methods as one: Odoo has one delivery method per order."""
    amount = sum((method.amount - _discount(method) for method in methods), Decimal(0))
    if not methods:
        return None
    return CanonicalShipping(amount=amount, method=methods[0].name or "", taxes=_taxes(methods[0]))


def _discount(priced):
    """The discount in the terms of the price: with the tax on it if the price includes its taxes, else without."""
    discount = priced.discount_total or Decimal(0)
    if not priced.is_tax_inclusive:
        discount -= priced.discount_tax_total or Decimal(0)
    return max(discount, Decimal(0))


def _taxes(priced):
    return [
        CanonicalTax(
            rate=line.rate,
            included=bool(priced.is_tax_inclusive),
            name=line.description or line.code or "",
        )
        for line in priced.tax_lines
    ]
