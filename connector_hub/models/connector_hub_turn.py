# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models

#: Events whose time has come, or that are found to be held, in one transaction.
WAKE_BATCH = 1000

#: Hours after which an event that waits for a person's decision is looked at again, whatever became of that.
HELD_HOURS = 24

#: Seconds for which an event rests whose rows somebody else is writing all the time.
CONFLICT_SECONDS = 5

#: For which events ``older`` event ``e`` has to wait: the dead one that was to create its record, and those of the same
#: external id that wait for a later time. One that creates its record waits for none of them: the older ones may be
#: waiting for that very record.
CREATOR_SQL = """connector_hub_event older
     WHERE older.backend_id = e.backend_id AND older.external_id = e.external_id AND older.id <> e.id
       AND NOT e.creates AND older.state = 'dead' AND older.creates"""
OLDER_SQL = """connector_hub_event older
     WHERE older.backend_id = e.backend_id AND older.external_id = e.external_id AND older.id < e.id
       AND NOT e.creates AND older.state = 'pending' AND older.next_attempt_at IS NOT NULL"""


class ConnectorHubTurn(models.Model):
    """Whose turn it is: the work of finding out does not grow with what waits or is finished.

    A pending event without ``next_attempt_at`` is due. One that is found to be held is given the time at which what it
    waits for goes on, and is not looked at before; what releases it earlier takes that time away.
    """

    _inherit = "connector.hub.event"

    _due_idx = models.Index("(backend_id, next_attempt_at, id) WHERE state = 'pending'")

    @api.model
    def _due(self, backend, limit):
        """Look for pending events that may go on, oldest first.

        :return: (events, number of those that were found to be held): if there are only such, there is more to see
        """
        self.flush_model()
        self._wake_due(backend)
        look, last_id, due, held = 3 * limit, 0, [], []
        while not due and len(held) < WAKE_BATCH:
            self.env.cr.execute(
                f"""
                SELECT e.id, EXISTS (SELECT 1 FROM {CREATOR_SQL}) OR EXISTS (SELECT 1 FROM {OLDER_SQL})
                  FROM connector_hub_event e
                 WHERE e.backend_id = %s AND e.state = 'pending' AND e.next_attempt_at IS NULL AND e.id > %s
                 ORDER BY e.next_attempt_at, e.id LIMIT %s
                """,
                (backend.id, last_id, look),
            )
            found = self.env.cr.fetchall()
            due = [event_id for event_id, is_held in found if not is_held]
            held += [event_id for event_id, is_held in found if is_held]
            if len(found) < look:
                break
            last_id, look = found[-1][0], min(2 * look, WAKE_BATCH)
        self._hold(held)
        return self.browse(due[:limit]), len(held)

    @api.model
    def _wake_due(self, backend):
        """Make due what was to be tried again by now."""
        self.env.cr.execute(
            """
            UPDATE connector_hub_event SET next_attempt_at = NULL WHERE id IN (
                SELECT id FROM connector_hub_event
                 WHERE backend_id = %s AND state = 'pending' AND next_attempt_at <= now() AT TIME ZONE 'UTC'
                 ORDER BY next_attempt_at, id LIMIT %s)
            """,
            (backend.id, WAKE_BATCH),
        )
        if self.env.cr.rowcount:
            self.invalidate_model(["next_attempt_at"])

    @api.model
    def _hold(self, event_ids):
        """Do not look at these again before what they wait for can go on."""
        if not event_ids:
            return
        self.env.cr.execute(
            f"""
            UPDATE connector_hub_event e
               SET next_attempt_at = CASE
                   WHEN EXISTS (SELECT 1 FROM {CREATOR_SQL})
                   THEN now() AT TIME ZONE 'UTC' + make_interval(hours => %s)
                   ELSE (SELECT max(older.next_attempt_at) FROM {OLDER_SQL}) END
             WHERE e.id = ANY(%s)
            """,
            (HELD_HOURS, event_ids),
        )
        self.invalidate_model(["next_attempt_at"])

    def action_requeue(self):
        """Override: what waits for these takes its turn after them."""
        result = super().action_requeue()
        self.sudo()._release_held()
        return result

    def _release_held(self):
        """What waited for these is due, and looked at anew."""
        for backend, events in self.filtered("external_id").grouped("backend_id").items():
            self.env.cr.execute(
                """
                UPDATE connector_hub_event SET next_attempt_at = NULL
                 WHERE backend_id = %s AND external_id = ANY(%s) AND state = 'pending'
                   AND next_attempt_at IS NOT NULL AND COALESCE(attempts, 0) = 0 AND is_missing IS NOT TRUE
                """,
                (backend.id, events.mapped("external_id")),
            )
        self.invalidate_model(["next_attempt_at"])

    def _put_off(self):
        """Leave events to the next round, as somebody else is writing what they are about; no attempt is lost.

        :return: number of events
        """
        later = fields.Datetime.now() + timedelta(seconds=CONFLICT_SECONDS)
        self._settle(
            {
                event.id: {
                    "state": "pending",
                    "next_attempt_at": fields.Datetime.to_string(later),
                }
                for event in self
            }
        )
        return len(self)
