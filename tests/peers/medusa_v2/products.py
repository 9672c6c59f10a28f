# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products and variants of a stock Medusa v2: what the Admin API shows and takes."""

from . import schemas
from .products_state import PRODUCT_SCALARS, VARIANT_SCALARS, AdminProductsState

PRODUCT_FIELDS = (
    "id",
    "status",
    "handle",
    "is_giftcard",
    "discountable",
    *PRODUCT_SCALARS,
    "created_at",
    "updated_at",
    "deleted_at",
    "metadata",
    "*type",
    "*collection",
    "*options",
    "*options.values",
    "*tags",
    "*images",
    "*variants",
    "*variants.prices",
    "*variants.options",
    "*variants.images",
    "*sales_channels",
)
VARIANT_FIELDS = (
    "id",
    *VARIANT_SCALARS,
    "allow_backorder",
    "manage_inventory",
    "variant_rank",
    "product_id",
    "created_at",
    "updated_at",
    "deleted_at",
    "metadata",
    "*product",
    "*prices",
    "*options",
)
PRODUCT_VARIANT_FIELDS = tuple(field for field in VARIANT_FIELDS if field != "*product")
PRODUCT_FILTERS = {
    "id": "texts",
    "title": "texts",
    "handle": "texts",
    "external_id": "texts",
    "status": "many",
    "category_id": "texts",
    "collection_id": "texts",
    "type_id": "texts",
    "tag_id": "texts",
    "sales_channel_id": "texts",
    "is_giftcard": "boolean",
    "created_at": "operators",
    "updated_at": "operators",
    "deleted_at": "operators",
}
VARIANT_FILTERS = {
    "id": "texts",
    "sku": "texts",
    "ean": "texts",
    "upc": "texts",
    "barcode": "texts",
    "manage_inventory": "boolean",
    "allow_backorder": "boolean",
    "created_at": "operators",
    "updated_at": "operators",
    "deleted_at": "operators",
}


