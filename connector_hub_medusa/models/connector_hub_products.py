# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace
from urllib.parse import quote

from odoo import api, models

from odoo.addons.connector_hub.exceptions import RejectedError, RetryableError
from odoo.addons.connector_hub.routes import ItemResult

from .. import build
from ..const import ITEM_REASONS


class ConnectorHubAdapterMedusa(models.AbstractModel):
    """Products, as a shop is told of them. ``_send`` methods do HTTP only."""

    _inherit = "connector.hub.adapter.medusa"

    @api.model
    def _build_products(self, backend, records):
        payloads = self.env["connector.hub.field.mapping"]._build_payloads(
            backend, "product", records
        )
        if backend.medusa_product_route != "webhook":
            for payload in payloads.values():
                build.finish_product(
                    payload,
                    allow_backorder=backend.medusa_allow_backorder,
                    has_locations=bool(backend.location_ids),
                )
        return payloads

    @api.model
    def _products_context(self, backend, items):
        """See ``ExportRoute.context``.

        :return: ``stale``: SKUs under which the shop still has another product, which has another SKU now; ``sent``:
            those that the shop took in this batch, filled while it is sent
        """
        holders = self.env["connector.hub.binding"]._find(
            backend, "product", [item.external_id for item in items if not item.deletes]
        )
        stale = {
            item.external_id
            for item in items
            if holders.get(item.external_id, item.res_id) != item.res_id
        }
        return {"stale": frozenset(stale), "sent": set()}

    @api.model
    def _send_products(self, client, items, context):
        """POST /odoo/products for one, /odoo/products/bulk for many, DELETE (seed, section 5)."""

        def delete(sku):
            return client.request("DELETE", f"/odoo/products/{quote(sku, safe='')}")

        def send(some):
            if len(some) == 1:
                answer = client.request("POST", "/odoo/products", json=some[0].payload).data
                return {0: self._read_single(answer)}
            products = [item.payload for item in some]
            answer = client.request("POST", "/odoo/products/bulk", json={"products": products})
            return self._read_errors(some, answer.data)

        if items[0].deletes:
            return {0: ItemResult(answer=delete(items[0].external_id).data)}
        return self._send_renamed(items, context, send, delete)

    @api.model
    def _send_product_webhook(self, client, items, context):
        """POST /odoo/webhooks/products, one product each (seed, section 13.1)."""

        def tell(event, product):
            body = {"event_type": f"product.{event}", "product": product}
            return client.request("POST", "/odoo/webhooks/products", json=body).data

        def send(some):
            (item,) = some
            event = "updated" if item.bound_id == item.external_id else "created"
            return {0: self._read_single(tell(event, item.payload))}

        item = items[0]
        if item.deletes:
            return {0: ItemResult(answer=tell("deleted", {"sku": item.external_id}))}
        return self._send_renamed(items, context, send, lambda sku: tell("deleted", {"sku": sku}))

    @api.model
    def _send_renamed(self, items, context, send, delete):
        """Send; a shop that knows a product by its ``odoo_product_id`` gives it its new SKU in place.

        What the shop still has under an old SKU after that is removed. Not before, or a product whose new content is
        refused would be gone from the shop. The binding names the old SKU until this is done: after a crash in
        between, both are done again. An old SKU that another product has taken over stays.

        A SKU that its holder in the shop is to give up may have to be free first: products that swap their SKUs are
        parked under others for a moment. Only where the shop knows products by their SKUs alone is the holder removed.

        :param send: function from items to what ``ExportRoute.send`` returns; may raise RejectedError for one item
        :param delete: function that removes a SKU from the shop
        """
        results = {}

        def remove(sku):
            try:
                delete(sku)
            except RejectedError as error:
                if error.details.get("status") != 404:
                    raise

        def attempt(positions):
            """The positions that were refused for a SKU its holder is to give up; None if the answer says nothing."""
            some = [items[position] for position in positions]
            try:
                answers = send(some)
            except RejectedError as error:
                if len(some) > 1:
                    raise
                answers = {0: self._as_item_error(error)}
            if answers is None:
                return None
            for number, position in enumerate(positions):
                results[position] = answers.get(number, ItemResult())
                if getattr(results[position], "is_linked", False):
                    context["sent"].add(items[position].external_id)
            return [
                position
                for position in positions
                if _is_taken(results[position]) and items[position].external_id in context["stale"]
            ]

        waiting = attempt(list(range(len(items))))
        if waiting and len(waiting) < len(items):
            # Others may have given up just these SKUs.
            waiting = attempt(waiting)
        bound = [position for position in waiting or () if items[position].bound_id]
        # Sent alone, it waits first: the holder's own new SKU is on its way.
        if bound and (len(items) > 1 or items[0].attempts):
            if not self._park([items[position] for position in bound], send, remove):
                for position in waiting:
                    remove(items[position].external_id)
            waiting = attempt(waiting)
        if waiting is None:
            return None
        for position in waiting:
            results[position] = RetryableError(
                self.env._(
                    "Another product still has the SKU %(sku)s in the shop, and gets its new one first.",
                    sku=items[position].external_id,
                ),
                reason="duplicate_sku",
            )
        for position, item in enumerate(items):
            old = item.bound_id not in (None, item.external_id, *context["sent"])
            if old and getattr(results[position], "is_linked", False):
                remove(item.bound_id)
        return results

    @api.model
    def _park(self, items, send, remove):
        """Give products SKUs that nobody wants, so that those they have are free.

        :return: whether the shop has renamed them; False if it made others of them, which are removed again
        """
        for item in items:
            sku = f"{item.bound_id}~{item.res_id}"
            parked = replace(item, payload={**item.payload, "sku": sku})
            try:
                result = send([parked]).get(0)
            except RejectedError:
                return False
            answer = getattr(result, "answer", None)
            product = answer.get("product") if isinstance(answer, dict) else None
            if not isinstance(product, dict) or product.get("created") is not False:
                remove(sku)
                return False
        return True

    @api.model
    def _after_products(self, backend, items):
        """A product that the shop has since just now, or under a new SKU, is told its stock."""
        fresh = [
            item.res_id
            for item in items
            if item.is_linked and not item.deletes and item.bound_id != item.external_id
        ]
        if fresh:
            backend._tell_stock(fresh)


def _is_taken(result):
    """Whether the shop refused a product because another one has its SKU."""
    return isinstance(result, RejectedError) and result.reason == ITEM_REASONS["DUPLICATE_SKU"]
