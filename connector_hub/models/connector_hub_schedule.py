# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: Minutes between two passes of the lane. Realtime lanes are woken by changes; the minute is their safety net.
FREQUENCY_MINUTES = {"realtime": 1, "5": 5, "15": 15, "manual": 60}

#: What the lane itself writes. Writing anything else may change who is told of what, and empties the caches.
RUNTIME_FIELDS = frozenset(
    {
        "cooldown_until",
        "cooldown_count",
        "rests_at_least_until",
        "stumbled_on",
        "batch_sizes",
        "last_error",
        "needs_person",
        "attention",
        "run_requested",
        "activity_ids",
        "message_ids",
    }
)

#: Written by the hub alone. By these a lane would run another scheduled action, or a backend without its checks.
OWNED_FIELDS = frozenset(
    {
        "state",
        "cron_id",
        "webhook_uuid",
        "run_requested",
        "cooldown_until",
        "cooldown_count",
        "rests_at_least_until",
        "stumbled_on",
        "batch_sizes",
        "last_error",
        "needs_person",
        "paused_at",
        "attention",
    }
)


class ConnectorHubSchedule(models.Model):
    """A backend's life: its scheduled action comes and goes with it, and what the hub owns nobody else writes."""

    _inherit = "connector.hub.backend"

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self.browse()._refuse_owned({**vals, "state": vals.get("state") not in (None, "draft")})
        backends = super().create(vals_list)
        for backend in backends:
            backend.sudo().cron_id = backend._create_cron()
            if not backend.field_mapping_ids:
                backend._add_default_mappings()
        backends._clear_secret_cache()
        self.env.registry.clear_cache()
        return backends

    def write(self, vals):
        self._refuse_owned(vals)
        if "frequency" in vals:
            # What was asked for once is not to run again when the backend becomes manual another time.
            vals = {**vals, "run_requested": False}
        result = super().write(vals)
        if vals.keys() - RUNTIME_FIELDS:
            self.env.registry.clear_cache()
            self._note_settings(vals)
        if vals.keys() & {"frequency", "name"}:
            self._align_cron()
        return result

    def _refuse_owned(self, vals):
        """What the hub itself writes is not to be set by hand or by an import: buttons do it, after their checks.

        :raises AccessError: naming the fields; the value a record has already is let pass (a re-imported export), and
            with a new record an empty one
        """
        if self.env.su:
            return
        changed = []
        for name in OWNED_FIELDS & vals.keys():
            field = self._fields[name]
            wanted = vals[name] or False
            present = [
                field.convert_to_write(backend[name], backend) or False for backend in self.sudo()
            ]
            if any(value != wanted for value in present) or (wanted and not self):
                changed.append(field.string)
        if changed:
            raise AccessError(
                self.env._(
                    "%(fields)s cannot be written: use the buttons of the backend.",
                    fields=", ".join(sorted(changed)),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_at_work(self):
        crons = self.sudo().cron_id
        if crons.try_lock_for_update() != crons:
            raise UserError(
                self.env._(
                    "%(backends)s cannot be deleted while at work. Pause it, and try again in a minute.",
                    backends=", ".join(self.mapped("name")),
                )
            )

    def unlink(self):
        crons = self.sudo().cron_id
        self._drop_notes()
        self.env["connector.hub.change"]._drop(self)
        result = super().unlink()
        crons.unlink()
        self.env.registry.clear_cache()
        return result

    def _cron_name(self):
        return f"Connector Hub: {self.name}"

    def _create_cron(self):
        return (
            self.env["ir.cron"]
            .sudo()
            .create(
                {
                    "name": self._cron_name(),
                    "model_id": self.env["ir.model"]._get_id(self._name),
                    "state": "code",
                    "code": f"model.browse({self.id})._run_lane()",
                    "user_id": self.env.ref("base.user_root").id,
                    "interval_number": FREQUENCY_MINUTES[self.frequency],
                    "interval_type": "minutes",
                }
            )
        )

    def _align_cron(self):
        """Let the scheduled action follow the backend's name and frequency.

        Not while its lane runs: nobody's save is to wait for that, so the nightly comparison does it then. Until then
        the lane runs more often than it need, or is woken by changes as before.
        """
        for backend in self.sudo().filtered("cron_id"):
            cron, minutes = backend.cron_id, FREQUENCY_MINUTES[backend.frequency]
            aligned = cron.name == backend._cron_name() and cron.interval_number == minutes
            if aligned or not cron.try_lock_for_update(allow_referencing=True):
                continue
            cron.write(
                {
                    "name": backend._cron_name(),
                    "interval_number": minutes,
                    "nextcall": fields.Datetime.now() + timedelta(minutes=minutes),
                }
            )
