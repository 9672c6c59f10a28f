# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..const import COMPARE_MINUTES, HISTORY_AGE, POLL_OVERLAP_MINUTES
from ..exceptions import ConfigurationError, RejectedError, RetryableError
from .connector_hub_event import CONFLICTS

#: How many entries of a page that cannot be read are named.
UNREADABLE_NAMED = 5


class ConnectorHubCursor(models.Model):
    """How far one kind of record has been fetched from a partner: where a poll, or a first import, goes on."""

    _name = "connector.hub.cursor"
    _description = "Connector Hub Cursor"
    _order = "backend_id, entity"
    _rec_name = "entity"

    backend_id = fields.Many2one(
        "connector.hub.backend", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="backend_id.company_id")
    entity = fields.Selection(
        selection=lambda self: self.env["connector.hub.field.mapping"]._selection_entity(),
        string="Kind",
        required=True,
        readonly=True,
    )
    since = fields.Datetime(
        readonly=True,
        help="What the partner changed before this moment has been fetched. Empty: nothing yet.",
    )
    state = fields.Selection(
        [("idle", "Up to date"), ("running", "Fetching"), ("stopped", "Stopped")],
        required=True,
        default="idle",
        readonly=True,
    )
    error = fields.Text(
        "Why it stopped",
        readonly=True,
        help="What the partner answered, or what went wrong. Correct it, then go on or begin again.",
    )
    is_full = fields.Boolean(
        "Everything", readonly=True, help="Everything is fetched, not only what has changed."
    )
    made_since = fields.Datetime(
        "Placed since",
        readonly=True,
        help="Of everything, only what was made after this moment is fetched. Empty: all.",
    )
    history_before = fields.Datetime(
        "History before",
        readonly=True,
        help="Orders placed before this moment are business of the past: they are put on record, but neither confirmed "
        "nor reserved. It is the day before this backend began, unless an import has said otherwise.",
    )
    doubtful = fields.Json(
        "In doubt",
        readonly=True,
        help="What the partner had otherwise than Odoo. It is looked at again before Odoo's figures are sent.",
    )
    position = fields.Json(readonly=True, help="Where the run under way goes on.")
    started_at = fields.Datetime(readonly=True)
    polled_at = fields.Datetime("Last completed", readonly=True)
    fetched = fields.Integer("Records fetched", readonly=True)
    total = fields.Integer("Of", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Per cent of the run under way.")

    _entity_uniq = models.Constraint(
        "UNIQUE (backend_id, entity)", "There is one cursor per kind of record."
    )

    @api.depends("fetched", "total", "state")
    def _compute_progress(self):
        for cursor in self:
            if cursor.state == "idle":
                cursor.progress = 100.0 if cursor.polled_at else 0.0
            else:
                cursor.progress = (
                    min(100.0 * cursor.fetched / cursor.total, 100.0) if cursor.total else 0.0
                )

    def action_start(self):
        """Fetch everything from the beginning; what is here already is not imported twice.

        The button asks first how orders are to come in.
        """
        self.check_access("write")
        if self.env.context.get("connector_hub_ask") and self.entity == "order":
            return self.backend_id._ask_import("order")
        for cursor in self:
            cursor._start(full=True)
        self.backend_id._refresh_attention()
        self.backend_id._wake_lanes()
        return True

    def action_stop(self):
        self.check_access("write")
        self.filtered(lambda cursor: cursor.state == "running").sudo().write({"state": "stopped"})
        return True

    def action_resume(self):
        """Go on where a stopped import was."""
        self.check_access("write")
        if any(cursor.state != "stopped" for cursor in self):
            raise UserError(self.env._("Only a stopped import can go on."))
        self.sudo().write({"state": "running", "error": False})
        self.backend_id._refresh_attention()
        self.backend_id._wake_lanes()
        return True

    def _start(self, full=False, **values):
        """Begin a run; one that is under way goes on, unless everything is asked for.

        :param values: made_since and history_before, where they are not to be as usual
        """
        self.ensure_one()
        if full:
            values = {
                "made_since": False,
                "history_before": self._usual_history_before(),
                **values,
            }
        if self.state == "idle" or full:
            self.sudo().write(
                {
                    "state": "running",
                    "error": False,
                    "is_full": full,
                    "position": None,
                    "started_at": fields.Datetime.now(),
                    "fetched": 0,
                    "total": 0,
                    **values,
                }
            )

    def _usual_history_before(self):
        """Before which moment an order that is not here yet is none of the hub's time: later ones were fetched."""
        if self.entity != "order" or not self.since:
            return self.history_before
        fetched = self.since - timedelta(minutes=POLL_OVERLAP_MINUTES)
        return max(fetched, self.history_before or fetched)

    def _refuse(self, error):
        """The partner does not let this kind of record be fetched: a person has to look; the rest goes on."""
        self.write({"state": "stopped", "error": error.message})
        self.backend_id._refresh_attention()

    def _is_due(self, minutes):
        """Whether a poll is due: one is under way, or the last one was long enough ago."""
        self.ensure_one()
        if self.state != "idle":
            return self.state == "running"
        if not minutes:
            return False
        return (
            not self.polled_at
            or self.polled_at + timedelta(minutes=minutes) <= fields.Datetime.now()
        )

    def _store_page(self, page, started_at):
        """Store what one page brought, and where to go on, in one transaction.

        :param page: see :class:`~odoo.addons.connector_hub.routes.PollPage`
        :param started_at: when the run began that asked for it
        """
        self.ensure_one()
        self.env["connector.hub.event"]._store_payloads(
            self.backend_id, page.payloads, is_full=self.is_full and self.started_at == started_at
        )
        if self.started_at != started_at:
            # Meanwhile somebody has begun another run; where that one goes on is not this page's to say.
            return
        if page.seen:
            self._compare(page.seen)
        if page.unreadable:
            self._tell_unreadable(page)
        values = {"fetched": self.fetched + page.count, "position": page.position}
        if page.total is not None:
            values["total"] = page.total
        if page.position is None:
            # The next poll begins where this one did, less the overlap: what changed meanwhile is seen then.
            values.update(
                state="idle", is_full=False, since=self.started_at, polled_at=fields.Datetime.now()
            )
            self._end_look()
        self.write(values)

    def _tell_unreadable(self, page):
        """Tell of what was left out; where nothing can be read, there is no point in going on.

        :raises RejectedError: ``invalid_payload``
        """
        kind = dict(self._fields["entity"]._description_selection(self.env))[self.entity]
        problems = "; ".join(page.unreadable[:UNREADABLE_NAMED])
        if len(page.unreadable) >= page.count:
            raise RejectedError(
                self.env._(
                    "None of the partner's records can be read: %(problems)s", problems=problems
                ),
                reason="invalid_payload",
            )
        self.backend_id._message_log(
            body=plaintext2html(
                self.env._(
                    "%(kind)s: left out, because the partner's records cannot be read (%(count)s): %(problems)s",
                    kind=kind,
                    count=len(page.unreadable),
                    problems=problems,
                )
            )
        )


class ConnectorHubPolling(models.Model):
    _inherit = "connector.hub.backend"

    poll_minutes = fields.Integer(
        "Fetch every (minutes)",
        default=15,
        help="How often the partner is asked for what its webhooks did not bring. 0: never.",
    )
    cursor_ids = fields.One2many("connector.hub.cursor", "backend_id")

    _poll_minutes_positive = models.Constraint(
        "CHECK (poll_minutes >= 0)", "The minutes cannot be negative."
    )

    def _cursor(self, entity):
        """The cursor of one kind of record; a new one begins now, so that no old data comes in unasked."""
        cursor = self.cursor_ids.filtered(lambda cursor: cursor.entity == entity)
        if cursor:
            return cursor
        now = fields.Datetime.now()
        values = {"backend_id": self.id, "entity": entity, "since": now}
        if entity == "order":
            # A list by time of change also shows old orders that somebody has touched.
            values["history_before"] = now - HISTORY_AGE
        return self.env["connector.hub.cursor"].sudo().create(values)

    def _lane_poll(self, session):
        """Fetch one page of everything that is due; a run that is not finished goes on in the next round.

        :return: number of pages
        """
        pages = 0
        polled, compared = session.adapter._poll_routes(), session.adapter._compare_routes()
        for entity, fetch in {**polled, **compared}.items():
            cursor = self._retrying(lambda entity=entity: self._cursor(entity))
            minutes = self.poll_minutes
            if entity in compared and not cursor.doubtful:
                minutes = minutes and max(minutes, COMPARE_MINUTES)
            if not cursor._is_due(minutes):
                continue
            self._retrying(cursor._start)
            request = session.adapter._poll_request(self, cursor)
            started_at = cursor.started_at
            try:
                client = session.client
                self._commit()
                page = fetch(self, client, request)
                self._retrying(
                    lambda cursor=cursor, page=page, at=started_at: cursor._store_page(page, at)
                )
            except CONFLICTS:
                raise
            except RetryableError as error:
                self._retrying(lambda error=error: self._give_back([], error, None))
                return pages
            except ConfigurationError as error:
                self._retrying(lambda error=error: self._give_back([], None, error))
                return pages
            except Exception as error:
                # Whatever it is, it concerns this kind of record alone.
                error = self._foreseen(error, f"fetching {entity}")
                self._retrying(lambda cursor=cursor, error=error: cursor._refuse(error))
                continue
            pages += 1
            if self.cooldown_count:
                self._retrying(lambda: self._recover("poll"))
        return pages
