# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products of the Medusa partner server (seed, sections 5 and 13.1)."""

import re
from decimal import Decimal

from . import checks
from .medusa_items import ItemError, first_problem, sku_of
from .values import iso

#: Digits after the point, for currencies that do not have two (ISO 4217).
DECIMALS = {"kwd": 3, "bhd": 3, "omr": 3, "jod": 3, "tnd": 3, "iqd": 3, "jpy": 0, "krw": 0}
NOT_IN_CATALOG = "Product not found in catalog, inventory item created for future linking"


def minor_units(amount, currency):
    """25.0 KWD -> 25000: exact, from the number's shortest decimal form."""
    factor = Decimal(10) ** DECIMALS.get(currency, 2)
    return int((Decimal(str(amount)) * factor).to_integral_value())


def minor_price(value):
    return checks.count(value) and "must be an integer in minor units, not negative"


def currency_code(value):
    ok = isinstance(value, str) and re.fullmatch("[A-Za-z]{3}", value)
    return None if ok else "must be a currency code of three letters"


PRODUCT_SCHEMA = {
    "odoo_product_id": checks.positive_integer,
    "sku": checks.filled_text,
    "title": checks.filled_text,
    "title_ar": checks.nullable(checks.text),
    "description": checks.nullable(checks.text),
    "description_ar": checks.nullable(checks.text),
    "price": minor_price,
    "compare_at_price": checks.nullable(minor_price),
    "cost_price": checks.nullable(minor_price),
    "currency_code": currency_code,
    "weight": checks.nullable(checks.amount),
    "weight_unit": checks.one_of("g", "kg"),
    "barcode": checks.nullable(checks.text),
    "category_handle": checks.nullable(checks.text),
    "brand": checks.nullable(checks.text),
    "images": checks.listing(
        checks.record(
            {
                "url": checks.http_url,
                "position": checks.count,
                "is_thumbnail": checks.boolean,
            },
            required=("url",),
        )
    ),
    "metadata": checks.mapping,
    "inventory": checks.record(
        {
            "quantity": checks.count,
            "manage_inventory": checks.boolean,
            "allow_backorder": checks.boolean,
        }
    ),
}
PRODUCT_REQUIRED = ("sku", "title")

WEBHOOK_PRODUCT_SCHEMA = {
    "odoo_id": checks.positive_integer,
    "sku": checks.filled_text,
    "name": checks.filled_text,
    "description": checks.nullable(checks.text),
    "list_price": checks.amount,
    "standard_price": checks.nullable(checks.amount),
    "barcode": checks.nullable(checks.text),
    "weight": checks.nullable(checks.amount),
    "category_name": checks.nullable(checks.text),
    "active": checks.boolean,
    "qty_available": checks.whole_number,
}
PRODUCT_EVENTS = ("product.created", "product.updated", "product.deleted")


