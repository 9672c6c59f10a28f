# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A backend whose partner is a :class:`~.shop.ShopServer`: products, stock, contacts and facts go
out over HTTP, order events come in."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from unittest.mock import patch

from pydantic import BaseModel, ConfigDict, ValidationError

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import config

from ..client import HubClient
from ..exceptions import RejectedError, RetryableError, SignatureError
from ..routes import EventRoute, ExportRoute, ItemResult
from ..schemas import describe_invalid
from ..signatures import verify_hmac_sha256
from .common import HubCase
from .lane_runner import LaneRunner
from .shop import ShopServer

API_KEY = "probe-api-key-0123456789"
WEBHOOK_SECRET = "probe-webhook-secret-0123456789"  # noqa: S105 - of a server in these tests
VAULT_KEY = base64.b64encode(b"k" * 32).decode()

FACTS = (
    "order.confirmed",
    "order.shipped",
    "order.delivered",
    "order.cancelled",
    "order.invoiced",
    "order.paid",
)

#: What tests vary; see ``ShopCase.set_options``.
OPTIONS = {"batch_size": 50, "idempotent": True, "facts": FACTS, "deadline": 5.0}

#: The calls of the event handler of one test: lists of event types.
HANDLED = []


class ShopEvent(BaseModel):
    """``do`` tells the handler what to do with the event."""

    model_config = ConfigDict(extra="ignore")

    type: str
    order: str | None = None
    id: str | None = None
    at: datetime | None = None
    do: str = "work"
    content: str | None = None


class ShopAdapter(models.AbstractModel):
    _module = None
    _name = "connector.hub.adapter.probe"
    _description = "Connector Hub Shop Adapter"
    _inherit = ["connector.hub.adapter"]

    def _make_client(self, backend):
        return HubClient(
            backend.base_url,
            headers={"X-Api-Key": backend._open_secret("api_key")},
            deadline=OPTIONS["deadline"],
        )

    def _ping(self, client):
        client.request("GET", "/ping")

    def _check_connection(self, backend, client):
        return [
            ("Reachable", lambda: self._ping(client)),
            (
                "Products",
                lambda: client.request("POST", "/products", json={"items": []}) and "none",
            ),
        ]

    # -- in -------------------------------------------------------------------------------------

    def _verify_webhook(self, backend, body, headers):
        if not headers.get("X-Signature"):
            raise SignatureError("The request is not signed.")
        verify_hmac_sha256(backend._open_secret("webhook_secret"), body, headers["X-Signature"])

    def _extract_event(self, backend, headers, payload):
        try:
            event = ShopEvent.model_validate(payload)
        except ValidationError as error:
            raise RejectedError(describe_invalid(error), reason="invalid_payload") from error
        return {
            "event_type": event.type,
            "event_id": event.id,
            "external_id": event.order,
            "occurred_at": event.at,
            "content": event.content,
        }

    def _event_routes(self):
        return {
            "order.created": EventRoute(self._handle, family="order", entity="order", creates=True),
            "order.changed": EventRoute(self._handle, family="order", entity="order"),
            "order.noted": EventRoute(self._handle, family="note", entity="order"),
        }

    def _handle(self, backend, events):
        HANDLED.append([event.event_id.removeprefix("sender:") for event in events])
        return {event.id: self._handle_one(backend, event) for event in events}

    def _handle_one(self, backend, event):
        """The "order" of these tests is a contact, whose reference is the external id."""
        do = event._load_payload().get("do", "work")
        if do == "reject":
            return RejectedError("Rejected as told", reason="unknown_sku")
        if do == "retry":
            return RetryableError("Try later, as told")
        contacts = self.env["res.partner"]
        if event.event_type == "order.created":
            contact = contacts.create({"name": event.event_id, "ref": event.external_id})
        else:
            contact = contacts.search([("ref", "=", event.external_id)], limit=1)
            if not contact:
                return RejectedError("There is no such order", reason="not_found")
            contact.comment = event.event_id
        if do == "surprise":
            raise ZeroDivisionError("as told")
        if do == "refuse":
            raise UserError(self.env._("Odoo says no"))
        if do == "invalid":
            ShopEvent.model_validate({"type": 5})
        return contact

    # -- out ------------------------------------------------------------------------------------

    def _default_mappings(self):
        rows = [
            ("product", "default_code", "sku", "text"),
            ("product", "name", "title", "text"),
            ("product", "lst_price", "price", "minor_units"),
            ("product", "categ_id.name", "category", "text"),
            ("product", "barcode", "codes[0].barcode", "text"),
            ("stock", "default_code", "sku", "text"),
            ("stock", "connector_hub_quantity", "quantity", "int_quantity"),
            ("partner", "name", "name", "none"),
        ]
        return [
            {
                "entity": entity,
                "odoo_field": odoo_field,
                "external_field": external_field,
                "converter": converter,
                "direction": "both" if entity == "partner" else "export",
            }
            for entity, odoo_field, external_field, converter in rows
        ]

    def _export_domain(self, backend, entity):
        if entity == "partner":
            return [("ref", "=like", "SHOP%")]
        return super()._export_domain(backend, entity)

    def _export_routes(self):
        def post(path):
            return lambda backend, items: ("POST", path, {"items": items})

        return {
            "product": ExportRoute(
                model="product.product",
                batch_size=OPTIONS["batch_size"],
                request=post("/products"),
                read_results=self._read_results,
                after=self._tell_stock_of_new_ones,
                delete=lambda backend, external_id: ("DELETE", f"/products/{external_id}", None),
            ),
            "stock": ExportRoute(
                model="product.product",
                batch_size=OPTIONS["batch_size"],
                request=post("/stock"),
                read_results=self._read_results,
            ),
            "partner": ExportRoute(
                model="res.partner",
                request=post("/partners"),
                read_results=lambda backend, items, response: {0: ItemResult(response.data["id"])},
                idempotent=OPTIONS["idempotent"],
            ),
        }

    def _tell_stock_of_new_ones(self, backend, items):
        fresh = [item for item in items if not item.deletes and item.bound_id != item.external_id]
        backend._tell_stock([item.res_id for item in fresh])

    def _read_results(self, backend, items, response):
        """As partners do: per item, and None where an error does not say whose it is."""
        positions = {item.payload["sku"]: position for position, item in enumerate(items)}
        results = {}
        for entry in response.data["errors"]:
            if "sku" not in entry:
                return None if len(items) > 1 else {0: self._item_error(entry)}
            results[positions[entry["sku"]]] = self._item_error(entry)
        return results

    def _item_error(self, entry):
        error_class = RetryableError if entry["code"] == "busy" else RejectedError
        return error_class(f"The shop says {entry['code']}")

    def _fact_routes(self):
        route = ExportRoute(
            model="sale.order",
            build=lambda backend, record, fact: {"fact": fact, "of": f"{record._name},{record.id}"},
            request=lambda backend, items: ("POST", "/facts", items[0]),
            idempotent=OPTIONS["idempotent"],
        )
        return dict.fromkeys(OPTIONS["facts"], route)


