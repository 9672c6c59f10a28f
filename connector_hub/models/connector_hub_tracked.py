# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class ConnectorHubTracked(models.AbstractModel):
    """Notes which records of a model changed in a field that some backend sends.

    All it adds to a user's save is a set intersection, and one INSERT at the end of the transaction.
    """

    _name = "connector.hub.tracked"
    _description = "Connector Hub Tracked Model"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        tracked = self.env["connector.hub.backend"]._tracked_fields().get(self._name)
        if tracked:
            records._hub_note(frozenset().union(*tracked.values()), frozenset(tracked))
        return records

    def write(self, vals):
        result = super().write(vals)
        tracked = self.env["connector.hub.backend"]._tracked_fields().get(self._name)
        if tracked:
            touched = tracked.keys() & vals.keys()
            if touched:
                self._hub_note(frozenset().union(*(tracked[name] for name in touched)), touched)
        return result

    def unlink(self):
        self._hub_note_unlink()
        return super().unlink()

    def _hub_note_unlink(self):
        """Note records that are about to be deleted."""
        tracked = self.env["connector.hub.backend"]._tracked_fields().get(self._name)
        if tracked:
            self._hub_note(frozenset().union(*tracked.values()), frozenset(tracked))

    def _hub_changed_ids(self):
        """Which ids to note. Stock quants note their products."""
        return self._ids

    def _hub_note(self, backend_ids, touched):
        """Remember the changed records until the transaction's precommit hooks run.

        :param backend_ids: backends that send one of the fields
        :param touched: names of the written fields that are sent
        """
        if not self._ids:
            return
        backend_ids = backend_ids - self._hub_echo_backends(touched)
        data = self.env.cr.precommit.data
        notes = data.get("connector_hub_notes")
        if notes is None:
            notes = data["connector_hub_notes"] = {}
            self.env.cr.precommit.add(self.env["connector.hub.backend"]._flush_notes)
        changed = self._hub_changed_ids()
        for backend_id in backend_ids:
            notes.setdefault((backend_id, self._name), set()).update(changed)

    def _hub_echo_backends(self, touched):
        """Backends that wrote exactly these fields themselves, and need not hear of them again.

        Either their event did (context keys set by ``_work_env`` and the event's handler), or their API user.
        """
        context = self.env.context
        origin = context.get("connector_hub_origin")
        if origin and touched <= set(context.get("connector_hub_origin_fields", ())):
            return {origin}
        return self.env["connector.hub.backend"]._api_users().get(self.env.uid, frozenset())
