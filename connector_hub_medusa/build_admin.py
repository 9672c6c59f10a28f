# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""From what Odoo wants and what a Medusa v2 shop has to the requests that make them agree; no HTTP, no database.

``wanted`` is a payload of :meth:`ConnectorHubProductsAdmin._build_products`, ``product`` a product of the Admin API.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from .const_admin import (
    BARCODE_FIELDS,
    DEFAULT_OPTION,
    DEFAULT_VALUE,
    LOOKUP_LENGTH,
    LOOKUP_SIZE,
    STATUS_KEY,
)

#: Of a price that is not ours, and is sent back as it was.
PRICE_KEYS = ("id", "currency_code", "amount", "min_quantity", "max_quantity")


@dataclass
class Changes:
    """What has to be written to make an existing product what Odoo wants.

    :ivar product: fields of the product that differ
    :ivar new_options: options to add
    :ivar new_values: option id -> values to add
    :ivar create: variants to add
    :ivar update: variants that differ, with their id
    :ivar delete: ids of variants that Odoo had linked and does not have any more
    :ivar kept: ids of all variants that stay as they are
    """

    product: dict = field(default_factory=dict)
    new_options: list = field(default_factory=list)
    new_values: dict = field(default_factory=dict)
    create: list = field(default_factory=list)
    update: list = field(default_factory=list)
    delete: list = field(default_factory=list)
    kept: list = field(default_factory=list)

    @property
    def is_structural(self):
        """Whether variants or options come, go or change, which takes requests of their own."""
        return bool(
            self.new_options
            or self.new_values
            or self.create
            or self.delete
            or any("options" in variant for variant in self.update)
        )

    @property
    def renamed(self):
        """The variants that get another SKU: id -> SKU."""
        return {variant["id"]: variant["sku"] for variant in self.update if "sku" in variant}

    def as_options_batch(self):
        """The body of ``/admin/products/{id}/options/batch``.

        A value is named by a record: a plain text would be the id of one that exists. An option is this product's own:
        of those that products share, Medusa has one per title.
        """
        return _without_empty(
            {
                "add": [{**option, "is_exclusive": True} for option in self.new_options],
                "update": [
                    {"product_option_id": option_id, "add": [{"value": value} for value in values]}
                    for option_id, values in self.new_values.items()
                ],
            }
        )

    def as_variants_batch(self):
        """The body of ``/admin/products/{id}/variants/batch``."""
        return _without_empty({"create": self.create, "update": self.update, "delete": self.delete})

    def as_batch_entry(self, product_id):
        """The entry of a product in ``/admin/products/batch``, or None if nothing differs.

        A list of variants is the whole list there: those that stay as they are have to be named.
        """
        entry = dict(self.product)
        if self.update:
            entry["variants"] = [*self.update, *({"id": variant_id} for variant_id in self.kept)]
        return {"id": product_id, **entry} if entry else None


def _without_empty(body):
    return {name: entries for name, entries in body.items() if entries}


def product_to_create(wanted, category_ids, channel_ids, profile_id):
    """The body of a product the shop does not have."""
    body = {
        **wanted["product"],
        "handle": wanted["handle"],
        "options": wanted["options"] or [{"title": DEFAULT_OPTION, "values": [DEFAULT_VALUE]}],
        "variants": [
            _new_variant(variant, variant["options"] or {DEFAULT_OPTION: DEFAULT_VALUE})
            for variant in wanted["variants"]
        ],
        "categories": [{"id": category_id} for category_id in category_ids],
        "images": [{"url": url} for url in wanted["images"]],
        "sales_channels": [{"id": channel_id} for channel_id in channel_ids],
    }
    if profile_id:
        body["shipping_profile_id"] = profile_id
    return {key: value for key, value in body.items() if value not in (None, [])}


