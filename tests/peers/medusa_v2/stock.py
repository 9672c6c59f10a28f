# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Inventory items, their levels at locations, and reservations of a stock Medusa v2."""

from ..values import iso
from . import schemas
from .stock_state import ITEM_SCALARS, AdminStockState

LEVEL_FIELDS = (
    "id",
    "inventory_item_id",
    "location_id",
    "stocked_quantity",
    "reserved_quantity",
    "incoming_quantity",
    "available_quantity",
    "metadata",
    "created_at",
    "updated_at",
)
ITEM_FIELDS = (
    "id",
    *ITEM_SCALARS,
    "requires_shipping",
    "metadata",
    "reserved_quantity",
    "stocked_quantity",
    "created_at",
    "updated_at",
    "*location_levels",
)
LOCATION_FIELDS = ("id", "name", "metadata", "created_at", "updated_at", "*address")
RESERVATION_FIELDS = (
    "id",
    "location_id",
    "inventory_item_id",
    "quantity",
    "line_item_id",
    "description",
    "metadata",
    "created_at",
    "updated_at",
)
ITEM_FILTERS = {
    "id": "texts",
    "sku": "texts",
    "origin_country": "texts",
    "mid_code": "texts",
    "hs_code": "texts",
    "material": "texts",
    "requires_shipping": "boolean",
    "location_levels": "nested",
}
LOCATION_FILTERS = {
    "id": "texts",
    "name": "texts",
    "address_id": "texts",
    "sales_channel_id": "texts",
    "created_at": "operators",
    "updated_at": "operators",
}
RESERVATION_FILTERS = {
    "location_id": "texts",
    "inventory_item_id": "texts",
    "line_item_id": "texts",
    "created_by": "texts",
    "created_at": "operators",
    "updated_at": "operators",
}


