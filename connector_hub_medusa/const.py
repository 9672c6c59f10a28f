# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Medusa seed's contract as data (seed: medusa_marqasouq.md)."""

#: Header of the API key, both ways (seed, section 2).
API_KEY_HEADER = "x-odoo-api-key"

#: Records per bulk request.
BULK_SIZE = 200

#: Prefix of the customer reference of imported orders, before the shop's display id.
REFERENCE_PREFIX = "MEDUSA-"

#: Fields a new backend exports (seed, section 7): (Odoo field, field of /odoo/products, converter).
PRODUCT_MAPPINGS = (
    ("id", "odoo_product_id", "integer"),
    ("default_code", "sku", "text"),
    ("name", "title", "text"),
    ("description_sale", "description", "text"),
    ("lst_price", "price", "minor_units"),
    ("standard_price", "cost_price", "minor_units"),
    ("currency_id.name", "currency_code", "lowercase"),
    ("weight", "weight", "grams"),
    ("barcode", "barcode", "text"),
    ("categ_id.name", "category_handle", "slug"),
    ("id", "metadata.odoo_id", "integer"),
    ("connector_hub_quantity", "inventory.quantity", "int_quantity"),
)

STOCK_MAPPINGS = (
    ("default_code", "sku", "text"),
    ("connector_hub_quantity", "quantity", "int_quantity"),
)

#: Codes in a bulk answer's ``errors`` -> reason. Others are retried.
ITEM_REASONS: dict[str, str] = {
    "VALIDATION_ERROR": "rejected_by_partner",
    "DUPLICATE_SKU": "duplicate_sku",
    "NOT_FOUND": "not_found",
}

#: The shop's own failures: the same item may succeed later (seed, section 9).
RETRYABLE_CODES: frozenset[str] = frozenset({"SKU_NOT_FOUND", "INVENTORY_ERROR", "SYNC_FAILED"})
