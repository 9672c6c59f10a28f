# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
from contextlib import contextmanager
from datetime import timedelta

import psycopg2

from odoo import fields, models

from ..const import EVENT_BATCH, FOLD_BATCH, LOCK_INBOUND, LOCK_LANE, RETRY_AFTER_MAX
from ..exceptions import HubError, RejectedError, RetryableError
from .connector_hub_contention import HELD_EVENTS, TURN_SECONDS
from .connector_hub_event import CONFLICTS

_logger = logging.getLogger(__name__)

#: Committing may fail because somebody else changed the same row; what was done is then done again.
CONCURRENCY_TRIES = 5

#: The same where it can be done in smaller parts; a large part is made smaller at once.
BATCH_TRIES = 2

#: No message waits longer for its next attempt; see :func:`~odoo.addons.connector_hub.answers.asked_wait`.
LONGEST_RETRY = timedelta(seconds=RETRY_AFTER_MAX) * 2


class PartnerSession:
    """What one pass keeps to itself: the client, opened when it is first needed and closed at the end.

    :ivar event_batch: events processed in one transaction, as far as others let us
    :ivar contested: ids of the products about whose stock events have last conflicted with what others write
    :ivar conflicts: number of steps left to the next round, because others were writing the same rows all the time
    """

    def __init__(self, backend):
        self.event_batch = EVENT_BATCH
        self.contested = []
        self.conflicts = 0
        self.adapter = backend._get_adapter()
        self._backend = backend
        self._client = None

    @property
    def most_events(self):
        return HELD_EVENTS if self.contested else EVENT_BATCH

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
            except CONFLICTS:
                backend.env.cr.rollback()
                finished = False
                backend._go_on()
            except Exception as error:
                _logger.exception("The lane of %s (%s) broke off", backend.name, backend.id)
                backend.env.cr.rollback()
                backend._retrying(lambda error=error: backend._break_off(error))
                finished = False
            try:
                backend._retrying(lambda: backend._end_pass(finished))
            except CONFLICTS:
                backend.env.cr.rollback()
                backend._go_on()

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

    def _foreseen(self, error, what):
        """The error of one step, if it is one of the five; else one of our own in its place.

        What the step did is undone. The other kinds of work go on.

        :param str what: the step, for the log
        """
        self.env.cr.rollback()
        if isinstance(error, HubError):
            return error
        _logger.error("%s: %s failed", self.name, what, exc_info=error)
        return RejectedError(self._surprise(error).message, reason="internal_error")

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
                session.conflicts = 0
                worked = self._run_step(self._lane_events, session)
                if self.state != "active":
                    return True
                worked += self._run_step(self._lane_recheck, session)
                worked += self._run_step(self._lane_fold, session)
                for step in (self._lane_send, self._lane_fetch_missing, self._lane_poll):
                    # One of them may have found out that the partner needs a rest.
                    if self.state == "active" and not self._is_resting():
                        worked += self._run_step(step, session)
                if not worked:
                    if not session.conflicts:
                        return True
                    break
            self._go_on()
            return False

    def _run_step(self, step, session):
        """Do one kind of work; if it conflicts again and again with what others write, the next round takes it up.

        Neither the partner nor the other kinds of work have anything to do with that.
        """
        try:
            return step(session)
        except CONFLICTS as error:
            self.env.cr.rollback()
            session.conflicts += 1
            _logger.info(
                "%s: %s is left to the next round: %s",
                self.name,
                step.__name__,
                type(error).__name__,
            )
            return 0

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

    def _retrying(self, step, tries=CONCURRENCY_TRIES):
        """Run one step and commit it; on a conflict with another transaction, run it again."""
        for attempt in range(tries):
            try:
                result = step()
                self._commit(1 if result else 0)
                return result
            except (*CONFLICTS, psycopg2.errors.UniqueViolation):
                self.env.cr.rollback()
                if attempt + 1 == tries:
                    raise
                time.sleep(0.05 * 2**attempt)

    # -- inbound ------------------------------------------------------------------------------------------------

    def _lane_events(self, session):
        """Process the oldest waiting events, in one transaction or, if that conflicts with what others do, in several.

        One that conflicts all by itself is left to the next round; those of other things go on.

        :return: number of events taken
        """
        events, left = self.env["connector.hub.event"], EVENT_BATCH
        with self._advisory_lock(LOCK_INBOUND, patience=5) as locked:
            while locked and left > 0:
                size = min(session.event_batch, left)
                tries = 1 if size > HELD_EVENTS else BATCH_TRIES if size > 1 else CONCURRENCY_TRIES
                began = time.monotonic()
                try:
                    taken = self._retrying(
                        lambda size=size: self._process_contested(session, size), tries
                    )
                    session.event_batch = min(2 * session.event_batch, session.most_events)
                    if session.contested:
                        # Those who count that stock have their turn, too.
                        time.sleep(min(time.monotonic() - began, TURN_SECONDS))
                except CONFLICTS:
                    if size > 1:
                        session.event_batch = min(size // 2, session.most_events)
                        continue
                    taken = self._retrying(lambda: events._due(self, 1)[0]._put_off())
                left -= taken
                if taken < size or not self._lane_time_left():
                    break
        return EVENT_BATCH - left

    # -- outbound -----------------------------------------------------------------------------------------------

    def _lane_fold(self, _session):
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

    def _go_on(self):
        """The time is up with work left: run again as soon as the other scheduled actions had their turn."""
        self._wake_after_commit({self.sudo().cron_id.id})
        self._commit()

    def _wake_for_retries(self):
        """Wake the lane when the next retry of a single message is due, or the lease of a lost one is over.

        :return: whether there is one; what is held for a person is none
        """
        self.env.cr.execute(
            """
            SELECT LEAST(
                (SELECT next_attempt_at FROM connector_hub_delivery
                  WHERE backend_id = %(backend)s AND state = 'pending' AND next_attempt_at IS NOT NULL
                  ORDER BY next_attempt_at LIMIT 1),
                (SELECT min(lease_until) FROM connector_hub_delivery
                  WHERE backend_id = %(backend)s AND state = 'sending'),
                (SELECT next_attempt_at FROM connector_hub_event
                  WHERE backend_id = %(backend)s AND state = 'pending' AND next_attempt_at IS NOT NULL
                  ORDER BY next_attempt_at LIMIT 1))
            """,
            {"backend": self.id},
        )
        (next_attempt_at,) = self.env.cr.fetchone()
        now = fields.Datetime.now()
        if not next_attempt_at or next_attempt_at > now + LONGEST_RETRY:
            return False
        if next_attempt_at > now:
            self._wake_at(next_attempt_at)
        return True