def compare(wanted, product, category_ids, is_own_image):
    """What differs between the two.

    :param category_ids: Medusa's ids of the categories Odoo wants
    :param is_own_image: callable (URL) -> whether it is one of Odoo's
    :return: :class:`Changes`
    """
    changes = Changes()
    for name, value in wanted["product"].items():
        current = product.get(name)
        if name == "metadata":
            value = {
                key: text for key, text in value.items() if (current or {}).get(key, "") != text
            }
            if value:
                changes.product[name] = {**changes.product.get(name, {}), **value}
        elif name == "status":
            _compare_status(value, product, changes)
        elif value != current and not (value in ("", None) and current in ("", None)):
            changes.product[name] = value
    _compare_categories(wanted, product, category_ids, changes)
    _compare_images(wanted, product, is_own_image, changes)
    _compare_variants(wanted, product, changes)
    return changes


def _compare_status(status, product, changes):
    """The shop's people decide what is published; Odoo publishes again only what it took off the shelf itself."""
    before = (product.get("metadata") or {}).get(STATUS_KEY)
    if not before or before == status:
        return
    if product.get("status") != status:
        changes.product["status"] = status
    changes.product["metadata"] = {**changes.product.get("metadata", {}), STATUS_KEY: ""}


def _compare_categories(wanted, product, category_ids, changes):
    """Odoo's category replaces the one it gave before; those given in the shop stay."""
    current = [category["id"] for category in product.get("categories") or []]
    before = (product.get("metadata") or {}).get("odoo_category")
    stale = {
        category["id"]
        for category in product.get("categories") or []
        if before and category.get("handle") == before
    }
    target = [
        category_id
        for category_id in current
        if category_id not in stale or category_id in category_ids
    ]
    target += [category_id for category_id in category_ids if category_id not in target]
    if set(target) != set(current):
        changes.product["categories"] = [{"id": category_id} for category_id in target]


def _compare_images(wanted, product, is_own_image, changes):
    """Odoo's images come first; those added in the shop stay."""
    current = product.get("images") or []
    foreign = [image for image in current if not is_own_image(image["url"])]
    own = [image["url"] for image in current if is_own_image(image["url"])]
    if own == wanted["images"]:
        return
    known = {image["url"]: image["id"] for image in current}
    images = [
        {"id": known[url], "url": url} if url in known else {"url": url} for url in wanted["images"]
    ]
    images += [{"id": image["id"], "url": image["url"]} for image in foreign]
    changes.product["images"] = images
    if not product.get("thumbnail") or is_own_image(product["thumbnail"]):
        changes.product["thumbnail"] = images[0]["url"] if images else None


# -- variants and options ----------------------------------------------------------------------------------------


def pair_variants(wanted, product):
    """The shop's variant of each of Odoo's, by the id Odoo left there, or by SKU.

    :return: list of (wanted variant, variant or None)
    """
    by_sku = {variant.get("sku"): variant for variant in product["variants"]}
    by_link = {_linked_id(variant): variant for variant in product["variants"]}
    pairs, used = [], set()
    for variant in wanted["variants"]:
        current = by_link.get(variant["metadata"]["external_id"]) or by_sku.get(variant["sku"])
        if current is not None and current["id"] in used:
            current = None
        if current is not None:
            used.add(current["id"])
        pairs.append((variant, current))
    if len(pairs) == len(product["variants"]) == 1 and pairs[0][1] is None:
        # The one variant of a product that was found otherwise, whose SKU has changed.
        pairs = [(pairs[0][0], product["variants"][0])]
    return pairs


def _compare_variants(wanted, product, changes):
    pairs = pair_variants(wanted, product)
    _compare_options(wanted, product, changes)
    for variant, current in pairs:
        options = _options(wanted, product, variant, current)
        if current is None:
            changes.create.append(_new_variant(variant, options))
            continue
        update = _variant_update(variant, current, options, product)
        if update:
            changes.update.append({"id": current["id"], **update})
        else:
            changes.kept.append(current["id"])
    paired = {current["id"] for _variant, current in pairs if current}
    for variant in product["variants"]:
        if variant["id"] in paired:
            continue
        if _linked_id(variant):
            changes.delete.append(variant["id"])
        else:
            changes.kept.append(variant["id"])


