# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The canonical order: what any partner's order is turned into before it becomes a sale order. And what pydantic models
of partners share.

Amounts are :class:`~decimal.Decimal` in major units of the order's currency. Partner addons build these objects
in ``_to_canonical_order``; ``connector.hub.order.import`` reads them. Pydantic validates: its error names the field.
"""

from dataclasses import dataclass
from datetime import datetime, timezone
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    WrapValidator,
    model_validator,
)


def _check_calendar(moment):
    """The first and last hours of the calendar do not exist in UTC, which is what Odoo stores."""
    if moment.tzinfo:
        try:
            moment.astimezone(timezone.utc)
        except OverflowError:
            raise ValueError("the moment is outside of the calendar") from None
    return moment


Moment = Annotated[datetime, AfterValidator(_check_calendar)]
#: Beyond this a figure with three decimals has more digits than a float keeps exactly; far beyond it, writing the
#: figure out takes all memory.
AMOUNT_LIMIT = Decimal(10) ** 12
Amount = Annotated[Decimal, Field(gt=-AMOUNT_LIMIT, lt=AMOUNT_LIMIT, allow_inf_nan=False)]
#: A number of records, as the database can keep it.
Count = Annotated[int, Field(ge=0, lt=2**31)]
NotNegative = Annotated[Decimal, Field(ge=0, lt=AMOUNT_LIMIT, allow_inf_nan=False)]


def describe_invalid(error):
    """A pydantic error as one readable line that names the fields."""
    lines = []
    for problem in error.errors(include_url=False, include_input=False, include_context=False)[:5]:
        where = ".".join(str(step) for step in problem["loc"]) or "body"
        lines.append(f"{where}: {problem['msg']}")
    more = error.error_count() - len(lines)
    return "; ".join(lines) + (f" (and {more} more)" if more > 0 else "")


@dataclass(frozen=True)
class Unreadable:
    """An entry of a partner's list that is not what it should be.

    :ivar problem: what is wrong with it, naming the field
    """

    problem: str


def _read_entry(value, read):
    try:
        return read(value)
    except ValidationError as error:
        return Unreadable(describe_invalid(error))


#: ``list[Annotated[Row, OR_UNREADABLE]]``: one odd entry does not spoil the list.
OR_UNREADABLE = WrapValidator(_read_entry)


def split_entries(entries):
    """Sort what ``OR_UNREADABLE`` gave.

    :return: (the entries, texts about those that cannot be read)
    """
    usable = [entry for entry in entries if not isinstance(entry, Unreadable)]
    problems = [
        f"{position}: {entry.problem}"
        for position, entry in enumerate(entries)
        if isinstance(entry, Unreadable)
    ]
    return usable, problems


class Canonical(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class CanonicalAddress(Canonical):
    """A postal address. ``country_code`` is ISO 3166-1 alpha-2 in any case, ``state_code`` the part after the dash.

    :ivar is_default_shipping: whether the customer's goods usually go there
    :ivar is_default_billing: whether the customer's invoices usually go there
    """

    name: str = ""
    company_name: str = ""
    street: str = ""
    street2: str = ""
    city: str = ""
    zip: str = ""
    state_code: str = ""
    state_name: str = ""
    country_code: str = ""
    phone: str = ""
    email: str = ""
    external_id: str = ""
    is_default_shipping: bool = False
    is_default_billing: bool = False


class CanonicalPartner(Canonical):
    """The customer. ``external_id`` is empty for a guest.

    :ivar name_part: "first" or "last" if ``name`` is that part of the name alone, and the other one was not told
    """

    external_id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    vat: str = ""
    lang: str = ""
    company_name: str = ""
    is_company: bool = False
    name_part: Literal["", "first", "last"] = ""
    addresses: list[CanonicalAddress] = []

    def complete_name(self, current):
        """A name told in part, and the other part of the current one, split where the parts were joined: at the first
        blank. Empty if this cannot be told: half a name must not become the whole."""
        first, _blank, last = (current or "").partition(" ")
        if not self.name or not last:
            return ""
        return f"{self.name} {last}" if self.name_part == "first" else f"{first} {self.name}"


class CanonicalTax(Canonical):
    """A tax of a line, found in Odoo by its rate (percent) and by whether prices include it."""

    rate: Amount
    included: bool = False
    name: str = ""


class CanonicalLine(Canonical):
    """One line. ``discount_amount`` is for the whole line; ``tax_amount`` is the remote's figure, or None.

    :ivar quantity: what the customer keeps and pays; nothing is left only where all was returned
    :ivar return_requested: pieces of them that are to come back
    :ivar returned: pieces that have come back, and are not in ``quantity`` any more
    :ivar written_off: pieces that were claimed and do not come back
    """

    external_id: str = ""
    sku: str = ""
    product_external_id: str = ""
    name: str = ""
    quantity: NotNegative
    price_unit: Amount
    return_requested: NotNegative = Decimal(0)
    returned: NotNegative = Decimal(0)
    written_off: NotNegative = Decimal(0)
    discount_amount: NotNegative = Decimal(0)
    taxes: list[CanonicalTax] = []
    tax_amount: Amount | None = None

    @model_validator(mode="after")
    def _check_quantity(self):
        if not self.quantity and not self.returned:
            raise ValueError("the quantity must be greater than 0")
        return self


class CanonicalShipping(Canonical):
    """What the customer pays for delivery. ``method`` is matched with a carrier's name or external reference.

    :ivar includes_tax: whether ``amount`` includes its tax; None: if the order's prices do
    """

    amount: Amount = Decimal(0)
    method: str = ""
    taxes: list[CanonicalTax] = []
    includes_tax: bool | None = None


class CanonicalOrder(Canonical):
    """A whole order.

    :ivar revision: a number that grows with the partner's changes of the order; 0 if it has none
    :ivar state: "done": the partner has shipped it already, so that Odoo must not reserve or ship anything for it
    :ivar total: what the customer owes, to the last digit; the imported order must come to the same
    :ivar tax_total: the tax in it, or None if the remote does not say
    :ivar prices_include_tax: whether ``price_unit`` includes the taxes, and the shipping amount if it does not say so
    :ivar alternatives: other ways to read the figures of a partner that does not say which of them include tax, in
        order of preference: the first one that adds up is imported
    :ivar discount_total: a discount on the whole order that is not in any line's ``discount_amount``
    :ivar credit_total: what the partner has credited since, without effect on its taxes: a line of its own
    :ivar values: further sale.order values of the partner addon (``x_medusa_order_id``)
    :ivar partner_values: further res.partner values of the partner addon (``x_medusa_customer_id``)
    """

    external_id: Annotated[str, Field(min_length=1)]
    reference: str = ""
    revision: int = 0
    state: Literal["open", "done", "cancelled"] = "open"
    date_order: Moment | None = None
    currency_code: Annotated[str, Field(min_length=3, max_length=3)]
    customer: CanonicalPartner
    shipping_address: CanonicalAddress | None = None
    billing_address: CanonicalAddress | None = None
    lines: list[CanonicalLine]
    shipping: CanonicalShipping | None = None
    discount_total: NotNegative = Decimal(0)
    credit_total: NotNegative = Decimal(0)
    prices_include_tax: bool = False
    alternatives: list["CanonicalOrder"] = []
    total: Amount
    tax_total: Amount | None = None
    note: str = ""
    values: dict = {}
    partner_values: dict = {}


class CanonicalOrderStatus(Canonical):
    """What has become of an order at the partner.

    :ivar status: the partner's own word, shown on the order; so are ``fulfillment`` and ``payment``
    :ivar is_cancelled: whether the order is not to be shipped any more
    :ivar is_captured: whether the customer's money has arrived
    """

    external_id: Annotated[str, Field(min_length=1)]
    status: str = ""
    fulfillment: str = ""
    payment: str = ""
    is_cancelled: bool = False
    is_captured: bool = False
