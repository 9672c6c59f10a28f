# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
import uuid

from odoo import api, fields, models

from ..batch import RENEW_SECONDS
from ..const import URGENT_ENTITY
from ..exceptions import RejectedError
from ..pace import lease_for


class ConnectorHubDelivery(models.Model):
    """What is to be sent to a partner.

    A *state* delivery says that a record changed: the next one replaces it while it waits, and its content is read when
    it is sent. A *fact* (order shipped) must arrive for itself, in order per ``sequence_key``, with one
    idempotency key.
    """

    _name = "connector.hub.delivery"
    _description = "Connector Hub Delivery"
    _inherit = "connector.hub.message"
    _rec_name = "event_type"

    entity = fields.Selection(
        selection=lambda self: self.env["connector.hub.field.mapping"]._selection_entity(),
        string="Kind",
        required=True,
        readonly=True,
    )
    event_type = fields.Char(
        "Event type",
        readonly=True,
        required=True,
        default="updated",
        help="What is told: updated, deleted, or a fact such as order.shipped.",
    )
    is_fact = fields.Boolean(
        "Fact", readonly=True, help="A fact is sent for itself, in order, never merged."
    )
    external_id = fields.Char("External ID", readonly=True)
    sequence_key = fields.Char(
        "In order with", readonly=True, help="Facts with the same key are sent in order."
    )
    idempotency_key = fields.Char("Idempotency key", readonly=True)
    lease_until = fields.Datetime("Claimed until", readonly=True)
    response = fields.Text(readonly=True, help="The partner's last answer.")
    response_pretty = fields.Text("Answer", compute="_compute_response_pretty")

    _state_uniq = models.UniqueIndex(
        "(backend_id, entity, res_model, res_id) WHERE state = 'pending' AND is_fact IS NOT TRUE",
        "A newer message for this record is already waiting.",
    )
    _facts_idx = models.Index("(backend_id, id) WHERE state = 'pending' AND is_fact")
    _states_idx = models.Index("(backend_id, id) WHERE state = 'pending' AND is_fact IS NOT TRUE")
    _sending_idx = models.Index("(backend_id, entity, res_id) WHERE state = 'sending'")
    _dead_idx = models.Index("(backend_id, reason) WHERE state = 'dead'")
    _finished_idx = models.Index("(backend_id, done_at) WHERE state IN ('done', 'ignored')")
    _retry_idx = models.Index(
        "(backend_id, next_attempt_at) WHERE state = 'pending' AND next_attempt_at IS NOT NULL"
    )
    _sequence_idx = models.Index(
        "(backend_id, sequence_key, id) WHERE state IN ('pending', 'sending') AND is_fact"
    )
    _told_idx = models.Index("(backend_id, res_id, event_type) WHERE is_fact")
    _dead_record_idx = models.Index("(backend_id, entity, res_id) WHERE state = 'dead'")

    @api.depends("record_name", "event_type")
    def _compute_display_name(self):
        for delivery in self:
            delivery.display_name = f"{delivery.record_name or delivery.id}, {delivery.event_type}"

    @api.depends("response")
    def _compute_response_pretty(self):
        for delivery in self:
            delivery.response_pretty = self._pretty_json(delivery.response)

    @api.model
    def _settled_state_sql(self):
        # A state delivery that would wait again gives way to a newer one that waits already.
        return """CASE WHEN r.state = 'pending' AND m.is_fact IS NOT TRUE AND m.state <> 'pending' AND EXISTS (
            SELECT 1 FROM connector_hub_delivery n
             WHERE n.backend_id = m.backend_id AND n.entity = m.entity AND n.res_model = m.res_model
               AND n.res_id = m.res_id AND n.state = 'pending' AND n.is_fact IS NOT TRUE AND n.id <> m.id
            ) THEN 'ignored' ELSE r.state END"""

    def _given_way(self):
        # Of the states of one record the newest says it all.
        states = self.filtered(lambda delivery: not delivery.is_fact).sorted("id")
        newest = {(d.backend_id, d.entity, d.res_model, d.res_id): d.id for d in states}
        return states.browse(set(states._ids) - set(newest.values()))

    # -- enqueue ------------------------------------------------------------------------------------------------

    @api.model
    def _enqueue_states(self, backend, entity, model, ids):
        """Queue records whose state is to be sent; one that waits already is not queued twice.

        Called by the backend's lane only, so that nobody's save can conflict with it. No user is named: the database
        would look the user up for every row.
        """
        self.env.cr.execute(
            """
            INSERT INTO connector_hub_delivery
                   (backend_id, entity, event_type, res_model, res_id, state, attempts, is_fact,
                    create_date, write_date)
            SELECT %s, %s, 'updated', %s, res_id, 'pending', 0, FALSE,
                   now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM unnest(%s::int4[]) AS res_id
            ON CONFLICT (backend_id, entity, res_model, res_id) WHERE state = 'pending' AND is_fact IS NOT TRUE
            DO UPDATE SET next_attempt_at = NULL, attempts = 0, write_date = EXCLUDED.write_date
            """,
            (backend.id, entity, model, sorted(ids)),
        )

    @api.model
    def _make_due(self, backend, entity, model, ids):
        """Have the states of these records sent now that wait for a later time."""
        if not ids:
            return
        self.flush_model()
        # As the index of waiting states has it: there may be a row for every product.
        self.env.cr.execute(
            """
            UPDATE connector_hub_delivery SET next_attempt_at = NULL
             WHERE backend_id = %s AND entity = %s AND res_model = %s AND res_id = ANY(%s)
               AND state = 'pending' AND is_fact IS NOT TRUE AND next_attempt_at IS NOT NULL
            """,
            (backend.id, entity, model, list(ids)),
        )
        self.invalidate_model(["next_attempt_at"])

    @api.model
    def _enqueue_fact(self, backends, entity, fact, record, sequence_record):
        """Queue a fact in the transaction in which it became true.

        :param record: what the fact is about (the picking that was shipped)
        :param sequence_record: the record whose facts are sent in order (its sale order)
        """
        return self.sudo().create(
            [
                {
                    "backend_id": backend.id,
                    "entity": entity,
                    "event_type": fact,
                    "is_fact": True,
                    "res_model": record._name,
                    "res_id": record.id,
                    "sequence_key": f"{sequence_record._name},{sequence_record.id}",
                    "idempotency_key": str(uuid.uuid4()),
                }
                for backend in backends
            ]
        )

    # -- claim --------------------------------------------------------------------------------------------------

    @api.model
    def _return_expired(self, backend):
        """Give back what a crashed lane had claimed; a newer waiting row replaces it.

        :return: number of rows given back
        """
        expired = self.search(
            [
                ("backend_id", "=", backend.id),
                ("state", "=", "sending"),
                ("lease_until", "<", fields.Datetime.now()),
            ]
        )
        if not expired:
            return 0
        adapter = backend._get_adapter()
        outcomes = {}
        for delivery in expired:
            try:
                repeatable = self._route_of(adapter, delivery).idempotent
            except RejectedError as error:
                outcomes[delivery.id] = self._outcome_of_error(error, delivery.attempts)
                continue
            if repeatable:
                outcomes[delivery.id] = {"state": "pending", "next_attempt_at": None}
            else:
                outcomes[delivery.id] = {
                    "state": "dead",
                    "reason": "outcome_unknown",
                    "error": self.env._(
                        "Odoo stopped while this was being sent, and the partner may have it already. Look there; "
                        "if it is missing, requeue this message."
                    ),
                }
        self._settle(outcomes)
        states = expired.filtered(lambda delivery: not delivery.is_fact)
        for entity, deliveries in states.grouped("entity").items():
            # Whether the partner has what was on its way to it is not known.
            self.env["connector.hub.binding"]._forget_payloads(
                backend, entity, deliveries.mapped("res_id")
            )
        return len(outcomes)

    @api.model
    def _route_of(self, adapter, delivery):
        """How a delivery is sent.

        :raises RejectedError: if the partner is not told of such things (any more): another addon or dialect was chosen
        """
        name = delivery.event_type if delivery.is_fact else delivery.entity
        routes = adapter._fact_routes() if delivery.is_fact else adapter._export_routes()
        if name not in routes:
            raise RejectedError(
                self.env._("This partner is not told of “%(name)s”.", name=name),
                reason="not_configured",
            )
        return routes[name]

    @api.model
    def _claim(self, backend, batch_size_of):
        """Claim the next rows that may go in one request: pending -> sending, with a lease.

        Facts go first, then quantities, then other states, each in the order of their ids. A record that is being sent
        is not claimed again; a fact waits for the unfinished earlier ones of its sequence.

        :param batch_size_of: callable (entity, fact or None) -> rows at most
        :return: recordset, ordered, all of one entity (and of one fact)
        """
        ids = self._due_facts(backend, batch_size_of) or self._due_states(backend, batch_size_of)
        if not ids:
            return self.browse()
        self.env.cr.execute(
            """
            UPDATE connector_hub_delivery
               SET state = 'sending', lease_until = now() AT TIME ZONE 'UTC' + make_interval(secs => %s)
             WHERE id = ANY(%s) AND state = 'pending' RETURNING id
            """,
            (lease_for(len(ids), RENEW_SECONDS), ids),
        )
        self.invalidate_model()
        return self.browse(sorted(row[0] for row in self.env.cr.fetchall()))

    @api.model
    def _due_facts(self, backend, batch_size_of):
        self.env.cr.execute(
            """
            SELECT d.id, d.entity, d.event_type
              FROM connector_hub_delivery d
             WHERE d.backend_id = %s AND d.state = 'pending' AND d.is_fact
               AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= now() AT TIME ZONE 'UTC')
               AND NOT EXISTS (
                   SELECT 1 FROM connector_hub_delivery e
                    WHERE e.backend_id = d.backend_id AND e.sequence_key = d.sequence_key
                      AND e.state IN ('pending', 'sending') AND e.is_fact AND e.id < d.id)
             ORDER BY d.id LIMIT 100
            """,
            (backend.id,),
        )
        due = self.env.cr.fetchall()
        if not due:
            return []
        _id, entity, fact = due[0]
        same = [row[0] for row in due if row[1:] == (entity, fact)]
        return same[: batch_size_of(entity, fact)]

    @api.model
    def _due_states(self, backend, batch_size_of):
        # Quantities go first: told too late, they sell what is not there. Only of products that the partner has been
        # told of under their SKU; it would refuse the others until it has the product itself.
        size = batch_size_of(URGENT_ENTITY, None)
        if urgent := self._find_due_states(backend, URGENT_ENTITY, size, is_known=True):
            return [row[0] for row in urgent]
        first = self._find_due_states(backend, None, 1)
        if not first:
            return []
        ((_id, entity),) = first
        size = batch_size_of(entity, None)
        return [row[0] for row in self._find_due_states(backend, entity, size)]

    @api.model
    def _find_due_states(self, backend, entity, limit, is_known=False):
        self.env.cr.execute(
            """
            SELECT d.id, d.entity
              FROM connector_hub_delivery d
             WHERE d.backend_id = %(backend)s AND d.state = 'pending' AND d.is_fact IS NOT TRUE
               AND (d.next_attempt_at IS NULL OR d.next_attempt_at <= now() AT TIME ZONE 'UTC')
               AND (%(entity)s IS NULL OR d.entity = %(entity)s)
               AND (NOT %(known)s OR EXISTS (
                   SELECT 1 FROM connector_hub_binding b
                     JOIN product_product p ON p.id = b.res_id AND p.default_code = b.reference
                    WHERE b.backend_id = d.backend_id AND b.entity = d.entity
                      AND b.res_model = d.res_model AND b.res_id = d.res_id))
               AND (d.entity, d.res_model, d.res_id) NOT IN (
                   SELECT e.entity, e.res_model, e.res_id FROM connector_hub_delivery e
                    WHERE e.backend_id = %(backend)s AND e.state = 'sending'
                      AND e.res_model IS NOT NULL AND e.res_id IS NOT NULL)
             ORDER BY d.id LIMIT %(limit)s
            """,
            {"backend": backend.id, "entity": entity, "limit": limit, "known": is_known},
        )
        return self.env.cr.fetchall()

    def _keep_payloads(self, batch):
        """Keep the content of a fact: it is sent with the same one however often it is tried. A state is read anew."""
        if not batch.is_fact:
            return
        self._settle(
            {
                item.delivery_id: {
                    "payload": json.dumps(item.payload, ensure_ascii=False, default=str),
                    "external_id": item.external_id,
                }
                for item in batch.waiting()
                if item.payload is not None
            }
        )

    def _settle_surprise(self, error):
        """Not even prepared, because of an exception nobody foresaw: tried again later, then dead."""
        self._settle(
            {delivery.id: self._outcome_of_error(error, delivery.attempts) for delivery in self}
        )

    def _settle_put_off(self, ids, again_at):
        """Return claimed rows unharmed, to be sent at a later moment."""
        again_at = fields.Datetime.to_string(again_at)
        self._settle({id_: {"state": "pending", "next_attempt_at": again_at} for id_ in ids})

    def _renew_lease(self):
        """Hold claimed rows for another exchange."""
        self.env.cr.execute(
            """
            UPDATE connector_hub_delivery
               SET lease_until = now() AT TIME ZONE 'UTC' + make_interval(secs => %s)
             WHERE id = ANY(%s) AND state = 'sending'
            """,
            (lease_for(len(self), RENEW_SECONDS), list(self.ids)),
        )
