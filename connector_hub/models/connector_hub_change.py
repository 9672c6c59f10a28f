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

    # A number, and no link: the database would look up, and lock, the backend in every save.
    backend_id = fields.Integer(required=True)
    model = fields.Char(required=True)
    res_ids = fields.Json(required=True)
    entity = fields.Char(
        help="Set: all records of this kind are noted whose ID is above the one in res_ids, not single ones."
    )

    _backend_idx = models.Index("(backend_id, id)")

    @api.model
    def _append(self, rows):
        """Note changes: one statement, no conflict, no wait.

        :param rows: iterable of (backend id, model name, record ids)
        """
        rows = [(backend_id, model, json.dumps(list(ids))) for backend_id, model, ids in rows]
        if rows:
            self.env.cr.execute(
                """
                INSERT INTO connector_hub_change (backend_id, model, res_ids)
                SELECT * FROM unnest(%s::int4[], %s::varchar[], %s::jsonb[])
                """,
                [list(column) for column in zip(*rows, strict=True)],
            )

    @api.model
    def _append_entities(self, rows):
        """Note all records of an entity, or those that are left of it.

        :param rows: iterable of (backend id, entity, id above which they are)
        """
        rows = [(*row[:2], json.dumps([row[2]])) for row in rows]
        self.env.cr.execute(
            """
            INSERT INTO connector_hub_change (backend_id, model, entity, res_ids)
            SELECT backend_id, '', entity, after FROM unnest(%s::int4[], %s::varchar[], %s::jsonb[])
                   AS noted (backend_id, entity, after)
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )

    @api.model
    def _take_entity(self, backend):
        """Delete the notes of all records of the entity that was noted first, and return what they say together.

        :return: (entity, id above which all records are meant), or (None, None)
        """
        self.env.cr.execute(
            """
            DELETE FROM connector_hub_change
             WHERE backend_id = %(backend)s AND entity = (
                SELECT entity FROM connector_hub_change
                 WHERE backend_id = %(backend)s AND entity IS NOT NULL ORDER BY id LIMIT 1)
            RETURNING entity, (res_ids->>0)::int4
            """,
            {"backend": backend.id},
        )
        return min(self.env.cr.fetchall(), default=(None, None))

    @api.model
    def _take(self, backend, limit):
        """Delete and return the notes of single records this transaction can see.

        Of these the oldest: a note with a lower id that is committed later is taken later. No join, because the
        database believes this table to be empty, as it mostly is, and would join it to itself row by row.

        :return: list of (model name, list of ids)
        """
        self.env.cr.execute(
            """
            DELETE FROM connector_hub_change
             WHERE backend_id = %(backend)s AND entity IS NULL AND id <= (
                SELECT max(id) FROM (SELECT id FROM connector_hub_change
                                      WHERE backend_id = %(backend)s AND entity IS NULL
                                      ORDER BY id LIMIT %(limit)s) AS oldest)
            RETURNING id, model, res_ids
            """,
            {"backend": backend.id, "limit": limit},
        )
        return [
            (model, ids)
            for _id, model, ids in sorted(self.env.cr.fetchall(), key=lambda row: row[0])
        ]

    @api.model
    def _waiting(self, backend):
        """Which single records are noted and not taken yet: {model name: set of ids}."""
        self.env.cr.execute(
            "SELECT model, res_ids FROM connector_hub_change WHERE backend_id = %s AND entity IS NULL",
            (backend.id,),
        )
        waiting = {}
        for model, ids in self.env.cr.fetchall():
            waiting.setdefault(model, set()).update(ids)
        return waiting

    @api.model
    def _waiting_entities(self, backend):
        """Of which entities all records, or the rest of them, are noted and not taken yet."""
        self.env.cr.execute(
            "SELECT DISTINCT entity FROM connector_hub_change WHERE backend_id = %s AND entity IS NOT NULL",
            (backend.id,),
        )
        return {entity for (entity,) in self.env.cr.fetchall()}

    @api.model
    def _drop(self, backends):
        """Delete the notes for backends that are being deleted."""
        self.env.cr.execute(
            "DELETE FROM connector_hub_change WHERE backend_id = ANY(%s)", (backends.ids,)
        )

    @api.autovacuum
    def _gc_orphans(self):
        """Delete what was noted for backends while they were being deleted."""
        self.env.cr.execute(
            """
            DELETE FROM connector_hub_change c
             WHERE NOT EXISTS (SELECT 1 FROM connector_hub_backend b WHERE b.id = c.backend_id)
            """
        )
