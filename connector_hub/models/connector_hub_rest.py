# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import math
from datetime import timedelta

from odoo import fields, models

from ..answers import asked_wait
from ..const import COOLDOWN_MINUTES, RETRY_AFTER_MAX
from .connector_hub_event import CONFLICTS

_logger = logging.getLogger(__name__)

#: A sign of life ends a rest; as something else may still be down, not before it has lasted so long.
SHORTEST_REST = timedelta(minutes=COOLDOWN_MINUTES[0])

#: What a rest that can end earlier ends at now, of a row of connector_hub_backend; in whole seconds, as Odoo's own now.
EARLIEST_END_SQL = "GREATEST(rests_at_least_until, date_trunc('second', now() AT TIME ZONE 'UTC'))"


class ConnectorHubRest(models.Model):
    """A backend's rest: nothing is sent while its partner is down, or for as long as that has asked."""

    _inherit = "connector.hub.backend"

    rests_at_least_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="A sign of life of the partner's ends the rest, but not before this moment.",
    )

    stumbled_on = fields.Char(
        readonly=True,
        copy=False,
        help="What was being sent when requests began to fail. That it goes through again is what ends the count.",
    )

    def _is_resting(self):
        if self.cooldown_until and self.cooldown_until > fields.Datetime.now():
            self._wake_at(self.cooldown_until)
            return True
        return False

    def _rest(self, error, kind=None):
        """Rest until the partner can be expected back; longer each time, or as it has asked.

        :param error: the RetryableError that says so
        :param kind: of what was being sent
        """
        now = fields.Datetime.now()
        asked = asked_wait(error)
        if asked is None:
            turn = min(self.cooldown_count, len(COOLDOWN_MINUTES) - 1)
            rest, shortest = timedelta(minutes=COOLDOWN_MINUTES[turn]), SHORTEST_REST
        else:
            rest = shortest = max(asked, timedelta(seconds=1))
        values = {
            "cooldown_until": now + rest,
            "rests_at_least_until": now + shortest,
            "cooldown_count": self.cooldown_count + 1,
            "stumbled_on": kind,
            "last_error": error.message,
        }
        if asked and error.retry_after > RETRY_AFTER_MAX:
            values["needs_person"] = True
            values["last_error"] = self.env._(
                "The partner asks Odoo to send nothing for %(hours)s hours: %(error)s. Odoo tries again every hour. "
                "Ask the partner for the reason, or pause this backend until then.",
                hours=math.ceil(error.retry_after / 3600),
                error=error.message,
            )
        self.write(values)
        self._wake_at(now + rest)
        _logger.warning("%s rests until %s: %s", self.name, now + rest, error.message)

    def _recover(self, kind=None):
        """The partner, or what broke off here, works again.

        What goes through of one kind says nothing of another over which the partner stumbles each time: that is counted
        on.

        :param kind: of what has gone through; None: whatever it was, it is over
        """
        values = {"cooldown_until": False, "last_error": False, "needs_person": False}
        if not (kind and self.stumbled_on and kind != self.stumbled_on):
            values.update(cooldown_count=0, stumbled_on=False)
        changed = {name: value for name, value in values.items() if self[name] != value}
        if changed:
            self.write(changed)

    def _notice_life(self):
        """The partner has just called: end a rest that it has not asked for, in a transaction of its own.

        What failed before is not forgotten: if the partner can call but not be called, the next rest is longer.
        """
        cr = self.env.cr
        try:
            # Whoever holds the row knows more of the partner than we do: it is not waited for.
            cr.execute(
                f"UPDATE connector_hub_backend SET cooldown_until = {EARLIEST_END_SQL} WHERE id IN ("
                "  SELECT id FROM connector_hub_backend"
                f"  WHERE id = %s AND cooldown_until > {EARLIEST_END_SQL} FOR NO KEY UPDATE SKIP LOCKED)"
                " RETURNING cooldown_until",
                (self.id,),
            )
            for (until,) in cr.fetchall():
                self._wake_at(until)
                self._wake_lanes()
            cr.commit()  # pylint: disable=invalid-commit
        except CONFLICTS:
            cr.rollback()
