# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib

from odoo import api, models

from ..exact_json import dump_json
from ..exceptions import RejectedError, UnsupportedEventError
from .connector_hub_message import TRIED_ANEW


class ConnectorHubPolledEvent(models.Model):
    """What a poll brought, stored as events: as news, unless it is an echo, or business of the past."""

    _inherit = "connector.hub.event"

    @api.model
    def _store_payloads(self, backend, payloads, is_full=False):
        """Store what a poll brought, in the current transaction; what is there already is left alone.

        A payload that is not valid is stored too, as one for a person: it must not keep the others from coming in.

        :param payloads: parsed JSON, as webhooks would have brought it
        :param bool is_full: whether a person asked for everything: what was held is tried again as it is now
        """
        described = []
        for payload in payloads:
            text = dump_json(payload).decode()
            try:
                described.append(self._describe(backend, {}, payload, text, source="polled"))
            except UnsupportedEventError:
                continue
            except RejectedError as error:
                self._store_unreadable(backend, text, error)
        routes = backend._get_adapter()._event_routes()
        last = self._last_contents(backend, routes, described)
        history, held = self._history_before(backend), {}
        for values in described:
            thing = routes[values["event_type"]].entity, values["external_id"]
            content = values["content_hash"]
            if content and not values["creates"] and last.get(thing) == content:
                # An echo, such as of our own acknowledgement.
                continue
            before, occurred_at = history.get(thing[0]), values["occurred_at"]
            if values["creates"] and before:
                values["is_history"] = occurred_at < before if occurred_at else is_full
            stored = self._insert(self.env.cr, values)
            if stored["is_new"] and content:
                last[thing] = content
            elif values["creates"] and stored["state"] == "dead":
                held[stored["id"]] = values["payload"]
        if is_full and held:
            self._retry_held(held)

    @api.model
    def _history_before(self, backend):
        """{entity: before which moment what was made is history}"""
        cursors = backend.cursor_ids.filtered("history_before")
        return {cursor.entity: cursor.history_before for cursor in cursors}

    @api.model
    def _retry_held(self, payloads):
        """Try held events again, with what the partner says now. What waits for them goes on then.

        :param dict payloads: event id -> JSON
        """
        self._settle(
            {event_id: {**TRIED_ANEW, "payload": payload} for event_id, payload in payloads.items()}
        )
        self.browse(payloads).requeued = True

    @api.model
    def _last_contents(self, backend, routes, described):
        """What was last told of each thing: {(entity, external id): content_hash}."""
        self.flush_model()
        self.env.cr.execute(
            """
            SELECT event_type, external_id, content_hash FROM connector_hub_event
             WHERE backend_id = %s AND external_id = ANY(%s) AND content_hash IS NOT NULL
             ORDER BY occurred_at NULLS FIRST, id
            """,
            (backend.id, [values["external_id"] for values in described if values["content_hash"]]),
        )
        return {
            (routes[event_type].entity, external_id): content
            for event_type, external_id, content in self.env.cr.fetchall()
            if event_type in routes
        }

    @api.model
    def _store_unreadable(self, backend, text, error):
        stored = self._insert(
            self.env.cr,
            {
                "backend_id": backend.id,
                "event_id": f"unreadable:{hashlib.sha256(text.encode()).hexdigest()}",
                "event_type": "unreadable",
                "family": None,
                "creates": False,
                "external_id": None,
                "occurred_at": None,
                "payload": text,
            },
        )
        if stored["is_new"]:
            self._settle({stored["id"]: self._outcome_of_error(error, 0)})
