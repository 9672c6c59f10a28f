# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import json
import time
from datetime import timedelta, timezone

from odoo import SUPERUSER_ID, api, models
from odoo.tools import SQL

from ..const import SENDER_AHEAD_MINUTES
from ..exact_json import clean_value
from ..exceptions import RetryableError, UnsupportedEventError
from .connector_hub_event import CONFLICTS
from .connector_hub_rest import EARLIEST_END_SQL

#: Storing conflicts with a simultaneous duplicate; a new transaction then sees it.
STORE_TRIES = 6

#: Longer ids are kept as their hash: an index entry has its limits.
EVENT_ID_CHARS = 200


class ConnectorHubInbox(models.Model):
    """Store first: what makes an event unique, and how it is kept before anything else happens."""

    _inherit = "connector.hub.event"

    @api.model
    def _describe(self, backend, headers, payload, text, source="sender"):
        """What to store of an event, and what makes it unique.

        The id of an event that creates something is its type and external id, so that redelivery, retry and poll are
        one event; other events take the sender's id, else external id, type and time, else the hash of the content.
        Each kind of id has a space of its own: none that a sender chooses is ever one of ours.

        :param headers: case-insensitive mapping
        :param payload: parsed JSON
        :param str text: the same as it came
        :param str source: who gave the event its id, if it has one: the sender of a webhook, or our own poll
        :return: values for :meth:`_store`
        :raises UnsupportedEventError: if this type of event is of no use here
        :raises RejectedError: if it is not valid
        """
        adapter = backend._get_adapter()
        event = adapter._extract_event(backend, headers, payload)
        event_type, external_id = event["event_type"], event.get("external_id")
        route = adapter._event_routes().get(event_type)
        if route is None:
            raise UnsupportedEventError(
                self.env._("Events of the type %(type)s are not used here.", type=event_type[:100])
            )
        occurred_at = event.get("occurred_at")
        if occurred_at and occurred_at.tzinfo:
            occurred_at = _naive_utc(occurred_at)
        content_hash = None
        if event.get("content") is not None:
            content_hash = _digest(json.dumps(event["content"], sort_keys=True, default=str))
        if route.creates and external_id:
            key = event_type, external_id
        elif event.get("event_id"):
            key = source, event["event_id"]
        elif external_id and occurred_at:
            # What the sender writes in one moment may be two things.
            names = (external_id, occurred_at.isoformat(), content_hash)
            key = event_type, ":".join(filter(None, names))
        else:
            key = "content", _digest(text)
        return {
            "backend_id": backend.id,
            "event_id": _event_key(*key),
            "event_type": event_type,
            "family": route.family,
            "creates": route.creates,
            "external_id": external_id,
            "occurred_at": occurred_at,
            "content_hash": content_hash,
            "payload": text,
        }

    @api.model
    def _store(self, values, cr=None):
        """Store an event in a transaction of its own, unless it is there already.

        The transaction the caller is in may have begun before a simultaneous duplicate was committed, and could then
        neither insert nor see it. An event that has to wait for older ones is left to the lane, which the same
        transaction wakes.

        :param dict values: backend_id, event_id, event_type, family, creates, external_id, occurred_at, content_hash,
            payload
        :param cr: a cursor whose transaction may be ended, such as a request's that has written nothing; by default
            another one is borrowed, which takes as long as storing
        :return: dict of id, is_new, state, whether older events wait (``behind``), and whether the backend rests though
            its partner lives (``rests``)
        """
        if cr is None:
            with self.env.registry.cursor() as own:
                return self._store(values, own)
        for attempt in range(STORE_TRIES):
            cr.rollback()
            try:
                stored = self._insert(cr, values)
                if stored and stored["behind"]:
                    lanes = api.Environment(cr, SUPERUSER_ID, {})["connector.hub.backend"]
                    lanes.browse(values["backend_id"])._wake_lanes()
                # Acknowledged means stored: nothing of the request may undo it any more.
                cr.commit()  # pylint: disable=invalid-commit
            except CONFLICTS:
                cr.rollback()
                stored = None
            if stored:
                return stored
            time.sleep(0.01 * attempt)
        raise RetryableError(
            "The event could not be stored because of simultaneous requests. Send it again."
        )

    @api.model
    def _insert(self, cr, values):
        cr.execute(
            """
            WITH inserted AS (
                INSERT INTO connector_hub_event
                       (backend_id, event_id, event_type, family, creates, external_id, occurred_at, content_hash,
                        is_history, payload, state, attempts, create_uid, write_uid, create_date, write_date)
                VALUES (%(backend_id)s, %(event_id)s, %(event_type)s, %(family)s, %(creates)s, %(external_id)s,
                        LEAST(%(occurred_at)s, now() AT TIME ZONE 'UTC' + %(ahead)s), %(content_hash)s,
                        %(is_history)s, %(payload)s, %(state)s, 0, %(uid)s, %(uid)s,
                        now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC')
                ON CONFLICT (backend_id, event_id) DO NOTHING
                RETURNING id, state),
            resting AS (
                SELECT cooldown_until > """
            + EARLIEST_END_SQL
            + """ AS rests FROM connector_hub_backend WHERE id = %(backend_id)s)
            SELECT id, state, TRUE, (
                       -- Ordered as the index is: a look at its first entry, whatever the statistics say.
                       SELECT TRUE FROM connector_hub_event e
                        WHERE e.backend_id = %(backend_id)s AND e.state = 'pending'
                          AND e.next_attempt_at IS NULL
                        ORDER BY e.next_attempt_at, e.id LIMIT 1) IS NOT NULL
                   OR NOT %(creates)s AND EXISTS (
                       SELECT 1 FROM connector_hub_event e
                        WHERE e.backend_id = %(backend_id)s AND e.external_id = %(external_id)s
                          AND (e.state = 'pending' OR e.state = 'dead' AND e.creates)),
                   (SELECT rests FROM resting)
              FROM inserted
            UNION ALL
            SELECT id, state, FALSE, FALSE, (SELECT rests FROM resting) FROM connector_hub_event
             WHERE backend_id = %(backend_id)s AND event_id = %(event_id)s
            """,
            {
                "state": "pending",
                "content_hash": None,
                "is_history": False,
                "uid": self.env.uid,
                "ahead": timedelta(minutes=SENDER_AHEAD_MINUTES),
                **values,
            },
            log_exceptions=False,
        )
        row = cr.fetchone()
        return row and dict(zip(("id", "state", "is_new", "behind", "rests"), row, strict=True))

    def _outcome(self):
        """What has become of an event, for the answer to its webhook; a plain read that leaves no cache behind.

        :return: dict of id, event_id, event_type, external_id, state, reason, res_model, res_id
        """
        self.ensure_one()
        columns = (
            "id",
            "event_id",
            "event_type",
            "external_id",
            "state",
            "reason",
            "res_model",
            "res_id",
        )
        self.flush_recordset(columns)
        self.env.cr.execute(
            SQL(
                "SELECT %s FROM connector_hub_event WHERE id = %s",
                SQL(", ").join(map(SQL.identifier, columns)),
                self.id,
            )
        )
        return dict(zip(columns, self.env.cr.fetchone(), strict=True))


def _event_key(space, name):
    """An id within a space of ids, as short as an index takes it and fit for the database."""
    key = clean_value(f"{space}:{name}")
    return key if len(key) <= EVENT_ID_CHARS else f"{space}#{_digest(key)}"


def _digest(text):
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def _naive_utc(moment):
    try:
        return moment.astimezone(timezone.utc).replace(tzinfo=None)
    except OverflowError:
        # At the ends of the calendar a few hours make no difference.
        return moment.replace(tzinfo=None)
