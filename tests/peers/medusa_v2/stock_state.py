# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a stock Medusa v2 keeps its stock: inventory items, levels at locations, reservations."""

from ..values import iso
from . import schemas

ITEM_SCALARS = (
    "sku",
    "title",
    "description",
    "thumbnail",
    "origin_country",
    "hs_code",
    "mid_code",
    "material",
    "unit_of_measure",
    "weight",
    "length",
    "height",
    "width",
)
#: What a variant gives to the inventory item that is made for it.
ITEM_OF_VARIANT = (
    "origin_country",
    "mid_code",
    "material",
    "weight",
    "length",
    "height",
    "width",
    "hs_code",
)


class AdminStockState:
    """State: ``inventory_items`` {id: item}, ``levels`` {(item id, location id): level},
    ``locations`` {id: location}, ``reservations`` {id: reservation}."""

    def _init_stock(self):
        self.inventory_items = {}
        self.levels = {}
        self.locations = {}
        self.reservations = {}
        self._item_by_sku = {}
        self.main_location = self.add_location("Main Warehouse")

    # -- for tests ----------------------------------------------------------------------------

    def add_location(self, name):
        location = self.new_record("sloc", name=name, address=None)
        self.locations[location["id"]] = location
        return location["id"]

    def set_stock(self, sku, quantity, location_id=None):
        """Set the shelf quantity of a SKU; makes the level where it is missing."""
        item_id = self._item_by_sku[sku]
        key = (item_id, location_id or self.main_location)
        if key not in self.levels:
            self._create_level({"inventory_item_id": key[0], "location_id": key[1]})
        self.levels[key]["stocked_quantity"] = quantity

    def stocked(self, sku, location_id=None):
        return self._sum(sku, "stocked_quantity", location_id)

    def reserved(self, sku, location_id=None):
        return self._sum(sku, "reserved_quantity", location_id)

    def _sum(self, sku, name, location_id):
        return sum(
            level[name]
            for level in self._levels_of(self._item_by_sku.get(sku))
            if location_id in (None, level["location_id"])
        )

    # -- writing ------------------------------------------------------------------------------

    def link_inventory(self, variant, links):
        """Give a managed variant its inventory item: the ones named, or a new one."""
        for link in links:
            if link["inventory_item_id"] not in self.inventory_items:
                raise self.invalid(
                    f"Inventory Items with ids: {link['inventory_item_id']} was not found"
                )
            variant["inventory_links"].append(dict(link))
        if links or not variant["manage_inventory"]:
            return
        values = {name: variant[name] for name in ITEM_OF_VARIANT}
        title = variant["title"]
        item = self._create_item(
            {**values, "sku": variant["sku"], "title": title, "description": title}
        )
        variant["inventory_links"].append({"inventory_item_id": item["id"], "required_quantity": 1})

    def drop_inventory(self, variant):
        """A variant goes, and with it its inventory items, unless something is reserved."""
        for link in variant["inventory_links"]:
            if link["inventory_item_id"] in self.inventory_items:
                self._drop_item(link["inventory_item_id"])

    def available_of(self, variant):
        levels = [
            level
            for link in variant["inventory_links"]
            for level in self._levels_of(link["inventory_item_id"])
        ]
        return sum(level["stocked_quantity"] - level["reserved_quantity"] for level in levels)

    def reserve(self, line_item_id, item_id, quantity):
        """A checkout's reservation, where the item is kept; None if it is kept nowhere."""
        level = next(self._levels_of(item_id), None)
        if level is None:
            return None
        level["reserved_quantity"] += quantity
        reservation = self.new_record(
            "resitem",
            line_item_id=line_item_id,
            inventory_item_id=item_id,
            location_id=level["location_id"],
            quantity=quantity,
            description=None,
            created_by=None,
        )
        self.reservations[reservation["id"]] = reservation
        return reservation

    def change_reservation(self, reservation, quantity):
        """Set what is left of a reservation; nothing left: gone."""
        level = self.levels.get((reservation["inventory_item_id"], reservation["location_id"]))
        if level:
            level["reserved_quantity"] += quantity - reservation["quantity"]
        reservation["quantity"] = quantity
        if not quantity:
            del self.reservations[reservation["id"]]

    def _create_item(self, payload):
        sku = payload.get("sku")
        if sku is not None and sku in self._item_by_sku:
            raise self.exists_already("Inventory item", sku=sku)
        item = self.new_record(
            "iitem",
            **{name: payload.get(name) for name in ITEM_SCALARS},
            requires_shipping=payload.get("requires_shipping", True),
        )
        item["metadata"] = payload.get("metadata")
        self.inventory_items[item["id"]] = item
        self.on_undo(self.inventory_items.pop, item["id"], None)
        if sku is not None:
            self._item_by_sku[sku] = item["id"]
            self.on_undo(self._item_by_sku.pop, sku, None)
        return item

    def _drop_item(self, item_id):
        item = self.inventory_items.get(item_id)
        if item is None:
            return
        levels = list(self._levels_of(item_id))
        if any(level["reserved_quantity"] for level in levels):
            raise self.invalid(
                "Cannot remove following inventory item(s) since they have reservations: "
                f"[{item_id}]."
            )
        for level in levels:
            self._remove(self.levels, (item_id, level["location_id"]))
        self._remove(self.inventory_items, item_id)
        if item["sku"] is not None:
            self._remove(self._item_by_sku, item["sku"])

    def _remove(self, table, key):
        self.on_undo(table.__setitem__, key, table.pop(key))

    def _create_level(self, entry):
        item_id, location_id = entry["inventory_item_id"], entry["location_id"]
        if location_id not in self.locations:
            raise self.not_found(f"Stock locations with ids: {location_id} was not found")
        if item_id not in self.inventory_items:
            raise self.not_found(
                f"You tried to set relationship inventory_item_id: {item_id}, "
                "but such entity does not exist"
            )
        if (item_id, location_id) in self.levels:
            raise self.exists_already(
                "Inventory level", inventory_item_id=item_id, location_id=location_id
            )
        level = self.new_record(
            "ilev",
            inventory_item_id=item_id,
            location_id=location_id,
            stocked_quantity=entry.get("stocked_quantity", 0),
            incoming_quantity=entry.get("incoming_quantity", 0),
            reserved_quantity=0,
        )
        self.levels[item_id, location_id] = level
        self.on_undo(self.levels.pop, (item_id, location_id), None)
        return level

    def _update_level(self, entry):
        """Quantities may go below what is reserved; nobody minds."""
        item_id, location_id = entry["inventory_item_id"], entry["location_id"]
        level = self.levels.get((item_id, location_id))
        if level is None:
            raise self.not_found(f"Item {item_id} is not stocked at location {location_id}")
        self.on_undo(level.update, dict(level))
        given = {key: entry[key] for key in schemas.QUANTITIES if key in entry}
        level.update(given, updated_at=iso())
        return level

    def _delete_levels(self, level_ids, force):
        for key, level in list(self.levels.items()):
            if level["id"] not in level_ids:
                continue
            if level["reserved_quantity"] or level["incoming_quantity"]:
                raise self.not_allowed(
                    f"Cannot remove Inventory Levels for {key[1]} because there are reserved or "
                    "incoming items at the locations"
                )
            if level["stocked_quantity"] and not force:
                raise self.not_allowed(
                    f"Cannot remove Inventory Levels for {key[1]} because there are stocked items "
                    "at the locations. Use force flag to delete anyway."
                )
            self._remove(self.levels, key)

    def _levels_of(self, item_id):
        for location_id in self.locations:
            level = self.levels.get((item_id, location_id))
            if level is not None:
                yield level
