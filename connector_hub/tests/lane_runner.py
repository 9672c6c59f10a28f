# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Running a backend's lane inside a test's transaction, and looking at what it did."""

from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields


class LaneRunner:
    """Mixed into a :class:`~.common.HubCase`, whose ``self.backend`` is meant unless another is given."""

    # -- what a transaction and a scheduled action do ---------------------------------------------

    def commit(self):
        """What a commit does before it: flush, and the precommit hooks."""
        self.env.cr.flush()

    def run_lane(self, backend=None):
        """One pass of the lane, as its scheduled action runs it."""
        self.commit()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["connector.hub.backend"].browse((backend or self.backend).id)._run_lane()
        self.env.invalidate_all()

    def let_time_pass(self, backend=None):
        """The waiting times of messages and of the backend are over."""
        backend = backend or self.backend
        self.env.flush_all()
        for table in ("connector_hub_event", "connector_hub_delivery"):
            self.env.cr.execute(
                f"UPDATE {table} SET next_attempt_at = now() AT TIME ZONE 'UTC' - interval '1 minute' "
                "WHERE backend_id = %s AND next_attempt_at IS NOT NULL",
                (backend.id,),
            )
        self.env.invalidate_all()
        if backend.cooldown_until:
            backend.cooldown_until = fields.Datetime.now() - timedelta(minutes=1)

    # -- looking ----------------------------------------------------------------------------------

    def changes(self, backend=None):
        """Notes in the database: [(model, ids)], oldest first."""
        self.env.cr.execute(
            "SELECT model, res_ids FROM connector_hub_change "
            "WHERE backend_id = %s AND entity IS NULL ORDER BY id",
            ((backend or self.backend).id,),
        )
        return self.env.cr.fetchall()

    def noted(self, model, backend=None):
        """Ids of a model that have been noted since the start of the test."""
        self.commit()
        return sorted({id_ for name, ids in self.changes(backend) if name == model for id_ in ids})

    def deliveries(self, *domain, backend=None):
        return self.env["connector.hub.delivery"].search(
            [("backend_id", "=", (backend or self.backend).id), *domain], order="id"
        )

    def facts(self, backend=None):
        return self.deliveries(("is_fact", "=", True), backend=backend)

    def record_waking(self):
        """Keep the scheduled actions that are to be woken: no transaction of a test is ever committed."""
        self.woken = woken = []
        model = self.registry["connector.hub.backend"]
        wake = model._wake_after_commit

        def record(backends, cron_ids):
            woken.extend(cron_ids)
            return wake(backends, cron_ids)

        self.startPatcher(patch.object(model, "_wake_after_commit", record))

    def is_woken(self, backend=None):
        """Whether a lane is to be woken after the commit."""
        return (backend or self.backend).cron_id.id in self.woken

    # -- making -----------------------------------------------------------------------------------

    def deliver(self, record=None, entity="product", **values):
        """A delivery, as the lane's fold or a fact makes it."""
        record = self.products[0] if record is None else record
        return self.env["connector.hub.delivery"].create(
            {
                "backend_id": self.backend.id,
                "entity": entity,
                "res_model": record._name,
                "res_id": record.id,
                **values,
            }
        )

    def deliver_fact(self, record, fact="order.confirmed", **values):
        return self.env["connector.hub.delivery"]._enqueue_fact(
            self.backend, "order", fact, record, record
        )

    def sale_order(self, **values):
        """A quotation of one A-1 that came from nowhere."""
        partner = self.env["res.partner"].create({"name": "Customer"})
        line = {"product_id": self.products[0].id, "product_uom_qty": 1, "price_unit": 5}
        return self.env["sale.order"].create(
            {
                "partner_id": partner.id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "order_line": [fields.Command.create(line)],
                **values,
            }
        )

    def bind(self, record, external_id, entity="product", **values):
        backend = self.backend
        self.env["connector.hub.binding"]._record_synced(
            backend,
            entity,
            [
                {
                    "res_model": record._name,
                    "res_id": record.id,
                    "external_id": external_id,
                    **values,
                }
            ],
        )
        return self.env["connector.hub.binding"]._of_records(backend, entity, record)[record.id]
