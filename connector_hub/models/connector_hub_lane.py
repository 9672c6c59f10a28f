# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg2

from odoo import fields, models

from ..batch import RENEW_SECONDS, PartnerUnavailable
from ..const import COOLDOWN_MINUTES, EVENT_BATCH, FOLD_BATCH, LOCK_INBOUND, LOCK_LANE
from ..exceptions import ConfigurationError, HubError, RetryableError
from .connector_hub_event import CONFLICTS

_logger = logging.getLogger(__name__)

#: Committing may fail because somebody else changed the same row; what was done is then done again.
CONCURRENCY_TRIES = 5


#: Requests sent before the other kinds of work have their turn again.
SENDS_PER_ROUND = 10

#: Requests whose content is read and recorded together, which is much faster than one after the other.
SENDS_PER_CLAIM = 5


class PartnerSession:
    """The client of one pass: opened when it is first needed, closed at the end."""

    def __init__(self, backend):
        self.adapter = backend._get_adapter()
        self._backend = backend
        self._client = None

    @property
    def client(self):
        """:raises ConfigurationError: if a credential is missing or cannot be opened"""
        if self._client is None:
            self._client = self.adapter._make_client(self._backend)
        return self._client

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        if self._client is not None:
            self._client.close()


class ConnectorHubLane(models.Model):
    """The lane: all the work of one backend, one thing after another, run by its own scheduled action."""

    _inherit = "connector.hub.backend"

    def _run_lane(self):
        """One pass: rounds of all the kinds of work, until nothing is left or the time is up.

        Commits after each step. Never raises for what a partner does.
        """
        self.ensure_one()
        with self._advisory_lock(LOCK_LANE) as locked:
            if not locked:
                # This pass uses a trigger up without having looked.
                self._retrying(lambda: self._wake_at(fields.Datetime.now()))
                return
            if not self._lane_may_run():
                return
            backend = self._work_env()["connector.hub.backend"].browse(self.id)
            try:
                finished = backend._run_rounds()
            except Exception as error:
                _logger.exception("The lane of %s (%s) broke off", backend.name, backend.id)
                backend.env.cr.rollback()
                backend._retrying(lambda error=error: backend._break_off(error))
                finished = False
            backend._retrying(lambda: backend._end_pass(finished))

    def _break_off(self, error):
        """Rest after an error of our own, and call a person: nothing of this backend goes on meanwhile."""
        surprise = self._surprise(error)
        self._give_back([], surprise, None)
        self.needs_person = True

    def _surprise(self, error):
        """An error of our own, for the administrator to see; the lane tries again later."""
        return RetryableError(
            self.env._(
                "Unexpected error %(error)s; see the server's log.", error=type(error).__name__
            ),
            reason="internal_error",
        )

    def _end_pass(self, finished):
        """Call a person if need be, and see to it that what is left is taken up again.

        :param bool finished: whether there was nothing left to do
        """
        if finished and self.needs_person and self.state == "active" and not self._is_resting():
            # What broke off goes on again, whether or not there was something to send.
            self._recover()
        self._refresh_attention()
        waits = self._wake_for_retries()
        if self.run_requested and finished and not waits and not self._is_resting():
            self.run_requested = False

    def _run_rounds(self):
        """Rounds, so that a first import of thousands does not keep the stock waiting, nor the other way round.

        :return: whether there is nothing left to do now
        """
        deliveries = self.env["connector.hub.delivery"]
        self._retrying(lambda: deliveries._return_expired(self))
        with PartnerSession(self) as session:
            while self._lane_time_left():
                worked = self._lane_events()
                if self.state != "active":
                    return True
                worked += self._lane_recheck()
                worked += self._lane_fold()
                for step in (self._lane_send, self._lane_fetch_missing, self._lane_poll):
                    # One of them may have found out that the partner needs a rest.
                    if self.state == "active" and not self._is_resting():
                        worked += step(session)
                if not worked:
                    return True
            self._go_on()
            return False

    def _is_resting(self):
        if self.cooldown_until and self.cooldown_until > fields.Datetime.now():
            self._wake_at(self.cooldown_until)
            return True
        return False

    def _lane_may_run(self):
        if not self.exists() or not self.active or self.state != "active":
            return False
        if self._is_neutralized():
            return False
        return self.frequency != "manual" or self.run_requested

    def _processes_at_once(self):
        """Whether a webhook is processed while its sender waits, rather than by the lane."""
        return self.id in self._realtime_crons()

    def _is_busy(self):
        """Whether some other process is handling this backend's events now."""
        self.env.cr.execute(
            """
            SELECT EXISTS (SELECT 1 FROM pg_locks
             WHERE locktype = 'advisory' AND classid = %s AND objid = %s AND objsubid = 2 AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """,
            (LOCK_INBOUND, self.id),
        )
        return self.env.cr.fetchone()[0]

    def _lane_time_left(self):
        return time.monotonic() < self.env.context.get("cron_end_time", float("inf"))

    def _commit(self, processed=0):
        """Commit a step of the lane, and report it to the scheduled action if it was one.

        A report is a row written: a look that found nothing to do shall not make the database write to the disk.
        """
        if processed:
            self.env["ir.cron"]._commit_progress(processed, remaining=0)
        else:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    @contextmanager
    def _advisory_lock(self, key, patience=0.0):
        """Hold a PostgreSQL advisory lock of this backend, across transactions.

        It belongs to the session, not to a transaction: a transaction that waited for it would read from before the
        other's commit. What follows starts a new transaction, and therefore sees all that the last holder wrote.

        :param float patience: seconds to wait for it
        :return: whether it was got
        """
        cr = self.env.cr
        deadline = time.monotonic() + patience
        while True:
            cr.execute("SELECT pg_try_advisory_lock(%s, %s)", (key, self.id))
            locked = cr.fetchone()[0]
            # The next statement is to read from after the lock was got.
            cr.commit()  # pylint: disable=invalid-commit
            if locked or time.monotonic() >= deadline:
                break
            time.sleep(0.05)
        try:
            yield locked
        except BaseException:
            cr.rollback()
            raise
        finally:
            if locked:
                cr.execute("SELECT pg_advisory_unlock(%s, %s)", (key, self.id))
                # No transaction is to stay open after the work.
                cr.commit()  # pylint: disable=invalid-commit

    def _retrying(self, step):
        """Run one step and commit it; on a conflict with another transaction, run it again."""
        for attempt in range(CONCURRENCY_TRIES):
            try:
                result = step()
                self._commit(1 if result else 0)
                return result
            except (*CONFLICTS, psycopg2.errors.UniqueViolation):
                self.env.cr.rollback()
                if attempt + 1 == CONCURRENCY_TRIES:
                    raise
                time.sleep(0.05 * 2**attempt)

    # -- inbound ------------------------------------------------------------------------------------------------

    def _lane_events(self):
        """Process the oldest waiting events in one transaction.

        :return: number of events taken
        """
        with self._advisory_lock(LOCK_INBOUND, patience=5) as locked:
            if not locked:
                return 0
            return self._retrying(
                lambda: self.env["connector.hub.event"]._process_next(self, EVENT_BATCH)
            )

    # -- outbound -----------------------------------------------------------------------------------------------

    def _lane_fold(self):
        """Turn all notes of changes into state deliveries, in transactions of their own.

        :return: number of notes
        """
        total = 0
        while folded := self._retrying(self._fold_changes):
            total += folded
        return total

    def _fold_changes(self):
        changes = self.env["connector.hub.change"]._take(self, FOLD_BATCH)
        by_model = {}
        for model, ids in changes:
            by_model.setdefault(model, set()).update(ids)
        changed = self._changed_records(by_model)
        if changed:
            self._add_mended(changed)
        for (entity, model), ids in changed.items():
            ids -= self._unnamed_services(entity, model, ids)
            self.env["connector.hub.delivery"]._enqueue_states(self, entity, model, ids)
        return len(changes)

    def _lane_send(self, session):
        """Send some of what is due.

        :return: number of requests
        """
        deliveries, done = self.env["connector.hub.delivery"], 0
        while done < SENDS_PER_ROUND:
            claimed = self._retrying(lambda: deliveries._claim(self, self._claim_size))
            if not claimed:
                break
            done += self._send_claimed(session, claimed)
            if self.state != "active" or self._is_resting() or not self._lane_time_left():
                break
        return done

    def _batch_size(self, entity, fact):
        adapter = self._get_adapter()
        route = adapter._fact_routes().get(fact) if fact else adapter._export_routes().get(entity)
        return route.batch_size if route else 1

    def _claim_size(self, entity, fact):
        """How much is claimed at once: several requests' worth of what may be repeated, while the partner is well."""
        size = self._batch_size(entity, fact)
        route = None if fact else self._get_adapter()._export_routes().get(entity)
        several = route and route.idempotent and not self.cooldown_count
        return size * SENDS_PER_CLAIM if several else size

    def _send_claimed(self, session, claimed):
        """Prepare, send and record what was claimed.

        :return: number of requests
        """
        export = self.env["connector.hub.export"]

        def renew():
            self._retrying(claimed._renew_lease)

        batch, stopped, pause, sent = None, None, None, 0
        suspicious, renewed_at = self.cooldown_count, time.monotonic()
        try:
            batch = part = export._prepare(self, claimed)
            # Opening the client reads credentials; keeping the payloads ends that transaction.
            client = session.client
            self._retrying(lambda: claimed._keep_payloads(batch))
            for part in batch.parts():
                if sent and not self._lane_time_left():
                    break
                if time.monotonic() - renewed_at > RENEW_SECONDS:
                    renew()
                    renewed_at = time.monotonic()
                sent += 1
                export._send(session.adapter, self, client, part, renew, suspicious)
        except PartnerUnavailable as error:
            stopped = error.error
        except ConfigurationError as error:
            pause = error
        except Exception as error:
            _logger.exception("%s: a batch of %s failed", self.name, claimed.mapped("entity")[:1])
            self.env.cr.rollback()
            surprise = error if isinstance(error, HubError) else self._surprise(error)
            if batch is None:
                self._retrying(lambda: claimed._settle_surprise(surprise))
                return 1
            export._settle_surprise(part, surprise)

        def record():
            export._record(self, batch)
            self._give_back([item.delivery_id for item in batch.waiting()], stopped, pause)
            if self.cooldown_count and any(item.synced for item in batch.items):
                self._recover()

        self._retrying(record)
        _logger.info(
            "%s: %s %s messages, %s go back",
            self.name,
            len(batch.items),
            batch.entity,
            len(batch.waiting()),
        )
        return max(sent, 1)

    def _give_back(self, delivery_ids, cool_down, pause):
        """Return claimed rows unharmed, and let the backend rest or pause."""
        self.env["connector.hub.delivery"]._settle(
            {
                delivery_id: {"state": "pending", "next_attempt_at": None}
                for delivery_id in delivery_ids
            }
        )
        if pause:
            self._pause(pause.message)
        elif cool_down:
            minutes = COOLDOWN_MINUTES[min(self.cooldown_count, len(COOLDOWN_MINUTES) - 1)]
            rest = timedelta(minutes=minutes)
            if cool_down.retry_after is not None:
                rest = timedelta(seconds=max(cool_down.retry_after, 1))
            until = fields.Datetime.now() + rest
            self.write(
                {
                    "cooldown_until": until,
                    "cooldown_count": self.cooldown_count + 1,
                    "last_error": cool_down.message,
                }
            )
            self._wake_at(until)
            _logger.warning("%s rests until %s: %s", self.name, until, cool_down.message)

    def _go_on(self):
        """The time is up with work left: run again as soon as the other scheduled actions had their turn."""
        self._wake_after_commit({self.sudo().cron_id.id})
        self._commit()

    def _wake_for_retries(self):
        """Wake the lane when the next retry of a single message is due, or the lease of a lost one is over.

        :return: whether there is one
        """
        self.env.cr.execute(
            """
            SELECT min(next_attempt_at) FROM (
                SELECT min(next_attempt_at) AS next_attempt_at FROM connector_hub_delivery
                 WHERE backend_id = %(backend)s AND state = 'pending'
                UNION ALL
                SELECT min(lease_until) FROM connector_hub_delivery
                 WHERE backend_id = %(backend)s AND state = 'sending'
                UNION ALL
                SELECT min(next_attempt_at) FROM connector_hub_event
                 WHERE backend_id = %(backend)s AND state = 'pending') retries
            """,
            {"backend": self.id},
        )
        (next_attempt_at,) = self.env.cr.fetchone()
        if next_attempt_at and next_attempt_at > fields.Datetime.now():
            self._wake_at(next_attempt_at)
        return bool(next_attempt_at)
