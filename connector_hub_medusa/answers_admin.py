# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What of the answers of Medusa's Admin API is read. What is compared, and perhaps sent back, keeps its unknown keys.

Rows that are stored as events are validated there: here they may be anything.
"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from odoo.addons.connector_hub.schemas import OR_UNREADABLE, Count, Moment

from .answers import Answer
from .schemas import Id, Money, Text


class Kept(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)


class Total(Answer):
    count: Count


class Named(Answer):
    id: Id
    name: Text


class StockLocations(Answer):
    stock_locations: list[Named]


class SalesChannels(Answer):
    sales_channels: list[Named]


class SupportedCurrency(Answer):
    currency_code: Text


class Store(Answer):
    default_sales_channel_id: Id | None = None
    supported_currencies: list[SupportedCurrency] = []


class Stores(Answer):
    stores: list[Store]


class ShippingProfile(Answer):
    id: Id


class ShippingProfiles(Answer):
    shipping_profiles: list[ShippingProfile]


# -- orders and customers ----------------------------------------------------------------------------------------


class OrderPage(Answer):
    orders: list[Any]
    count: Count

    @property
    def rows(self):
        return self.orders


class CustomerPage(Answer):
    customers: list[Any]
    count: Count

    @property
    def rows(self):
        return self.customers


class Changed(Answer):
    updated_at: Moment


class OneOrder(Answer):
    order: dict


class OneCustomer(Answer):
    customer: dict


class PackedItem(Answer):
    line_item_id: Id
    quantity: Money


class Label(Answer):
    tracking_number: Text | None = None
    tracking_url: Text | None = None


class Fulfillment(Answer):
    id: Id
    canceled_at: Any = None
    shipped_at: Any = None
    delivered_at: Any = None
    metadata: dict[str, Any] | None = None
    items: list[PackedItem] = []
    labels: list[Label] = []


class FulfilledOrder(Answer):
    status: Text | None = None
    metadata: dict[str, Any] | None = None
    fulfillments: list[Fulfillment]


class OneFulfilledOrder(Answer):
    order: FulfilledOrder


# -- products ----------------------------------------------------------------------------------------------------


class Category(Kept):
    id: Id
    handle: Text | None = None


class Categories(Answer):
    product_categories: list[Category]


class OneCategory(Answer):
    product_category: Category


class Image(Kept):
    id: Id
    url: str


class OptionValue(Kept):
    value: str
    option_id: Id | None = None


class Option(Kept):
    id: Id
    title: str
    values: list[OptionValue] | None = None


class Price(Kept):
    id: Id
    currency_code: Text
    amount: Money


class Variant(Kept):
    id: Id
    sku: str | None = None
    metadata: dict[str, Any] | None = None
    prices: list[Price] | None = None
    options: list[OptionValue] | None = None


class Product(Kept):
    id: Id
    status: Text | None = None
    thumbnail: str | None = None
    metadata: dict[str, Any] | None = None
    options: list[Option]
    variants: list[Variant]
    images: list[Image] | None = None
    categories: list[Category] | None = None


class Products(Answer):
    products: list[Product]


class ProductStatus(Answer):
    status: Text


class OneProductStatus(Answer):
    product: ProductStatus


class WrittenVariant(Answer):
    id: Id
    sku: str | None = None


class WrittenProduct(Answer):
    id: Id
    external_id: Text | None = None
    variants: list[WrittenVariant]


class WrittenProducts(Answer):
    created: list[WrittenProduct]


class OneWrittenProduct(Answer):
    product: WrittenProduct


class VariantOwner(Answer):
    sku: str | None = None
    product_id: Id


class VariantOwners(Answer):
    variants: list[VariantOwner]


class OwnInventory(Answer):
    sku: str | None = None


class OwnInventoryLink(Answer):
    inventory_item_id: Id
    inventory: OwnInventory | None = None


class SkuHolder(Answer):
    """A variant with the inventory items that may have its SKU too."""

    id: Id
    product_id: Id
    sku: str | None = None
    inventory_items: list[OwnInventoryLink] | None = None


class SkuHolders(Answer):
    variants: list[SkuHolder]


# -- stock -------------------------------------------------------------------------------------------------------


class KnownLevel(Answer):
    location_id: Id


class KnownLevels(Answer):
    location_levels: list[KnownLevel] | None = None


class InventoryLink(Answer):
    inventory_item_id: Id
    required_quantity: Decimal = Decimal(1)
    inventory: KnownLevels | None = None


class StockedVariant(Answer):
    sku: str | None = None
    manage_inventory: bool
    inventory_items: list[InventoryLink]


class StockedVariants(Answer):
    variants: list[StockedVariant]


class Level(Answer):
    location_id: Id
    stocked_quantity: Money


class InventoryItem(Answer):
    id: Id
    location_levels: list[Level] | None = None


class InventoryPage(Answer):
    inventory_items: list[Annotated[InventoryItem, OR_UNREADABLE]]
    count: Count
