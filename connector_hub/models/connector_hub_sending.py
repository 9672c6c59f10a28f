# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import time
from datetime import timedelta

from odoo import fields, models

from ..batch import RENEW_SECONDS, PartnerUnavailable
from ..exceptions import ConfigurationError, HubError
from ..pace import SLOW_SECONDS
from .connector_hub_event import CONFLICTS

_logger = logging.getLogger(__name__)

#: Requests sent before the other kinds of work have their turn again.
SENDS_PER_ROUND = 10


class ConnectorHubSending(models.Model):
    """The lane's way out: what is due is claimed, sent and recorded, a few seconds' worth at a time."""

    _inherit = "connector.hub.backend"

    def _lane_send(self, session):
        """Send some of what is due.

        :return: number of requests
        """
        deliveries, done = self.env["connector.hub.delivery"], 0
        began = time.monotonic()
        while done < SENDS_PER_ROUND and time.monotonic() - began < SLOW_SECONDS:
            claimed = self._retrying(lambda: deliveries._claim(self, self._claim_size))
            if not claimed:
                break
            done += self._send_claimed(session, claimed)
            if self.state != "active" or self._is_resting() or not self._lane_time_left():
                break
        return done

    def _send_claimed(self, session, claimed):
        """Prepare, send and record what was claimed: a few seconds' worth of it, the rest goes back.

        :return: number of requests
        """
        export = self.env["connector.hub.export"]
        kind = claimed[0].entity, claimed[0].is_fact and claimed[0].event_type
        name = kind[1] or kind[0]
        pace = self._pace(*kind)

        def renew():
            self._retrying(claimed._renew_lease)

        batch, stopped, pause, put_off, sent = None, None, None, [], 0
        suspicious, began = self.cooldown_count, time.monotonic()
        started = renewed_at = began
        try:
            batch = part = export._prepare(self, claimed)
            # Opening the client reads credentials; keeping the payloads ends that transaction.
            client = session.client
            self._retrying(lambda: claimed._keep_payloads(batch))
            for part in batch.parts(pace):
                started = time.monotonic()
                if sent and (started - began > SLOW_SECONDS or not self._lane_time_left()):
                    break
                if started - renewed_at > RENEW_SECONDS:
                    renew()
                    renewed_at = started
                sent += 1
                export._send(session.adapter, self, client, part, renew, suspicious)
                pace.took(len(part.items), time.monotonic() - started)
        except PartnerUnavailable as error:
            if error.was_too_much and export._is_alive(session.adapter, client):
                # The partner may be at it still: it gets as long again, and the other kinds of work go on.
                pace.was_too_much(error.count)
                put_off = [item.delivery_id for item in part.waiting()]
            else:
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

        self._record_sent(batch)
        again_at = fields.Datetime.now() + timedelta(seconds=time.monotonic() - started)

        def conclude():
            waiting = {item.delivery_id for item in batch.waiting()}
            claimed._settle_put_off(put_off, again_at)
            if self.cooldown_count and any(item.synced for item in batch.items):
                self._recover(name)
            # After that: what came last counts.
            self._give_back(waiting.difference(put_off), stopped, pause, name)
            self._keep_pace(*kind, pace)

        self._retrying(conclude)
        _logger.info(
            "%s: %s %s messages, %s go back",
            self.name,
            len(batch.items),
            batch.entity,
            len(batch.waiting()),
        )
        return max(sent, 1)

    def _record_sent(self, batch):
        """Keep what became of a batch; by halves, if that conflicts with what others write.

        What cannot be kept at all stays claimed, and is sent again when the lease is over. Where that must not be,
        the message alone is settled, whose row nobody else writes.
        """
        export = self.env["connector.hub.export"]
        try:
            self._retrying(lambda: export._record(self, batch))
        except CONFLICTS as error:
            if len(batch.items) > 1:
                for half in batch.halves():
                    self._record_sent(half)
                return
            (item,) = batch.items
            _logger.warning(
                "%s: what became of message %s cannot be kept in full (%s)",
                self.name,
                item.delivery_id,
                type(error).__name__,
            )
            if item.outcome and not batch.route.idempotent:
                outcomes = {item.delivery_id: item.outcome}
                self._retrying(lambda: self.env["connector.hub.delivery"]._settle(outcomes))

    def _give_back(self, delivery_ids, cool_down, pause, kind=None):
        """Return claimed rows unharmed, and let the backend rest or pause.

        :param kind: see :meth:`_rest`
        """
        self.env["connector.hub.delivery"]._settle(
            {
                delivery_id: {"state": "pending", "next_attempt_at": None}
                for delivery_id in delivery_ids
            }
        )
        if pause:
            # Details are the partner's own answer; without them the message says what is missing here.
            self._pause(
                self.env._("The partner refuses the API key: %(error)s", error=pause.message)
                if pause.details
                else pause.message
            )
        elif cool_down:
            self._rest(cool_down, kind)
