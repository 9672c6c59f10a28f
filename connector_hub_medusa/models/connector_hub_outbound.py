# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from urllib.parse import quote

from odoo import api, fields, models

from odoo.addons.connector_hub.exceptions import RejectedError, RetryableError
from odoo.addons.connector_hub.models.connector_hub_adapter import ItemResult

from .. import build
from ..const import ITEM_REASONS, RETRYABLE_CODES


class ConnectorHubAdapterMedusa(models.AbstractModel):
    """What a shop is told: products, stock, what happens to its orders. ``_send`` methods do HTTP only."""

    _inherit = "connector.hub.adapter.medusa"

    # -- products -----------------------------------------------------------------------------------------------

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
        """Send, and then remove what the shop has under SKUs that its products have no longer.

        Not before, or a product whose new content is refused would be gone from the shop. The binding names the old
        SKU until this is done: after a crash in between, both are done again. An old SKU that another product has
        taken over stays; if the shop refuses to give it to that product, its old holder is removed first.

        :param send: function from items to what ``ExportRoute.send`` returns; may raise RejectedError for one item
        :param delete: function that removes a SKU from the shop
        """

        def remove(sku):
            try:
                delete(sku)
            except RejectedError as error:
                if error.details.get("status") != 404:
                    raise

        results, positions = {}, list(range(len(items)))
        for stale in (context["stale"], frozenset()):
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
            positions = [
                position
                for position in positions
                if _is_taken(results[position]) and items[position].external_id in stale
            ]
            if not positions:
                break
            for position in positions:
                remove(items[position].external_id)
        for position, item in enumerate(items):
            old = item.bound_id not in (None, item.external_id, *context["sent"])
            if old and getattr(results[position], "is_linked", False):
                remove(item.bound_id)
        return results

    @api.model
    def _read_single(self, answer):
        """An answer about one product. One that is not in the catalogue is not linked, and told of again."""
        answer = answer if isinstance(answer, dict) else {}
        if answer.get("success") is False:
            return self._item_error(answer)
        return ItemResult(answer=answer, is_linked=answer.get("action") != "inventory_created")

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

    # -- stock --------------------------------------------------------------------------------------------------

    @api.model
    def _build_stock(self, backend, records):
        payloads = self.env["connector.hub.field.mapping"]._build_payloads(
            backend, "stock", records
        )
        levels = backend._location_quantities(backend, records) if backend.location_ids else {}
        for record in records:
            payload = payloads[record.id]
            if backend.medusa_stock_route == "webhook":
                payload["odoo_product_id"] = record.id
                payload["warehouse_name"] = backend.warehouse_id.name
            if record.id in levels:
                payload.pop("quantity", None)
                payload["levels"] = levels[record.id]
        return payloads

    @api.model
    def _send_stock(self, client, items, _context):
        """POST /odoo/inventory/update for one figure, /bulk-update for many (seed, sections 6.1 and 6.2)."""
        figures = [figure for item in items for figure in build.stock_items(item.payload)]
        if len(figures) > 1:
            answer = client.request(
                "POST", "/odoo/inventory/bulk-update", json={"items": figures}
            ).data
            return self._read_errors(items, answer)
        try:
            answer = client.request("POST", "/odoo/inventory/update", json=figures[0]).data
        except RejectedError as error:
            return {0: self._as_item_error(error)}
        return {0: self._read_single(answer)}

    @api.model
    def _send_stock_webhook(self, client, items, _context):
        """POST /odoo/webhooks/inventory (seed, section 13.2)."""
        entries = [entry for item in items for entry in build.stock_adjustments(item.payload)]
        answer = client.request(
            "POST",
            "/odoo/webhooks/inventory",
            json={"event_type": "inventory.updated", "items": entries},
        ).data
        if not isinstance(answer, dict):
            return self._read_errors(items, answer)
        results, summary = answer.get("results"), answer.get("summary")
        failed = [
            {"error": {"code": "SKU_NOT_FOUND"}, **entry}
            if entry.get("status") == "not_found"
            else entry
            for entry in (results if isinstance(results, list) else [])
            if isinstance(entry, dict) and entry.get("status") not in (None, "success")
        ]
        summary = summary if isinstance(summary, dict) else {}
        counts = [summary.get("failed") or 0, summary.get("not_found") or 0]
        return self._read_errors(
            items,
            {
                "success": answer.get("success"),
                "results": {
                    "errors": failed,
                    "failed": summary if _sum(counts) is None else _sum(counts),
                },
            },
        )

    # -- errors of items ----------------------------------------------------------------------------------------

    @api.model
    def _read_errors(self, items, answer):
        """Match ``results.errors`` of a bulk answer with the items by SKU.

        :return: {position: error}, or None if an error names no item of ours, or the answer is not one of those the
            seed describes, so that all are sent singly
        """
        if answer is None:
            return {}
        single = len(items) == 1
        told = _read_bulk(answer)
        if told is None:
            return {0: self._item_error(answer)} if single else None
        entries, counted = told
        positions = {item.reference: position for position, item in enumerate(items)}
        errors = {}
        for entry in entries:
            sku = entry.get("sku") if isinstance(entry, dict) else None
            position = positions.get(sku) if isinstance(sku, str) else None
            if position is None:
                return {0: self._item_error(entry)} if single else None
            errors[position] = self._item_error(entry)
        if answer.get("success") is False or counted > len(entries):
            return {0: self._item_error(answer)} if single else None
        return errors

    @api.model
    def _as_item_error(self, error):
        """A refusal of a request for one item, by the shop's own code: an unknown SKU may be known in a moment."""
        body = error.details.get("body")
        code = _code_of(body.get("error")) if isinstance(body, dict) else None
        if code in RETRYABLE_CODES:
            return self._item_error(body)
        if code in ITEM_REASONS:
            return RejectedError(error.message, ITEM_REASONS[code], error.details)
        return error

    @api.model
    def _item_error(self, entry):
        """What the shop says of one item, as one of the five errors."""
        error = (entry.get("error") or entry) if isinstance(entry, dict) else entry
        code = _code_of(error)
        message = error.get("message") if isinstance(error, dict) else str(error)
        text = self.env._(
            "The shop says: %(message)s", message=message or code or self.env._("no reason given")
        )
        if code in ITEM_REASONS:
            return RejectedError(text, reason=ITEM_REASONS[code])
        return RetryableError(text, reason="not_found" if code in RETRYABLE_CODES else None)

    # -- orders -------------------------------------------------------------------------------------------------

    @api.model
    def _build_status(self, backend, record, fact):
        """Seed, section 13.3. The record is the order, the picking or the invoice the fact is about."""
        order = record if record._name == "sale.order" else self._order_of(backend, record)
        return build.order_status(order, record, fact, self.env._("Cancelled in Odoo"))

    @api.model
    def _order_of(self, backend, record):
        orders = (
            record.sale_id
            if record._name == "stock.picking"
            else record.invoice_line_ids.sale_line_ids.order_id
        )
        return (
            orders.filtered(lambda order: order.connector_hub_backend_id == backend)[:1]
            or orders[:1]
        )

    @api.model
    def _send_status(self, client, items, _context):
        """POST /odoo/webhooks/order-status. What may have arrived before is looked up first."""
        (item,) = items
        order_id = item.payload["order"]["medusa_order_id"]
        answer = None
        if item.sent_before:
            answer = self._find_confirmed(client, order_id, item.payload)
        if answer is None:
            answer = self._post_fact(client, "/odoo/webhooks/order-status", item, item.payload)
        return {0: ItemResult(external_id=order_id, is_linked=False, answer=answer)}

    @api.model
    def _find_confirmed(self, client, order_id, payload):
        """The shop's order if it shows that the shop has taken the fact, else None."""
        try:
            answer = client.request("GET", f"/odoo/orders/{quote(order_id, safe='')}").data
        except RejectedError:
            return None
        order = answer.get("order") if isinstance(answer, dict) else None
        return order if isinstance(order, dict) and build.is_confirmed(order, payload) else None

    @api.model
    def _build_synced(self, _backend, order, _fact):
        return {
            "order_id": order.x_medusa_order_id,
            "odoo_order_id": order.id,
            "synced_at": build.zulu(fields.Datetime.now()),
        }

    @api.model
    def _send_synced(self, client, items, _context):
        """POST /odoo/orders/{id}/synced (seed, section 4.3)."""
        (item,) = items
        body = dict(item.payload)
        order_id = body.pop("order_id")
        path = f"/odoo/orders/{quote(order_id, safe='')}/synced"
        answer = self._post_fact(client, path, item, body)
        return {0: ItemResult(external_id=order_id, is_linked=False, answer=answer)}

    @api.model
    def _build_reduction(self, backend, picking, _fact):
        return build.reduction(self._order_of(backend, picking), picking)

    @api.model
    def _send_reduction(self, client, items, _context):
        """POST /odoo/inventory/reduce (seed, section 6.3). Some of it may be done: it is never repeated by itself."""
        (item,) = items
        order_id = item.payload["order_id"]
        result = ItemResult(external_id=order_id, is_linked=False)
        if not item.payload["items"]:
            return {0: result}
        answer = self._post_fact(client, "/odoo/inventory/reduce", item, item.payload)
        results = answer.get("results") if isinstance(answer, dict) else None
        errors = results.get("errors") if isinstance(results, dict) else None
        if errors:
            texts = [
                f"{entry.get('sku') or '?'}: {self._item_error(entry).message}"
                for entry in (errors if isinstance(errors, list) else [{"message": str(errors)}])
                if isinstance(entry, dict)
            ]
            return {
                0: RejectedError(
                    self.env._(
                        "The shop has reduced its stock in part only. Correct it there for: %(errors)s",
                        errors="; ".join(texts),
                    )
                )
            }
        return {0: ItemResult(external_id=order_id, is_linked=False, answer=answer)}

    @api.model
    def _post_fact(self, client, path, item, body):
        return client.request(
            "POST", path, json=body, headers={"Idempotency-Key": item.idempotency_key}
        ).data


def _code_of(error):
    """The code of an error as the shop tells it, or None."""
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else None


def _is_taken(result):
    """Whether the shop refused a product because another one has its SKU."""
    return isinstance(result, RejectedError) and result.reason == ITEM_REASONS["DUPLICATE_SKU"]


def _read_bulk(answer):
    """(errors, how many failed) of a bulk answer, or None if it is not one that the seed describes."""
    results = (answer.get("results") or {}) if isinstance(answer, dict) else None
    if not isinstance(results, dict):
        return None
    entries = results.get("errors") or []
    counts = [results.get("failed") or 0, results.get("not_found") or 0]
    if not isinstance(entries, list) or _sum(counts) is None:
        return None
    return entries, max(counts)


def _sum(counts):
    """The sum, or None if one is no number."""
    return sum(counts) if all(isinstance(count, int | float) for count in counts) else None
