# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timezone
from decimal import Decimal
from urllib.parse import quote

from pydantic import ValidationError

from odoo import api, fields, models

from odoo.addons.connector_hub.client import HubClient
from odoo.addons.connector_hub.exceptions import (
    ConfigurationError,
    RejectedError,
    RetryableError,
    SignatureError,
)
from odoo.addons.connector_hub.models.connector_hub_adapter import (
    EventRoute,
    ExportRoute,
    ItemResult,
)
from odoo.addons.connector_hub.models.connector_hub_event import describe_invalid
from odoo.addons.connector_hub.schemas import (
    CanonicalAddress,
    CanonicalLine,
    CanonicalOrder,
    CanonicalPartner,
    CanonicalShipping,
    CanonicalTax,
)
from odoo.addons.connector_hub.signatures import (
    verify_bearer,
    verify_hmac_sha256,
    verify_standard_webhook,
    verify_token,
)

from .. import schemas
from ..const import (
    API_KEY_HEADER,
    BULK_SIZE,
    ITEM_REASONS,
    PRODUCT_MAPPINGS,
    REFERENCE_PREFIX,
    RETRYABLE_CODES,
    STOCK_MAPPINGS,
)


class ConnectorHubAdapterMedusa(models.AbstractModel):
    """Medusa, as the seed describes it."""

    _name = "connector.hub.adapter.medusa"
    _inherit = "connector.hub.adapter"
    _description = "Connector Hub Adapter: Medusa"

    # -- connection ---------------------------------------------------------------------------------------------

    @api.model
    def _make_client(self, backend):
        if not backend.base_url:
            raise ConfigurationError(self.env._("%(backend)s has no URL.", backend=backend.name))
        return HubClient(
            backend.base_url, headers={API_KEY_HEADER: backend._open_secret("api_key")}
        )

    @api.model
    def _ping(self, client):
        client.request("GET", "/odoo/inventory", params={"limit": 1})

    @api.model
    def _check_connection(self, backend, client):
        def reach():
            # Any answer at all will do: whether the key is good is the next step's question.
            try:
                self._ping(client)
            except (ConfigurationError, RejectedError):
                return client.base_url

        def count_products():
            inventory = client.request("GET", "/odoo/inventory", params={"limit": 1}).data
            return self.env._("%(count)s products seen", count=inventory.get("total", 0))

        return [
            (self.env._("The shop can be reached"), reach),
            (self.env._("The API key is accepted"), lambda: self._ping(client)),
            (
                self.env._("Orders may be read"),
                lambda: client.request("GET", "/odoo/orders", params={"limit": 1}) and None,
            ),
            (self.env._("Products are visible"), count_products),
        ]

    # -- inbound ------------------------------------------------------------------------------------------------

    @api.model
    def _verify_webhook(self, backend, body, headers):
        """The schemes of contracts/medusa.md, in its order; the first one the sender used decides."""
        secret = backend._open_secret("webhook_secret")
        if headers.get("webhook-signature") or headers.get("webhook-id"):
            verify_standard_webhook(secret, body, headers)
        elif signature := headers.get("x-medusa-signature"):
            verify_hmac_sha256(secret, body, signature)
        elif authorization := headers.get("Authorization"):
            verify_bearer(secret, authorization)
        elif token := headers.get("x-webhook-secret"):
            verify_token(secret, token)
        else:
            raise SignatureError(
                "The request is not authenticated: sign it, or send the webhook secret as a bearer token."
            )

    @api.model
    def _extract_event(self, backend, headers, payload):
        try:
            envelope = schemas.Envelope.model_validate(payload)
            event = {
                "event_type": envelope.event,
                "event_id": headers.get("webhook-id"),
                "occurred_at": _aware(envelope.timestamp),
                "external_id": None,
            }
            if envelope.event == "order.created":
                event["external_id"] = schemas.OrderCreated.model_validate(payload).data.order.id
        except ValidationError as error:
            raise RejectedError(describe_invalid(error), reason="invalid_payload") from error
        return event

    @api.model
    def _event_routes(self):
        return {
            "order.created": EventRoute(
                self._handle_orders, family="order", entity="order", creates=True
            ),
        }

    @api.model
    def _handle_orders(self, backend, events):
        orders = [
            self._to_canonical_order(
                backend, schemas.OrderCreated.model_validate(event._load_payload()).data.order
            )
            for event in events
        ]
        results = self.env["connector.hub.order.import"]._import_orders(backend, orders)
        return dict(zip(events.ids, results, strict=True))

    @api.model
    def _to_canonical_order(self, backend, order):
        """A shop's order in the hub's terms: minor units become major ones, first and last name one."""
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", order.currency_code.upper())], limit=1)
        )
        factor = backend._minor_factor(currency)

        def major(amount):
            return Decimal(amount or 0) / factor

        def taxes(lines, included):
            return [
                CanonicalTax(rate=line.rate, included=included, name=line.name or "")
                for line in lines
            ]

        included = backend.medusa_prices_include_tax
        customer = order.customer or schemas.Customer()
        shipping = order.shipping_address
        methods = order.shipping_methods
        return CanonicalOrder(
            external_id=order.id,
            reference=f"{REFERENCE_PREFIX}{order.display_id}"
            if order.display_id is not None
            else order.id,
            state="cancelled" if order.status in ("canceled", "cancelled") else "open",
            date_order=_aware(order.created_at),
            currency_code=order.currency_code.upper(),
            customer=CanonicalPartner(
                external_id=customer.id or "",
                name=_full_name(customer) or (_full_name(shipping) if shipping else ""),
                email=customer.email or order.email or "",
                phone=customer.phone or (shipping.phone if shipping else None) or "",
                company_name=customer.company_name or "",
            ),
            shipping_address=self._to_canonical_address(shipping),
            billing_address=self._to_canonical_address(order.billing_address),
            lines=[
                CanonicalLine(
                    external_id=item.id or "",
                    sku=item.sku or item.variant_sku or "",
                    name=item.title or "",
                    quantity=item.quantity,
                    price_unit=major(item.unit_price),
                    discount_amount=major(item.discount_total),
                    taxes=taxes(
                        item.tax_lines,
                        included if item.is_tax_inclusive is None else item.is_tax_inclusive,
                    ),
                )
                for item in order.items
            ],
            shipping=CanonicalShipping(
                amount=major(order.shipping_total),
                method=methods[0].name or "" if methods else "",
                taxes=taxes(methods[0].tax_lines, included) if methods else [],
            )
            if order.shipping_total
            else None,
            prices_include_tax=included,
            total=major(order.total),
            tax_total=None if order.tax_total is None else major(order.tax_total),
            values={"x_medusa_order_id": order.id},
            partner_values={"x_medusa_customer_id": customer.id} if customer.id else {},
        )

    @api.model
    def _to_canonical_address(self, address):
        if address is None:
            return None
        return CanonicalAddress(
            external_id=address.id or "",
            name=_full_name(address),
            company_name=address.company or "",
            street=address.address_1 or "",
            street2=address.address_2 or "",
            city=address.city or "",
            zip=address.postal_code or "",
            state_name=address.province or "",
            country_code=address.country_code or "",
            phone=address.phone or "",
        )

    @api.model
    def _webhook_answer(self, outcome):
        """Seed, section 8.1: {success, odoo_order_id, odoo_order_name}."""
        if outcome["res_model"] != "sale.order" or not outcome["res_id"]:
            return {}
        order = self.env["sale.order"].sudo().browse(outcome["res_id"]).exists()
        return {"odoo_order_id": order.id, "odoo_order_name": order.name} if order else {}

    # -- outbound -----------------------------------------------------------------------------------------------

    @api.model
    def _export_routes(self):
        return {
            "product": ExportRoute(
                model="product.product",
                batch_size=BULK_SIZE,
                request=_product_request,
                read_results=self._read_product_results,
                delete=_delete_request,
            ),
            "stock": ExportRoute(
                model="product.product",
                batch_size=BULK_SIZE,
                request=lambda backend, items: (
                    "POST",
                    "/odoo/inventory/bulk-update",
                    {"items": items},
                ),
                read_results=self._read_item_errors,
            ),
        }

    @api.model
    def _fact_routes(self):
        route = ExportRoute(
            model="sale.order",
            build=self._build_status,
            request=lambda backend, items: ("POST", "/odoo/webhooks/order-status", items[0]),
        )
        return dict.fromkeys(
            (
                "order.confirmed",
                "order.shipped",
                "order.delivered",
                "order.cancelled",
                "order.invoiced",
                "order.paid",
            ),
            route,
        )

    @api.model
    def _default_mappings(self):
        return [
            {
                "entity": entity,
                "odoo_field": odoo_field,
                "external_field": external_field,
                "converter": converter,
            }
            for entity, mappings in (("product", PRODUCT_MAPPINGS), ("stock", STOCK_MAPPINGS))
            for odoo_field, external_field, converter in mappings
        ]

    @api.model
    def _read_product_results(self, backend, items, response):
        """One product answers with its ids, many with counts and errors (seed, sections 5.1 and 5.2)."""
        if len(items) == 1 and "product" in (response.data or {}):
            return {0: ItemResult()}
        return self._read_item_errors(backend, items, response)

    @api.model
    def _read_item_errors(self, backend, items, response):
        """Match ``results.errors`` with the items by SKU.

        :return: {position: error}, or None if an error names no item of ours, so that all are sent singly
        """
        data = response.data if isinstance(response.data, dict) else {}
        results = data.get("results") if isinstance(data.get("results"), dict) else {}
        positions = {item.payload["sku"]: position for position, item in enumerate(items)}
        errors = {}
        for entry in results.get("errors") or []:
            sku = entry.get("sku") if isinstance(entry, dict) else None
            if sku not in positions:
                return None
            errors[positions[sku]] = self._item_error(entry)
        if data.get("success") is False or (
            results.get("failed") or results.get("not_found") or 0
        ) > len(errors):
            return None
        return errors

    @api.model
    def _item_error(self, entry):
        error = entry.get("error") or entry
        code = error.get("code") if isinstance(error, dict) else None
        message = error.get("message") if isinstance(error, dict) else str(error)
        text = self.env._(
            "The shop says: %(message)s", message=message or code or self.env._("no reason given")
        )
        if code in ITEM_REASONS:
            return RejectedError(text, reason=ITEM_REASONS[code])
        return RetryableError(text, reason="not_found" if code in RETRYABLE_CODES else None)

    @api.model
    def _build_status(self, backend, record, fact):
        """Seed, section 13.3. The record is the order, the picking or the invoice the fact is about."""
        order = record if record._name == "sale.order" else self._order_of(backend, record)
        content = {
            "medusa_order_id": order.x_medusa_order_id,
            "odoo_order_id": order.id,
            "odoo_order_name": order.name,
        }
        if fact == "order.shipped":
            content.update(
                tracking_number=record.carrier_tracking_ref,
                tracking_url=record.carrier_tracking_url,
                carrier_name=record.carrier_id.name,
                shipped_date=_zulu(record.date_done),
            )
        elif fact == "order.delivered":
            content["delivered_date"] = _zulu(record.connector_hub_delivered_at)
        elif fact == "order.cancelled":
            content["cancelled_reason"] = self.env._("Cancelled in Odoo")
        elif fact == "order.invoiced":
            content["invoice_number"] = record.name
        # The shop refuses an empty tracking URL; what is not known is left out.
        return {
            "event_type": fact,
            "order": {key: value for key, value in content.items() if value},
        }

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


def _product_request(backend, items):
    if len(items) == 1:
        return "POST", "/odoo/products", items[0]
    return "POST", "/odoo/products/bulk", {"products": items}


def _delete_request(backend, external_id):
    return "DELETE", f"/odoo/products/{quote(external_id, safe='')}", None


def _full_name(record):
    return " ".join(part for part in (record.first_name, record.last_name) if part)


def _aware(moment):
    """A moment without an offset is UTC, as Medusa writes it."""
    return moment.replace(tzinfo=timezone.utc) if moment and not moment.tzinfo else moment


def _zulu(moment):
    """Odoo's naive UTC as the seed writes it: 2026-02-28T10:30:00Z."""
    return f"{(moment or fields.Datetime.now()).isoformat(timespec='seconds')}Z"