def _variant_update(variant, current, options, product):
    update = {}
    metadata = current.get("metadata") or {}
    for name, value in _own(variant).items():
        if name == "metadata":
            if any(metadata.get(key, "") != text for key, text in value.items()):
                # In a batch of products, a variant's metadata are replaced, not merged.
                update[name] = {**metadata, **value}
        elif value != current.get(name):
            update[name] = value
    for name, key in BARCODE_FIELDS.items():
        # Taken out of Odoo; one that was entered in the shop is not Odoo's to delete.
        gone = name in variant and variant[name] is None
        if gone and metadata.get(key) and metadata[key] == current.get(name):
            update[name] = None
    prices = _prices(variant, current.get("prices") or [])
    if _price_set(prices) != _price_set(current.get("prices") or []):
        update["prices"] = prices
    if options != _chosen(current, product):
        update["options"] = options
    return update


def _compare_options(wanted, product, changes):
    known = {option["title"]: option for option in product["options"]}
    for option in wanted["options"]:
        current = known.get(option["title"])
        if current is None:
            changes.new_options.append(option)
            continue
        values = {value["value"] for value in current.get("values") or []}
        missing = [value for value in option["values"] if value not in values]
        if missing:
            changes.new_values[current["id"]] = missing


def _options(wanted, product, variant, current):
    """A variant's options. An option the shop has besides stays: Medusa cannot take one from a variant."""
    chosen = _chosen(current, product) if current else {}
    for option in product["options"]:
        values = option.get("values") or []
        if values:
            chosen.setdefault(option["title"], values[0]["value"])
    return {**chosen, **variant["options"]}


def _chosen(current, product):
    """Title -> value of a variant's options."""
    titles = {option["id"]: option["title"] for option in product["options"]}
    return {
        titles[value["option_id"]]: value["value"]
        for value in current.get("options") or []
        if value.get("option_id") in titles
    }


def _own(variant):
    """What of a variant's payload is written as it is."""
    return {
        key: value
        for key, value in variant.items()
        if key not in ("prices", "options") and (key not in BARCODE_FIELDS or value is not None)
    }


def _new_variant(variant, options):
    """The body of a variant the shop does not have."""
    body = {**_own(variant), "prices": _prices(variant, ()), "options": options}
    body["metadata"] = {key: text for key, text in variant["metadata"].items() if text != ""}
    return body


def _linked_id(variant):
    linked = (variant.get("metadata") or {}).get("external_id")
    return str(linked) if linked else None


# -- prices ------------------------------------------------------------------------------------------------------


def _prices(variant, current):
    """The whole set of a variant's prices: writing some of them deletes the others.

    Odoo's currencies get Odoo's amounts; other currencies, and prices for regions, groups or quantities, stay.
    """
    plain = {price["currency_code"]: price for price in current if not _is_special(price)}
    prices = []
    for code, amount in variant["prices"].items():
        price = {"currency_code": code, "amount": amount}
        if code in plain:
            price["id"] = plain[code]["id"]
        prices.append(price)
    for price in current:
        if _is_special(price) or price["currency_code"] not in variant["prices"]:
            kept = {key: price[key] for key in PRICE_KEYS if price.get(key) is not None}
            if price.get("rules"):
                kept["rules"] = price["rules"]
            prices.append(kept)
    return prices


def _is_special(price):
    return bool(
        price.get("rules")
        or price.get("min_quantity") is not None
        or price.get("max_quantity") is not None
    )


def _price_set(prices):
    return {
        (
            price.get("id"),
            price["currency_code"],
            Decimal(str(price["amount"])),
        )
        for price in prices
    }


# -- queries -----------------------------------------------------------------------------------------------------


def lookups(name, values):
    """Query parameters that ask for many values, in as many requests as they need.

    :return: iterator of (parameters, values of this request)
    """
    chunk, length = [], 0
    for value in values:
        size = len(name) + 3 * len(value.encode())
        if chunk and (len(chunk) == LOOKUP_SIZE or length + size > LOOKUP_LENGTH):
            yield _lookup(name, chunk), chunk
            chunk, length = [], 0
        chunk.append(value)
        length += size
    if chunk:
        yield _lookup(name, chunk), chunk


def _lookup(name, chunk):
    # A list of one value would be split at its commas.
    key = f"{name}[]" if len(chunk) > 1 else name
    return [*((key, value) for value in chunk), ("limit", str(len(chunk)))]
