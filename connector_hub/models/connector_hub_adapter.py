# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta, timezone

from odoo import api, models

from ..const import POLL_OVERLAP_MINUTES
from ..exceptions import RejectedError
from ..routes import PollRequest
from .connector_hub_image import URLS_FIELD

ENTITY_MODELS = {
    "product": "product.product",
    "stock": "product.product",
    "order": "sale.order",
    "partner": "res.partner",
    "address": "res.partner",
    "category": "product.category",
}


class ConnectorHubAdapter(models.AbstractModel):
    """THE seam: what one partner does differently. Each partner addon implements ``connector.hub.adapter.<code>``.

    A partner must write the methods that raise NotImplementedError here, and may override the others.
    """

    _name = "connector.hub.adapter"
    _description = "Connector Hub Adapter"

    # -- must be written ----------------------------------------------------------------------------------------

    @api.model
    def _make_client(self, backend):
        """A :class:`~odoo.addons.connector_hub.client.HubClient` with the backend's credentials.

        :raises ConfigurationError: if the URL or a credential is missing
        """
        raise NotImplementedError(self._name)

    @api.model
    def _verify_webhook(self, backend, body, headers):
        """Authenticate the raw bytes of a webhook, in constant time, by the scheme the sender used.

        :param backend: its ``webhook_secret`` is the key (``backend._open_secret("webhook_secret")``)
        :param bytes body: as received
        :param headers: case-insensitive mapping
        :raises SignatureError: if they are not authentic
        """
        raise NotImplementedError(self._name)

    @api.model
    def _extract_event(self, backend, headers, payload):
        """Validate and identify an event.

        :param headers: case-insensitive mapping
        :param payload: parsed JSON of the body
        :return: dict of event_type (str), external_id (str or None), occurred_at (aware datetime or None), event_id
            (the sender's id, or None), and content (optional; what matters in it, anything JSON holds): a poll that
            sees what was last told of the same thing makes no event. It is for lists that show a record again because
            we wrote to it
        :raises RejectedError: ``invalid_payload``, naming the field
        :raises UnsupportedEventError: if this connector has no use for it
        """
        raise NotImplementedError(self._name)

    @api.model
    def _event_routes(self):
        """Table: event type -> :class:`~odoo.addons.connector_hub.routes.EventRoute`."""
        raise NotImplementedError(self._name)

    @api.model
    def _export_routes(self):
        """Table: entity -> :class:`~odoo.addons.connector_hub.routes.ExportRoute` of its state deliveries."""
        raise NotImplementedError(self._name)

    # -- may be overridden --------------------------------------------------------------------------------------

    @api.model
    def _fact_routes(self):
        """Table: fact (order.shipped ...) -> an ``ExportRoute`` likewise. Facts left out are not sent."""
        return {}

    @api.model
    def _default_mappings(self):
        """Field mappings of a new backend: list of dicts of connector.hub.field.mapping values."""
        return []

    @api.model
    def _sent_settings(self, backend):
        """Table: field of the backend -> entities of which it changes what is sent, besides the field mappings.

        All their records are compared with what was last sent, as soon as the field is written.
        """
        everything = frozenset(self._export_routes())
        product, stock = frozenset({"product"}), frozenset({"stock"})
        return {
            "company_id": everything,
            "lang": everything,
            "pricelist_id": product,
            "minor_units": product,
            "minor_units_factor": product,
            "warehouse_id": stock,
            "location_ids": stock,
            "quantity_source": stock,
            "stock_buffer": stock,
        }

    @api.model
    def _payload_paths(self, entity):
        """Dotted paths, besides the mapped fields, whose values an entity's payload is made from.

        A save of one of these fields has the record sent again.
        """
        return ()

    @api.model
    def _needs_webhook_secret(self, backend):
        """Whether the partner is of no use before it can send webhooks. One that can be polled can do without."""
        return not self._poll_routes()

    @api.model
    def _entity_model(self, entity):
        """The (empty) model whose fields an entity's mappings name."""
        route = self._export_routes().get(entity)
        return self.env[route.model if route else ENTITY_MODELS[entity]]

    @api.model
    def _bound_models(self, entity):
        """Models whose records are bound as this entity: a product may be so by its variants and its template."""
        model = self._entity_model(entity)
        related = {"product.product", "product.template"}
        return related if model._name in related else {model._name}

    @api.model
    def _export_domain(self, backend, entity):
        """Which records of an entity this partner gets. What leaves the domain is deleted there."""
        if entity in ("product", "stock"):
            return [
                ("sale_ok", "=", True),
                ("company_id", "in", (False, backend.company_id.id)),
            ]
        return []

    @api.model
    def _sends_images(self, backend):
        """Whether the partner is told addresses of product images, which are then public."""
        return any(
            mapping.odoo_field.startswith(URLS_FIELD) and mapping.direction != "import"
            for mapping in backend.field_mapping_ids
        )

    @api.model
    def _external_id(self, backend, entity, record):
        """The id under which the partner will know a record that is not bound yet, and its readable reference.

        :return: (external id, reference)
        :raises RejectedError: if the record cannot be identified, such as a product without a SKU
        """
        if entity in ("product", "stock"):
            if not record.default_code:
                raise RejectedError(
                    self.env._(
                        "“%(product)s” has no SKU (internal reference). Give it one, and it is sent.",
                        product=record.display_name,
                    ),
                    reason="missing_sku",
                )
            return record.default_code, record.default_code
        return str(record.id), record.display_name

    @api.model
    def _refused(self, backend, entity, records):
        """Records of a batch that must not be sent as they are: by default those that share their SKU.

        :return: {record id: RejectedError}
        """
        if entity not in ("product", "stock") or records._name != "product.product":
            return {}
        return records._connector_hub_duplicates(self._export_domain(backend, entity))

    @api.model
    def _webhook_answer(self, outcome):
        """What a webhook's answer says beyond the event's id and state. Override to add the partner's names.

        :param dict outcome: see :meth:`ConnectorHubEvent._outcome`
        """
        return (
            {"odoo_model": outcome["res_model"], "odoo_id": outcome["res_id"]}
            if outcome["res_id"]
            else {}
        )

    @api.model
    def _ping(self, client):
        """A cheap request that tells whether the partner is alive: raises if it is not."""
        raise NotImplementedError(self._name)

    @api.model
    def _check_connection(self, backend, client):
        """Steps of "Test connection" that are the partner's own.

        :return: iterable of (label, callable that returns a text or raises)
        """
        return []

    @api.model
    def _dialects(self, backend):
        """The dialects that systems of this partner may speak, this one included: list of ``routes.Dialect``.

        "Test connection" tries the others, with the same key at the same address, where this one is refused.
        """
        return []

    @api.model
    def _poll_routes(self):
        """Table: entity -> ``fetch(backend, client, request) -> PollPage``. Empty: the partner cannot be polled.

        ``fetch`` does HTTP only; what it needs to know is in the ``routes.PollRequest``.
        """
        return {}

    @api.model
    def _compare_routes(self):
        """Table: entity -> ``fetch(backend, client, request) -> PollPage`` with ``seen``: what the partner has of what
        Odoo tells it, read once a day, so that what somebody has changed there is corrected.
        """
        return {}

    @api.model
    def _count_routes(self):
        """Table: entity -> ``count(client, made_since, deadline)``: how many records a full import would fetch.

        :return: of each: an int; None if the partner does not say. Asked while a person waits: ``deadline`` in seconds
        """
        return {}

    @api.model
    def _find_differing(self, backend, entity, seen):
        """What the partner has otherwise than Odoo would tell it now.

        :param list seen: of a :class:`~odoo.addons.connector_hub.routes.PollPage`
        :return: {record id: (the partner's figure, text for the administrator)}
        """
        return {}

    @api.model
    def _fetch_routes(self):
        """Table: entity -> ``fetch(backend, client, external_id) -> payloads`` as webhooks would have brought them.

        For records that an event tells of and Odoo does not have. ``fetch`` does HTTP only, and raises RejectedError
        or UnsupportedEventError for a record that Odoo is not to have.
        """
        return {}

    @api.model
    def _poll_request(self, backend, cursor):
        """Where a poll goes on: overlaps the last one by ``POLL_OVERLAP_MINUTES``, because clocks differ."""
        since = None
        if cursor.since and not cursor.is_full:
            since = (cursor.since - timedelta(minutes=POLL_OVERLAP_MINUTES)).replace(
                tzinfo=timezone.utc
            )
        # An empty Json field reads as False.
        position = None if cursor.position is False else cursor.position
        made_since = None
        if cursor.is_full and cursor.made_since:
            made_since = cursor.made_since.replace(tzinfo=timezone.utc)
        return PollRequest(since=since, position=position, made_since=made_since)

    @api.model
    def _wants_fact(self, backend, fact, record):
        """Whether the partner is told of a fact of a record it is concerned with."""
        return fact in self._fact_routes()

    @api.model
    def _unbound_orders(self, backend, orders):
        """Which of these orders concern the partner though they did not come from it. By default none."""
        return orders.browse()
