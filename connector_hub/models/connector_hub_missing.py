# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import RETRY_MINUTES
from ..exceptions import ConfigurationError, HubError, RejectedError, RetryableError
from .connector_hub_event import CONFLICTS

#: Records fetched in one round of the lane.
FETCH_BATCH = 20


class ConnectorHubWaitingEvent(models.Model):
    """Events about what is not here yet, or never will be."""

    _inherit = "connector.hub.event"

    is_missing = fields.Boolean(
        "Waits for a record",
        readonly=True,
        help="What it is about is not here yet: it is fetched from the partner, if that can be asked for it.",
    )

    held_by_id = fields.Many2one(
        "connector.hub.event",
        "Waits for",
        compute="_compute_held_by_id",
        help="The event that has to make the record first. Mend and requeue it, or give it up.",
    )

    _missing_idx = models.Index("(backend_id, id) WHERE is_missing")

    @api.depends("state", "external_id")
    def _compute_held_by_id(self):
        self.held_by_id = False
        waiting = self.filtered(
            lambda event: event.state == "pending" and event.external_id and not event.creates
        )
        if not waiting:
            return
        dead = self.search(
            [
                ("backend_id", "in", waiting.backend_id.ids),
                ("external_id", "in", waiting.mapped("external_id")),
                ("state", "=", "dead"),
                ("creates", "=", True),
            ]
        )
        by_thing = {(event.backend_id.id, event.external_id): event for event in dead}
        for event in waiting:
            event.held_by_id = by_thing.get((event.backend_id.id, event.external_id))

    def action_give_up(self):
        """Leave what failed as it is: nobody is called for it any more, and what waits for it waits no longer."""
        if not self.env.user.has_group("connector_hub.group_manager"):
            raise UserError(self.env._("Only a Connector Hub manager can give events up."))
        self.check_access("read")
        failed = self.filtered(lambda event: event.state == "dead").sudo()
        note = self.env._("Given up by %(user)s.", user=self.env.user.name)
        failed._settle(
            {
                event.id: {
                    "state": "ignored",
                    "reason": "given_up",
                    "error": None,
                    "note": f"{note} {event.error or ''}".strip(),
                    "is_missing": False,
                }
                for event in failed
            }
        )
        failed._release_held()
        failed.backend_id._refresh_attention()
        failed.backend_id._wake_lanes()
        return True

    def _ignore_given_up(self):
        """Ignore what is about a record that was given up: it will not come, and must not wait or call anybody.

        :return: the ignored events
        """
        ids = [external_id for external_id in self.mapped("external_id") if external_id]
        given_up = self.search(
            [
                ("backend_id", "in", self.backend_id.ids),
                ("external_id", "in", ids),
                ("creates", "=", True),
                ("state", "=", "ignored"),
                ("reason", "=", "given_up"),
            ]
        )
        gone = set(given_up.mapped("external_id"))
        ignored = self.filtered(lambda event: event.external_id in gone)
        note = self.env._("The record it is about was given up. Requeue the event that makes it.")
        self._settle(
            {
                event.id: {"state": "ignored", "reason": "given_up", "error": None, "note": note}
                for event in ignored
            }
        )
        return ignored

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
                    OR state = 'dead' AND reason = 'not_found'
                    OR state = 'ignored' AND reason = 'given_up')
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
