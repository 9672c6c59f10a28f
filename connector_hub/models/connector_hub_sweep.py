# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging

from odoo import api, models

from ..const import SWEEP_BATCH
from ..exceptions import RejectedError

_logger = logging.getLogger(__name__)


class ConnectorHubSweep(models.Model):
    """The nightly comparison: finds what tracking cannot see, such as a changed pricelist or tax."""

    _inherit = "connector.hub.backend"

    @api.model
    def _cron_sweep(self):
        """Compare every active backend's records with what was last sent; note those that differ."""
        for backend in self.search([("state", "=", "active")]):
            try:
                backend._align_cron()
                backend._sweep()
            except Exception:
                # One backend's trouble is no reason to leave out the others.
                self.env.cr.rollback()
                _logger.exception("The comparison of %s broke off", backend.display_name)
            self.env["ir.cron"]._commit_progress(1)

    def _sweep(self):
        """Note the records of one backend whose content is not what was last sent.

        :return: number of records noted
        """
        self.ensure_one()
        backend = self._work_env()[self._name].browse(self.id)
        noted = 0
        for entity, route in backend._get_adapter()._export_routes().items():
            model = backend.env[route.model]
            domain = backend._get_adapter()._export_domain(backend, entity)
            last_id = 0
            while records := model.search(
                [("id", ">", last_id), *domain], order="id", limit=SWEEP_BATCH
            ):
                last_id = records[-1].id
                noted += backend._sweep_batch(entity, route, records)
                backend.env.invalidate_all()
            noted += backend._sweep_gone(entity, route, domain)
        backend._wake_lanes()
        return noted

    def _sweep_batch(self, entity, route, records):
        export = self.env["connector.hub.export"]
        known = self.env["connector.hub.binding"]._of_records(self, entity, records)
        refused = self._get_adapter()._refused(self, entity, records)
        records = records.filtered(
            lambda record: (
                record.id not in refused
                and (record.id in known or self._is_identified(entity, record))
            )
        )
        payloads = export._build_states(self, route, entity, records)
        changed = [
            record_id
            for record_id, payload in payloads.items()
            if not isinstance(payload, Exception)
            and (record_id not in known or known[record_id].payload_hash != export._hash(payload))
        ]
        return self._note_records(entity, route, changed)

    def _is_identified(self, entity, record):
        """Whether the partner could be told of it at all; what has no SKU is listed elsewhere, not noted each night."""
        try:
            self._get_adapter()._external_id(self, entity, record)
        except RejectedError:
            return False
        return True

    def _sweep_gone(self, entity, route, domain):
        """Bound records that were deleted or left the domain without a trace."""
        bindings = self.env["connector.hub.binding"].search(
            [("backend_id", "=", self.id), ("entity", "=", entity), ("res_model", "=", route.model)]
        )
        gone = set(bindings.mapped("res_id")) - set(self.env[route.model].search(domain)._ids)
        return self._note_records(entity, route, sorted(gone)) if route.can_delete else 0

    def _note_records(self, entity, route, ids):
        if ids:
            model = "stock.quant" if entity == "stock" else route.model
            self.env["connector.hub.change"]._append([(self.id, model, ids)])
        return len(ids)
