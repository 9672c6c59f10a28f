# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from dataclasses import dataclass
from datetime import timedelta

import psycopg2
from pydantic import ValidationError as PydanticValidationError

from odoo import api, fields, models
from odoo.exceptions import AccessError, LockError, MissingError, UserError

from ..const import SENDER_AHEAD_MINUTES
from ..exact_json import load_json
from ..exceptions import HubError, RejectedError, RetryableError
from ..schemas import describe_invalid

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Applied:
    """What came of an event, where there is more to say than the record.

    :ivar record: the Odoo record, possibly empty
    :ivar note: what was done or left as it was, and why, for the administrator; the event keeps it
    """

    record: models.BaseModel
    note: str = ""


#: Another transaction was faster: what was done is to be done again.
CONFLICTS = (
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.LockNotAvailable,
    LockError,
)


class ConnectorHubEvent(models.Model):
    """What a partner told us. Stored before anything else happens; acknowledged means stored."""

    _name = "connector.hub.event"
    _description = "Connector Hub Event"
    _inherit = "connector.hub.message"
    _rec_name = "event_id"

    event_id = fields.Char("Event ID", required=True, readonly=True)
    event_type = fields.Char("Event type", required=True, readonly=True, index=True)
    family = fields.Char(readonly=True)
    creates = fields.Boolean(readonly=True)
    external_id = fields.Char("External ID", readonly=True)
    occurred_at = fields.Datetime(
        "Occurred at",
        readonly=True,
        help="When it happened, by the sender's clock, but five minutes after the receipt at most.",
    )
    is_history = fields.Boolean(
        "History",
        readonly=True,
        help="An order of the past: it is put on record, but neither confirmed nor reserved.",
    )
    content_hash = fields.Char(
        readonly=True,
        help="Fingerprint of what matters in it, if the partner's lists also show what is no news.",
    )

    _event_uniq = models.Constraint(
        "UNIQUE (backend_id, event_id)", "This event is stored already."
    )
    _dead_idx = models.Index("(backend_id, reason) WHERE state = 'dead'")
    _finished_idx = models.Index("(backend_id, done_at) WHERE state IN ('done', 'ignored')")
    _external_idx = models.Index("(backend_id, external_id)")

    # -- process ------------------------------------------------------------------------------------------------

    def _load_payload(self):
        """The event's content; numbers that are no integers come as Decimal."""
        self.ensure_one()
        return load_json(self.payload)

    @api.model
    def _process_next(self, backend, limit):
        """Process the oldest due events of a backend, in one transaction. The caller holds the lock and commits.

        :return: number of events looked at
        """
        events, held = self._due(backend, limit)
        self._process(backend, events)
        return len(events) + held

    @api.model
    def _process(self, backend, events):
        """Handle events in order; those of one type that concern different things go together."""
        routes = backend._get_adapter()._event_routes()
        held = set()
        for run in self._groups(events):
            group = run._free_of(held)
            if not group:
                continue
            route = routes.get(group[0].event_type)
            if route is None:
                self._finish(
                    dict.fromkeys(
                        group.ids,
                        RejectedError(
                            self.env._("This connector does not know this type of event."),
                            "invalid_payload",
                        ),
                    )
                )
                continue
            if route.notice:
                group._await_fetch()
                held.update(group.mapped("external_id"))
                continue
            stale = group._stale() if not route.creates else self.browse()
            self._settle(
                {
                    event.id: {
                        "state": "ignored",
                        "error": None,
                        "note": self.env._("A newer state was already applied."),
                    }
                    for event in stale
                }
            )
            fresh = group - stale
            if not route.creates:
                fresh -= fresh._ignore_given_up()
            if fresh:
                results = self._handle(route, backend, fresh)
                self._finish(results)
                held |= fresh._held_ids(results)
                self._forget_stock(backend, results)
                if route.creates:
                    self._release_waiting(backend, results)

    def _free_of(self, held):
        """Those that need not wait; one that creates its record waits for none."""
        return self.filtered(lambda event: event.creates or event.external_id not in held)

    def _held_ids(self, results):
        """External ids whose later events wait, as :meth:`_due` says: what they follow is not applied yet."""
        failed = self.filtered(lambda event: isinstance(results[event.id], HubError))
        waiting = failed.filtered(
            lambda event: event.state == "pending" or event.state == "dead" and event.creates
        )
        return set(waiting.mapped("external_id")) - {False}

    @api.model
    def _groups(self, events):
        """Split into runs of one type in which no external id occurs twice."""
        group, seen = self.browse(), set()
        for event in events:
            if group and (event.event_type != group[0].event_type or event.external_id in seen):
                yield group
                group, seen = self.browse(), set()
            group += event
            if event.external_id:
                seen.add(event.external_id)
        if group:
            yield group

    def _stale(self):
        """Events older than one of the same family that was applied to the same thing. A requeued one never is.

        One that was dated too far ahead has no true time, and makes no other event old.
        """
        dated = self.filtered(
            lambda event: event.occurred_at and event.external_id and not event.requeued
        )
        if not dated:
            return dated
        applied = self.search_fetch(
            [
                ("backend_id", "=", dated[0].backend_id.id),
                ("external_id", "in", dated.mapped("external_id")),
                ("family", "in", list(set(dated.mapped("family")))),
                ("state", "=", "done"),
                ("occurred_at", "!=", False),
            ],
            ["external_id", "family", "occurred_at", "create_date"],
        )
        ahead = timedelta(minutes=SENDER_AHEAD_MINUTES)
        newest = {}
        for event in applied.filtered(lambda event: event.occurred_at < event.create_date + ahead):
            key = event.external_id, event.family
            newest[key] = max(event.occurred_at, newest.get(key, event.occurred_at))
        return dated.filtered(
            lambda event: (
                newest.get((event.external_id, event.family), event.occurred_at) > event.occurred_at
            )
        )

    @api.model
    def _handle(self, route, backend, events):
        """Run a handler over a batch; if it surprises, over each event by itself.

        :return: {event id: record, :class:`Applied` or error}
        """
        try:
            with self.env.cr.savepoint():
                results = route.handle(backend, events)
                if forgotten := set(events.ids) - results.keys():
                    raise LookupError(f"No result for the events {sorted(forgotten)}")
                return results
        except CONFLICTS:
            raise
        except Exception as error:
            if len(events) == 1:
                return {events.id: self._translate_error(events, error)}
            _logger.info(
                "A batch of %s %s events failed; taking them one by one",
                len(events),
                events[0].event_type,
            )
        results = {}
        for event in events:
            results.update(self._handle(route, backend, event))
        return results

    @api.model
    def _translate_error(self, event, error):
        """Any exception of a handler as one of the five."""
        if isinstance(error, HubError):
            return error
        if isinstance(error, PydanticValidationError):
            return RejectedError(describe_invalid(error), reason="invalid_payload")
        if isinstance(error, (UserError, AccessError, MissingError)):
            return RejectedError(
                self.env._("Odoo refused it: %(error)s", error=error), reason="refused_by_odoo"
            )
        _logger.error("Event %s (%s) failed", event.id, event.event_type, exc_info=error)
        return RetryableError(
            self.env._(
                "Unexpected error %(error)s; see the server's log.", error=type(error).__name__
            ),
            reason="internal_error",
        )

    @api.model
    def _finish(self, results):
        """Write what became of events.

        :param dict results: event id -> record, :class:`Applied` or error
        """
        outcomes, early = {}, []
        for event in self.browse(list(results)):
            if event.next_attempt_at:
                early.append(event.id)
            result = results[event.id]
            if isinstance(result, HubError):
                outcomes[event.id] = {
                    **self._outcome_of_error(result, event.attempts),
                    "is_missing": isinstance(result, RetryableError)
                    and result.reason == "not_found",
                }
            else:
                record, note = (
                    (result.record, result.note) if isinstance(result, Applied) else (result, None)
                )
                outcomes[event.id] = {
                    "state": "done",
                    "reason": None,
                    "error": None,
                    "note": note or None,
                    "res_model": record._name if record else None,
                    "res_id": record.id if record else None,
                }
        self._settle(outcomes)
        # Through before their time: what waits for them waits no longer.
        early = [event_id for event_id in early if outcomes[event_id]["state"] != "pending"]
        self.browse(early)._release_held()

    @api.model
    def _forget_stock(self, backend, results):
        """After an order the shop has changed its own figure, so that an equal quantity is news to it."""
        orders = self.env["sale.order"].browse(
            record.id
            for result in results.values()
            if isinstance(record := getattr(result, "record", result), models.BaseModel)
            and record._name == "sale.order"
        )
        products = orders.order_line.product_id
        if products:
            self.env["connector.hub.binding"]._forget_payloads(backend, "stock", products.ids)
