# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from urllib.parse import quote

from odoo import api, models

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.exceptions import RejectedError

from .. import answers_admin as answers
from ..build_admin import lookups
from ..const_admin import INVENTORY_FIELDS


class ConnectorHubSkusAdmin(models.AbstractModel):
    """SKUs that change or change hands, in a Medusa v2 shop. HTTP only."""

    _inherit = "connector.hub.adapter.medusa.admin"

    @api.model
    def _free_skus(self, client, stale):
        """Take SKUs from variants that have another one in Odoo by now, for those that are to get them.

        They get their own when their product is sent; the shop knows no moment at which two could swap.

        :param stale: SKU -> the shop's id of the variant
        """
        holders = [
            variant
            for variant in self._read_holders(client, list(stale.values()))
            if stale.get(variant.sku) == variant.id
        ]
        for variant in holders:
            for item_id in self._own_items(variant):
                self._set_inventory_sku(client, item_id, None)
            client.request(
                "POST",
                f"/admin/products/{quote(variant.product_id, safe='')}/variants/batch",
                json={"update": [{"id": variant.id, "sku": None}]},
            )

    @api.model
    def _rename_inventory(self, client, planned):
        """Medusa leaves the old SKU of a variant on its inventory item, where no other can have it.

        Before the variant, so that after a break-off the difference is still seen.

        :param planned: {position: Changes}
        :return: {position: [error]}; a variant whose item was refused keeps its SKU
        """
        skus = {
            variant_id: (position, sku)
            for position, changes in planned.items()
            for variant_id, sku in changes.renamed.items()
        }
        errors = {}
        for variant in self._read_holders(client, list(skus)):
            position, sku = skus[variant.id]
            try:
                for item_id in self._own_items(variant):
                    self._set_inventory_sku(client, item_id, sku)
            except RejectedError as error:
                errors.setdefault(position, []).append(error)
                for entry in planned[position].update:
                    if entry["id"] == variant.id:
                        entry.pop("sku")
        return errors

    @api.model
    def _read_holders(self, client, variant_ids):
        """Variants with their inventory items."""
        found = []
        for params, _chunk in lookups("id", variant_ids):
            answer = client.request(
                "GET", "/admin/product-variants", params=[*params, ("fields", INVENTORY_FIELDS)]
            )
            found += read_answer(answer, answers.SkuHolders).variants
        return found

    @api.model
    def _own_items(self, variant):
        """Ids of the items that have a variant's own SKU; the parts of a set have theirs."""
        return [
            link.inventory_item_id
            for link in variant.inventory_items or ()
            if link.inventory and link.inventory.sku == variant.sku
        ]

    @api.model
    def _set_inventory_sku(self, client, item_id, sku):
        path = f"/admin/inventory-items/{quote(item_id, safe='')}"
        client.request("POST", path, json={"sku": sku}, params={"fields": "id"})
