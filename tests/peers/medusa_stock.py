# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Inventory of the Medusa partner server (seed, sections 4.5, 6 and 13.2)."""

from . import checks
from .medusa_items import ItemError, first_problem, sku_of

LOW_STOCK = 10

STOCK_SCHEMA = {
    "sku": checks.filled_text,
    "quantity": checks.count,
    "location_id": checks.nullable(checks.text),
}
STOCK_REQUIRED = ("sku", "quantity")
REDUCE_SCHEMA = {"sku": checks.filled_text, "quantity": checks.positive_integer}

INVENTORY_EVENTS = (
    "inventory.updated",
    "inventory.adjustment",
    "stock.received",
    "stock.transfer",
)
ADJUSTMENT_SCHEMA = {
    "sku": checks.filled_text,
    "quantity": checks.whole_number,
    "odoo_product_id": checks.nullable(checks.positive_integer),
    "adjustment_type": checks.one_of("absolute", "delta"),
    "warehouse_name": checks.nullable(checks.text),
    "reason": checks.nullable(checks.text),
}


class MedusaStock:
    """State: ``inventory`` {sku: {location id: level}}, ``locations`` {id: name}."""

    def _init_stock(self):
        self.inventory = {}
        self.main_location = self.new_id("loc")
        self.locations = {self.main_location: "Main Warehouse"}

    def add_location(self, name):
        location_id = self.new_id("loc")
        self.locations[location_id] = name
        return location_id

    def stocked(self, sku, location_id=None):
        """Quantity on the shop's shelf, over all locations or in one."""
        return self._quantity(sku, "stocked_quantity", location_id)

    def reserved(self, sku, location_id=None):
        return self._quantity(sku, "reserved_quantity", location_id)

    def _quantity(self, sku, name, location_id):
        levels = self.inventory.get(sku, {})
        return sum(
            level[name]
            for key, level in levels.items()
            if location_id is None or key == location_id
        )

    # -- inventory ----------------------------------------------------------------------------

    def get_inventory(self, request):
        rows = self._inventory_rows(request)
        return self.page(request, "inventory", rows, default_limit=100)

    def _inventory_rows(self, request):
        sku, location = request.first("sku"), request.first("location_id")
        low_stock = self.query_boolean(request, "low_stock")
        with_products = self.query_boolean(request, "include_products")
        rows = []
        for key in (sku,) if sku else self.inventory:
            for location_id, level in self.inventory.get(key, {}).items():
                available = level["stocked_quantity"] - level["reserved_quantity"]
                if location not in (None, location_id) or (low_stock and available >= LOW_STOCK):
                    continue
                row = {
                    **level,
                    "available_quantity": available,
                    "location_id": location_id,
                    "location_name": self.locations[location_id],
                }
                product = self.products.get(key)
                if with_products and product:
                    names = ("id", "title", "handle", "variant_id")
                    row["product"] = {name: product[name] for name in names}
                rows.append(row)
        return rows

    def post_inventory_update(self, request):
        payload = self.body(request)
        self.count_items(request, 1)
        try:
            level = self._take_stock(request, payload)
        except ItemError as error:
            raise self.refusal(error.code, error.message, error.details) from error
        return {"success": True, "inventory": level}

    def post_inventory_bulk(self, request):
        items = self.body_list(request, "items")
        results = {"total": len(items), "updated": 0, "not_found": 0, "errors": []}
        for payload in items:
            try:
                self._take_stock(request, payload)
                results["updated"] += 1
            except ItemError as error:
                results["not_found"] += error.code == "SKU_NOT_FOUND"
                results["errors"].append(error.entry(sku_of(payload)))
        return {"success": True, "results": results}

    def post_inventory_reduce(self, request):
        """Takes goods off the shelf each time it is called: not idempotent, like the real one."""
        payload = self.body(request)
        self.refuse_problems(
            checks.problems(payload, {"order_id": checks.filled_text}, ("order_id",))
        )
        order = self.known_order(payload["order_id"])
        items = self.body_list(request, "items")
        results = {"total": len(items), "reduced": 0, "not_found": 0, "errors": []}
        for item in items:
            try:
                self._reduce(request, order, item)
                results["reduced"] += 1
            except ItemError as error:
                results["not_found"] += error.code == "SKU_NOT_FOUND"
                results["errors"].append(error.entry(sku_of(item)))
        return {"success": True, "order_id": order["id"], "results": results}

    def post_inventory_webhook(self, request):
        payload = self.body(request)
        event = self.event_type(payload, INVENTORY_EVENTS)
        items = self.body_list(request, "items")
        results = []
        for item in items:
            sku = sku_of(item)
            try:
                before, after = self._adjust(request, item)
                results.append(
                    {
                        "sku": sku,
                        "status": "success",
                        "previous_quantity": before,
                        "new_quantity": after,
                    }
                )
            except ItemError as error:
                status = "not_found" if error.code == "SKU_NOT_FOUND" else "failed"
                results.append({**error.entry(sku), "status": status})
        by_status = [result["status"] for result in results]
        summary = {
            "total": len(items),
            "processed": by_status.count("success"),
            "failed": by_status.count("failed"),
            "not_found": by_status.count("not_found"),
        }
        return {"success": True, "event_type": event, "summary": summary, "results": results}

    def _take_stock(self, request, payload):
        found = checks.problems(payload, STOCK_SCHEMA, STOCK_REQUIRED)
        if found:
            raise ItemError("VALIDATION_ERROR", first_problem(found), found)
        self._known_stock(request, payload["sku"])
        location_id = payload.get("location_id") or self.main_location
        if location_id not in self.locations:
            details = {"location_id": location_id}
            raise ItemError("NOT_FOUND", f"Location {location_id} not found", details)
        return self._set_stock(payload["sku"], payload["quantity"], location_id)

    def _reduce(self, request, order, item):
        found = checks.problems(item, REDUCE_SCHEMA, ("sku", "quantity"))
        if found:
            raise ItemError("VALIDATION_ERROR", first_problem(found), found)
        sku, quantity = item["sku"], item["quantity"]
        level = self._known_stock(request, sku)[self.main_location]
        if level["stocked_quantity"] < quantity:
            message = f"Only {level['stocked_quantity']} of {sku} in stock"
            raise ItemError("INVENTORY_ERROR", message, {"sku": sku})
        level["stocked_quantity"] -= quantity
        self.release(order, sku, quantity)

    def _adjust(self, request, item):
        found = checks.problems(item, ADJUSTMENT_SCHEMA, STOCK_REQUIRED)
        if found:
            raise ItemError("VALIDATION_ERROR", first_problem(found), found)
        sku, quantity = item["sku"], int(item["quantity"])
        levels = self._known_stock(request, sku)
        location_id = next(
            (key for key, name in self.locations.items() if name == item.get("warehouse_name")),
            self.main_location,
        )
        before = levels.get(location_id, {}).get("stocked_quantity", 0)
        after = before + quantity if item.get("adjustment_type") == "delta" else quantity
        if after < 0:
            message = f"Quantity of {sku} would be {after}"
            raise ItemError("INVENTORY_ERROR", message, {"sku": sku})
        self._set_stock(sku, after, location_id)
        return before, after

    def _known_stock(self, request, sku):
        self._check_item_fault(request, sku)
        levels = self.inventory.get(sku)
        if levels is None:
            raise ItemError("SKU_NOT_FOUND", f"Product with SKU {sku} not found", {"sku": sku})
        return levels

    def _set_stock(self, sku, quantity, location_id=None, title=None):
        """Set the shelf quantity; makes the inventory item and its level where missing."""
        levels = self.inventory.setdefault(sku, {})
        location_id = location_id or self.main_location
        level = levels.get(location_id)
        if level is None:
            product = self.products.get(sku)
            level = levels[location_id] = {
                "id": self.new_id("inv"),
                "sku": sku,
                "title": title or (product["title"] if product else sku),
                "stocked_quantity": 0,
                "reserved_quantity": 0,
            }
        level["stocked_quantity"] = quantity
        if title:
            level["title"] = title
        return level
