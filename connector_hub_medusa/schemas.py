# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a Medusa shop sends (seed, section 3). Unknown keys are allowed: shops add their own."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from odoo.addons.connector_hub.schemas import Moment

Text = Annotated[str, Field(max_length=1000)]
Id = Annotated[str, Field(min_length=1, max_length=200)]
Money = Annotated[Decimal, Field(ge=-(10**15), le=10**15, allow_inf_nan=False)]
Quantity = Annotated[Decimal, Field(gt=0, le=10**9, allow_inf_nan=False)]


class MedusaModel(BaseModel):
    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True, frozen=True)


class Address(MedusaModel):
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


class Customer(MedusaModel):
    id: Id | None = None
    email: Text | None = None
    first_name: Text | None = None
    last_name: Text | None = None
    phone: Text | None = None
    company_name: Text | None = None
    has_account: bool | None = None
    created_at: Moment | None = None
    addresses: list[Address] = []


class TaxLine(MedusaModel):
    rate: Money
    code: Text | None = None
    name: Text | None = None


class Item(MedusaModel):
    id: Id | None = None
    title: Text | None = None
    quantity: Quantity
    unit_price: Money
    subtotal: Money | None = None
    discount_total: Money | None = None
    tax_total: Money | None = None
    tax_lines: list[TaxLine] = []
    is_tax_inclusive: bool | None = None
    sku: Text | None = None
    variant_sku: Text | None = None
    variant_id: Text | None = None
    product_id: Text | None = None


class ShippingMethod(MedusaModel):
    name: Text | None = None
    amount: Money | None = None
    tax_lines: list[TaxLine] = []


class Order(MedusaModel):
    id: Id
    display_id: int | Text | None = None
    status: Text | None = None
    fulfillment_status: Text | None = None
    payment_status: Text | None = None
    email: Text | None = None
    currency_code: Annotated[str, Field(pattern=r"^[A-Za-z]{3}$")]
    subtotal: Money | None = None
    tax_total: Money | None = None
    shipping_total: Money | None = None
    discount_total: Money | None = None
    total: Money
    created_at: Moment | None = None
    customer: Customer | None = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    shipping_methods: list[ShippingMethod] = []
    items: Annotated[list[Item], Field(min_length=1, max_length=2000)]


class OrderData(MedusaModel):
    order: Order

    @property
    def external_id(self):
        return self.order.id


class StatusData(MedusaModel):
    order_id: Id
    new_status: Text | None = None
    fulfillment_status: Text | None = None
    payment_status: Text | None = None

    @property
    def external_id(self):
        return self.order_id


class KnownCustomer(Customer):
    id: Id


class CustomerData(MedusaModel):
    customer: KnownCustomer

    @property
    def external_id(self):
        return self.customer.id


class Envelope(MedusaModel):
    """What every webhook has (seed, section 3).

    :ivar event_id: what the connector itself gives to what it has polled
    """

    event: Id
    event_id: Id | None = None
    timestamp: Moment | None = None
    data: dict


class OrderCreated(Envelope):
    data: OrderData


class OrderStatusUpdated(Envelope):
    data: StatusData


class CustomerChanged(Envelope):
    data: CustomerData


#: Event type -> its whole body.
EVENTS: dict[str, type[Envelope]] = {
    "order.created": OrderCreated,
    "order.status_updated": OrderStatusUpdated,
    "customer.created": CustomerChanged,
    "customer.updated": CustomerChanged,
}