class MedusaProducts:
    """State: ``products`` {sku: product, prices in minor units, weight in grams}."""

    #: Whether a product is known by its ``odoo_product_id`` before its SKU, so that it can be renamed; the seed says
    #: nothing of it.
    renames_products = True

    def _init_products(self):
        self.products = {}
        self._slugs = {}

    def add_product(self, sku, title=None, price=5000, stock=0, **values):
        """Put a product into the shop without a request; values as in POST /odoo/products."""
        with self.lock:
            values = {"sku": sku, "title": title or sku, "price": price, **values}
            product = self._write_product(values)
            self._set_stock(sku, stock)
            return product

    # -- products -----------------------------------------------------------------------------

    def post_product(self, request):
        payload = self.body(request)
        self.count_items(request, 1)
        try:
            product, created = self._take_product(request, payload)
        except ItemError as error:
            raise self.refusal(error.code, error.message, error.details) from error
        answer = {key: product[key] for key in ("id", "title", "handle", "variant_id", "sku")}
        return {"success": True, "product": {**answer, "created": created, "updated": not created}}

    def post_products_bulk(self, request):
        items = self.body_list(request, "products")
        results = {"total": len(items), "created": 0, "updated": 0, "failed": 0, "errors": []}
        for payload in items:
            try:
                _product, created = self._take_product(request, payload)
                results["created" if created else "updated"] += 1
            except ItemError as error:
                results["failed"] += 1
                results["errors"].append(error.entry(sku_of(payload)))
        return {"success": True, "results": results}

    def delete_product(self, request, sku):
        self._check_item_fault(request, sku, single=True)
        product = self.products.get(sku)
        if product is None:
            raise self.refusal("SKU_NOT_FOUND", f"Product with SKU {sku} not found", {"sku": sku})
        self._drop_product(sku)
        return {"success": True, "id": product["id"], "sku": sku, "deleted": True}

    def post_product_webhook(self, request):
        payload = self.body(request)
        event = self.event_type(payload, PRODUCT_EVENTS)
        values = payload.get("product")
        required = ("sku",) if event == "product.deleted" else ("sku", "name")
        self.refuse_problems(checks.record(WEBHOOK_PRODUCT_SCHEMA, required)(values), "product")
        self.count_items(request, 1)
        sku = values["sku"]
        self._check_item_fault(request, sku, single=True)
        product = self.products.get(sku)
        if event == "product.deleted":
            if product is None:
                raise self.refusal("SKU_NOT_FOUND", f"Product with SKU {sku} not found")
            self._drop_product(sku)
        elif product is None:
            self._set_stock(sku, int(values.get("qty_available", 0)), title=values["name"])
            return {
                "success": True,
                "action": "inventory_created",
                "message": NOT_IN_CATALOG,
                "sku": sku,
            }
        else:
            self._write_product(self._from_webhook(product, values))
        return {
            "success": True,
            "action": "deleted" if event == "product.deleted" else "updated",
            "product": {
                "variant_id": product["variant_id"],
                "product_id": product["id"],
                "sku": sku,
            },
        }

    def _from_webhook(self, product, values):
        """Major units, kg and Odoo's names -> minor units, grams and the shop's names."""
        currency = product.get("currency_code", self.currency)
        taken = {"sku": values["sku"], "title": values["name"]}
        for source, target in (("list_price", "price"), ("standard_price", "cost_price")):
            if values.get(source) is not None:
                taken[target] = minor_units(values[source], currency)
        if values.get("weight") is not None:
            taken["weight"] = float(Decimal(str(values["weight"])) * 1000)
        for source, target in (
            ("description", "description"),
            ("barcode", "barcode"),
            ("category_name", "category_name"),
            ("odoo_id", "odoo_product_id"),
        ):
            if source in values:
                taken[target] = values[source]
        if "active" in values:
            taken["status"] = "published" if values["active"] else "draft"
        if "qty_available" in values:
            taken["inventory"] = {"quantity": int(values["qty_available"])}
        return taken

    def _take_product(self, request, payload):
        """Validate and write one product -> (product, created); raises ItemError."""
        found = checks.problems(payload, PRODUCT_SCHEMA, PRODUCT_REQUIRED)
        if found:
            raise ItemError("VALIDATION_ERROR", first_problem(found), found)
        sku = payload["sku"]
        self._check_item_fault(request, sku)
        existing = self.products.get(sku)
        odoo_id = payload.get("odoo_product_id")
        if existing and odoo_id and existing["odoo_product_id"] not in (None, odoo_id):
            raise ItemError(
                "DUPLICATE_SKU",
                f"SKU {sku} already exists for Odoo product {existing['odoo_product_id']}",
                {"sku": sku, "odoo_product_id": existing["odoo_product_id"]},
            )
        if existing is None and self._rename_product(odoo_id, sku):
            return self._write_product(payload), False
        return self._write_product(payload), existing is None

    def _rename_product(self, odoo_id, sku):
        """Give the product that Odoo knows by this id another SKU, its stock with it -> whether there is one."""
        if not odoo_id or not self.renames_products:
            return False
        for old, product in list(self.products.items()):
            if product["odoo_product_id"] == odoo_id:
                self.products[sku] = {**self.products.pop(old), "sku": sku}
                if old in self.inventory:
                    self.inventory[sku] = self.inventory.pop(old)
                return True
        return False

    def _write_product(self, values):
        """Create or update; what is not given stays, metadata are merged."""
        sku = values["sku"]
        product = self.products.get(sku)
        now = iso()
        if product is None:
            product = self.products[sku] = {
                "id": self.new_id("prod"),
                "variant_id": self.new_id("variant"),
                "sku": sku,
                "handle": self._handle(values["title"]),
                "status": "published",
                "odoo_product_id": None,
                "currency_code": self.currency,
                "images": [],
                "thumbnail": None,
                "metadata": {},
                "created_at": now,
            }
        given = {
            key: value for key, value in values.items() if key not in ("metadata", "inventory")
        }
        product.update(given, updated_at=now)
        product["metadata"].update(values.get("metadata") or {})
        if "images" in values:
            images = values["images"]
            chosen = next((image for image in images if image.get("is_thumbnail")), None)
            product["thumbnail"] = chosen and chosen["url"]
        inventory = values.get("inventory")
        if inventory:
            product["manage_inventory"] = inventory.get("manage_inventory", True)
            product["allow_backorder"] = inventory.get("allow_backorder", False)
        if inventory and "quantity" in inventory:
            self._set_stock(sku, inventory["quantity"], title=product["title"])
        elif sku not in self.inventory:
            self._set_stock(sku, 0, title=product["title"])
        return product

    def _drop_product(self, sku):
        del self.products[sku]
        self.inventory.pop(sku, None)

    def _handle(self, title):
        slug = re.sub(r"[^\w]+", "-", title.lower()).strip("-") or "product"
        number = self._slugs[slug] = self._slugs.get(slug, 0) + 1
        return slug if number == 1 else f"{slug}-{number}"

    def _check_item_fault(self, request, sku, single=False):
        hit = self.item_error(request, sku)
        if not hit:
            return
        code, anonymous = hit
        message = f"Fault injected by the test for SKU {sku}"
        if single:
            raise self.refusal(code, message, {"sku": sku})
        raise ItemError(code, message, {"sku": sku}, anonymous)
