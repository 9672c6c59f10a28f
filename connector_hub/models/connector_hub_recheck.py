# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from ..const import SWEEP_BATCH


class ConnectorHubRecheck(models.Model):
    """A setting was changed: what is sent by it is compared at once, as the nightly comparison does.

    The save leaves one note per kind of record, however many records there are; the lane takes them batch by batch, and
    sends only what differs from what was last sent.
    """

    _inherit = "connector.hub.backend"

    def _note_settings(self, names):
        """Note what a change of settings concerns; of drafts nothing, which send nothing.

        :param names: names of the settings that were written; see the adapter's ``_sent_settings``
        """
        for backend in self:
            if backend._is_noting():
                settings = backend._get_adapter()._sent_settings(backend)
                backend._note_entities(
                    entity for name in settings.keys() & set(names) for entity in settings[name]
                )

    def _note_entities(self, entities):
        """Note all records of some entities once, at the end of the transaction."""
        noted = {
            (backend.id, entity)
            for entity in set(entities)
            for backend in self
            if backend._is_noting()
        }
        if not noted:
            return
        data = self.env.cr.precommit.data
        if "connector_hub_entities" not in data:
            data["connector_hub_entities"] = set()
            self.env.cr.precommit.add(self.env["connector.hub.backend"]._flush_entities)
        data["connector_hub_entities"] |= noted

    def _is_noting(self):
        return self.sudo().state != "draft" and self._adapter_model() in self.env

    def _flush_entities(self):
        """Precommit hook: the notes are written, and the lanes woken once they are committed."""
        noted = self.env.cr.precommit.data.pop("connector_hub_entities", None)
        if noted:
            self.env["connector.hub.change"]._append_entities(
                (backend_id, entity, 0) for backend_id, entity in sorted(noted)
            )
            self.browse({backend_id for backend_id, _entity in noted})._wake_lanes()

    # -- in the lane --------------------------------------------------------------------------------------------

    def _lane_recheck(self, _session):
        """Compare the next batch of an entity that a setting concerns.

        :return: whether there was one
        """
        return self._retrying(self._recheck_next)

    def _recheck_next(self):
        changes = self.env["connector.hub.change"]
        entity, after = changes._take_entity(self)
        if not entity:
            return 0
        adapter = self._get_adapter()
        route = adapter._export_routes().get(entity)
        if route:
            records = self.env[route.model].search(
                [("id", ">", after), *adapter._export_domain(self, entity)],
                order="id",
                limit=SWEEP_BATCH,
            )
            self._sweep_batch(entity, route, records)
            if len(records) == SWEEP_BATCH:
                changes._append_entities([(self.id, entity, records[-1].id)])
        return 1
