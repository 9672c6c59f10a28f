# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models

from ..const import RETRY_MINUTES
from ..exceptions import ConfigurationError, HubError, RejectedError, RetryableError
from .connector_hub_event import CONFLICTS

#: Records fetched in one round of the lane.
FETCH_BATCH = 20


class ConnectorHubWaitingEvent(models.Model):
    """Events about what is not here yet."""

    _inherit = "connector.hub.event"

    is_missing = fields.Boolean(
        "Waits for a record",
        readonly=True,
        help="What it is about is not here yet: it is fetched from the partner, if that can be asked for it.",
    )

    _missing_idx = models.Index("(backend_id, id) WHERE is_missing")

    def _await_fetch(self):
        """Leave events to the lane, which fetches what they name. That may take until the partner is back."""
        later = fields.Datetime.now() + timedelta(minutes=RETRY_MINUTES[0])
        self._settle(
            {
                event.id: {
                    "state": "pending",
                    "is_missing": True,
                    "next_attempt_at": fields.Datetime.to_string(later),
                }
                for event in self
            }
        )

    @api.model
    def _release_waiting(self, backend, results):
        """What waited for a record that has come, or gave up waiting, is due now."""
        created = self.browse(
            event_id for event_id, result in results.items() if not isinstance(result, HubError)
        ).mapped("external_id")
        self.flush_model()
        self.env.cr.execute(
            """
            UPDATE connector_hub_event
               SET state = 'pending', next_attempt_at = NULL, attempts = 0, reason = NULL, error = NULL, note = NULL,
                   done_at = NULL, is_missing = FALSE
             WHERE backend_id = %s AND external_id = ANY(%s) AND creates IS NOT TRUE
               AND (state = 'pending' AND next_attempt_at IS NOT NULL
                    OR state = 'dead' AND reason = 'not_found')
            """,
            (backend.id, [external_id for external_id in created if external_id]),
        )
        if self.env.cr.rowcount:
            self.invalidate_model()


class ConnectorHubMissing(models.Model):
    """Fetches what an event tells of but Odoo does not have: an order whose webhook never came."""

    _inherit = "connector.hub.backend"

    def _lane_fetch_missing(self, session):
        """Ask the partner for the records that waiting events are about.

        :return: number of records asked for
        """
        fetches = session.adapter._fetch_routes()
        if not fetches:
            return 0
        routes = session.adapter._event_routes()
        events = self.env["connector.hub.event"].search(
            [
                ("backend_id", "=", self.id),
                ("is_missing", "=", True),
                ("state", "=", "pending"),
                ("external_id", "!=", False),
            ],
            order="id",
            limit=FETCH_BATCH,
        )
        asked = 0
        for external_id, waiting in events.grouped("external_id").items():
            route = routes.get(waiting[0].event_type)
            fetch = fetches.get(route.entity) if route else None
            if not fetch:
                continue
            try:
                client = session.client
                self._commit()
                payloads = fetch(self, client, external_id)
                self._retrying(
                    lambda waiting=waiting, payloads=payloads: self._store_fetched(
                        waiting, payloads
                    )
                )
            except CONFLICTS:
                raise
            except RetryableError as error:
                self._retrying(lambda error=error: self._give_back([], error, None))
                return asked
            except ConfigurationError as error:
                self._retrying(lambda error=error: self._give_back([], None, error))
                return asked
            except Exception as error:
                # The partner does not have it either, it is not one that Odoo should have, or nobody foresaw this.
                error = self._foreseen(error, f"fetching {external_id}")
                self._retrying(lambda waiting=waiting, error=error: self._give_up(waiting, error))
            asked += 1
        return asked

    def _give_up(self, events, error):
        if isinstance(error, RejectedError) and error.details.get("status") == 404:
            error = RejectedError(
                self.env._(
                    "The partner does not know %(external_id)s either.",
                    external_id=events[0].external_id,
                ),
                reason="not_found",
            )
        events._finish(dict.fromkeys(events.ids, error))

    def _store_fetched(self, events, payloads):
        """Store what was fetched as the events that a webhook would have brought; these let the waiting ones go on."""
        events.is_missing = False
        self.env["connector.hub.event"]._store_payloads(self, payloads)
        routes = self._get_adapter()._event_routes()
        notices = events.filtered(lambda event: routes[event.event_type].notice)
        notices._finish(dict.fromkeys(notices.ids, self.env["connector.hub.event"]))
