# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal

from pydantic import ValidationError

from odoo import api, models

from odoo.addons.connector_hub.exceptions import HubError, RejectedError, UnsupportedEventError

from .. import answers, build


class ConnectorHubAdapterMedusa(models.AbstractModel):
    """Stock, as a shop is told of it. ``_send`` methods do HTTP only."""

    _inherit = "connector.hub.adapter.medusa"

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
        return self._without_figureless(payloads)

    @api.model
    def _without_figureless(self, payloads):
        """Payloads with a figure; of the others the shop is told nothing, because its mapping is switched off.

        :param dict payloads: record id -> payload
        """
        nothing = UnsupportedEventError(
            self.env._("The quantity is not mapped: the shop's own figure stays.")
        )
        return {
            record_id: payload if payload.keys() & {"quantity", "levels"} else nothing
            for record_id, payload in payloads.items()
        }

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
        try:
            figures = answers.Figures.model_validate({} if answer is None else answer)
        except ValidationError:
            return self._read_errors(items, {"success": False, "error": answer})
        failed = [
            {"error": {"code": "SKU_NOT_FOUND"}, **result.model_dump()}
            if result.status == "not_found"
            else result.model_dump()
            for result in figures.results or []
            if result.status not in (None, "success")
        ]
        summary = figures.summary or answers.BulkErrors()
        return self._read_errors(
            items,
            {
                "success": figures.success,
                "results": {
                    "errors": failed,
                    "failed": (summary.failed or 0) + (summary.not_found or 0),
                },
            },
        )

    # -- what the shop has --------------------------------------------------------------------------------------

    @api.model
    def _find_differing(self, backend, entity, seen):
        """Override.

        :param list seen: of ``poll.SeenLevel``
        """
        levels = {}
        for level in seen:
            if level.external_id and level.quantity is not None:
                levels.setdefault(level.external_id, []).append(level)
        told = self.env["connector.hub.binding"].search_fetch(
            [
                ("backend_id", "=", backend.id),
                ("entity", "=", "stock"),
                ("external_id", "in", list(levels)),
                ("payload_hash", "!=", False),
            ],
            ["external_id", "reference", "res_id"],
        )
        known = {binding.res_id: binding for binding in told}
        for product_id in self._stock_on_its_way(backend, list(known)):
            known.pop(product_id, None)
        products = self.env["product.product"].search(
            [("id", "in", list(known)), *self._export_domain(backend, entity)]
        )
        route = self._export_routes()[entity]
        payloads = self.env["connector.hub.export"]._build_states(backend, route, entity, products)
        differing = {}
        for product_id, payload in payloads.items():
            if isinstance(payload, HubError):
                continue
            binding = known[product_id]
            difference = build.stock_difference(payload, levels[binding.external_id])
            if difference:
                there, here = (_readable(figure) for figure in difference)
                text = self.env._(
                    "%(sku)s (%(there)s there, %(here)s here)",
                    sku=binding.reference or binding.external_id,
                    there=there,
                    here=here,
                )
                differing[product_id] = (there, text)
        return differing

    @api.model
    def _stock_on_its_way(self, backend, product_ids):
        """Those of the products of which the shop will have another figure soon anyway."""
        if "stock" in self.env["connector.hub.change"]._waiting_entities(backend):
            return product_ids
        deliveries = self.env["connector.hub.delivery"].search_fetch(
            [
                ("backend_id", "=", backend.id),
                ("entity", "=", "stock"),
                ("state", "in", ("pending", "sending")),
                ("res_id", "in", product_ids),
            ],
            ["res_id"],
        )
        noted = self.env["connector.hub.change"]._waiting(backend).get("stock.quant", set())
        changed = backend._changed_records({"stock.quant": noted}) if noted else {}
        return set(deliveries.mapped("res_id")).union(*changed.values())


def _readable(figure):
    """All digits of a figure, and no more: 1000000, 7.5."""
    text = f"{Decimal(str(figure)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
