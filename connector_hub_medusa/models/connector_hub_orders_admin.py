# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import contextlib
from urllib.parse import quote

from pydantic import ValidationError

from odoo import api, models

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.exceptions import HubError
from odoo.addons.connector_hub.routes import PollPage

from .. import answers_admin as answers
from .. import schemas_admin as schemas
from ..const_admin import CUSTOMER_FIELDS, CUSTOMER_PAGE, ORDER_FIELDS, ORDER_PAGE
from ..parse_admin import to_canonical_customer, to_canonical_order, to_canonical_status


class ConnectorHubOrdersAdmin(models.AbstractModel):
    """Orders and customers of a Medusa v2 shop: fetched, and made Odoo's."""

    _inherit = "connector.hub.adapter.medusa.admin"

    # -- fetch: HTTP only -------------------------------------------------------------------------------------------

    @api.model
    def _poll_orders(self, backend, client, request):
        """See ``_poll_routes``. An order comes as what is imported, and as the state it is in now."""
        params = {"fields": ORDER_FIELDS, "limit": ORDER_PAGE}
        if request.made_since:
            params["created_at[$gte]"] = request.made_since.isoformat()
        return self._poll_page(
            client,
            request,
            "/admin/orders",
            params,
            answers.OrderPage,
            self._order_payloads,
        )

    @api.model
    def _count_orders(self, client, made_since, deadline):
        """See ``_count_routes``."""
        params = {"fields": "id", "limit": 1}
        if made_since:
            params["created_at[$gte]"] = made_since.isoformat()
        answer = client.request("GET", "/admin/orders", params=params, deadline=deadline)
        return read_answer(answer, answers.Total).count

    @api.model
    def _poll_customers(self, backend, client, request):
        """See ``_poll_routes``. Guests come with their orders."""
        return self._poll_page(
            client,
            request,
            "/admin/customers",
            {"fields": CUSTOMER_FIELDS, "limit": CUSTOMER_PAGE, "has_account": "true"},
            answers.CustomerPage,
            self._customer_payloads,
        )

    @api.model
    def _poll_page(self, client, request, path, params, page_model, payloads_of):
        """One page, the records that changed longest ago first.

        The next page begins where this one ends, by time rather than by number: a record that changes meanwhile moves
        to the end and would shift all others. The last one is therefore seen twice, and is one event.
        """
        position = request.position or {
            "since": request.since.isoformat() if request.since else None,
            "offset": 0,
        }
        params = {**params, "order": "updated_at", "offset": position["offset"]}
        if position["since"]:
            params["updated_at[$gte]"] = position["since"]
        data = read_answer(client.request("GET", path, params=params), page_model)
        rows = data.rows
        following = None
        if len(rows) == params["limit"]:
            last = self._last_change(rows)
            # Only where a whole page changed at one moment, as after an import, or at none that can be read, is there
            # no later time to go on at.
            following = (
                {"since": position["since"], "offset": position["offset"] + len(rows)}
                if last in (None, position["since"])
                else {"since": last, "offset": 0}
            )
        return PollPage(
            payloads=[payload for row in rows for payload in payloads_of(row)],
            position=following,
            count=len(rows),
            total=data.count if request.position is None else None,
        )

    @api.model
    def _last_change(self, rows):
        """When the last of the rows that tell it was changed, as the shop is asked for it; None if none does."""
        for row in reversed(rows):
            with contextlib.suppress(ValidationError):
                return answers.Changed.model_validate(row).updated_at.isoformat()
        return None

    @api.model
    def _order_payloads(self, order):
        if not isinstance(order, dict):
            return [{"event": "order.imported", "data": order}]
        return [
            {"event": "order.imported", "timestamp": order.get("created_at"), "data": order},
            {
                "event": "order.state",
                "timestamp": order.get("updated_at"),
                "data": order,
            },
        ]

    @api.model
    def _order_content(self, order):
        """What is news of an order: our own writes move its time and its metadata, and a captured payment neither.

        :param order: schemas.Order
        """
        items = []
        for item in sorted(order.items, key=lambda item: item.id):
            detail = item.detail or schemas.ItemDetail()
            returns = [getattr(detail, name) for name in schemas.ItemDetail.model_fields]
            items.append([item.id, item.quantity, item.unit_price, *returns])
        states = (order.status, order.payment_status, order.fulfillment_status)
        return [order.version, *states, order.total, order.credit_line_total, items]

    @api.model
    def _customer_payloads(self, customer):
        if not isinstance(customer, dict):
            return [{"event": "customer.state", "data": customer}]
        return [
            {"event": "customer.state", "timestamp": customer.get("updated_at"), "data": customer}
        ]

    @api.model
    def _fetch_order(self, backend, client, external_id):
        """See ``_fetch_routes``."""
        answer = client.request(
            "GET", f"/admin/orders/{quote(external_id, safe='')}", params={"fields": ORDER_FIELDS}
        )
        return self._order_payloads(read_answer(answer, answers.OneOrder).order)

    @api.model
    def _fetch_customer(self, backend, client, external_id):
        """See ``_fetch_routes``."""
        answer = client.request(
            "GET",
            f"/admin/customers/{quote(external_id, safe='')}",
            params={"fields": CUSTOMER_FIELDS},
        )
        customer = read_answer(answer, answers.OneCustomer).customer
        return self._customer_payloads(customer) if customer.get("has_account") else []

    # -- handle -----------------------------------------------------------------------------------------------------

    @api.model
    def _handle_orders(self, backend, events):
        """Import, and show at once what has become of the order."""
        orders = [schemas.Order.model_validate(event._load_payload()["data"]) for event in events]
        results = self.env["connector.hub.order.import"]._import_orders(
            backend,
            [to_canonical_order(order) for order in orders],
            history=events.filtered("is_history").mapped("external_id"),
        )
        imported = [
            to_canonical_status(order)
            for order, result in zip(orders, results, strict=True)
            if not isinstance(result, HubError)
        ]
        self.env["connector.hub.order.status"]._mirror(backend, imported)
        return dict(zip(events.ids, results, strict=True))

    @api.model
    def _handle_order_states(self, backend, events):
        """Follow what was changed in orders before what was paid for them is settled."""
        orders = [schemas.Order.model_validate(event._load_payload()["data"]) for event in events]
        revised = self.env["connector.hub.order.revision"]._revise(
            backend,
            [to_canonical_order(order) for order in orders],
            events.filtered("requeued").mapped("external_id"),
        )
        statuses = []
        for order in orders:
            status = to_canonical_status(order)
            if isinstance(revised.get(order.id), HubError):
                # An order that differs here must not be invoiced: requeueing settles it.
                status = status.model_copy(update={"payment": "", "is_captured": False})
            statuses.append(status)
        results = self.env["connector.hub.order.status"]._mirror(backend, statuses)
        return {
            event.id: revised.get(order.id, result)
            for event, order, result in zip(events, orders, results, strict=True)
        }

    @api.model
    def _handle_customers(self, backend, events):
        customers = [
            schemas.Customer.model_validate(event._load_payload()["data"]) for event in events
        ]
        results = self.env["connector.hub.partner.import"]._import_partners(
            backend,
            [to_canonical_customer(customer) for customer in customers],
            [{"x_medusa_customer_id": customer.id} for customer in customers],
        )
        return dict(zip(events.ids, results, strict=True))
