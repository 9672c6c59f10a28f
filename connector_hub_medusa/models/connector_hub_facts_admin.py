# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal
from urllib.parse import quote

from odoo import api, models

from odoo.addons.connector_hub.exceptions import RejectedError, UnsupportedEventError
from odoo.addons.connector_hub.models.connector_hub_adapter import ItemResult

from ..build import tracking_url
from ..const_admin import FULFILLMENT_FIELDS

#: What a label's address may be where there is none.
NO_URL = "#"


class ConnectorHubFactsAdmin(models.AbstractModel):
    """What happened to an order in Odoo, told to a Medusa v2 shop: metadata, fulfilments, shipments, cancellation.

    Medusa keeps no idempotency keys, so that each step looks first whether it was done before.
    """

    _inherit = "connector.hub.adapter.medusa.admin"

    # -- build: what is told ----------------------------------------------------------------------------------------

    @api.model
    def _build_fact(self, backend, record, fact):
        """{fact, order_id, ...}: all that the sending needs, so that it is the same however often it is tried."""
        order = record if record._name == "sale.order" else self._order_of(backend, record)
        content = {"fact": fact, "order_id": order.x_medusa_order_id}
        if not order.x_medusa_order_id:
            raise RejectedError(
                self.env._(
                    "“%(record)s” does not belong to an order of the shop.",
                    record=record.display_name,
                ),
                reason="not_found",
            )
        if fact == "order.confirmed":
            content["metadata"] = {"odoo_order_id": order.id, "odoo_order_name": order.name}
        elif fact == "order.invoiced":
            content["metadata"] = {"odoo_invoice_name": record.name}
        elif fact in ("order.shipped", "order.delivered"):
            content["picking"] = {"id": record.id, "name": record.name}
        if fact == "order.shipped":
            content.update(self._build_shipment(backend, record))
        return content

    @api.model
    def _build_shipment(self, backend, picking):
        """Lines and quantities of a delivery, its labels, and the shop's location it left from."""
        quantities = {}
        for line, moves in picking.move_ids.grouped("sale_line_id").items():
            if line.connector_hub_external_id:
                quantity = self._shipped_quantity(line, moves)
                if quantity > 0:
                    quantities[line.connector_hub_external_id] = quantity
        if not quantities:
            raise UnsupportedEventError(
                self.env._(
                    "%(picking)s has nothing in it that the customer ordered in the shop.",
                    picking=picking.name,
                )
            )
        locations = backend.location_ids.filtered(
            lambda location: location.warehouse_id == picking.picking_type_id.warehouse_id
        )
        url = tracking_url(picking) or NO_URL
        references = (picking.carrier_tracking_ref or "").replace("+", ",").split(",")
        return {
            "items": [
                {"id": line_id, "quantity": _number(quantity)}
                for line_id, quantity in quantities.items()
            ],
            "location_id": locations[:1].external_id or None,
            "labels": [
                {
                    "tracking_number": reference.strip(),
                    "tracking_url": url,
                    "label_url": NO_URL,
                }
                for reference in references
                if reference.strip()
            ],
        }

    @api.model
    def _shipped_quantity(self, line, moves):
        """How many of what the customer ordered these moves are; of a kit, as many as are complete."""
        done = moves.filtered(lambda move: move.state == "done")
        own = done.filtered(lambda move: move.product_id == line.product_id)
        if own or not done:
            quantity = sum(
                move.product_uom._compute_quantity(move.quantity, line.product_uom_id, round=False)
                for move in own
            )
            return Decimal(str(round(quantity, 6)))
        complete = []
        for product, parts in (
            line.move_ids.filtered(lambda move: move.state != "cancel")
            .grouped("product_id")
            .items()
        ):
            ordered = sum(parts.mapped("product_qty"))
            shipped = sum(
                done.filtered(lambda move, product=product: move.product_id == product).mapped(
                    "quantity"
                )
            )
            if ordered:
                complete.append(shipped / ordered * line.product_uom_qty)
        return Decimal(int(min(complete, default=0) + 1e-6))

    # -- send: HTTP only --------------------------------------------------------------------------------------------

    @api.model
    def _send_fact(self, client, items, context):
        """See ``ExportRoute.send``; facts come one at a time."""
        content = items[0].payload
        path = f"/admin/orders/{quote(content['order_id'], safe='')}"
        senders = {
            "order.shipped": self._send_shipment,
            "order.delivered": self._send_delivered,
            "order.cancelled": self._send_cancelled,
        }
        send = senders.get(content["fact"], self._send_metadata)
        return {0: send(client, path, content)}

    @api.model
    def _read_order(self, client, path):
        return client.request("GET", path, params={"fields": FULFILLMENT_FIELDS}).data["order"]

    @api.model
    def _send_metadata(self, client, path, content):
        try:
            client.request(
                "POST", path, params={"fields": "id"}, json={"metadata": content["metadata"]}
            )
        except RejectedError:
            # A canceled order cannot be changed any more, and need not know Odoo's names.
            if self._read_order(client, path)["status"] != "canceled":
                raise
        return ItemResult()

    @api.model
    def _send_shipment(self, client, path, content):
        """The fulfilment of a delivery, then its shipment with the labels. Each partial delivery has its own."""
        fulfillment = self._find_fulfillment(self._read_order(client, path), content)
        if fulfillment is None:
            body = {
                "items": content["items"],
                "metadata": {
                    "odoo_picking_id": content["picking"]["id"],
                    "odoo_picking_name": content["picking"]["name"],
                },
            }
            if content["location_id"]:
                body["location_id"] = content["location_id"]
            client.request("POST", f"{path}/fulfillments", params={"fields": "id"}, json=body)
            fulfillment = self._find_fulfillment(self._read_order(client, path), content)
        if fulfillment is None:
            raise RejectedError(
                self.env._("The shop accepted the fulfilment, but does not show it. Look there.")
            )
        if not fulfillment["shipped_at"]:
            client.request(
                "POST",
                f"{path}/fulfillments/{fulfillment['id']}/shipments",
                params={"fields": "id"},
                json={"items": content["items"], "labels": content["labels"]},
            )
        return ItemResult(fulfillment["id"])

    @api.model
    def _find_fulfillment(self, order, content):
        """The standing fulfilment of a delivery: the one with its id, or one made in the shop for just these items."""
        standing = [
            fulfillment for fulfillment in order["fulfillments"] if not fulfillment["canceled_at"]
        ]
        picking_id = str(content["picking"]["id"])
        for fulfillment in standing:
            if str((fulfillment["metadata"] or {}).get("odoo_picking_id")) == picking_id:
                return fulfillment
        wanted = {item["id"]: item["quantity"] for item in content.get("items", ())}
        for fulfillment in standing:
            if (fulfillment["metadata"] or {}).get("odoo_picking_id"):
                continue
            packed = {item["line_item_id"]: item["quantity"] for item in fulfillment["items"]}
            if wanted and packed == wanted:
                return fulfillment
        return None

    @api.model
    def _send_delivered(self, client, path, content):
        fulfillment = self._find_fulfillment(self._read_order(client, path), content)
        if fulfillment is None:
            raise RejectedError(
                self.env._(
                    "The shop has no fulfilment for %(picking)s. Requeue the message about its shipment first.",
                    picking=content["picking"]["name"],
                ),
                reason="not_found",
            )
        if not fulfillment["delivered_at"]:
            client.request(
                "POST",
                f"{path}/fulfillments/{fulfillment['id']}/mark-as-delivered",
                params={"fields": "id"},
                json={},
            )
        return ItemResult(fulfillment["id"])

    @api.model
    def _send_cancelled(self, client, path, content):
        """:raises RejectedError: if goods are on their way there: a person has to decide"""
        order = self._read_order(client, path)
        if order["status"] == "canceled":
            return ItemResult()
        standing = [
            fulfillment["id"]
            for fulfillment in order["fulfillments"]
            if not fulfillment["canceled_at"]
        ]
        if standing:
            raise RejectedError(
                self.env._(
                    "The shop does not cancel an order with a fulfilment (%(fulfillments)s). Cancel the fulfilment "
                    "there if the goods have not left, and requeue this message; else take them back as a return.",
                    fulfillments=", ".join(standing),
                )
            )
        client.request("POST", f"{path}/cancel", params={"fields": "id"})
        return ItemResult()


def _number(quantity):
    return int(quantity) if quantity == int(quantity) else float(quantity)