class AdminStock(AdminStockState):
    """The /admin/inventory-items, /admin/stock-locations and /admin/reservations routes."""

    # -- requests: inventory items ------------------------------------------------------------

    def get_inventory_items(self, request):
        return self.listed(
            request,
            "inventory_items",
            [self._filterable_item(item) for item in self.inventory_items.values()],
            ITEM_FILTERS,
            ITEM_FIELDS,
            20,
            render=lambda row: self.render_item(self.inventory_items[row["id"]]),
            search=("sku", "title", "description"),
        )

    def get_inventory_item(self, request, item_id):
        return self._item_answer(request, self._known_item(item_id))

    def post_inventory_items(self, request):
        payload = self.body(request, schemas.INVENTORY_ITEM_CREATE)
        with self.transaction():
            item = self._create_item(payload)
            for level in payload.get("location_levels") or []:
                self._create_level({**level, "inventory_item_id": item["id"]})
            return self._item_answer(request, item)

    def post_inventory_item(self, request, item_id):
        payload = self.body(request, schemas.INVENTORY_ITEM)
        item = self._known_item(item_id)
        sku = payload.get("sku", item["sku"])
        if sku is not None and self._item_by_sku.get(sku, item_id) != item_id:
            raise self.exists_already("Inventory item", sku=sku)
        self._item_by_sku.pop(item["sku"], None)
        item.update(payload, updated_at=iso())
        if sku is not None:
            self._item_by_sku[sku] = item_id
        return self._item_answer(request, item)

    def delete_inventory_item(self, _request, item_id):
        with self.transaction():
            self._drop_item(item_id)
        return {"id": item_id, "object": "inventory_item", "deleted": True}

    # -- requests: levels ---------------------------------------------------------------------

    def get_levels(self, request, item_id):
        return self.listed(
            request,
            "inventory_levels",
            [self.render_level(level) for level in self._levels_of(item_id)],
            {"location_id": "texts"},
            LEVEL_FIELDS,
            50,
        )

    def post_levels(self, request, item_id):
        payload = self.body(request, schemas.LEVEL, ("location_id",))
        self.count_items(request, [payload])
        with self.transaction():
            self._check_level_fault(request, {"inventory_item_id": item_id})
            self._create_level({**payload, "inventory_item_id": item_id})
            return self._item_answer(request, self.inventory_items[item_id])

    def post_level(self, request, item_id, location_id):
        payload = self.body(request, schemas.QUANTITIES)
        self.count_items(request, [payload])
        keys = {"inventory_item_id": item_id, "location_id": location_id}
        self._check_level_fault(request, keys)
        with self.transaction():
            self._update_level({**payload, **keys})
            return self._item_answer(request, self.inventory_items[item_id])

    def delete_level(self, request, item_id, location_id):
        level = self.levels.get((item_id, location_id))
        if level is None:
            raise self.not_found(
                f"Inventory Level for Item {item_id} at Location {location_id} not found"
            )
        if level["reserved_quantity"]:
            raise self.not_allowed(
                f"Cannot remove Inventory Level {item_id} at Location {location_id} because there "
                "are reservations at location"
            )
        self._delete_levels([level["id"]], force=False)
        item = self.render_item(self.inventory_items[item_id])
        return {
            "id": level["id"],
            "object": "inventory-level",
            "deleted": True,
            "parent": self.shown(request, item, ITEM_FIELDS),
        }

    def post_item_levels_batch(self, request, item_id):
        payload = self.body(request, schemas.LEVELS_BATCH)
        for name in ("create", "update"):
            entries = payload.get(name) or []
            payload[name] = [{**entry, "inventory_item_id": item_id} for entry in entries]
        return self._levels_batch(request, payload)

    def post_levels_batch(self, request):
        return self._levels_batch(request, self.body(request, schemas.ITEM_LEVELS_BATCH))

    def _levels_batch(self, request, payload):
        create, update = payload.get("create") or [], payload.get("update") or []
        delete = payload.get("delete") or []
        self.count_items(request, create, update, delete)
        with self.transaction():
            for entry in (*create, *update):
                self._check_level_fault(request, entry)
            missing = [
                f"Item {entry['inventory_item_id']} is not stocked at location "
                f"{entry['location_id']}"
                for entry in update
                if (entry["inventory_item_id"], entry["location_id"]) not in self.levels
            ]
            if missing:
                raise self.not_found(", ".join(missing))
            created = [self._create_level(entry) for entry in create]
            updated = [self._update_level(entry) for entry in update]
            self._delete_levels(delete, payload.get("force", False))
        return {
            "created": [self.render_level(level) for level in created],
            "updated": [self.render_level(level) for level in updated],
            "deleted": delete,
        }

    # -- requests: locations and reservations -------------------------------------------------

    def get_locations(self, request):
        return self.listed(
            request,
            "stock_locations",
            list(self.locations.values()),
            LOCATION_FILTERS,
            LOCATION_FIELDS,
            20,
            render=_render_location,
            search=("name",),
        )

    def get_location(self, request, location_id):
        location = self.locations.get(location_id)
        if location is None:
            raise self.not_found(f"Stock location with id: {location_id} was not found")
        return {"stock_location": self.shown(request, _render_location(location), LOCATION_FIELDS)}

    def get_reservations(self, request):
        return self.listed(
            request,
            "reservations",
            list(self.reservations.values()),
            RESERVATION_FILTERS,
            RESERVATION_FIELDS,
            20,
        )

    # -- reading ------------------------------------------------------------------------------

    def render_item(self, item):
        return {
            **self._filterable_item(item),
            "location_levels": lambda: [
                self.render_level(level) for level in self._levels_of(item["id"])
            ],
        }

    def render_level(self, level):
        available = level["stocked_quantity"] - level["reserved_quantity"]
        return {**level, "available_quantity": available}

    def render_links(self, variant):
        return [
            {
                **link,
                "variant_id": variant["id"],
                "inventory": lambda link=link: self.render_item(
                    self.inventory_items[link["inventory_item_id"]]
                ),
            }
            for link in variant["inventory_links"]
        ]

    def _filterable_item(self, item):
        levels = list(self._levels_of(item["id"]))
        return {
            **item,
            "stocked_quantity": sum(level["stocked_quantity"] for level in levels),
            "reserved_quantity": sum(level["reserved_quantity"] for level in levels),
            "location_levels": {"location_id": [level["location_id"] for level in levels]},
        }

    def _known_item(self, item_id):
        item = self.inventory_items.get(item_id)
        if item is None:
            raise self.not_found(f"Inventory item with id: {item_id} was not found")
        return item

    def _item_answer(self, request, item):
        return {"inventory_item": self.shown(request, self.render_item(item), ITEM_FIELDS)}

    def _check_level_fault(self, request, entry):
        item = self.inventory_items.get(entry["inventory_item_id"])
        self.check_item_fault(request, item and item["sku"])


def _render_location(location):
    return {**location, "address": lambda: location["address"]}
