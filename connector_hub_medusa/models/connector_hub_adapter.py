# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace

from pydantic import ValidationError

from odoo import api, models

from odoo.addons.connector_hub.client import HubClient
from odoo.addons.connector_hub.exceptions import (
    ConfigurationError,
    RejectedError,
    SignatureError,
    UnsupportedEventError,
)
from odoo.addons.connector_hub.routes import (
    Dialect,
    EventRoute,
    ExportRoute,
)
from odoo.addons.connector_hub.schemas import describe_invalid
from odoo.addons.connector_hub.signatures import (
    verify_bearer,
    verify_hmac_sha256,
    verify_standard_webhook,
    verify_token,
)

from .. import poll, schemas
from ..const import (
    API_KEY_HEADER,
    ARABIC_MAPPINGS,
    BULK_SIZE,
    DIALECTS,
    OPTIONAL_MAPPINGS,
    PRODUCT_MAPPINGS,
    PRODUCT_WEBHOOK_MAPPINGS,
    REDUCE_FACT,
    STATUS_FACTS,
    STOCK_BULK_SIZE,
    STOCK_MAPPINGS,
    SYNCED_FACT,
)
from ..parse import aware


class ConnectorHubAdapterMedusa(models.AbstractModel):
    """Medusa, as the seed describes it: the connection and the tables.

    What comes in is handled in ``connector_hub_inbound.py``; what goes out is sent in ``connector_hub_products.py``,
    ``connector_hub_stock.py`` and ``connector_hub_facts.py``.
    """

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

        def may_read(path):
            return lambda: client.request("GET", path, params={"limit": 1}) and None

        return [
            (self.env._("The shop can be reached"), reach),
            (self.env._("The API key is accepted"), lambda: self._ping(client)),
            (self.env._("Orders may be read"), may_read("/odoo/orders")),
            (self.env._("Customers may be read"), may_read("/odoo/customers")),
            (
                self.env._("The shop's SKUs are products in Odoo"),
                lambda: self._compare_skus(backend, client),
            ),
        ]

    @api.model
    def _dialects(self, backend):
        labels = dict(backend._fields["medusa_dialect"]._description_selection(self.env))
        return [
            Dialect(labels[key], adapter, {"medusa_dialect": key})
            for key, adapter in DIALECTS.items()
        ]

    @api.model
    def _compare_skus(self, backend, client):
        """Tell how many of the shop's SKUs Odoo has, and name some that it has not."""
        skus, complete = poll.inventory_skus(client)
        products = backend.env["product.product"].search_fetch(
            [("default_code", "in", list(skus)), *self._export_domain(backend, "product")],
            ["default_code"],
        )
        unknown = sorted(skus - set(products.mapped("default_code")))
        text = self.env._(
            "%(known)s of the shop's %(total)s SKUs are products in Odoo.",
            known=len(skus) - len(unknown),
            total=len(skus) if complete else self.env._("first %(count)s", count=len(skus)),
        )
        if unknown:
            more = self.env._(" and %(count)s more", count=len(unknown) - 20)
            text += " " + self.env._(
                "Odoo does not have %(skus)s; orders of them wait for a person.",
                skus=", ".join(unknown[:20]) + (more if len(unknown) > 20 else ""),
            )
        return text

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
            schema = schemas.EVENTS.get(envelope.event)
            if schema is None:
                raise UnsupportedEventError(
                    self.env._(
                        "Events of the type %(type)s are not used here.", type=envelope.event[:100]
                    )
                )
            return {
                "event_type": envelope.event,
                "event_id": headers.get("webhook-id") or envelope.event_id,
                "occurred_at": aware(envelope.timestamp),
                "external_id": schema.model_validate(payload).data.external_id,
            }
        except ValidationError as error:
            raise RejectedError(describe_invalid(error), reason="invalid_payload") from error

    @api.model
    def _event_routes(self):
        # A customer's events bring all there is to know: none creates what the others wait for.
        customer = EventRoute(self._handle_customers, family="customer", entity="partner")
        return {
            "order.created": EventRoute(
                self._handle_orders, family="order", entity="order", creates=True
            ),
            "order.status_updated": EventRoute(
                self._handle_statuses, family="order status", entity="order"
            ),
            "customer.created": customer,
            "customer.updated": customer,
        }

    @api.model
    def _poll_routes(self):
        return {"order": poll.poll_orders, "partner": poll.poll_customers}

    @api.model
    def _count_routes(self):
        return {"order": poll.count_orders}

    @api.model
    def _compare_routes(self):
        return {"stock": poll.poll_inventory}

    @api.model
    def _fetch_routes(self):
        return {"order": self._fetch_order}

    # -- outbound -----------------------------------------------------------------------------------------------

    @api.model
    def _backend(self):
        """The backend whose tables are asked for; empty outside of a work environment."""
        return self.env["connector.hub.backend"].browse(
            self.env.context.get("connector_hub_backend_id")
        )

    @api.model
    def _export_routes(self):
        by_webhook = self._backend().medusa_product_route == "webhook"
        return {
            "product": ExportRoute(
                model="product.product",
                batch_size=1 if by_webhook else BULK_SIZE,
                build=self._build_products,
                context=self._products_context,
                send=self._send_product_webhook if by_webhook else self._send_products,
                after=self._after_products,
                takes_deleted=True,
            ),
            "stock": ExportRoute(
                model="product.product",
                batch_size=STOCK_BULK_SIZE,
                build=self._build_stock,
                send=self._send_stock_webhook
                if self._backend().medusa_stock_route == "webhook"
                else self._send_stock,
            ),
        }

    @api.model
    def _fact_routes(self):
        status = ExportRoute(model="sale.order", build=self._build_status, send=self._send_status)
        return {
            **dict.fromkeys(STATUS_FACTS, status),
            "order.shipped": replace(status, repeats=False),
            SYNCED_FACT: ExportRoute(
                model="sale.order", build=self._build_synced, send=self._send_synced
            ),
            REDUCE_FACT: ExportRoute(
                model="stock.picking",
                build=self._build_reduction,
                send=self._send_reduction,
                after=self._after_shipment,
                idempotent=False,
            ),
        }

    @api.model
    def _after_shipment(self, backend, items):
        """The shop has lowered its own figure, perhaps after Odoo's new one was sent: that is sent again."""
        pickings = self.env["stock.picking"].browse([item.res_id for item in items]).exists()
        moves = pickings.move_ids
        products = moves.product_id | moves.sale_line_id.product_id
        if products:
            self.env["connector.hub.binding"]._forget_payloads(backend, "stock", products.ids)
            self.env["connector.hub.change"]._append([(backend.id, "stock.quant", products.ids)])

    @api.model
    def _sent_settings(self, backend):
        """Override: the two ways to send products and stock, and what a shop sells without stock."""
        settings = super()._sent_settings(backend)
        product, stock = frozenset({"product"}), frozenset({"stock"})
        return {
            **settings,
            "location_ids": product | stock,
            "medusa_allow_backorder": product,
            "medusa_product_route": product,
            "medusa_stock_route": stock,
        }

    @api.model
    def _wants_fact(self, backend, fact, record):
        if fact == REDUCE_FACT and not backend.medusa_reduce_stock:
            return False
        return super()._wants_fact(backend, fact, record)

    @api.model
    def _default_mappings(self):
        by_webhook = self._backend().medusa_product_route == "webhook"
        products = PRODUCT_WEBHOOK_MAPPINGS if by_webhook else PRODUCT_MAPPINGS
        rows = [("product", *mapping, False) for mapping in products]
        if not by_webhook:
            rows += self._optional_mappings()
        rows += [("stock", *mapping, False) for mapping in STOCK_MAPPINGS]
        return [
            {
                "entity": entity,
                "odoo_field": odoo_field,
                "external_field": external_field,
                "converter": converter,
                "lang": lang,
            }
            for entity, odoo_field, external_field, converter, lang in rows
        ]

    @api.model
    def _optional_mappings(self):
        """Mappings that depend on what is installed: other addons' fields, and Arabic."""
        rows, taken = [], set()
        known = self.env["product.product"]._fields
        for needed, odoo_field, external_field, converter in OPTIONAL_MAPPINGS:
            if needed in known and external_field not in taken:
                taken.add(external_field)
                rows.append(("product", odoo_field, external_field, converter, False))
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        arabic = next((code for code in installed if code.split("_")[0] == "ar"), None)
        if arabic:
            rows += [("product", *mapping, arabic) for mapping in ARABIC_MAPPINGS]
        return rows
