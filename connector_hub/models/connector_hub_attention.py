# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from markupsafe import Markup

from odoo import fields, models
from odoo.tools import SQL, format_datetime

#: Kinds of messages -> (model, action that shows those of one backend that need attention).
FAILED_MESSAGES: dict[str, tuple[str, str]] = {
    "event": ("connector.hub.event", "connector_hub.action_event_dead"),
    "delivery": ("connector.hub.delivery", "connector_hub.action_delivery_dead"),
}


class ConnectorHubAttention(models.Model):
    """The activity that calls the responsible user: one per backend, true after every pass, gone when all is well.

    The lane writes it, and persons by what they do. A webhook only wakes the lane, so that no two of them meet here.
    """

    _inherit = "connector.hub.backend"

    needs_person = fields.Boolean(
        "Cannot go on",
        readonly=True,
        copy=False,
        help="The hub paused this backend, or its work broke off: see the last error.",
    )
    paused_at = fields.Datetime("Paused since", readonly=True, copy=False)
    attention = fields.Json(
        readonly=True,
        copy=False,
        help="What the responsible user was last told of. An activity that was closed comes back only with news.",
    )

    def _refresh_attention(self):
        """Call the responsible user, keep what the open activity says true, or close it."""
        activity_type = self.env.ref("connector_hub.activity_attention", raise_if_not_found=False)
        if not activity_type:
            return
        for backend in self.sudo():
            open_activities = backend.activity_ids.filtered(
                lambda activity: activity.activity_type_id == activity_type
            )
            before, now = backend.attention or {}, backend._read_attention()
            if not now:
                open_activities.unlink()
            elif open_activities:
                if now != before:
                    open_activities[0].write(backend._attention_values(now))
                open_activities[1:].unlink()
            elif _is_news(before, now):
                backend.with_context(mail_activity_quick_update=True).activity_schedule(
                    activity_type_id=activity_type.id,
                    user_id=backend._responsible().id,
                    **backend._attention_values(now),
                )
            if now != before:
                backend.attention = now or False

    def _read_attention(self):
        """What a person has to look at now; empty if nothing.

        Only the dead messages are counted, by their index: this runs after each pass.

        :return: dict, as JSON can hold it: event and delivery ({reason: count}), stopped ({kind of record: error}),
            halted (error that only a person can mend; missing if there is none), state; of a paused backend since, of
            a resting one resting (until when) and resting_because
        """
        self.ensure_one()
        found = {
            kind: self._count_dead(self.env[model])
            for kind, (model, _action) in FAILED_MESSAGES.items()
        }
        found["stopped"] = {
            cursor.entity: cursor.error
            for cursor in self.env["connector.hub.cursor"].search(
                [("backend_id", "=", self.id), ("state", "=", "stopped"), ("error", "!=", False)]
            )
        }
        if self.needs_person:
            found["halted"] = self.last_error or ""
        if any(found.values()) or self.needs_person:
            found["state"] = self.state
            if self.state == "paused":
                found["since"] = fields.Datetime.to_string(self.paused_at)
            elif self.is_resting:
                found["resting"] = fields.Datetime.to_string(self.cooldown_until)
                found["resting_because"] = self.last_error or ""
            return found
        return {}

    def _count_dead(self, model):
        """{reason: number of dead messages}, the most frequent first."""
        model.flush_model(["backend_id", "state", "reason"])
        rows = self.env.execute_query(
            SQL(
                """SELECT COALESCE(reason, ''), count(*) FROM %s
                    WHERE backend_id = %s AND state = 'dead' GROUP BY 1 ORDER BY 2 DESC, 1""",
                SQL.identifier(model._table),
                self.id,
            )
        )
        return dict(rows)

    # -- in words -----------------------------------------------------------------------------------------------

    def _attention_values(self, attention):
        """Summary and note of the activity, in the language of the responsible user.

        Whatever comes from outside is put into :class:`Markup`, and thereby escaped.

        :param dict attention: see :meth:`_read_attention`
        """
        user = self._responsible()
        backend = self.with_context(lang=self._known_lang(user.lang) or "en_US", tz=user.tz)
        heads, paragraphs = [], []
        if state := backend._describe_state(attention):
            # Rest ends by itself: it is said, but calls nobody.
            if attention["state"] == "paused" or "halted" in attention:
                heads.append(state[0])
            paragraphs.append(Markup("<p><b>%s</b><br/>%s</p>") % state)
        cursors = backend.env["connector.hub.cursor"]
        kinds = dict(cursors._fields["entity"]._description_selection(backend.env))
        for entity, error in attention["stopped"].items():
            head = backend.env._("%(kind)s: fetching has stopped", kind=kinds.get(entity, entity))
            heads.append(head)
            paragraphs.append(Markup("<p><b>%s</b><br/>%s</p>") % (head, error))
        total = sum(sum(attention[kind].values()) for kind in FAILED_MESSAGES)
        if total:
            heads.append(
                backend.env._("1 message needs attention")
                if total == 1
                else backend.env._(
                    "%(count)s messages need attention", count=backend._readable_count(total)
                )
            )
        paragraphs += [
            backend._describe_dead(kind, attention[kind])
            for kind in FAILED_MESSAGES
            if attention[kind]
        ]
        return {"summary": "; ".join(heads), "note": Markup("").join(paragraphs)}

    def _describe_state(self, attention):
        """(headline, text) if the backend does not work as usual; else None."""
        error = attention.get("halted")
        if attention["state"] == "paused":
            head = self.env._("%(backend)s is paused", backend=self.name)
            since = self._readable_time(attention["since"])
            if not error:
                return head, self.env._("Since %(time)s. Choose Resume to go on.", time=since)
            return head, self.env._(
                "Since %(time)s. Solve the problem, then choose Resume: %(error)s",
                time=since,
                error=error,
            )
        if error is not None:
            return self.env._("%(backend)s cannot go on", backend=self.name), error
        if "resting" in attention:
            until = self._readable_time(attention["resting"])
            return (
                self.env._("%(backend)s is resting until %(time)s", backend=self.name, time=until),
                attention["resting_because"],
            )
        return None

    def _describe_dead(self, kind, counts):
        """A paragraph of HTML: how many messages of one kind, with a link to them, and why."""
        model, action = FAILED_MESSAGES[kind]
        total = sum(counts.values())
        count = self._readable_count(total)
        text = {
            ("event", True): self.env._("1 event needs attention"),
            ("event", False): self.env._("%(count)s events need attention", count=count),
            ("delivery", True): self.env._("1 delivery needs attention"),
            ("delivery", False): self.env._("%(count)s deliveries need attention", count=count),
        }[kind, total == 1]
        labels = dict(self.env[model]._fields["reason"]._description_selection(self.env))
        reasons = Markup("").join(
            Markup("<li>%s: %s</li>")
            % (labels.get(reason, reason or "?"), self._readable_count(number))
            for reason, number in counts.items()
        )
        return Markup('<p><a href="/odoo/connector-hub/%s/action-%s">%s</a></p><ul>%s</ul>') % (
            self.id,
            action,
            text,
            reasons,
        )

    def _readable_count(self, number):
        return self.env["res.lang"]._lang_get(self.env.lang).format("%d", number, grouping=True)

    def _readable_time(self, text):
        return format_datetime(self.env, fields.Datetime.to_datetime(text), dt_format="short")

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


def _is_news(before, now):
    """Whether there is more to tell than a person has been told already, and has closed."""
    halted = now.get("halted")
    return (
        (halted is not None and halted != before.get("halted"))
        or now["stopped"].keys() - before.get("stopped", {}).keys()
        or any(
            count > before.get(kind, {}).get(reason, 0)
            for kind in FAILED_MESSAGES
            for reason, count in now[kind].items()
        )
    )
