# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models

from ..pace import FIRST_SIZE, Pace

#: Requests whose content is read and recorded together, which is much faster than one after the other.
SENDS_PER_CLAIM = 5


class ConnectorHubPace(models.Model):
    """How many records of each kind go in one request: as many as the partner takes in a few seconds."""

    _inherit = "connector.hub.backend"

    batch_sizes = fields.Json(
        readonly=True,
        copy=False,
        help="Records per request, of the kinds of which it is known how many the partner takes at once.",
    )

    def _pace(self, entity, fact):
        adapter = self._get_adapter()
        route = adapter._fact_routes().get(fact) if fact else adapter._export_routes().get(entity)
        return Pace(route.batch_size if route else 1, (self.batch_sizes or {}).get(fact or entity))

    def _keep_pace(self, entity, fact, pace):
        """Remember it beyond this pass; written only when it has changed."""
        sizes = dict(self.batch_sizes or {})
        if pace.is_full and pace.most <= FIRST_SIZE:
            sizes.pop(fact or entity, None)
        elif pace.is_known:
            sizes[fact or entity] = pace.size
        if sizes != (self.batch_sizes or {}):
            self.batch_sizes = sizes or False

    def _claim_size(self, entity, fact):
        """How much is claimed at once: several requests' worth of what may be repeated, while the partner is well."""
        pace = self._pace(entity, fact)
        route = None if fact else self._get_adapter()._export_routes().get(entity)
        several = route and route.idempotent and pace.is_full and not self.cooldown_count
        return pace.size * SENDS_PER_CLAIM if several else pace.size
