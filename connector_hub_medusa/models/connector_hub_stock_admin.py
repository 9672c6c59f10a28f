# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.exceptions import (
    ConfigurationError,
    RejectedError,
    RetryableError,
)
from odoo.addons.connector_hub.routes import ItemResult, PollPage
from odoo.addons.connector_hub.schemas import split_entries

from .. import answers_admin as answers
from ..build_admin import lookups
from ..const_admin import LEVEL_FIELDS, LEVEL_PAGE, STOCK_FIELDS
from ..poll import SeenLevel


class ConnectorHubStockAdmin(models.AbstractModel):
    """Quantities to the levels of a Medusa v2 shop's stock locations."""

    _inherit = "connector.hub.adapter.medusa.admin"

    @api.model
    def _build_stock(self, backend, products):
        """{product id: {sku, quantity, levels: {location id: quantity}}}; without levels if no location is chosen."""
        payloads = self.env["connector.hub.field.mapping"]._build_payloads(
            backend, "stock", products
        )
        if backend.location_ids:
            levels = backend._location_quantities(backend, products)
            for product_id, payload in payloads.items():
                payload["levels"] = levels[product_id]
        return self._without_figureless(payloads)

    @api.model
    def _stock_context(self, backend, items):
        """See ``ExportRoute.context``: what all requests of a batch share, filled while it is sent."""
        return {}

    # -- send: HTTP only --------------------------------------------------------------------------------------------

    @api.model
    def _send_stock(self, client, items, context):
        """See ``ExportRoute.send``. Quantities are absolute, so that sending one again changes nothing.

        A linked item is expected to have a level; if the shop says that one has none, all are looked up.
        """
        linked = {position: item.bound_id for position, item in enumerate(items) if item.bound_id}
        try:
            return self._write_levels(
                client, items, self._levels_of(client, items, context), linked
            )
        except RejectedError:
            # The location may have been replaced since it was asked for.
            context.pop("location_id", None)
            if not linked:
                raise
        return self._write_levels(client, items, self._levels_of(client, items, context), {})

    @api.model
    def _levels_of(self, client, items, context):
        """{location id: quantity} of each item; without chosen locations, of the shop's only one."""
        if all("levels" in item.payload for item in items):
            return [item.payload["levels"] for item in items]
        if "location_id" not in context:
            context["location_id"] = self._only_location(client)
        return [{context["location_id"]: item.payload["quantity"]} for item in items]

    @api.model
    def _write_levels(self, client, items, levels, linked):
        """:param levels: {location id: quantity} of each item
        :param linked: {position: inventory item id} of items that have their levels
        """
        results, entries = {}, {"create": [], "update": []}
        unknown = [position for position in range(len(items)) if position not in linked]
        found = self._find_levels(client, [items[position].payload["sku"] for position in unknown])
        inventory_ids = dict(linked)
        for position in unknown:
            answer = self._inventory_of(found.get(items[position].payload["sku"]))
            if isinstance(answer, str):
                inventory_ids[position] = answer
            else:
                results[position] = answer
        known = {
            (link.inventory_item_id, level.location_id)
            for variant in found.values()
            for link in variant.inventory_items
            for level in (link.inventory and link.inventory.location_levels) or []
        }
        written = set()
        for position, inventory_id in inventory_ids.items():
            if inventory_id in written:
                results[position] = self._shared_inventory()
                continue
            written.add(inventory_id)
            results[position] = ItemResult(inventory_id)
            for location_id, quantity in levels[position].items():
                is_known = position in linked or (inventory_id, location_id) in known
                entries["update" if is_known else "create"].append(
                    {
                        "inventory_item_id": inventory_id,
                        "location_id": location_id,
                        "stocked_quantity": quantity,
                    }
                )
        if any(entries.values()):
            client.request(
                "POST",
                "/admin/inventory-items/location-levels/batch",
                json={name: rows for name, rows in entries.items() if rows},
            )
        return results

    @api.model
    def _find_levels(self, client, skus):
        """{SKU: variant with its inventory items and their levels}"""
        found = {}
        for params, _chunk in lookups("sku", skus):
            answer = client.request(
                "GET", "/admin/product-variants", params=[*params, ("fields", STOCK_FIELDS)]
            )
            variants = read_answer(answer, answers.StockedVariants).variants
            found.update({variant.sku: variant for variant in variants})
        return found

    @api.model
    def _inventory_of(self, variant):
        """The inventory item of a variant, or what becomes of the item without one."""
        if variant is None:
            return RetryableError(
                self.env._("The shop does not have this SKU yet. It is tried again."),
                reason="not_found",
            )
        if not variant.manage_inventory:
            return ItemResult()
        links = variant.inventory_items
        if len(links) != 1 or links[0].required_quantity != 1:
            return RejectedError(
                self.env._(
                    "In the shop this variant is made from other inventory items, whose quantities count. Send those, "
                    "or link the variant to one inventory item of its own."
                )
            )
        return links[0].inventory_item_id

    @api.model
    def _shared_inventory(self):
        return RejectedError(
            self.env._(
                "In the shop this variant shares its inventory item with another one. Give it one of its own."
            ),
            reason="ambiguous_match",
        )

    # -- what the shop has ------------------------------------------------------------------------------------------

    @api.model
    def _poll_inventory(self, _backend, client, request):
        """See ``_poll_routes``: what the shop has is compared with what Odoo told it."""
        offset = (request.position or {}).get("offset", 0)
        params = {"fields": LEVEL_FIELDS, "order": "id", "limit": LEVEL_PAGE, "offset": offset}
        answer = client.request("GET", "/admin/inventory-items", params=params)
        data = read_answer(answer, answers.InventoryPage)
        entries = data.inventory_items
        items, unreadable = split_entries(entries)
        return PollPage(
            payloads=[],
            seen=[
                SeenLevel(item.id, (level.location_id,), level.stocked_quantity)
                for item in items
                for level in item.location_levels or []
            ],
            position={"offset": offset + len(entries)} if len(entries) == LEVEL_PAGE else None,
            count=len(entries),
            total=data.count,
            unreadable=unreadable,
        )

    # -- the location -----------------------------------------------------------------------------------------------

    @api.model
    def _only_location(self, client):
        """The shop's only stock location.

        :raises ConfigurationError: if there are several, naming them
        """
        locations = self._read_locations(client)
        if len(locations) == 1:
            return locations[0].id
        if not locations:
            raise ConfigurationError(
                self.env._("The shop has no stock location. Create one there, then resume.")
            )
        raise ConfigurationError(
            self.env._(
                "The shop has several stock locations. Say in the backend's settings which of them stands for which "
                "warehouse, then resume: %(locations)s",
                locations=", ".join(f"{entry.name} ({entry.id})" for entry in locations),
            )
        )

    @api.model
    def _read_locations(self, client):
        answer = client.request(
            "GET", "/admin/stock-locations", params={"fields": "id,name", "limit": "100"}
        )
        return read_answer(answer, answers.StockLocations).stock_locations