def sign(body, secret=WEBHOOK_SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class ShopCase(LaneRunner, HubCase):
    """``self.backend`` is active, ``self.shop`` is its partner."""

    adapter_class = ShopAdapter

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(config.options, {"connector_hub_key": VAULT_KEY}))
        cls.shop = ShopServer()
        cls.addClassCleanup(cls.shop.close)
        cls.backend.write(
            {"base_url": cls.shop.url, "api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET}
        )
        cls.backend.action_activate()
        # Else the stock of a product would be told as soon as the product is.
        for product in cls.products:
            cls.env["connector.hub.binding"]._link(
                cls.backend, "stock", product, product.default_code, product.default_code
            )
        cls.env.cr.flush()

    def setUp(self):
        super().setUp()
        self.shop.reset()
        HANDLED.clear()
        self.record_waking()

    def set_options(self, **options):
        """Vary what the partner is like: batch_size, idempotent, facts, deadline."""
        self.startPatcher(patch.dict(OPTIONS, options))
        self.registry.clear_cache()

    def add_backend(self, **values):
        """Another backend of the same partner and company, active."""
        backend = self.env["connector.hub.backend"].create(
            {
                "name": "Second Shop",
                "code": "probe",
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "base_url": self.shop.url,
                "api_key": API_KEY,
                "webhook_secret": "another-secret-0123456789",
                **values,
            }
        )
        backend.action_activate()
        return backend

    # -- making -----------------------------------------------------------------------------------

    def move_to(self, url):
        """Let the backend lead to another host, which takes the key with it."""
        self.backend.write({"base_url": url, "api_key": API_KEY})

    def add_event(self, event_type="order.created", order="O-1", at=None, **payload):
        """A stored event, not yet processed."""
        payload = {"type": event_type, "order": order, "at": at, **payload}
        event = ShopEvent.model_validate(payload)
        model = self.env["connector.hub.event"]
        values = model._describe(
            self.backend, {}, event.model_dump(), json.dumps(payload, default=str)
        )
        return model.create(values)

    def process(self):
        """Process what is due, as the lane does in one transaction."""
        self.env.flush_all()
        work = self._work_backend()
        done = work.env["connector.hub.event"]._process_next(work, 20)
        self.env.invalidate_all()
        return done
