# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Medusa v2's Admin API as data (npm @medusajs/medusa 2.21; contracts/medusa.md, parts b and c)."""

#: Records per request. A hundred products take Medusa about a second.
PRODUCT_BATCH = 50
STOCK_BATCH = 500

#: Records per page of a poll.
ORDER_PAGE = 50
CUSTOMER_PAGE = 100
LEVEL_PAGE = 500

#: SKUs or ids per look-up, and the length of the query they make; Node refuses more than 16 kB of headers.
LOOKUP_SIZE = 100
LOOKUP_LENGTH = 6000

#: What a product is compared by. A modifier alone adds to the fields Medusa shows anyway: options, variants, prices.
PRODUCT_FIELDS = "*categories"
#: What is read of a product that was just written.
WRITTEN_FIELDS = "id,external_id,variants.id,variants.sku"
#: What is read of a variant whose SKU changes.
INVENTORY_FIELDS = (
    "id,sku,product_id,inventory_items.inventory_item_id,inventory_items.inventory.sku"
)
STOCK_FIELDS = (
    "id,sku,manage_inventory,inventory_items.inventory_item_id,inventory_items.required_quantity,"
    "inventory_items.inventory.location_levels.location_id"
)
LEVEL_FIELDS = "id,location_levels.location_id,location_levels.stocked_quantity"
#: By default a list of orders has neither items nor addresses.
ORDER_FIELDS = (
    "id,display_id,version,status,email,currency_code,total,tax_total,discount_total,shipping_total,credit_line_total,"
    "metadata,created_at,updated_at,payment_status,fulfillment_status,*customer,*shipping_address,*billing_address,"
    "*items,*items.detail,*items.tax_lines,*shipping_methods,*shipping_methods.tax_lines,*payment_collections,*fulfillments,"
    "*fulfillments.labels"
)
FULFILLMENT_FIELDS = (
    "id,status,metadata,*items,*items.detail,*fulfillments,*fulfillments.items,*fulfillments.labels"
)
CUSTOMER_FIELDS = (
    "id,email,first_name,last_name,phone,company_name,has_account,created_at,updated_at,*addresses"
)

#: Fields a new backend exports: (Odoo field of the product, field of Medusa's, converter). What stands under
#: ``variants`` is read from each variant. Prices, options, categories and images are no single fields: they are
#: always sent.
PRODUCT_MAPPINGS = (
    ("name", "title", "text"),
    ("description_sale", "description", "text"),
    ("id", "metadata.odoo_id", "integer"),
    ("product_variant_ids.barcode", "variants.barcode", "text"),
    ("product_variant_ids.weight", "variants.weight", "grams"),
)

#: What else a product's payload is made from.
PRODUCT_PATHS = (
    "product_variant_ids.default_code",
    "product_variant_ids.lst_price",
    "product_variant_ids.active",
    "is_storable",
    "image_1920",
    "categ_id.name",
    "categ_id.parent_id",
    "attribute_line_ids.value_ids.name",
)

#: Option of a product without attributes: Medusa wants one.
DEFAULT_OPTION = "Default option"
DEFAULT_VALUE = "Default option value"
DEFAULT_VARIANT = "Default variant"

#: Where a product's metadata say that Odoo took it off the shelf: the status Odoo gave it then.
STATUS_KEY = "odoo_status"
#: Numbers of a variant that are unique in the shop -> where its metadata say which one is Odoo's.
BARCODE_FIELDS: dict[str, str] = {
    "barcode": "odoo_barcode",
    "ean": "odoo_ean",
    "upc": "odoo_upc",
}

#: Medusa's own events, as the subscriber in static/subscriber posts them: event -> where the order's id stands.
ORDER_EVENTS: dict[str, str] = {
    "order.placed": "id",
    "order.updated": "id",
    "order.canceled": "id",
    "order.completed": "id",
    "order.fulfillment_created": "order_id",
    "order.fulfillment_canceled": "order_id",
    "order-edit.confirmed": "order_id",
    "order.return_requested": "order_id",
    "order.return_received": "order_id",
    "order.exchange_created": "order_id",
    "order.claim_created": "order_id",
    "shipment.created": "order_id",
    "delivery.created": "order_id",
    "payment.captured": "order_id",
    "payment.refunded": "order_id",
}
CUSTOMER_EVENTS: frozenset[str] = frozenset({"customer.created", "customer.updated"})

#: What the shop is told of.
FACTS: tuple[str, ...] = (
    "order.confirmed",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.invoiced",
    "order.paid",
)
