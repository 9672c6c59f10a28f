# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a stock Medusa v2 writes products and variants, and takes it back when it refuses."""

import copy
import re

from ..values import iso
from .categories import to_handle
from .options_state import AdminOptionsState

HANDLE = re.compile(r"[^\W_A-Z]+(?:-[^\W_A-Z]+)*")
#: Unique over all variants.
UNIQUE = ("sku", "barcode", "ean", "upc")
MEASURES = (
    "weight",
    "length",
    "height",
    "width",
    "hs_code",
    "origin_country",
    "mid_code",
    "material",
)
VARIANT_SCALARS = ("title", "sku", "barcode", "ean", "upc", "thumbnail", *MEASURES)
PRODUCT_SCALARS = (
    "title",
    "subtitle",
    "description",
    "thumbnail",
    "external_id",
    "collection_id",
    "type_id",
    *MEASURES,
)


def truth(value):
    return value if isinstance(value, bool) else value.lower() == "true"


class AdminProductsState(AdminOptionsState):
    """State: ``products`` {id: product with its options, images, variants}, ``variants`` {id}."""

    def _init_products(self):
        self.products = {}
        self.variants = {}
        self._taken = {name: {} for name in (*UNIQUE, "handle")}
        self._shared_options = set()

    # -- writing products ---------------------------------------------------------------------

    def _create_product(self, payload):
        title = payload["title"]
        if not title:
            raise self.invalid("Product title is required")
        if not payload.get("options"):
            raise self.invalid(f"Product options are not provided for: [{title}].")
        product = self.new_record(
            "prod",
            **dict.fromkeys(PRODUCT_SCALARS),
            handle=self._free_handle(payload.get("handle") or to_handle(title)),
            status=payload.get("status") or "draft",
            is_giftcard=truth(payload.get("is_giftcard", False)),
            discountable=truth(payload.get("discountable", True)),
            options=[self._new_option(entry) for entry in payload["options"]],
            images=[],
            variants=[],
            tag_ids=[],
            category_ids=[],
            sales_channel_ids=[],
            shipping_profile_id=None,
        )
        if payload.get("images") and not payload.get("thumbnail"):
            payload = {**payload, "thumbnail": payload["images"][0]["url"]}
        self._write_product(product, {"metadata": None, **payload})
        wanted = [option["title"] for option in product["options"]]
        for variant in payload.get("variants") or []:
            chosen = variant.get("options") or {}
            if len(wanted) > len(set(wanted)) and len(chosen) != len(wanted):
                raise self.wrong_number_of_options(len(wanted), chosen, variant["title"])
        short = [
            variant["title"]
            for variant in payload.get("variants") or []
            if any(name not in (variant.get("options") or {}) for name in wanted)
        ]
        if short:
            names = ", ".join(short)
            raise self.invalid(f'Product "{title}" has variants with missing options: [{names}]')
        self.products[product["id"]] = product
        self._taken["handle"][product["handle"]] = product["id"]
        self.on_undo(self._forget, product)
        for entry in payload.get("variants") or []:
            self._add_variant(product, entry)
        return product

    def _update_product(self, product_id, payload):
        product = self.products[product_id]
        self._save(product)
        handle = payload.get("handle")
        if handle and handle != product["handle"]:
            self._free_handle(handle)
            del self._taken["handle"][product["handle"]]
            self._taken["handle"][handle] = product_id
            product["handle"] = handle
        known = {option["id"] for option in product["options"]}
        missing = [key for key in payload.get("option_ids") or [] if key not in known]
        if missing:
            raise self.invalid(f"Some product options were not found: [{', '.join(missing)}]")
        for name in ("is_giftcard", "discountable"):
            if name in payload:
                product[name] = truth(payload[name])
        product["status"] = payload.get("status", product["status"])
        self._write_product(product, payload)
        if "variants" in payload:
            self._refuse_taken_skus(payload["variants"])
            self._replace_variants(product, payload["variants"])
        product["updated_at"] = iso()
        return product

    def _write_product(self, product, payload):
        product.update({key: payload[key] for key in PRODUCT_SCALARS if key in payload})
        if "metadata" in payload:
            product["metadata"] = self.merged(product["metadata"], payload["metadata"])
        if "images" in payload:
            known = {image["id"]: image for image in product["images"]}
            product["images"] = [
                known.get(entry.get("id"))
                or self.new_record("img", url=entry["url"], rank=rank, product_id=product["id"])
                for rank, entry in enumerate(payload["images"])
            ]
        for name, target in (
            ("categories", "category_ids"),
            ("tags", "tag_ids"),
            ("sales_channels", "sales_channel_ids"),
        ):
            if name in payload:
                product[target] = [entry["id"] for entry in payload[name]]
        for category_id in product["category_ids"]:
            if category_id not in self.categories:
                raise self.not_found(
                    "You tried to set relationship product_category_id: "
                    f"{category_id}, but such entity does not exist"
                )
        if "shipping_profile_id" in payload:
            product["shipping_profile_id"] = payload["shipping_profile_id"]

    def _replace_variants(self, product, entries):
        """The list sent is the whole list: a variant that is not in it is gone."""
        kept = {entry.get("id") for entry in entries}
        for variant in list(product["variants"]):
            if variant["id"] not in kept:
                self._remove_variant(product, variant, with_inventory=False)
        for entry in entries:
            variant = self.variants.get(entry.get("id"))
            if variant is not None and entry.get("options"):
                # The workflow of a whole product gives up over a variant's options; /variants/batch does not.
                self._check_options(product, variant, entry["options"])
                raise self.unknown_error()
            if variant is not None:
                variant["metadata"] = None if "metadata" in entry else variant["metadata"]
                self._change_variant(product, variant, entry)
            elif "id" in entry:
                raise self.exists_already("Product variant", id=entry["id"])
            elif entry.get("title") is None:
                raise self.unknown_error()
            else:
                self._add_variant(product, {"prices": [], **entry}, with_inventory=False)

    def _delete_products(self, product_ids):
        products = [self.products[key] for key in product_ids if key in self.products]
        for product in products:
            self._save(product)
            for variant in list(product["variants"]):
                self._remove_variant(product, variant)
            del self._taken["handle"][product["handle"]]
            del self.products[product["id"]]

    # -- writing variants ---------------------------------------------------------------------

    def _add_variant(self, product, entry, with_inventory=True):
        variant = self.new_record(
            "variant",
            **dict.fromkeys(VARIANT_SCALARS),
            product_id=product["id"],
            variant_rank=entry.get("variant_rank", len(product["variants"])),
            manage_inventory=truth(entry.get("manage_inventory", True)),
            allow_backorder=truth(entry.get("allow_backorder", False)),
            prices=[],
            options={},
            inventory_links=[],
        )
        product["variants"].append(variant)
        self.variants[variant["id"]] = variant
        self.on_undo(self.variants.pop, variant["id"], None)
        self._write_variant(product, variant, entry)
        if with_inventory:
            self.link_inventory(variant, entry.get("inventory_items") or [])
        return variant

    def _change_variant(self, product, variant, entry):
        """Metadata are merged; given prices replace the whole set of prices."""
        if "manage_inventory" in entry:
            variant["manage_inventory"] = truth(entry["manage_inventory"])
            if not variant["manage_inventory"]:
                variant["inventory_links"] = []
            elif not variant["inventory_links"]:
                self.link_inventory(variant, [])
        if "allow_backorder" in entry:
            variant["allow_backorder"] = truth(entry["allow_backorder"])
        if "variant_rank" in entry:
            variant["variant_rank"] = entry["variant_rank"]
        self._write_variant(product, variant, entry)
        variant["updated_at"] = iso()
        return variant

    def _write_variant(self, product, variant, entry):
        for name in UNIQUE:
            if name in entry and entry[name] != variant[name]:
                self._take(name, variant, entry[name])
        variant.update({key: entry[key] for key in VARIANT_SCALARS if key in entry})
        if "metadata" in entry:
            variant["metadata"] = self.merged(variant["metadata"], entry["metadata"])
        if "prices" in entry:
            variant["prices"] = self._new_prices(variant, entry["prices"])
        if entry.get("options"):
            self._set_options(product, variant, entry["options"])

    def _take(self, name, variant, value):
        taken = self._taken[name]
        if value is not None and taken.get(value, variant["id"]) != variant["id"]:
            raise self.exists_already("Product variant", **{name: value})
        if taken.get(variant[name]) == variant["id"]:
            del taken[variant[name]]
            self.on_undo(taken.__setitem__, variant[name], variant["id"])
        if value is not None:
            taken[value] = variant["id"]
            self.on_undo(taken.pop, value, None)

    def _new_prices(self, variant, entries):
        known = {price["id"]: price for price in variant["prices"]}
        prices = []
        for entry in entries:
            price = {**known.get(entry.get("id"), {}), **entry}
            if price.get("currency_code") is None or price.get("amount") is None:
                raise self.unknown_error()
            prices.append(
                {
                    "id": price.get("id") or self.new_id("price"),
                    "currency_code": price["currency_code"],
                    "amount": price["amount"],
                    "min_quantity": price.get("min_quantity"),
                    "max_quantity": price.get("max_quantity"),
                    "variant_id": variant["id"],
                    "created_at": price.get("created_at") or iso(),
                    "updated_at": iso(),
                    "rules": price.get("rules") or {},
                }
            )
        return prices

    def wrong_number_of_options(self, number, chosen, title):
        return self.invalid(
            f"Product has {number} option values but there were {len(chosen)} provided "
            f"option values for the variant: {title}."
        )

    def _refuse_taken_skus(self, entries):
        """A SKU goes from one variant to another in two requests: in one, the database may refuse it."""
        for entry in entries:
            holder = self._taken["sku"].get(entry.get("sku"))
            if entry.get("sku") is not None and holder not in (None, entry.get("id")):
                raise self.exists_already("Product variant", sku=entry["sku"])

    def _check_options(self, product, variant, chosen):
        options = {option["title"]: option for option in product["options"]}
        if len(chosen) != len(product["options"]):
            raise self.wrong_number_of_options(len(product["options"]), chosen, variant["title"])
        for title, value in chosen.items():
            known = [entry["value"] for entry in options.get(title, {"values": []})["values"]]
            if value not in known:
                raise self.invalid(f"Option value {value} does not exist for option {title}")
        for other in product["variants"]:
            if other is not variant and other["options"] == chosen:
                raise self.invalid(
                    f"Variant ({other['title']}) with provided options already exists."
                )

    def _set_options(self, product, variant, chosen):
        self._check_options(product, variant, chosen)
        variant["options"] = dict(chosen)

    def _remove_variant(self, product, variant, with_inventory=True):
        if with_inventory:
            self.drop_inventory(variant)
        product["variants"] = [entry for entry in product["variants"] if entry is not variant]
        for name in UNIQUE:
            if self._taken[name].get(variant[name]) == variant["id"]:
                del self._taken[name][variant[name]]
        del self.variants[variant["id"]]

    def _free_handle(self, handle):
        if not HANDLE.fullmatch(handle):
            raise self.invalid(
                f"Invalid product handle '{handle}'. It must contain URL safe characters"
            )
        if handle in self._taken["handle"]:
            raise self.exists_already("Product", handle=handle)
        return handle

    # -- undo ---------------------------------------------------------------------------------

    def _save(self, product):
        """Remember a product as it is, for the case that the request is refused later."""
        self.on_undo(self._restore, copy.deepcopy(product))

    def _restore(self, before):
        product = self.products.get(before["id"])
        if product:
            self._forget(product)
        self.products[before["id"]] = before
        self._taken["handle"][before["handle"]] = before["id"]
        for variant in before["variants"]:
            self.variants[variant["id"]] = variant
            for name in UNIQUE:
                if variant[name] is not None:
                    self._taken[name][variant[name]] = variant["id"]

    def _forget(self, product):
        self.products.pop(product["id"], None)
        self._taken["handle"].pop(product["handle"], None)
        for variant in product["variants"]:
            self.variants.pop(variant["id"], None)
            for name in UNIQUE:
                if self._taken[name].get(variant[name]) == variant["id"]:
                    del self._taken[name][variant[name]]
