# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal
from urllib.parse import quote

from odoo import api, fields, models

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.exceptions import RejectedError, UnsupportedEventError
from odoo.addons.connector_hub.routes import ItemResult

from .. import answers_admin as answers
from ..build import shipped_kits, tracking_url
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
            content["metadata"] = {"odoo_invoiced": True, "odoo_invoice_name": record.name}
        elif fact == "order.paid":
            content["metadata"] = {"odoo_paid": True, "odoo_paid_at": self._paid_on(record)}
        elif fact == "order.cancelled":
            reason = order.connector_hub_cancel_reason or self.env._("Cancelled in Odoo")
            content["metadata"] = {"odoo_cancelled_reason": reason}
        elif fact in ("order.shipped", "order.delivered"):
            content.update(self._build_shipment(backend, record))
            content["picking"] = self._build_picking(backend, order, record)
        return content

    @api.model
    def _paid_on(self, invoice):
        """Date of the payment that settled an invoice: 2026-11-22."""
        lines = invoice.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
        settling = lines.matched_credit_ids.credit_move_id | lines.matched_debit_ids.debit_move_id
        days = settling.mapped("date")
        return fields.Date.to_string(max(days, default=fields.Date.context_today(invoice)))

    @api.model
    def _build_picking(self, backend, order, picking):
        """{id, name, fulfillment_id, others}: what it is in the shop, and which fulfilments are other pickings'."""
        bindings = self.env["connector.hub.binding"]._of_records(
            backend, "order", order.picking_ids | picking
        )
        own = bindings.pop(picking.id, None)
        return {
            "id": picking.id,
            "name": picking.name,
            "fulfillment_id": own.external_id if own else None,
            "others": [binding.external_id for binding in bindings.values()],
        }

    @api.model
    def _build_shipment(self, backend, picking):
        """Lines and quantities of a delivery, its labels, and the shop's location it left from."""
        quantities = {}
        for line, moves in picking.move_ids.grouped("sale_line_id").items():
            if line.connector_hub_external_id:
                quantity = self._shipped_quantity(line, picking, moves)
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
    def _shipped_quantity(self, line, picking, moves):
        """How many of what the customer ordered these moves are; of a kit, as many as are complete with them."""
        done = moves.filtered(lambda move: move.state == "done")
        own = done.filtered(lambda move: move.product_id == line.product_id)
        if own or not done:
            quantity = sum(
                move.product_uom._compute_quantity(move.quantity, line.product_uom_id, round=False)
                for move in own
            )
        else:
            quantity = shipped_kits(line, picking)
        return Decimal(str(round(quantity, 6)))

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
        answer = client.request("GET", path, params={"fields": FULFILLMENT_FIELDS})
        return read_answer(answer, answers.OneFulfilledOrder).order.model_dump()

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
        """The fulfilment of a delivery, then its shipment with the labels. Each partial delivery has its own.

        A shipment's labels cannot be changed any more: tracking numbers that came later are told by the order's
        metadata.
        """
        order = self._read_order(client, path)
        fulfillment = self._find_fulfillment(order, content)
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
            order = self._read_order(client, path)
            fulfillment = self._find_fulfillment(order, content)
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
        else:
            told = order["metadata"] or {}
            late = {
                key: text
                for key, text in late_tracking(fulfillment, content["labels"]).items()
                if told.get(key, "") != text
            }
            if late:
                self._send_metadata(client, path, {"metadata": late})
        return ItemResult(fulfillment["id"])

    @api.model
    def _find_fulfillment(self, order, content):
        """The standing fulfilment of a delivery: the one it is linked to or that names it, or one made in the shop for
        just these items.
        """
        picking = content["picking"]
        standing = {
            fulfillment["id"]: fulfillment
            for fulfillment in order["fulfillments"]
            if not fulfillment["canceled_at"]
        }
        if picking["fulfillment_id"] in standing:
            return standing[picking["fulfillment_id"]]
        wanted = {item["id"]: item["quantity"] for item in content["items"]}
        found = None
        for fulfillment in standing.values():
            named = (fulfillment["metadata"] or {}).get("odoo_picking_id")
            if named:
                if str(named) == str(picking["id"]):
                    return fulfillment
            elif found is None and fulfillment["id"] not in picking["others"]:
                packed = {item["line_item_id"]: item["quantity"] for item in fulfillment["items"]}
                found = fulfillment if packed == wanted else None
        return found

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
        # Afterwards the order cannot be changed any more, and the cancellation itself takes no reason.
        self._send_metadata(client, path, content)
        client.request("POST", f"{path}/cancel", params={"fields": "id"})
        return ItemResult()


def late_tracking(fulfillment, labels):
    """What an order's metadata have to say of a shipped fulfilment whose labels are not those of its delivery.

    :return: {key: text}; an empty text deletes the key. Nothing without labels: what was told before stays
    """
    if not labels:
        return {}
    shown = {label["tracking_number"]: label["tracking_url"] for label in fulfillment["labels"]}
    known = all(
        label["tracking_number"] in shown
        and label["tracking_url"] in (NO_URL, shown[label["tracking_number"]])
        for label in labels
    )
    numbers = ", ".join(label["tracking_number"] for label in labels)
    url = labels[0]["tracking_url"]
    return {
        f"odoo_tracking_number_{fulfillment['id']}": "" if known else numbers,
        f"odoo_tracking_url_{fulfillment['id']}": "" if known or url == NO_URL else url,
    }


def _number(quantity):
    return int(quantity) if quantity == int(quantity) else float(quantity)
