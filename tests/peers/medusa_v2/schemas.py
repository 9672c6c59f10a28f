# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a stock Medusa 2.21 takes in request bodies, from its validators; the rest is refused.

A schema is (fields, required names); ``strict`` objects refuse unknown keys, the others drop them.
"""

import re

from .. import checks

TEXT = checks.text
MAYBE_TEXT = checks.nullable(checks.text)
MAYBE_NUMBER = checks.nullable(checks.number)
METADATA = checks.nullable(checks.mapping)
TEXTS = checks.listing(checks.text)


def boolean_or_text(value):
    ok = isinstance(value, bool) or str(value).lower() in ("true", "false")
    return None if ok else "must be true or false"


def email(value):
    ok = isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value)
    return None if ok else "must be an e-mail address"


def label_url(value):
    ok = value in ("", "#") or checks.http_url(value) is None
    return None if ok else "URL must use http: or https: scheme"


def removed_options(_value):
    return (
        "The 'options' property was removed in version 2.16.0. Please remove it from your request"
    )


IDS = checks.listing(checks.record({"id": TEXT}, ("id",)))
MEASURES = {
    "weight": MAYBE_NUMBER,
    "length": MAYBE_NUMBER,
    "height": MAYBE_NUMBER,
    "width": MAYBE_NUMBER,
    "origin_country": MAYBE_TEXT,
    "hs_code": MAYBE_TEXT,
    "mid_code": MAYBE_TEXT,
    "material": MAYBE_TEXT,
    "metadata": METADATA,
}
PRICE = {
    "currency_code": TEXT,
    "amount": checks.number,
    "min_quantity": MAYBE_NUMBER,
    "max_quantity": MAYBE_NUMBER,
    "rules": checks.mapping,
}
VARIANT = {
    "title": TEXT,
    "sku": MAYBE_TEXT,
    "ean": MAYBE_TEXT,
    "upc": MAYBE_TEXT,
    "barcode": MAYBE_TEXT,
    "allow_backorder": boolean_or_text,
    "manage_inventory": boolean_or_text,
    "variant_rank": checks.number,
    "options": checks.mapping,
    **MEASURES,
}
VARIANT_CREATE = {
    **VARIANT,
    "prices": checks.listing(checks.record(PRICE, ("currency_code", "amount"))),
    "inventory_items": checks.listing(
        checks.record(
            {"inventory_item_id": TEXT, "required_quantity": checks.number},
            ("inventory_item_id", "required_quantity"),
        )
    ),
}
VARIANT_CREATE_REQUIRED = ("title", "prices")
VARIANT_UPDATE = {
    **VARIANT,
    "id": TEXT,
    "thumbnail": MAYBE_TEXT,
    "prices": checks.listing(checks.record({**PRICE, "id": TEXT})),
}

OPTION = {
    "title": TEXT,
    "values": TEXTS,
    "ranks": checks.mapping,
    "is_exclusive": checks.boolean,
    "metadata": METADATA,
}
OPTION_LINK = {"id": TEXT, "value_ids": TEXTS}


def option(value):
    """A new option, or the link to an existing one."""
    linked = isinstance(value, dict) and "id" in value
    fields, required = (OPTION_LINK, ("id",)) if linked else (OPTION, ("title", "values"))
    return checks.record(fields, required, strict=not linked)(value)


PRODUCT = {
    "title": TEXT,
    "subtitle": MAYBE_TEXT,
    "description": MAYBE_TEXT,
    "is_giftcard": boolean_or_text,
    "discountable": boolean_or_text,
    "thumbnail": MAYBE_TEXT,
    "handle": TEXT,
    "external_id": MAYBE_TEXT,
    "type_id": MAYBE_TEXT,
    "collection_id": MAYBE_TEXT,
    "categories": IDS,
    "tags": IDS,
    "sales_channels": IDS,
    **MEASURES,
}
STATUSES = ("draft", "proposed", "published", "rejected")
PRODUCT_CREATE = {
    **PRODUCT,
    "status": checks.nullable(checks.one_of(*STATUSES)),
    "images": checks.listing(checks.record({"url": TEXT}, ("url",))),
    "options": checks.listing(option),
    "variants": checks.listing(checks.record(VARIANT_CREATE, VARIANT_CREATE_REQUIRED, strict=True)),
    "shipping_profile_id": TEXT,
}
PRODUCT_UPDATE = {
    **PRODUCT,
    "status": checks.one_of(*STATUSES),
    "images": checks.listing(checks.record({"id": TEXT, "url": TEXT}, ("url",))),
    "options": removed_options,
    "option_ids": TEXTS,
    "variants": checks.listing(checks.record(VARIANT_UPDATE, strict=True)),
    "shipping_profile_id": MAYBE_TEXT,
}
OPTIONS_BATCH = {
    "add": checks.listing(lambda value: None if isinstance(value, str) else option(value)),
    "remove": TEXTS,
    "update": checks.listing(
        checks.record(
            {
                "product_option_id": TEXT,
                "add": checks.listing(
                    lambda value: (
                        None
                        if isinstance(value, str)
                        else checks.record({"value": TEXT}, ("value",), strict=True)(value)
                    )
                ),
                "remove": TEXTS,
            },
            ("product_option_id",),
        )
    ),
}


def batch(create, create_required, update, update_required=("id",), strict=True):
    """{create, update, delete} of strict records."""
    return {
        "create": checks.listing(checks.record(create, create_required, strict)),
        "update": checks.listing(checks.record({**update, "id": TEXT}, update_required, strict)),
        "delete": TEXTS,
    }


PRODUCT_BATCH = batch(PRODUCT_CREATE, ("title",), PRODUCT_UPDATE)
VARIANT_BATCH = batch(VARIANT_CREATE, VARIANT_CREATE_REQUIRED, VARIANT_UPDATE)

CATEGORY = {
    "name": TEXT,
    "description": TEXT,
    "handle": TEXT,
    "is_internal": checks.boolean,
    "is_active": checks.boolean,
    "parent_category_id": MAYBE_TEXT,
    "external_id": MAYBE_TEXT,
    "metadata": METADATA,
    "rank": checks.amount,
}

QUANTITIES = {"stocked_quantity": checks.amount, "incoming_quantity": checks.amount}
LEVEL = {"location_id": TEXT, **QUANTITIES}
ITEM_LEVEL = {"inventory_item_id": TEXT, **LEVEL}
INVENTORY_ITEM = {
    **MEASURES,
    "sku": MAYBE_TEXT,
    "unit_of_measure": MAYBE_TEXT,
    "title": MAYBE_TEXT,
    "description": MAYBE_TEXT,
    "requires_shipping": checks.boolean,
    "thumbnail": MAYBE_TEXT,
}
INVENTORY_ITEM_CREATE = {
    **INVENTORY_ITEM,
    "location_levels": checks.listing(checks.record(LEVEL, ("location_id",), strict=True)),
}
ITEM_LEVELS_BATCH = {
    "create": checks.listing(checks.record(ITEM_LEVEL, ("inventory_item_id", "location_id"))),
    "update": checks.listing(checks.record(ITEM_LEVEL, ("inventory_item_id", "location_id"))),
    "delete": TEXTS,
    "force": checks.boolean,
}
LEVELS_BATCH = {
    "create": checks.listing(checks.record(LEVEL, ("location_id",), strict=True)),
    "update": checks.listing(checks.record({**LEVEL, "id": TEXT}, ("location_id",), strict=True)),
    "delete": TEXTS,
    "force": checks.boolean,
}

ADDRESS = {
    "first_name": MAYBE_TEXT,
    "last_name": MAYBE_TEXT,
    "phone": MAYBE_TEXT,
    "company": MAYBE_TEXT,
    "address_1": MAYBE_TEXT,
    "address_2": MAYBE_TEXT,
    "city": MAYBE_TEXT,
    "country_code": MAYBE_TEXT,
    "province": MAYBE_TEXT,
    "postal_code": MAYBE_TEXT,
    "metadata": METADATA,
}
CUSTOMER_ADDRESS = {
    **ADDRESS,
    "address_name": MAYBE_TEXT,
    "is_default_shipping": checks.boolean,
    "is_default_billing": checks.boolean,
}
CUSTOMER = {
    "email": checks.nullable(email),
    "company_name": MAYBE_TEXT,
    "first_name": MAYBE_TEXT,
    "last_name": MAYBE_TEXT,
    "phone": MAYBE_TEXT,
    "metadata": METADATA,
}

ORDER_ITEMS = checks.record({"id": TEXT, "quantity": checks.number}, ("id", "quantity"))
ORDER_UPDATE = {
    "email": TEXT,
    "shipping_address": checks.record(ADDRESS, strict=True),
    "billing_address": checks.record(ADDRESS, strict=True),
    "locale": MAYBE_TEXT,
    "metadata": METADATA,
}
FULFILLMENT = {
    "items": checks.listing(ORDER_ITEMS, minimum=1),
    "location_id": MAYBE_TEXT,
    "shipping_option_id": TEXT,
    "no_notification": checks.boolean,
    "delivery_address": checks.record(ADDRESS, strict=True),
    "metadata": METADATA,
}
SHIPMENT = {
    "items": checks.listing(ORDER_ITEMS),
    "labels": checks.listing(
        checks.record(
            {"tracking_number": TEXT, "tracking_url": label_url, "label_url": label_url},
            ("tracking_number", "tracking_url", "label_url"),
        )
    ),
    "no_notification": checks.boolean,
    "metadata": METADATA,
}
NOTIFICATION = {"no_notification": checks.boolean}
#: Taken besides by the routes that a shop's own code may extend.
ADDITIONAL = {"additional_data": METADATA}
