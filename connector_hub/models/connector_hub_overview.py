# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL


class ConnectorHubOverview(models.Model):
    """Figures of the dashboard, computed when looked at, and the activity for what needs a person."""

    _inherit = "connector.hub.backend"

    event_count = fields.Integer(compute="_compute_message_counts")
    event_waiting_count = fields.Integer("Events waiting", compute="_compute_message_counts")
    event_dead_count = fields.Integer(
        "Events that need attention", compute="_compute_message_counts"
    )
    delivery_count = fields.Integer(compute="_compute_message_counts")
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
    is_resting = fields.Boolean(compute="_compute_is_resting")

    def _compute_message_counts(self):
        figures = {}
        for kind, model in (
            ("event", "connector.hub.event"),
            ("delivery", "connector.hub.delivery"),
        ):
            groups = self.env[model]._read_group(
                [("backend_id", "in", self.ids)], ["backend_id", "state"], ["__count"]
            )
            for backend, state, count in groups:
                figures[kind, backend.id, state] = count
        for backend in self:
            for kind in ("event", "delivery"):

                def count(*states, kind=kind, backend=backend):
                    return sum(figures.get((kind, backend.id, state), 0) for state in states)

                backend[f"{kind}_count"] = count("pending", "sending", "done", "ignored", "dead")
                backend[f"{kind}_waiting_count"] = count("pending", "sending")
                backend[f"{kind}_dead_count"] = count("dead")
            backend.waiting_count = backend.event_waiting_count + backend.delivery_waiting_count
            backend.dead_count = backend.event_dead_count + backend.delivery_dead_count

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

    @api.depends("cooldown_until")
    def _compute_is_resting(self):
        now = fields.Datetime.now()
        for backend in self:
            backend.is_resting = bool(backend.cooldown_until and backend.cooldown_until > now)

    # -- the activity for the responsible user ------------------------------------------------------------------

    def _refresh_attention(self):
        """One open activity per backend while messages need attention; none when they do not."""
        activity_type = self.env.ref("connector_hub.activity_attention", raise_if_not_found=False)
        for backend in self.sudo():
            open_activities = backend.activity_ids.filtered(
                lambda activity: activity.activity_type_id == activity_type
            )
            # Only the dead ones are counted here: this runs after each pass, and after failed webhooks.
            reasons = backend._dead_reasons()
            if not reasons:
                if backend.state == "active" and not backend.last_error:
                    open_activities.unlink()
            elif not open_activities:
                count = sum(count for _label, count in reasons)
                backend._schedule_attention(
                    self.env._("%(count)s messages need attention", count=count),
                    "; ".join(f"{label}: {count}" for label, count in reasons),
                )
            else:
                # A webhook and the lane may have called at the same moment.
                open_activities[1:].unlink()

    def _dead_reasons(self):
        """(readable reason, count) of the dead messages, the most frequent first."""
        counts = {}
        for model in ("connector.hub.event", "connector.hub.delivery"):
            labels = dict(self.env[model]._fields["reason"]._description_selection(self.env))
            groups = self.env[model]._read_group(
                [("backend_id", "=", self.id), ("state", "=", "dead")], ["reason"], ["__count"]
            )
            for reason, count in groups:
                label = labels.get(reason, reason or "?")
                counts[label] = counts.get(label, 0) + count
        return sorted(counts.items(), key=lambda row: -row[1])

    def _schedule_attention(self, summary, note):
        """Give the responsible user an activity, unless one is open."""
        self.ensure_one()
        backend = self.sudo()
        activity_type = self.env.ref("connector_hub.activity_attention")
        if any(activity.activity_type_id == activity_type for activity in backend.activity_ids):
            return
        backend.with_context(mail_activity_quick_update=True).activity_schedule(
            activity_type_id=activity_type.id,
            summary=summary,
            note=note,
            user_id=backend._responsible().id,
        )

    def _responsible(self):
        """Who is called: the responsible user, or a manager of the company if that one cannot see the backend."""
        manager_group = self.env.ref("connector_hub.group_manager")
        user = self.user_id
        if user.active and user.has_group("connector_hub.group_user"):
            return user
        managers = manager_group.all_user_ids.filtered(
            lambda manager: manager.active and self.company_id in manager.company_ids
        )
        return managers[:1] or self.env.ref("base.user_admin")

    # -- buttons ------------------------------------------------------------------------------------------------

    def _open_messages(self, xmlid, **search_default):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [("backend_id", "=", self.id)]
        action["context"] = {
            f"search_default_{name}": 1 for name, on in search_default.items() if on
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
            return self._open_messages("connector_hub.action_event", dead=True)
        return self._open_messages("connector_hub.action_delivery", dead=True)

    def action_view_dead_deliveries(self):
        return self._open_messages("connector_hub.action_delivery", dead=True)

    def action_view_waiting(self):
        if self.event_waiting_count and not self.delivery_waiting_count:
            return self._open_messages("connector_hub.action_event", waiting=True)
        return self._open_messages("connector_hub.action_delivery", waiting=True)
