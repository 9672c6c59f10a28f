# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta, timezone
from urllib.parse import quote

from pydantic import ValidationError

from odoo import api, fields, models

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.exceptions import HubError, RejectedError, UnsupportedEventError
from odoo.addons.connector_hub.models.connector_hub_order_status import readable_status
from odoo.addons.connector_hub.schemas import describe_invalid

from .. import answers, parse, poll, schemas
from ..const import CANCELLED, CAPTURED, COMPLETED, STATUS_DAYS, SYNCED_FACT

#: How old an order may be, before the backend was set up, to be fetched because of an event.
FETCH_MARGIN = timedelta(days=1)


class ConnectorHubAdapterMedusa(models.AbstractModel):
    """What a shop tells: orders, their state, customers."""

    _inherit = "connector.hub.adapter.medusa"

    # -- orders -------------------------------------------------------------------------------------------------

    @api.model
    def _handle_orders(self, backend, events):
        """Seed, section 3.1. An order that is here is acknowledged to the shop (section 4.3)."""
        orders = [
            schemas.OrderCreated.model_validate(event._load_payload()).data.order
            for event in events
        ]
        results = self.env["connector.hub.order.import"]._import_orders(
            backend,
            [self._to_canonical_order(backend, order) for order in orders],
            history=events.filtered("is_history").mapped("external_id"),
        )
        for order, result in zip(orders, results, strict=True):
            if isinstance(result, HubError):
                continue
            sale_order = result.record
            if order.payment_status in CAPTURED and order.status not in CANCELLED:
                self.env["connector.hub.payment"]._settle_orders(backend, sale_order)
            if SYNCED_FACT in self._fact_routes():
                self.env["connector.hub.delivery"]._enqueue_fact(
                    backend, "order", SYNCED_FACT, sale_order, sale_order
                )
        return dict(zip(events.ids, results, strict=True))

    @api.model
    def _to_canonical_order(self, backend, order):
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", order.currency_code.upper())], limit=1)
        )
        return parse.to_canonical_order(
            order, backend._minor_factor(currency), backend.medusa_prices_include_tax
        )

    @api.model
    def _handle_statuses(self, backend, events):
        """Seed, section 3.3."""
        changes = [
            schemas.OrderStatusUpdated.model_validate(event._load_payload()).data
            for event in events
        ]
        results = self.env["connector.hub.order.status"]._mirror(
            backend,
            [
                parse.to_canonical_status(
                    change.order_id,
                    change.new_status,
                    change.fulfillment_status,
                    change.payment_status,
                )
                for change in changes
            ],
        )
        return dict(zip(events.ids, results, strict=True))

    @api.model
    def _fetch_order(self, backend, client, external_id):
        """GET /odoo/orders/{id} (section 4.2), for an order whose own event never came."""
        answer = client.request("GET", f"/odoo/orders/{quote(external_id, safe='')}")
        order = read_answer(answer, answers.OneOrder).content
        if order.get("id") != external_id:
            raise RejectedError(
                self.env._("The shop answered with another order than %(id)s.", id=external_id),
                reason="not_found",
            )
        payload = poll.order_payload(order)
        try:
            event = schemas.OrderCreated.model_validate(payload)
        except ValidationError as error:
            raise RejectedError(describe_invalid(error), reason="invalid_payload") from error
        placed_at = parse.aware(event.data.order.created_at)
        since = backend.create_date.replace(tzinfo=timezone.utc) - FETCH_MARGIN
        if placed_at and placed_at < since:
            raise UnsupportedEventError(
                self.env._(
                    "This order was placed before %(backend)s was set up, and is not in Odoo. Import all to have it.",
                    backend=backend.name,
                )
            )
        return [payload]

    @api.model
    def _webhook_answer(self, outcome):
        """Seed, section 8.1: {success, odoo_order_id, odoo_order_name}."""
        if outcome["res_model"] == "res.partner" and outcome["res_id"]:
            return {"odoo_partner_id": outcome["res_id"]}
        if outcome["res_model"] != "sale.order" or not outcome["res_id"]:
            return {}
        order = self.env["sale.order"].sudo().browse(outcome["res_id"]).exists()
        return {"odoo_order_id": order.id, "odoo_order_name": order.name} if order else {}

    # -- customers ----------------------------------------------------------------------------------------------

    @api.model
    def _handle_customers(self, backend, events):
        """Seed, section 3.2."""
        customers = [
            schemas.CustomerChanged.model_validate(event._load_payload()).data.customer
            for event in events
        ]
        results = self.env["connector.hub.partner.import"]._import_partners(
            backend,
            [parse.to_canonical_customer(customer) for customer in customers],
            [{"x_medusa_customer_id": customer.id} for customer in customers],
        )
        return dict(zip(events.ids, results, strict=True))

    # -- polling ------------------------------------------------------------------------------------------------

    @api.model
    def _poll_request(self, backend, cursor):
        request = super()._poll_request(backend, cursor)
        open_orders, oldest = {}, None
        if cursor.entity == "order" and not cursor.is_full:
            open_orders, oldest = self._open_orders(backend)
        return poll.MedusaPollRequest(
            since=request.since,
            position=request.position,
            made_since=request.made_since,
            run=fields.Datetime.to_string(cursor.started_at),
            is_full=cursor.is_full,
            open_orders=open_orders,
            oldest=oldest,
        )

    @api.model
    def _open_orders(self, backend):
        """The shop's orders of the last weeks that it may still change.

        :return: ({shop's id: (status, fulfilment, payment, last change)}, when the first of them was placed)
        """
        final = [readable_status(status) for status in sorted(CANCELLED | COMPLETED)]
        orders = self.env["sale.order"].search_fetch(
            [
                ("connector_hub_backend_id", "=", backend.id),
                ("x_medusa_order_id", "!=", False),
                ("state", "!=", "cancel"),
                ("date_order", ">=", fields.Datetime.now() - timedelta(days=STATUS_DAYS)),
                "|",
                ("connector_hub_status", "=", False),
                ("connector_hub_status", "not in", final),
            ],
            [
                "x_medusa_order_id",
                "date_order",
                "connector_hub_status",
                "connector_hub_fulfillment_status",
                "connector_hub_payment_status",
                "write_date",
            ],
        )
        known = {
            order.x_medusa_order_id: (
                order.connector_hub_status,
                order.connector_hub_fulfillment_status,
                order.connector_hub_payment_status,
                str(order.write_date),
            )
            for order in orders
        }
        oldest = min(orders.mapped("date_order"), default=None)
        return known, oldest and oldest.replace(tzinfo=timezone.utc)
