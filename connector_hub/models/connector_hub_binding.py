# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..const import ENTITIES
from ..exact_json import dump_storable


class ConnectorHubBinding(models.Model):
    """Odoo record <-> external id, with what was last sent or received."""

    _name = "connector.hub.binding"
    _description = "Connector Hub Binding"
    _order = "id desc"
    _rec_name = "external_id"

    backend_id = fields.Many2one("connector.hub.backend", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="backend_id.company_id")
    entity = fields.Selection(
        selection=lambda self: [(entity, self.env._(label)) for entity, label in ENTITIES.items()],
        string="Kind",
        required=True,
    )
    res_model = fields.Char("Record model", required=True)
    res_id = fields.Many2oneReference("Record ID", model_field="res_model", required=True)
    record_name = fields.Char("Record", compute="_compute_record_name")
    external_id = fields.Char("External ID", required=True)
    reference = fields.Char(
        help="What the partner knows the record by, such as the SKU. Kept when the record is deleted, so that the "
        "partner can still be told."
    )
    payload_hash = fields.Char(
        "Content fingerprint",
        readonly=True,
        help="Fingerprint of the last content sent. Equal content is not sent again.",
    )
    synced_at = fields.Datetime("Last synchronized", readonly=True)
    synced_values = fields.Json(
        "Last synchronized values",
        readonly=True,
        help="Last synchronized value per mapped field; decides which side has changed.",
    )

    is_imported = fields.Boolean(
        "Created by the import",
        readonly=True,
        help="The contact was created for this customer, so that the partner may change it. A contact that was there "
        "before, and was found by its e-mail address or linked by hand, only gets what it lacks.",
    )
    is_shared = fields.Boolean(
        readonly=True,
        help="Another customer was found by the contact's e-mail address, so that no partner moves it elsewhere.",
    )
    is_account = fields.Boolean(
        readonly=True,
        help="The partner has told of the customer, and not only of an order: the link stays with this external ID.",
    )

    _external_uniq = models.Constraint(
        "UNIQUE (backend_id, entity, external_id)",
        "This external ID is already linked to another record.",
    )
    _record_uniq = models.UniqueIndex(
        "(backend_id, entity, res_model, res_id)",
        "This record is already linked to another external ID.",
    )

    def init(self):
        super().init()
        # Every synchronization rewrites the row: with room beside it that leaves the indexes alone, in half the time.
        self.env.cr.execute(f"ALTER TABLE {self._table} SET (fillfactor = 50)")

    @api.constrains("backend_id", "entity", "res_model", "res_id")
    def _check_record(self):
        """A binding by hand links only what its backend exchanges, of its own company, and what the person may see:
        it shows the record's name, and what the partner says of it is applied."""
        for binding in self:
            adapter = binding.backend_id._get_adapter()
            if binding.res_model not in adapter._bound_models(binding.entity):
                raise ValidationError(
                    self.env._(
                        "%(backend)s does not exchange records of the model %(model)s.",
                        backend=binding.backend_id.name,
                        model=binding.res_model,
                    )
                )
            # Odoo checks constraints as superuser.
            record = self.env[binding.res_model].with_user(self.env.uid).browse(binding.res_id)
            record.exists().check_access("read")
            record = record.sudo().exists()
            company = record._fields.get("company_id") and record.company_id
            if company and company != binding.backend_id.company_id:
                raise ValidationError(
                    self.env._(
                        "%(record)s belongs to another company than %(backend)s.",
                        record=record.display_name,
                        backend=binding.backend_id.name,
                    )
                )

    @api.depends("res_model", "res_id")
    def _compute_record_name(self):
        for model, bindings in self.grouped("res_model").items():
            records = (
                self.env[model].sudo().browse(bindings.mapped("res_id")).exists()
                if model in self.env
                else []
            )
            names = {record.id: record.display_name for record in records}
            for binding in bindings:
                binding.record_name = names.get(binding.res_id) or self.env._("(deleted)")

    @api.onchange("backend_id", "entity")
    def _onchange_entity(self):
        """Whoever links by hand chooses the kind of record; its model follows."""
        if self.backend_id and self.entity:
            model = self.backend_id._get_adapter()._entity_model(self.entity)._name
            if model != self.res_model:
                self.res_model = model
                self.res_id = False

    @api.model
    def _find(self, backend, entity, external_ids):
        """Odoo ids by external id, in one query.

        :return: {external_id: res_id} of the ids that are bound
        """
        if not external_ids:
            return {}
        bindings = self.sudo().search_fetch(
            [
                ("backend_id", "=", backend.id),
                ("entity", "=", entity),
                ("external_id", "in", [str(external_id) for external_id in external_ids]),
            ],
            ["external_id", "res_id"],
        )
        return {binding.external_id: binding.res_id for binding in bindings}

    @api.model
    def _of_records(self, backend, entity, records):
        """Bindings by record id, in one query."""
        bindings = self.sudo().search_fetch(
            [
                ("backend_id", "=", backend.id),
                ("entity", "=", entity),
                ("res_model", "=", records._name),
                ("res_id", "in", records.ids),
            ],
            [
                "external_id",
                "payload_hash",
                "reference",
                "res_id",
                "is_imported",
                "is_account",
                "is_shared",
            ],
        )
        return {binding.res_id: binding for binding in bindings}

    @api.model
    def _link(self, backend, entity, record, external_id, reference=None):
        """Bind one record; an existing binding of the record gets the new external id."""
        self._link_many(backend, entity, [(record, external_id, reference)])

    @api.model
    def _link_many(self, backend, entity, links):
        """Bind many records of one entity in one statement.

        :param links: list of (record, external_id, reference or None); all records of one model
        """
        self._record_synced(
            backend,
            entity,
            [
                {
                    "res_model": record._name,
                    "res_id": record.id,
                    "external_id": str(external_id),
                    "reference": reference,
                }
                for record, external_id, reference in links
            ],
        )

    @api.model
    def _record_synced(self, backend, entity, rows, all_bound=False):
        """Insert or update the bindings of one batch in one statement.

        :param bool all_bound: whether every record is bound to just this external id already
        :param list rows: dicts of res_model, res_id, external_id, reference, payload_hash, synced_values;
            of the last three an absent one keeps its value
        """
        # A partner that gives several records one id has said nothing of the others.
        by_external_id = {row["external_id"]: row for row in reversed(rows)}
        rows = {(row["res_model"], row["res_id"]): row for row in by_external_id.values()}.values()
        if not rows:
            return
        values = {
            "rows": dump_storable([*rows]),
            "backend": backend.id,
            "entity": entity,
            "uid": self.env.uid,
        }
        self.flush_model()
        if not all_bound:
            # A record that took over another's external id (a reused SKU) must not trip over the old binding.
            self.env.cr.execute(
                """
                DELETE FROM connector_hub_binding b
                 USING json_to_recordset(%(rows)s::json) AS r(res_model text, res_id int4, external_id text)
                 WHERE b.backend_id = %(backend)s AND b.entity = %(entity)s AND b.external_id = r.external_id
                   AND (b.res_model, b.res_id) IS DISTINCT FROM (r.res_model, r.res_id)
                """,
                values,
            )
        self.env.cr.execute(
            """
            INSERT INTO connector_hub_binding
                   (backend_id, entity, res_model, res_id, external_id, reference, payload_hash, synced_values,
                    synced_at, create_uid, create_date, write_uid, write_date)
            SELECT %(backend)s, %(entity)s, r.res_model, r.res_id, r.external_id, r.reference, r.payload_hash,
                   r.synced_values, now() AT TIME ZONE 'UTC', %(uid)s, now() AT TIME ZONE 'UTC',
                   %(uid)s, now() AT TIME ZONE 'UTC'
              FROM json_to_recordset(%(rows)s::json)
                   AS r(res_model text, res_id int4, external_id text, reference text,
                        payload_hash text, synced_values jsonb)
            ON CONFLICT (backend_id, entity, res_model, res_id) DO UPDATE
               SET external_id = EXCLUDED.external_id,
                   reference = COALESCE(EXCLUDED.reference, connector_hub_binding.reference),
                   payload_hash = COALESCE(EXCLUDED.payload_hash, connector_hub_binding.payload_hash),
                   synced_values = COALESCE(EXCLUDED.synced_values, connector_hub_binding.synced_values),
                   synced_at = EXCLUDED.synced_at, write_date = EXCLUDED.write_date
            """,
            values,
        )
        self.invalidate_model()

    @api.model
    def _forget_payloads(self, backend, entity, res_ids=None):
        """Make the next export send again, whatever was sent last.

        :param res_ids: record ids, or None for all of the entity
        """
        self.flush_model()
        self.env.cr.execute(
            """
            UPDATE connector_hub_binding SET payload_hash = NULL
             WHERE backend_id = %s AND entity = %s AND payload_hash IS NOT NULL
               AND (%s::int4[] IS NULL OR res_id = ANY(%s::int4[]))
            """,
            (backend.id, entity, res_ids, res_ids),
        )
        self.invalidate_model(["payload_hash"])

    def action_open_record(self):
        """Open the linked Odoo record."""
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id).get_formview_action()
