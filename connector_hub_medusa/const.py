# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Medusa seed's contract as data (seed: medusa_marqasouq.md)."""

#: Header of the API key, both ways (seed, section 2).
API_KEY_HEADER = "x-odoo-api-key"

#: Ways in which shops are spoken to -> the adapter that does.
DIALECTS: dict[str, str] = {
    "odoo_routes": "connector.hub.adapter.medusa",
    "admin": "connector.hub.adapter.medusa.admin",
}

#: Products, and stock figures, per bulk request.
BULK_SIZE = 200
STOCK_BULK_SIZE = 500

#: Records per page of a poll.
PAGE_SIZE = 100

#: How far back, in days, and on how many pages per status, a poll looks for orders that have changed.
STATUS_DAYS = 30
STATUS_PAGES = 10

#: Pages of the shop's inventory that "Test connection" compares with Odoo's SKUs.
INVENTORY_PAGES = 20
INVENTORY_PAGE_SIZE = 500

#: Prefix of the customer reference of imported orders, before the shop's display id.
REFERENCE_PREFIX = "MEDUSA-"

#: The shop's words for an order that is off, one that it has shipped, one whose money has arrived.
CANCELLED: frozenset[str] = frozenset({"cancelled", "canceled"})
COMPLETED: frozenset[str] = frozenset({"completed"})
SHIPPED: frozenset[str] = frozenset({"fulfilled", "shipped", "delivered"})
#: What a new order is before anything happens to it: no news of an order of which Odoo shows nothing yet.
UNTOUCHED: frozenset[str] = frozenset({"pending", "not_fulfilled", "not_paid", "awaiting"})
CAPTURED: frozenset[str] = frozenset({"captured", "paid"})

#: Facts of /odoo/webhooks/order-status (seed, section 13.3).
STATUS_FACTS: tuple[str, ...] = (
    "order.confirmed",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.invoiced",
    "order.paid",
)

#: Our own facts: the acknowledgement of an imported order, and goods off the shop's shelf (sections 4.3 and 6.3).
SYNCED_FACT = "order.synced"
REDUCE_FACT = "inventory.reduce"

#: Fields a new backend exports to /odoo/products (sections 5.1 and 7): (Odoo field, field there, converter).
#: Attributes come first: what other mappings put into ``metadata`` joins them.
PRODUCT_MAPPINGS: tuple[tuple[str, str, str], ...] = (
    ("connector_hub_attributes", "metadata", "none"),
    ("id", "odoo_product_id", "integer"),
    ("default_code", "sku", "text"),
    ("name", "title", "text"),
    ("description_sale", "description", "text"),
    ("connector_hub_price", "price", "minor_units"),
    ("connector_hub_cost", "cost_price", "minor_units"),
    ("connector_hub_currency_id.name", "currency_code", "lowercase"),
    ("weight", "weight", "grams"),
    ("barcode", "barcode", "text"),
    ("categ_id.name", "category_handle", "slug"),
    ("connector_hub_image_urls", "images", "none"),
    ("id", "metadata.odoo_id", "integer"),
    ("connector_hub_quantity", "inventory.quantity", "int_quantity"),
    ("connector_hub_is_stocked", "inventory.manage_inventory", "boolean"),
)

#: The same for /odoo/webhooks/products (section 13.1): major units and kilograms.
PRODUCT_WEBHOOK_MAPPINGS: tuple[tuple[str, str, str], ...] = (
    ("id", "odoo_id", "integer"),
    ("default_code", "sku", "text"),
    ("name", "name", "text"),
    ("description_sale", "description", "text"),
    ("connector_hub_price", "list_price", "major_units"),
    ("connector_hub_cost", "standard_price", "major_units"),
    ("barcode", "barcode", "text"),
    ("weight", "weight", "kilograms"),
    ("categ_id.name", "category_name", "text"),
    ("active", "active", "boolean"),
    ("connector_hub_quantity", "qty_available", "int_quantity"),
)

#: Mapped only where other addons have brought a field: (that field, Odoo field, field there, converter). Of several for
#: one field there, the first that is there counts.
OPTIONAL_MAPPINGS: tuple[tuple[str, str, str, str], ...] = (
    ("compare_list_price", "connector_hub_compare_price", "compare_at_price", "minor_units"),
    ("product_brand_id", "product_brand_id.name", "brand", "text"),
    ("x_brand", "x_brand", "brand", "text"),
    ("connector_hub_brand", "connector_hub_brand", "brand", "text"),
    ("country_of_origin", "country_of_origin.name", "metadata.origin_country", "text"),
    ("x_warranty_months", "x_warranty_months", "metadata.warranty_months", "integer"),
    (
        "allow_out_of_stock_order",
        "allow_out_of_stock_order",
        "inventory.allow_backorder",
        "boolean",
    ),
)

#: Mapped in Arabic, if that is installed.
ARABIC_MAPPINGS: tuple[tuple[str, str, str], ...] = (
    ("name", "title_ar", "text"),
    ("description_sale", "description_ar", "text"),
)

STOCK_MAPPINGS: tuple[tuple[str, str, str], ...] = (
    ("default_code", "sku", "text"),
    ("connector_hub_quantity", "quantity", "int_quantity"),
)

#: Codes of the shop's errors for one item -> reason. Others are retried.
ITEM_REASONS: dict[str, str] = {
    "VALIDATION_ERROR": "rejected_by_partner",
    "DUPLICATE_SKU": "duplicate_sku",
    "NOT_FOUND": "not_found",
}

#: The shop's own failures: the same item may succeed later (seed, section 9).
RETRYABLE_CODES: frozenset[str] = frozenset({"SKU_NOT_FOUND", "INVENTORY_ERROR", "SYNC_FAILED"})
