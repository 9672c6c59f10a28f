# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the Admin API of a stock Medusa v2 says of orders and customers. Unknown keys are allowed."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from odoo.addons.connector_hub.schemas import Moment

from .schemas import Id, Money, Quantity, Text


class AdminModel(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, frozen=True)


class Envelope(AdminModel):
    """An event of the subscriber, or of our own poll: ``data`` names, or holds, what it is about."""

    event: Id
    timestamp: Moment | None = None
    data: dict


class Address(AdminModel):
    id: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    company: Text | None = None
    address_1: Text | None = None
    address_2: Text | None = None
    city: Text | None = None
    province: Text | None = None
    postal_code: Text | None = None
    country_code: Text | None = None
    phone: Text | None = None
    is_default_shipping: bool | None = None
    is_default_billing: bool | None = None


class Customer(AdminModel):
    id: Id
    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    phone: Text | None = None
    company_name: Text | None = None
    has_account: bool | None = None
    addresses: list[Address] = []


class TaxLine(AdminModel):
    rate: Money
    code: Text | None = None
    description: Text | None = None


class Priced(AdminModel):
    """What items and shipping methods have: a discount with and without the tax on it."""

    is_tax_inclusive: bool | None = None
    discount_total: Money | None = None
    discount_tax_total: Money | None = None
    tax_total: Money | None = None
    tax_lines: list[TaxLine] = []


class ItemDetail(AdminModel):
    """What has become of an item. Its ``quantity`` stays what was ordered."""

    return_requested_quantity: Money = Decimal(0)
    return_received_quantity: Money = Decimal(0)
    return_dismissed_quantity: Money = Decimal(0)
    written_off_quantity: Money = Decimal(0)


class Item(Priced):
    id: Id
    detail: ItemDetail | None = None
    title: Text | None = None
    variant_title: Text | None = None
    quantity: Quantity
    unit_price: Money
    variant_id: Text | None = None
    variant_sku: Text | None = None


class ShippingMethod(Priced):
    name: Text | None = None
    amount: Money


class Order(AdminModel):
    """An order with the fields of ``const_admin.ORDER_FIELDS``; amounts in major units, not rounded."""

    id: Id
    display_id: int | Text | None = None
    version: int | None = None
    status: Text | None = None
    payment_status: Text | None = None
    fulfillment_status: Text | None = None
    email: Text | None = None
    currency_code: Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]
    total: Money
    tax_total: Money | None = None
    credit_line_total: Money | None = None
    created_at: Moment | None = None
    updated_at: Moment | None = None
    customer: Customer | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    shipping_methods: list[ShippingMethod] = []
    items: Annotated[list[Item], Field(max_length=2000)]


class ById(AdminModel):
    id: Id


class ByOrderId(AdminModel):
    order_id: Id
