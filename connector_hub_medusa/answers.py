# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What of the answers of a shop with /odoo/* routes is read (seed, section 4). Unknown keys are allowed.

Rows that are stored as events are validated there: here they may be anything.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from odoo.addons.connector_hub.schemas import OR_UNREADABLE, Count

from .schemas import Id, Money, Text


class Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class OrderList(Answer):
    orders: list[Any]
    total: Count | None = None


class CustomerList(Answer):
    customers: list[Any]
    total: Count | None = None


class InventoryRow(Answer):
    sku: Text | None = None
    location_id: Text | None = None
    location_name: Text | None = None
    stocked_quantity: Money | None = None


class InventoryList(Answer):
    inventory: list[Annotated[InventoryRow, OR_UNREADABLE]]
    total: Count | None = None


class OneOrder(Answer):
    """An order by itself: under ``order``, or as the whole answer."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: Id | None = None
    order: dict | None = None

    @property
    def content(self):
        return self.model_dump() if self.order is None else self.order


class OrderFacts(Answer):
    """The facts of Odoo's that an order's metadata show."""

    metadata: dict[str, Any] | None = None


class OneOrderFacts(Answer):
    order: OrderFacts


class Taken(Answer):
    """Whether what was sent is taken: one product, or one figure.

    :ivar action: ``inventory_created`` of what is not in the catalogue yet (seed, section 13.1)
    """

    success: bool | None = None
    action: Text | None = None


class BulkErrors(Answer):
    """The errors are matched with items by SKU; what stands in them besides is shown as it is."""

    errors: list[Any] | None = None
    failed: Annotated[Decimal, Field(ge=0)] | None = None
    not_found: Annotated[Decimal, Field(ge=0)] | None = None


class Bulk(Answer):
    success: bool | None = None
    results: BulkErrors | None = None


class FigureResult(Answer):
    model_config = ConfigDict(extra="allow", frozen=True)

    status: Text | None = None


class Figures(Answer):
    """Of /odoo/webhooks/inventory (seed, section 13.2)."""

    success: bool | None = None
    results: list[FigureResult] | None = None
    summary: BulkErrors | None = None


class Reduced(Answer):
    results: BulkErrors | None = None
