# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from .connector_hub_attention import FAILED_MESSAGES

#: Conditions for messages, each that of an index. An event is never ``sending``.
WAITING: dict[str, tuple[str, ...]] = {
    "event": ("state = 'pending'",),
    "delivery": (
        "state = 'pending' AND is_fact",
        "state = 'pending' AND is_fact IS NOT TRUE",
        "state = 'sending'",
    ),
}
DEAD: dict[str, tuple[str, ...]] = dict.fromkeys(WAITING, ("state = 'dead'",))
FINISHED: dict[str, tuple[str, ...]] = dict.fromkeys(WAITING, ("state IN ('done', 'ignored')",))


class ConnectorHubOverview(models.Model):
    """Figures of the dashboard, computed when looked at."""

    _inherit = "connector.hub.backend"

    event_count = fields.Integer(compute="_compute_totals")
    event_waiting_count = fields.Integer("Events waiting", compute="_compute_message_counts")
    event_dead_count = fields.Integer(
        "Events that need attention", compute="_compute_message_counts"
    )
    delivery_count = fields.Integer(compute="_compute_totals")
    delivery_waiting_count = fields.Integer("Deliveries waiting", compute="_compute_message_counts")
    delivery_dead_count = fields.Integer(
        "Deliveries that need attention", compute="_compute_message_counts"
    )
    waiting_count = fields.Integer("Waiting", compute="_compute_message_counts")
    dead_count = fields.Integer(
        "Needs attention", compute="_compute_message_counts", search="_search_dead_count"
    )
    binding_count = fields.Integer(compute="_compute_binding_count")
    last_success_at = fields.Datetime("Last success", compute="_compute_last_success_at")
    fetching_stopped = fields.Text(compute="_compute_fetching_stopped")
    is_resting = fields.Boolean(compute="_compute_is_resting")
    shown_state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("resting", "Resting"), ("paused", "Paused")],
        string="Now",
        compute="_compute_is_resting",
        help="Resting: the partner did not answer or asked to wait; the work goes on by itself.",
    )

    def _compute_message_counts(self):
        """Of what waits or needs attention: the work does not grow with what is finished."""
        dead = self._count_messages(DEAD)
        waiting = self._count_messages(WAITING)
        for backend in self:
            for kind in WAITING:
                backend[f"{kind}_waiting_count"] = waiting[kind, backend.id]
                backend[f"{kind}_dead_count"] = dead[kind, backend.id]
            backend.waiting_count = backend.event_waiting_count + backend.delivery_waiting_count
            backend.dead_count = backend.event_dead_count + backend.delivery_dead_count

    @api.depends("waiting_count", "dead_count")
    def _compute_totals(self):
        finished = self._count_messages(FINISHED)
        for backend in self:
            for kind in WAITING:
                left = backend[f"{kind}_waiting_count"] + backend[f"{kind}_dead_count"]
                backend[f"{kind}_count"] = left + finished[kind, backend.id]

    def _count_messages(self, conditions):
        """Count the messages of these backends that fulfil one of the conditions.

        :param conditions: kind of message -> SQL, each as an index of its table has it
        :return: {(kind, backend id): number}
        """
        queries = []
        for kind, texts in conditions.items():
            model = self.env[FAILED_MESSAGES[kind][0]]
            model.flush_model()
            queries += [
                SQL(
                    "SELECT %s, backend_id, count(*) FROM %s WHERE backend_id = ANY(%s) AND %s GROUP BY backend_id",
                    kind,
                    SQL.identifier(model._table),
                    self.ids,
                    SQL(text),
                )
                for text in texts
            ]
        counts = Counter()
        for kind, backend_id, count in self.env.execute_query(SQL(" UNION ALL ").join(queries)):
            counts[kind, backend_id] += count
        return counts

    @api.model
    def _search_dead_count(self, operator, value):
        if (operator, value) not in ((">", 0), ("!=", 0), ("=", 0)):
            return NotImplemented
        dead = [("state", "=", "dead")]
        ids = {
            backend.id
            for model in ("connector.hub.event", "connector.hub.delivery")
            for (backend,) in self.env[model]._read_group(dead, ["backend_id"])
        }
        return [("id", "not in" if operator == "=" else "in", list(ids))]

    def _compute_fetching_stopped(self):
        """Which kinds of records are not fetched any more, and why; what a person stopped is left out."""
        kinds = dict(
            self.env["connector.hub.cursor"]._fields["entity"]._description_selection(self.env)
        )
        for backend in self:
            backend.fetching_stopped = "\n".join(
                f"{kinds.get(cursor.entity, cursor.entity)}: {cursor.error}"
                for cursor in backend.cursor_ids
                if cursor.state == "stopped" and cursor.error
            )

    def _compute_binding_count(self):
        groups = self.env["connector.hub.binding"]._read_group(
            [("backend_id", "in", self.ids)], ["backend_id"], ["__count"]
        )
        counts = {backend.id: count for backend, count in groups}
        for backend in self:
            backend.binding_count = counts.get(backend.id, 0)

    def _compute_last_success_at(self):
        """The last event processed or delivery sent: looked up in an index, however many there are."""
        tables = []
        for model in (self.env["connector.hub.event"], self.env["connector.hub.delivery"]):
            model.flush_model(["backend_id", "state", "done_at"])
            tables.append(SQL.identifier(model._table))
        last = SQL(", ").join(
            SQL(
                """(SELECT m.done_at FROM %s m
                     WHERE m.backend_id = b.id AND m.state = 'done' AND m.done_at IS NOT NULL
                     ORDER BY m.done_at DESC LIMIT 1)""",
                table,
            )
            for table in tables
        )
        found = self.env.execute_query(
            SQL(
                "SELECT b.id, GREATEST(%s) FROM connector_hub_backend b WHERE b.id = ANY(%s)",
                last,
                self.ids,
            )
        )
        last_by_id = dict(found)
        for backend in self:
            backend.last_success_at = last_by_id.get(backend.id)

    @api.depends("cooldown_until", "state")
    def _compute_is_resting(self):
        now = fields.Datetime.now()
        for backend in self:
            backend.is_resting = bool(backend.cooldown_until and backend.cooldown_until > now)
            rests = backend.is_resting and backend.state == "active"
            backend.shown_state = "resting" if rests else backend.state

    # -- buttons ------------------------------------------------------------------------------------------------

    def _open_messages(self, xmlid, *filters):
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        # Shown as facets, which a person can take away.
        action["context"] = {
            "search_default_backend_id": self.id,
            **{f"search_default_{name}": 1 for name in filters},
        }
        return action

    def action_view_events(self):
        return self._open_messages("connector_hub.action_event")

    def action_view_deliveries(self):
        return self._open_messages("connector_hub.action_delivery")

    def action_view_bindings(self):
        return self._open_messages("connector_hub.action_binding")

    def action_view_dead(self):
        """Open what needs attention: deliveries, or events if only those do."""
        self.ensure_one()
        if self.event_dead_count or not self.delivery_dead_count:
            return self._open_messages("connector_hub.action_event", "dead")
        return self._open_messages("connector_hub.action_delivery", "dead")

    def action_view_dead_deliveries(self):
        return self._open_messages("connector_hub.action_delivery", "dead")

    def action_view_waiting(self):
        if self.event_waiting_count and not self.delivery_waiting_count:
            return self._open_messages("connector_hub.action_event", "waiting")
        return self._open_messages("connector_hub.action_delivery", "waiting")