class AdminProducts(AdminProductsState):
    """The /admin/products and /admin/product-variants routes."""

    # -- for tests ----------------------------------------------------------------------------

    def add_product(self, sku, title=None, price=5, currency="kwd", stock=None, **values):
        """A product with one variant, as the shop's dashboard makes it -> its variant."""
        with self.lock, self.transaction():
            variant = {
                "title": "Default variant",
                "sku": sku,
                "prices": [{"currency_code": currency, "amount": price}],
                "options": {"Default option": "Default option value"},
                **values.pop("variant", {}),
            }
            product = {
                "title": title or sku,
                "status": "published",
                "options": [{"title": "Default option", "values": ["Default option value"]}],
                "variants": [variant],
                **values,
            }
            variant = self._create_product(product)["variants"][0]
            if stock is not None:
                self.set_stock(sku, stock)
            return variant

    def by_sku(self, sku):
        """The variant of a SKU, or None."""
        return self.variants.get(self._taken["sku"].get(sku))

    def prices(self, sku):
        """{currency code: amount} of a variant."""
        return {price["currency_code"]: price["amount"] for price in self.by_sku(sku)["prices"]}

    # -- requests: products -------------------------------------------------------------------

    def get_products(self, request):
        return self.listed(
            request,
            "products",
            [self._filterable(product) for product in self.products.values()],
            PRODUCT_FILTERS,
            PRODUCT_FIELDS,
            50,
            render=lambda row: self.render_product(self.products[row["id"]]),
            search=("title", "subtitle", "description", "handle", "skus"),
            strict=False,
        )

    def get_product(self, request, product_id):
        product = self.products.get(product_id)
        if product is None:
            raise self.not_found("Product not found")
        return self._product_answer(request, product)

    def post_products(self, request):
        payload = self.body(request, {**schemas.PRODUCT_CREATE, **schemas.ADDITIONAL}, ("title",))
        self.count_items(request, [payload])
        with self.transaction():
            self._check_faults(request, [payload])
            return self._product_answer(request, self._create_product(payload))

    def post_product(self, request, product_id):
        payload = self.body(request, {**schemas.PRODUCT_UPDATE, **schemas.ADDITIONAL})
        if product_id not in self.products:
            raise self.not_found(f'Product with id "{product_id}" not found')
        self.count_items(request, [payload])
        with self.transaction():
            self._check_faults(request, [{"id": product_id, **payload}])
            return self._product_answer(request, self._update_product(product_id, payload))

    def delete_product(self, request, product_id):
        with self.transaction():
            self._delete_products([product_id])
        return {"id": product_id, "object": "product", "deleted": True}

    def post_products_batch(self, request):
        payload = self.body(request, schemas.PRODUCT_BATCH)
        create, update = payload.get("create") or [], payload.get("update") or []
        delete = payload.get("delete") or []
        self.count_items(request, create, update, delete)
        with self.transaction():
            self._check_faults(request, [*create, *update])
            missing = [entry["id"] for entry in update if entry["id"] not in self.products]
            if missing:
                raise self.not_found(
                    f"Unable to update the products with ids: {', '.join(missing)}"
                )
            self._delete_products(delete)
            created = [self._create_product(entry) for entry in create]
            updated = [self._update_product(entry["id"], entry) for entry in update]
            return {
                "created": [self._product_answer(request, entry)["product"] for entry in created],
                "updated": [self._product_answer(request, entry)["product"] for entry in updated],
                "deleted": {"ids": delete, "object": "product", "deleted": True},
            }

    def post_options_batch(self, request, product_id):
        """New options, and new values of the options that a product has."""
        payload = self.body(request, schemas.OPTIONS_BATCH)
        add, update = payload.get("add") or [], payload.get("update") or []
        self._check_linked(product_id, update)
        with self.transaction():
            product = self._known_product(product_id)
            self._save(product)
            for entry in add:
                product["options"].append(self._new_option(entry, exclusive=False))
            for option_id in payload.get("remove") or []:
                self._unassign_option(product, option_id)
            for entry in update:
                option = next(
                    o for o in product["options"] if o["id"] == entry["product_option_id"]
                )
                self._change_values(product, option, entry)
            return self._product_answer(request, product)

    # -- requests: variants -------------------------------------------------------------------

    def get_variants(self, request):
        return self._variant_list(request, self.variants.values(), VARIANT_FIELDS)

    def get_product_variants(self, request, product_id):
        product = self.products.get(product_id)
        variants = product["variants"] if product else []
        return self._variant_list(request, variants, PRODUCT_VARIANT_FIELDS)

    def get_product_variant(self, request, product_id, variant_id):
        variant = self._known_variant(product_id, variant_id)
        shown = self.shown(request, self.render_variant(variant), PRODUCT_VARIANT_FIELDS)
        return {"variant": shown}

    def post_product_variants(self, request, product_id):
        payload = self.body(
            request,
            {**schemas.VARIANT_CREATE, **schemas.ADDITIONAL},
            schemas.VARIANT_CREATE_REQUIRED,
        )
        product = self._known_product(product_id)
        with self.transaction():
            self._check_faults(request, [{"variants": [payload]}])
            self._save(product)
            self._add_variant(product, payload)
            return self._product_answer(request, product)

    def post_product_variant(self, request, product_id, variant_id):
        payload = self.body(request, {**schemas.VARIANT_UPDATE, **schemas.ADDITIONAL})
        variant = self._known_variant(product_id, variant_id)
        product = self.products[product_id]
        with self.transaction():
            self._check_faults(request, [{"variants": [{"id": variant_id, **payload}]}])
            self._save(product)
            self._change_variant(product, variant, payload)
            return self._product_answer(request, product)

    def delete_product_variant(self, request, product_id, variant_id):
        product = self._known_product(product_id)
        with self.transaction():
            self._save(product)
            if variant_id in self.variants:
                self._remove_variant(product, self.variants[variant_id])
            return {
                "id": variant_id,
                "object": "variant",
                "deleted": True,
                "parent": self._product_answer(request, product)["product"],
            }

    def post_variants_batch(self, request, product_id):
        payload = self.body(request, schemas.VARIANT_BATCH)
        product = self._known_product(product_id)
        create, update = payload.get("create") or [], payload.get("update") or []
        delete = payload.get("delete") or []
        self.count_items(request, create, update, delete)
        with self.transaction():
            self._check_faults(request, [{"variants": [*create, *update]}])
            self._refuse_taken_skus(update)
            self._save(product)
            for variant_id in delete:
                if variant_id in self.variants:
                    self._remove_variant(product, self.variants[variant_id])
            updated = []
            for entry in update:
                variant = self.variants.get(entry["id"])
                if variant is None:
                    raise self.invalid(
                        f"Cannot update non-existing variants with ids: {entry['id']}"
                    )
                updated.append(self._change_variant(product, variant, entry))
            created = [self._add_variant(product, entry) for entry in create]
            return {
                "created": [self._variant_answer(request, variant) for variant in created],
                "updated": [self._variant_answer(request, variant) for variant in updated],
                "deleted": {"ids": delete, "object": "variant", "deleted": True},
            }

    # -- reading ------------------------------------------------------------------------------

    def render_product(self, product):
        stored = ("options", "images", "variants", "tag_ids", "category_ids", "sales_channel_ids")
        scalars = {key: value for key, value in product.items() if key not in stored}
        return {
            **scalars,
            "type": lambda: None,
            "collection": lambda: None,
            "tags": lambda: [{"id": key} for key in product["tag_ids"]],
            "images": lambda: product["images"],
            "options": lambda: [_render_option(option) for option in product["options"]],
            "variants": lambda: [self.render_variant(variant) for variant in product["variants"]],
            "categories": lambda: [
                self.render_category(self.categories[key]) for key in product["category_ids"]
            ],
            "sales_channels": lambda: [
                self.sales_channels.get(key, {"id": key}) for key in product["sales_channel_ids"]
            ],
        }

    def render_variant(self, variant):
        stored = ("prices", "options", "inventory_links")
        product = self.products[variant["product_id"]]
        return {
            **{key: value for key, value in variant.items() if key not in stored},
            "inventory_quantity": self.available_of(variant),
            "prices": lambda: variant["prices"],
            "options": lambda: [
                _render_value(option, variant["options"][option["title"]])
                for option in product["options"]
                if option["title"] in variant["options"]
            ],
            "images": list,
            "product": lambda: self.render_product(product),
            "inventory_items": lambda: self.render_links(variant),
        }

    def _filterable(self, product):
        return {
            **product,
            "category_id": product["category_ids"],
            "tag_id": product["tag_ids"],
            "sales_channel_id": product["sales_channel_ids"],
            "skus": [variant["sku"] for variant in product["variants"]],
        }

    def _variant_list(self, request, variants, fields):
        return self.listed(
            request,
            "variants",
            list(variants),
            VARIANT_FILTERS,
            fields,
            50,
            render=self.render_variant,
            search=("title", "sku", "barcode"),
        )

    def _product_answer(self, request, product):
        return {"product": self.shown(request, self.render_product(product), PRODUCT_FIELDS)}

    def _variant_answer(self, request, variant):
        return self.shown(request, self.render_variant(variant), PRODUCT_VARIANT_FIELDS)

    def _check_faults(self, request, products):
        for product in products:
            for variant in product.get("variants") or ():
                known = self.variants.get(variant.get("id"), {})
                self.check_item_fault(request, variant.get("sku") or known.get("sku"))
            for variant in self.products.get(product.get("id"), {}).get("variants", ()):
                self.check_item_fault(request, variant["sku"])

    def _known_product(self, product_id):
        product = self.products.get(product_id)
        if product is None:
            raise self.not_found(
                f"You tried to set relationship product_id: {product_id}, "
                "but such entity does not exist"
            )
        return product

    def _known_variant(self, product_id, variant_id):
        variant = self.variants.get(variant_id)
        if variant is None or variant["product_id"] != product_id:
            raise self.not_found(f"Variant with id: {variant_id} was not found")
        return variant


def _render_option(option):
    values = option["values"]
    return {
        **{key: value for key, value in option.items() if key != "values"},
        "values": lambda: [{**value, "option_id": option["id"]} for value in values],
    }


def _render_value(option, text):
    value = next(entry for entry in option["values"] if entry["value"] == text)
    return {
        **value,
        "option_id": option["id"],
        "option": lambda: _render_option(option),
    }
