# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from urllib.parse import quote

from odoo import api, fields, models

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.exceptions import RejectedError
from odoo.addons.connector_hub.routes import ItemResult

from .. import answers, build


class ConnectorHubAdapterMedusa(models.AbstractModel):
    """What happens to an order in Odoo, as a shop is told of it. ``_send`` methods do HTTP only."""

    _inherit = "connector.hub.adapter.medusa"

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
            answer = self._post_fact(client, "/odoo/webhooks/order-status", item, item.payload).data
        return {0: ItemResult(external_id=order_id, is_linked=False, answer=answer)}

    @api.model
    def _find_confirmed(self, client, order_id, payload):
        """The shop's order if it shows that the shop has taken the fact, else None."""
        try:
            answer = client.request("GET", f"/odoo/orders/{quote(order_id, safe='')}")
            order = read_answer(answer, answers.OneOrderFacts).order
        except RejectedError:
            return None
        is_confirmed = build.is_confirmed(order.metadata or {}, payload)
        return answer.data["order"] if is_confirmed else None

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
        answer = self._post_fact(client, path, item, body).data
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
        response = self._post_fact(client, "/odoo/inventory/reduce", item, item.payload)
        results = (
            read_answer(response, answers.Reduced).results if response.data is not None else None
        )
        if results and results.errors:
            texts = [
                f"{entry.get('sku') or '?' if isinstance(entry, dict) else '?'}: "
                f"{self._item_error(entry).message}"
                for entry in results.errors
            ]
            return {
                0: RejectedError(
                    self.env._(
                        "The shop has reduced its stock in part only. Correct it there for: %(errors)s",
                        errors="; ".join(texts),
                    )
                )
            }
        return {0: ItemResult(external_id=order_id, is_linked=False, answer=response.data)}

    @api.model
    def _post_fact(self, client, path, item, body):
        return client.request(
            "POST", path, json=body, headers={"Idempotency-Key": item.idempotency_key}
        )
