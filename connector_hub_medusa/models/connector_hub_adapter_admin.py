# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import base64

from pydantic import ValidationError

from odoo import api, models

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.client import HubClient
from odoo.addons.connector_hub.exceptions import (
    ConfigurationError,
    RejectedError,
    RetryableError,
    UnsupportedEventError,
)
from odoo.addons.connector_hub.routes import EventRoute, ExportRoute
from odoo.addons.connector_hub.schemas import describe_invalid

from .. import answers_admin as answers
from .. import schemas_admin as schemas
from ..const import STOCK_MAPPINGS
from ..const_admin import (
    CUSTOMER_EVENTS,
    FACTS,
    ORDER_EVENTS,
    PRODUCT_BATCH,
    PRODUCT_MAPPINGS,
    PRODUCT_PATHS,
    STOCK_BATCH,
)


class ConnectorHubAdapterMedusaAdmin(models.AbstractModel):
    """Stock Medusa v2, by its Admin API alone (contracts/medusa.md, parts b and c).

    Products and stock go out as states, order facts as fulfilments, shipments and metadata; orders and customers are
    polled by ``updated_at``. Webhooks are no part of Medusa: the subscriber in ``static/subscriber`` names what
    changed, and it is fetched.
    """

    _name = "connector.hub.adapter.medusa.admin"
    _inherit = "connector.hub.adapter.medusa"
    _description = "Connector Hub Adapter: Medusa v2 Admin API"

    # -- connection ---------------------------------------------------------------------------------------------

    @api.model
    def _make_client(self, backend):
        """A secret key is the user name of Basic authentication; as a bearer token it is refused."""
        if not backend.base_url:
            raise ConfigurationError(self.env._("%(backend)s has no URL.", backend=backend.name))
        key = backend._open_secret("api_key")
        token = base64.b64encode(f"{key}:".encode()).decode()
        return HubClient(
            backend.base_url,
            headers={"Authorization": f"Basic {token}"},
            secrets=[key],
            error_table={409: RetryableError},
        )

    @api.model
    def _ping(self, client):
        client.request("GET", "/admin/stores", params={"fields": "id", "limit": "1"})

    @api.model
    def _check_connection(self, backend, client):
        def reach():
            try:
                self._ping(client)
            except (ConfigurationError, RejectedError):
                return client.base_url

        def count(path, text):
            answer = client.request("GET", path, params={"fields": "id", "limit": "1"})
            return text % {"count": read_answer(answer, answers.Total).count}

        return [
            (self.env._("The shop can be reached"), reach),
            (self.env._("The secret API key is accepted"), lambda: self._ping(client)),
            (
                self.env._("Orders may be read"),
                lambda: count("/admin/orders", self.env._("%(count)s orders")),
            ),
            (
                self.env._("Products are visible"),
                lambda: count("/admin/products", self.env._("%(count)s products")),
            ),
            (self.env._("Stock location"), lambda: self._check_locations(backend, client)),
            (self.env._("Sales channels"), lambda: self._check_channels(backend, client)),
            (self.env._("Currencies of the shop"), lambda: self._check_currencies(backend, client)),
        ]

    @api.model
    def _check_locations(self, backend, client):
        known = {entry.id: entry.name for entry in self._read_locations(client)}
        chosen = backend.location_ids.mapped("external_id")
        unknown = [location_id for location_id in chosen if location_id not in known]
        if unknown:
            raise RejectedError(
                self.env._(
                    "The shop has no stock location %(unknown)s. It has: %(known)s",
                    unknown=", ".join(unknown),
                    known=", ".join(f"{name} ({key})" for key, name in known.items()),
                )
            )
        return ", ".join(
            known.get(location_id, location_id)
            for location_id in chosen or [self._only_location(client)]
        )

    @api.model
    def _check_channels(self, backend, client):
        answer = client.request(
            "GET", "/admin/sales-channels", params={"fields": "id,name", "limit": "100"}
        )
        channels = read_answer(answer, answers.SalesChannels).sales_channels
        chosen = backend.medusa_sales_channel_id
        if chosen and chosen not in {channel.id for channel in channels}:
            raise RejectedError(
                self.env._(
                    "The shop has no sales channel %(chosen)s. It has: %(known)s",
                    chosen=chosen,
                    known=", ".join(f"{entry.name} ({entry.id})" for entry in channels),
                )
            )
        return ", ".join(channel.name for channel in channels)

    @api.model
    def _check_currencies(self, backend, client):
        """Prices in a currency the shop does not sell in are stored there without complaint, and never seen."""
        answer = client.request(
            "GET", "/admin/stores", params={"fields": "id,*supported_currencies"}
        )
        stores = read_answer(answer, answers.Stores).stores
        sold = {entry.currency_code for store in stores for entry in store.supported_currencies}
        ours = {
            currency.name.lower()
            for currency in backend.company_id.currency_id
            | (backend.pricelist_id | backend.medusa_pricelist_ids).currency_id
        }
        if not sold & ours:
            raise RejectedError(
                self.env._(
                    "The shop sells in %(sold)s, but prices would be sent in %(ours)s. Choose pricelists with the "
                    "shop's currencies.",
                    sold=", ".join(sorted(sold)).upper(),
                    ours=", ".join(sorted(ours)).upper(),
                )
            )
        return ", ".join(sorted(sold)).upper()

    # -- inbound ------------------------------------------------------------------------------------------------

    @api.model
    def _extract_event(self, backend, headers, payload):
        """What a poll brought holds the order or customer; what the subscriber posts, only its id."""
        try:
            envelope = schemas.Envelope.model_validate(payload)
            event_type, data = envelope.event, envelope.data
            event = {
                "event_type": event_type,
                "event_id": headers.get("webhook-id"),
                "occurred_at": envelope.timestamp,
            }
            if event_type in ("order.imported", "order.state"):
                order = schemas.Order.model_validate(data)
                event["external_id"] = order.id
                event["content"] = self._order_content(order)
            elif event_type == "customer.state":
                event["external_id"] = schemas.Customer.model_validate(data).id
                event["content"] = {key: data[key] for key in data if key != "updated_at"}
            elif ORDER_EVENTS.get(event_type) == "order_id":
                event["external_id"] = schemas.ByOrderId.model_validate(data).order_id
            elif event_type in ORDER_EVENTS or event_type in CUSTOMER_EVENTS:
                event["external_id"] = schemas.ById.model_validate(data).id
            else:
                raise UnsupportedEventError(
                    self.env._("Events of the type %(type)s are not used here.", type=event_type)
                )
        except ValidationError as error:
            raise RejectedError(describe_invalid(error), reason="invalid_payload") from error
        return event

    @api.model
    def _event_routes(self):
        notice = EventRoute(None, family="order notice", entity="order", notice=True)
        customer = EventRoute(None, family="customer notice", entity="partner", notice=True)
        return {
            **dict.fromkeys(ORDER_EVENTS, notice),
            **dict.fromkeys(CUSTOMER_EVENTS, customer),
            "order.imported": EventRoute(
                self._handle_orders, family="order", entity="order", creates=True
            ),
            "order.state": EventRoute(
                self._handle_order_states, family="order state", entity="order"
            ),
            "customer.state": EventRoute(
                self._handle_customers, family="customer", entity="partner"
            ),
        }

    @api.model
    def _poll_routes(self):
        return {"order": self._poll_orders, "partner": self._poll_customers}

    @api.model
    def _count_routes(self):
        return {"order": self._count_orders}

    @api.model
    def _compare_routes(self):
        return {"stock": self._poll_inventory}

    @api.model
    def _fetch_routes(self):
        return {"order": self._fetch_order, "partner": self._fetch_customer}

    # -- outbound -----------------------------------------------------------------------------------------------

    @api.model
    def _export_routes(self):
        return {
            "product": ExportRoute(
                model="product.template",
                batch_size=PRODUCT_BATCH,
                build=self._build_products,
                context=self._products_context,
                send=self._send_products,
                after=self._after_products,
                takes_deleted=True,
            ),
            "stock": ExportRoute(
                model="product.product",
                batch_size=STOCK_BATCH,
                build=self._build_stock,
                context=self._stock_context,
                send=self._send_stock,
            ),
        }

    @api.model
    def _fact_routes(self):
        return {
            fact: ExportRoute(
                model="sale.order",
                build=self._build_fact,
                send=self._send_fact,
                after=self._after_shipment if fact == "order.shipped" else None,
            )
            for fact in FACTS
        }

    @api.model
    def _sent_settings(self, backend):
        """Override: a product has a price of each pricelist."""
        return {**super()._sent_settings(backend), "medusa_pricelist_ids": frozenset({"product"})}

    @api.model
    def _sends_images(self, backend):
        return True

    @api.model
    def _payload_paths(self, entity):
        return PRODUCT_PATHS if entity == "product" else ()

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
    def _external_id(self, backend, entity, record):
        """Medusa's own ids are known only once it has answered; the SKU is what both sides go by until then."""
        if entity == "product":
            return None, self._check_sendable(record)
        _external_id, reference = super()._external_id(backend, entity, record)
        return (None, reference) if entity == "stock" else (_external_id, reference)
