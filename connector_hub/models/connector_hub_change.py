# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo import api, fields, models


class ConnectorHubChange(models.Model):
    """Notes of changed records, not yet folded into deliveries.

    Append-only and without a unique key, so that noting never conflicts with, or waits for, another save. One row
    names the ids one transaction changed, for one backend, so that each lane deletes only rows of its own.
    """

    _name = "connector.hub.change"
    _description = "Connector Hub Change"
    _log_access = False

    backend_id = fields.Many2one(
        "connector.hub.backend", required=True, index=True, ondelete="cascade"
    )
    model = fields.Char(required=True)
    res_ids = fields.Json(required=True)

    @api.model
    def _append(self, rows):
        """Note changes: one statement, no conflict, no wait.

        :param rows: iterable of (backend id, model name, record ids)
        """
        self.env.cr.execute_values(
            "INSERT INTO connector_hub_change (backend_id, model, res_ids) VALUES %s",
            [(backend_id, model, json.dumps(list(ids))) for backend_id, model, ids in rows],
        )

    @api.model
    def _take(self, backend, limit):
        """Delete and return the notes this transaction can see.

        Never by high-water mark: a note with a lower id may be committed later.

        :return: list of (model name, list of ids)
        """
        self.env.cr.execute(
            """
            DELETE FROM connector_hub_change WHERE id IN (
                SELECT id FROM connector_hub_change WHERE backend_id = %s ORDER BY id LIMIT %s)
            RETURNING id, model, res_ids
            """,
            (backend.id, limit),
        )
        return [
            (model, ids)
            for _id, model, ids in sorted(self.env.cr.fetchall(), key=lambda row: row[0])
        ]
