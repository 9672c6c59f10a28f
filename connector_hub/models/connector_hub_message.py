# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.constants import GC_UNLINK_LIMIT

from ..answers import asked_wait
from ..const import MESSAGE_STATES, REASONS, RETRY_MINUTES
from ..exact_json import dump_storable
from ..exceptions import ConfigurationError, RejectedError, RetryableError, UnsupportedEventError

_logger = logging.getLogger(__name__)

#: Columns ``_settle`` may write, with their PostgreSQL types. A column that an outcome leaves out keeps its value.
SETTLE_COLUMNS = {
    "state": "text",
    "attempts": "int4",
    "next_attempt_at": "timestamp",
    "reason": "text",
    "error": "text",
    "note": "text",
    "res_model": "text",
    "res_id": "int4",
    "external_id": "text",
    "payload": "text",
    "response": "text",
    "is_missing": "bool",
}

#: The outcome of a message that begins anew, from its first attempt.
TRIED_ANEW = {
    "state": "pending",
    "attempts": 0,
    "next_attempt_at": None,
    "reason": None,
    "error": None,
    "note": None,
}


class ConnectorHubMessage(models.AbstractModel):
    """The one lifecycle of inbound events and outbound deliveries.

    ``pending -> sending -> done | ignored | dead``; a retry is pending with a later ``next_attempt_at``.
    """

    _name = "connector.hub.message"
    _description = "Connector Hub Message"
    _order = "id desc"

    # Without an index of its own: those that begin with it are declared where they are used, and each costs time.
    backend_id = fields.Many2one(
        "connector.hub.backend", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="backend_id.company_id")
    state = fields.Selection(
        [*MESSAGE_STATES.items()], required=True, default="pending", readonly=True
    )
    attempts = fields.Integer(
        "Failed attempts",
        readonly=True,
        help="How often this message failed for a passing reason and was tried again.",
    )
    next_attempt_at = fields.Datetime(
        "Next attempt", readonly=True, help="A waiting message is not tried before this time."
    )
    reason = fields.Selection([*REASONS.items()], readonly=True)
    error = fields.Text(readonly=True, help="What went wrong, and what to do about it.")
    note = fields.Text(
        readonly=True,
        help="What the hub did, or left as it was, and why. Nothing has to be done about it.",
    )
    res_model = fields.Char("Record model", readonly=True)
    res_id = fields.Many2oneReference("Record ID", model_field="res_model", readonly=True)
    record_name = fields.Char("Record", compute="_compute_record_name")
    payload = fields.Text(readonly=True)
    payload_pretty = fields.Text("Content", compute="_compute_payload_pretty")
    requeued = fields.Boolean(
        readonly=True, help="A person asked for this message to be tried again."
    )
    done_at = fields.Datetime("Finished at", readonly=True)

    @api.depends("res_model", "res_id")
    def _compute_record_name(self):
        for message in self:
            message.record_name = False
        for model, messages in self.filtered("res_id").grouped("res_model").items():
            if model not in self.env:
                continue
            records = self.env[model].sudo().browse(messages.mapped("res_id")).exists()
            names = dict(zip(records.ids, records.mapped("display_name"), strict=True))
            for message in messages:
                message.record_name = names.get(message.res_id) or self.env._("(deleted)")

    @api.depends("payload")
    def _compute_payload_pretty(self):
        for message in self:
            message.payload_pretty = self._pretty_json(message.payload)

    @api.model
    def _pretty_json(self, text):
        """JSON text indented for reading; anything else as it is."""
        try:
            return json.dumps(json.loads(text or ""), indent=2, ensure_ascii=False)
        except (ValueError, RecursionError):
            return text

    # -- what becomes of a message ------------------------------------------------------------------------------

    @api.model
    def _outcome_of_error(self, error, attempts):
        """What an error makes of a message.

        :param error: an exception; one of the five decides, any other is our own fault and retried
        :param int attempts: failed attempts so far
        :return: columns to write, see :meth:`_settle`
        """
        message = getattr(error, "message", None) or f"{type(error).__name__}: {error}"
        if isinstance(error, UnsupportedEventError):
            return {"state": "ignored", "reason": None, "error": None, "note": message}
        if isinstance(error, (RejectedError, ConfigurationError)):
            return {"state": "dead", "reason": error.reason, "error": message}
        if attempts >= len(RETRY_MINUTES):
            reason = error.reason if isinstance(error, RetryableError) else "internal_error"
            return {"state": "dead", "reason": reason, "error": message}
        wait = timedelta(minutes=RETRY_MINUTES[attempts])
        wait = max(wait, asked_wait(error) or wait)
        return {
            "state": "pending",
            "attempts": attempts + 1,
            "next_attempt_at": fields.Datetime.to_string(fields.Datetime.now() + wait),
            "reason": None,
            "error": message,
        }

    @api.model
    def _settle(self, outcomes):
        """Write what became of many messages in one statement per set of columns.

        A message that goes back to pending while a newer one for the same record waits becomes ignored instead
        (see :meth:`_settled_state_sql`).

        :param dict outcomes: message id -> {column: value}; see ``SETTLE_COLUMNS``
        """
        if not outcomes:
            return
        self.flush_model()
        by_columns = {}
        for message_id, values in outcomes.items():
            by_columns.setdefault(tuple(sorted(values)), []).append({"id": message_id, **values})
        for columns, rows in by_columns.items():
            typed = ", ".join(f"{column} {SETTLE_COLUMNS[column]}" for column in columns)
            assignments = [f"{column} = r.{column}" for column in columns if column != "state"]
            if "state" in columns:
                state = self._settled_state_sql()
                assignments.append(f"state = {state}")
                assignments.append(
                    f"done_at = CASE WHEN {state} IN ('done', 'ignored', 'dead') "
                    "THEN now() AT TIME ZONE 'UTC' END"
                )
            # Column names come from SETTLE_COLUMNS, values are one bound JSON parameter.
            self.env.cr.execute(
                f"UPDATE {self._table} m SET {', '.join(assignments)}, "
                f"write_date = now() AT TIME ZONE 'UTC' "
                f"FROM json_to_recordset(%s::json) AS r(id int4, {typed}) WHERE m.id = r.id",
                (dump_storable(rows),),
            )
        self.invalidate_model()

    @api.model
    def _settled_state_sql(self):
        """SQL for the state to write, of aliases ``m`` (row) and ``r`` (outcome)."""
        return "r.state"

    # -- what a person does -------------------------------------------------------------------------------------

    def action_requeue(self):
        """Try dead and ignored messages again, from their first attempt; say what became of the selected ones."""
        return self._tell_requeued(*self._requeue())

    def _requeue(self):
        """Put dead and ignored messages back, and do not let waiting ones wait any longer.

        :return: (messages that are tried again, those that give way to a newer one, those that are in other hands)
        """
        if not self.env.user.has_group("connector_hub.group_manager"):
            raise UserError(self.env._("Only a Connector Hub manager can requeue messages."))
        again = self.filtered(lambda message: message.state in ("dead", "ignored"))
        waiting = self.filtered(lambda message: message.state == "pending")
        taken = again | waiting
        taken.check_access("read")
        given_way = again._given_way()
        again -= given_way
        self.sudo()._settle({message.id: {"state": "ignored"} for message in given_way})
        self.sudo()._settle({message.id: dict(TRIED_ANEW) for message in again | waiting})
        again.sudo().write({"requeued": True})
        backends = (again | waiting).sudo().backend_id
        backends._refresh_attention()
        backends._wake_lanes()
        tried = taken.filtered(lambda message: message.state == "pending")
        return tried, taken - tried, self - taken

    def _tell_requeued(self, tried, given_way, untouched):
        """:return: the action that shows how many messages are tried again, and why others are not"""
        texts = []
        if count := len(tried):
            texts.append(
                self.env._("1 message is tried again.")
                if count == 1
                else self.env._("%(count)s messages are tried again.", count=count)
            )
        if count := len(given_way):
            texts.append(
                self.env._("1 was left: a newer one of the same record takes its place.")
                if count == 1
                else self.env._(
                    "%(count)s were left: newer ones of the same records take their place.",
                    count=count,
                )
            )
        if count := len(untouched):
            texts.append(
                self.env._("1 was left: it is done, or being sent now.")
                if count == 1
                else self.env._(
                    "%(count)s were left: they are done, or being sent now.", count=count
                )
            )
        texts += [
            self.env._(
                "%(backend)s is paused: this waits until you resume it.", backend=backend.name
            )
            for backend in tried.backend_id
            if backend.state == "paused"
        ]
        return self.env["connector.hub.backend"]._notify(
            " ".join(texts) or self.env._("There is nothing to requeue."),
            "success" if tried else "warning",
        )

    def _given_way(self):
        """Which of these messages, if all are to be sent, another of them makes superfluous."""
        return self.browse()

    def action_requeue_reason(self):
        """Requeue all dead messages that have the reason and backend of the selected ones."""
        alike = self.browse()
        for backend, messages in self.filtered("reason").grouped("backend_id").items():
            alike |= self.search(
                [
                    ("backend_id", "=", backend.id),
                    ("state", "=", "dead"),
                    ("reason", "in", list(set(messages.mapped("reason")))),
                ]
            )
        return alike.action_requeue()

    def action_open_record(self):
        """Open the Odoo record this message is about."""
        self.ensure_one()
        if not self.res_id or self.res_model not in self.env:
            raise UserError(self.env._("This message is not linked to a record yet."))
        record = self.env[self.res_model].browse(self.res_id).exists()
        if not record:
            raise UserError(self.env._("The record this message was about has been deleted."))
        return record.get_formview_action()

    @api.autovacuum
    def _gc_finished(self):
        """Delete finished messages that are older than their backend's retention_days, in batches.

        :return: (deleted, whether more are left), as Odoo's auto-vacuum expects
        """
        if self._abstract:
            return 0, 0
        limit = GC_UNLINK_LIMIT
        # Of each backend the oldest first: with nothing to do, one look at an index.
        self.env.cr.execute(
            f"DELETE FROM {self._table} WHERE id = ANY(ARRAY("
            "  SELECT old.id FROM connector_hub_backend b CROSS JOIN LATERAL ("
            f"    SELECT m.id FROM {self._table} m"
            "     WHERE m.backend_id = b.id AND m.state IN ('done', 'ignored')"
            "       AND m.done_at < now() AT TIME ZONE 'UTC' - make_interval(days => b.retention_days)"
            "     ORDER BY m.done_at LIMIT %(limit)s) old LIMIT %(limit)s))",
            {"limit": limit},
        )
        deleted = self.env.cr.rowcount
        self.invalidate_model()
        return deleted, int(deleted == limit)
