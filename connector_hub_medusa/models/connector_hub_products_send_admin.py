# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from urllib.parse import quote

from odoo import api, models

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.exceptions import HubError, RejectedError, RetryableError
from odoo.addons.connector_hub.models.connector_hub_image import is_image_address
from odoo.addons.connector_hub.routes import ItemResult

from .. import answers_admin as answers
from ..build_admin import compare, lookups, product_to_create
from ..const_admin import PRODUCT_FIELDS, STATUS_KEY, WRITTEN_FIELDS


class ConnectorHubProductsSendAdmin(models.AbstractModel):
    """Products to a Medusa v2 shop: look what is there, then create or change. HTTP only."""

    _inherit = "connector.hub.adapter.medusa.admin"

    @api.model
    def _send_products(self, client, items, context):
        """See ``ExportRoute.send``. A batch is all or nothing at the shop: a refusal has the items sent singly."""
        if items[0].deletes:
            return self._retire_product(client, items[0], context)
        self._free_skus(client, context["stale"])
        found = self._find_products(client, items)
        categories = self._ensure_categories(
            client, [item.payload["category"] for item in items if item.payload["category"]]
        )
        results, creates, updates = {}, [], []
        for position, item in enumerate(items):
            product = found.get(position)
            handles = [entry["handle"] for entry in item.payload["category"]]
            category_ids = [categories[handles[-1]]] if handles else []
            if isinstance(product, HubError):
                results[position] = product
            elif product is None:
                creates.append((position, category_ids))
            else:
                updates.append((position, product, category_ids))
        entries = self._plan_updates(client, items, updates, results)
        bodies = self._plan_creates(client, items, creates, context)
        if entries or bodies:
            answer = client.request(
                "POST",
                "/admin/products/batch",
                params={"fields": WRITTEN_FIELDS},
                json={"create": list(bodies.values()), "update": list(entries.values())},
            )
            written = read_answer(answer, answers.WrittenProducts).created if bodies else []
            by_template = {product.external_id: product.model_dump() for product in written}
            for position in bodies:
                external_id = items[position].payload["product"]["external_id"]
                results[position] = (
                    self._linked(items[position], by_template[external_id])
                    if external_id in by_template
                    else self._not_shown()
                )
        return results

    @api.model
    def _not_shown(self):
        return RetryableError(
            self.env._(
                "The shop took this product, but does not show it in its answer. It is looked up there again."
            ),
            reason="invalid_payload",
        )

    # -- what is there ----------------------------------------------------------------------------------------------

    @api.model
    def _find_products(self, client, items):
        """The shop's product of each item: the one it is bound to, else the one with its SKUs.

        :return: {position: product or RejectedError}; a position left out is not in the shop
        """
        products = self._read_products(client, {item.bound_id for item in items if item.bound_id})
        ids = {
            position: item.bound_id
            for position, item in enumerate(items)
            if item.bound_id in products
        }
        by_sku = self._find_skus(
            client,
            [
                variant["sku"]
                for position, item in enumerate(items)
                if position not in ids
                for variant in item.payload["variants"]
            ],
        )
        found, taken = {}, {}
        for position, item in enumerate(items):
            if position not in ids:
                owners = {
                    by_sku[variant["sku"]]
                    for variant in item.payload["variants"]
                    if variant["sku"] in by_sku
                }
                if len(owners) > 1:
                    found[position] = self._ambiguous(owners)
                elif owners:
                    ids[position] = owners.pop()
            product_id = ids.get(position)
            if product_id and taken.setdefault(product_id, position) != position:
                found[position] = self._ambiguous([product_id])
        products.update(self._read_products(client, set(ids.values()) - set(products)))
        for position, product_id in ids.items():
            if product_id in products:
                found.setdefault(position, products[product_id])
        return found

    @api.model
    def _ambiguous(self, product_ids):
        return RejectedError(
            self.env._(
                "The SKUs of this product are spread over other products in the shop: %(products)s. Bring them "
                "together there, or give the variants other SKUs.",
                products=", ".join(sorted(product_ids)),
            ),
            reason="ambiguous_match",
        )

    @api.model
    def _read_products(self, client, product_ids):
        """{id: product with options, variants, prices, images and categories}; those that are gone are left out."""
        products = {}
        for params, _chunk in lookups("id", sorted(product_ids)):
            answer = client.request(
                "GET", "/admin/products", params=[*params, ("fields", PRODUCT_FIELDS)]
            )
            for product in read_answer(answer, answers.Products).products:
                products[product.id] = product.model_dump()
        return products

    @api.model
    def _find_skus(self, client, skus):
        """{SKU: product id}"""
        found = {}
        for params, _chunk in lookups("sku", skus):
            answer = client.request(
                "GET", "/admin/product-variants", params=[*params, ("fields", "id,sku,product_id")]
            )
            owners = read_answer(answer, answers.VariantOwners).variants
            found.update({entry.sku: entry.product_id for entry in owners})
        return found

    @api.model
    def _ensure_categories(self, client, chains):
        """Find the categories by handle, create those that are missing.

        :param chains: lists of {name, handle} from the root to the product's own category
        :return: {handle: id}
        """
        wanted = {entry["handle"]: None for chain in chains for entry in chain}
        found = {}
        for params, _chunk in lookups("handle", wanted):
            answer = client.request(
                "GET", "/admin/product-categories", params=[*params, ("fields", "id,handle")]
            )
            known = read_answer(answer, answers.Categories).product_categories
            found.update({entry.handle: entry.id for entry in known})
        for chain in chains:
            parent_id = None
            for entry in chain:
                if entry["handle"] not in found:
                    found[entry["handle"]] = self._create_category(client, entry, parent_id)
                parent_id = found[entry["handle"]]
        return found

    @api.model
    def _create_category(self, client, entry, parent_id):
        body = {"name": entry["name"], "handle": entry["handle"], "is_active": True}
        if parent_id:
            body["parent_category_id"] = parent_id
        answer = client.request("POST", "/admin/product-categories", json=body)
        return read_answer(answer, answers.OneCategory).product_category.id

    # -- create -----------------------------------------------------------------------------------------------------

    @api.model
    def _plan_creates(self, client, items, creates, context):
        """{position: body}. A new product goes into a sales channel, or no storefront would show it."""
        if not creates:
            return {}
        channel_id = context["channel_id"] or self._default_channel(client)
        answer = client.request(
            "GET", "/admin/shipping-profiles", params={"type": "default", "fields": "id"}
        )
        profiles = read_answer(answer, answers.ShippingProfiles).shipping_profiles
        return {
            position: product_to_create(
                items[position].payload,
                category_ids,
                [channel_id] if channel_id else [],
                profiles[0].id if profiles else None,
            )
            for position, category_ids in creates
        }

    @api.model
    def _default_channel(self, client):
        answer = client.request(
            "GET", "/admin/stores", params={"fields": "id,default_sales_channel_id"}
        )
        stores = read_answer(answer, answers.Stores).stores
        return stores[0].default_sales_channel_id if stores else None

    # -- change -----------------------------------------------------------------------------------------------------

    @api.model
    def _plan_updates(self, client, items, updates, results):
        """{position: entry of the batch}; variants and options that come or go are written here and now.

        What is refused of a product keeps nothing else of it from being sent.
        """
        planned = {
            position: compare(items[position].payload, product, category_ids, is_image_address)
            for position, product, category_ids in updates
        }
        held = self._rename_inventory(client, planned)
        entries = {}
        for position, product, _category_ids in updates:
            changes, errors = planned[position], held.get(position, [])
            if changes.is_structural:
                errors = errors + self._restructure(client, product["id"], changes)
                product = self._read_written(client, product["id"])
                changes.update = []
            entry = changes.as_batch_entry(product["id"])
            if entry:
                entries[position] = entry
            results[position] = (
                errors[0] if errors else self._linked(items[position], product, changes)
            )
        return entries

    @api.model
    def _restructure(self, client, product_id, changes):
        """Add options and values, then write the variants; what Odoo does not have any more goes.

        :return: errors of what was refused; the rest is done
        """
        path = f"/admin/products/{quote(product_id, safe='')}"
        errors = []
        if options := changes.as_options_batch():
            try:
                client.request("POST", f"{path}/options/batch", json=options)
            except RejectedError as error:
                errors.append(error)
                # These need the options that are not there.
                changes.create = []
                for variant in changes.update:
                    variant.pop("options", None)
        body = changes.as_variants_batch()
        if not body:
            return errors
        try:
            client.request("POST", f"{path}/variants/batch", json=body)
        except RejectedError as error:
            errors += self._write_variants_singly(client, path, body, error)
        return errors

    @api.model
    def _write_variants_singly(self, client, path, body, refusal):
        """What the shop takes of a batch that it has refused as a whole.

        :return: errors of the rest
        """
        parts = [
            {name: [entry]}
            for name in ("delete", "update", "create")
            for entry in body.get(name, ())
        ]
        if len(parts) == 1:
            return [self._as_held(parts[0], refusal)]
        errors = []
        for part in parts:
            try:
                client.request("POST", f"{path}/variants/batch", json=part)
            except RejectedError as error:
                errors.append(self._as_held(part, error))
        return errors

    @api.model
    def _as_held(self, part, error):
        if "delete" not in part or "reservation" not in error.message:
            return error
        return RetryableError(
            self.env._(
                "A variant that is gone in Odoo has open orders in the shop and cannot be deleted there yet. "
                "When they are fulfilled, requeue this message."
            ),
            reason="rejected_by_partner",
        )

    @api.model
    def _read_written(self, client, product_id):
        path = f"/admin/products/{quote(product_id, safe='')}"
        answer = client.request("GET", path, params={"fields": WRITTEN_FIELDS})
        return read_answer(answer, answers.OneWrittenProduct).product.model_dump()

    # -- results ----------------------------------------------------------------------------------------------------

    @api.model
    def _linked(self, item, product, changes=None):
        """The product's id, and those of its variants by SKU."""
        renamed = changes.renamed if changes else {}
        by_sku = {
            renamed.get(variant["id"], variant["sku"]): variant["id"]
            for variant in product["variants"]
        }
        return ItemResult(
            product["id"],
            tuple(
                (
                    "product.product",
                    int(variant["metadata"]["external_id"]),
                    by_sku[variant["sku"]],
                    variant["sku"],
                )
                for variant in item.payload["variants"]
                if variant["sku"] in by_sku
            ),
        )

    @api.model
    def _retire_product(self, client, item, context):
        """A product that is archived or not for sale becomes a draft; one that was deleted is deleted, if it can be."""
        path = f"/admin/products/{quote(item.external_id, safe='')}"
        if item.res_id not in context["existing"]:
            try:
                client.request("DELETE", path)
                return {}
            except RejectedError as error:
                # What is on order cannot be deleted.
                if error.details.get("status") == 404:
                    return {}
        answer = client.request("GET", path, params={"fields": "id,status"})
        if read_answer(answer, answers.OneProductStatus).product.status != "published":
            # The shop's own people have taken it off the shelf, and only they put it back.
            return {}
        # The mark has it published again when it comes back.
        body = {"status": "draft", "metadata": {STATUS_KEY: "draft"}}
        client.request("POST", path, json=body, params={"fields": "id"})
        return {}
