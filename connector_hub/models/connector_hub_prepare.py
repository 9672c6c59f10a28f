# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import hashlib
import json
import logging

from odoo import api, models

from ..batch import Batch, Item
from ..exceptions import HubError, RejectedError
from ..paths import get_path

_logger = logging.getLogger(__name__)

#: What the preparation of a batch reads of every delivery.
DELIVERY_FIELDS = (
    "attempts",
    "entity",
    "event_type",
    "idempotency_key",
    "is_fact",
    "requeued",
    "res_id",
    "res_model",
)


#: Made once: an encoder for every payload would take as long as the encoding.
_SORTED = json.JSONEncoder(sort_keys=True, default=str)


class ConnectorHubPrepare(models.AbstractModel):
    """The first step of a batch's path: one pass over the records, deciding and building what is sent."""

    _inherit = "connector.hub.export"

    @api.model
    def _prepare(self, backend, deliveries):
        """Build the payloads of a batch; decide what need not, or cannot, be sent.

        :return: :class:`Batch`; items with an outcome are not sent
        """
        adapter = backend._get_adapter()
        first = deliveries[0]
        route = deliveries._route_of(adapter, first)
        # The long texts of earlier attempts are of no use here.
        deliveries.fetch(DELIVERY_FIELDS)
        batch = Batch(route=route, entity=first.entity, is_fact=first.is_fact)
        for delivery in deliveries:
            batch.items.append(
                Item(
                    delivery_id=delivery.id,
                    attempts=delivery.attempts,
                    res_model=delivery.res_model,
                    res_id=delivery.res_id,
                    entity=delivery.entity,
                    idempotency_key=delivery.idempotency_key,
                    sent_before=bool(delivery.is_fact and delivery.payload),
                    payload=json.loads(delivery.payload)
                    if delivery.is_fact and delivery.payload
                    else None,
                )
            )
        requeued = {delivery.id for delivery in deliveries if delivery.requeued}
        if first.is_fact:
            self._prepare_facts(backend, route, first.event_type, batch.items, requeued)
        else:
            self._prepare_states(backend, adapter, batch, requeued)
        if route.context and batch.waiting():
            batch.context = route.context(backend, batch.waiting())
        return batch

    @api.model
    def _prepare_facts(self, backend, route, fact, items, requeued):
        for item in items:
            record = self.env[item.res_model].browse(item.res_id).exists()
            if not record:
                item.outcome = self._ignored(self.env._("The record was deleted."))
            elif item.payload is None:
                try:
                    with self.env.cr.savepoint(flush=False):
                        item.payload = route.build(backend, record, fact)
                    again = route.repeats or item.delivery_id in requeued
                    if not again and self._is_told(backend, fact, item):
                        item.outcome = self._ignored(
                            self.env._("Nothing has changed since it was last sent.")
                        )
                except Exception as error:
                    if not isinstance(error, HubError):
                        error = self._not_built(fact, record, error)
                    item.outcome = self.env["connector.hub.delivery"]._outcome_of_error(
                        error, item.attempts
                    )

    @api.model
    def _is_told(self, backend, fact, item):
        """Whether the partner has taken just this content of a fact already, of the same record."""
        last = self.env["connector.hub.delivery"].search_fetch(
            [
                ("backend_id", "=", backend.id),
                ("res_model", "=", item.res_model),
                ("res_id", "=", item.res_id),
                ("event_type", "=", fact),
                ("state", "=", "done"),
                ("is_fact", "=", True),
            ],
            ["payload"],
            order="id desc",
            limit=1,
        )
        content = json.dumps(item.payload, default=str)
        return bool(last.payload) and json.loads(last.payload) == json.loads(content)

    @api.model
    def _prepare_states(self, backend, adapter, batch, requeued):
        route, entity = batch.route, batch.entity
        model = self.env[route.model].with_context(active_test=False)
        ids = [item.res_id for item in batch.items]
        wanted = model.search(
            [("id", "in", ids), ("active", "=", True), *adapter._export_domain(backend, entity)]
            if "active" in model._fields
            else [("id", "in", ids), *adapter._export_domain(backend, entity)]
        )
        bindings = self.env["connector.hub.binding"]._of_records(backend, entity, model.browse(ids))
        wanted_ids, sendable = set(wanted._ids), []
        refused = adapter._refused(backend, entity, wanted)
        for item in batch.items:
            binding = bindings.get(item.res_id)
            item.bound_id = binding.external_id if binding else None
            if item.res_id not in wanted_ids:
                self._prepare_removal(route, item, binding)
                continue
            # Of all, so that what is read of one is read of all.
            record = model.browse(item.res_id).with_prefetch(wanted._prefetch_ids)
            try:
                if item.res_id in refused:
                    raise refused[item.res_id]
                item.external_id, item.reference = adapter._external_id(backend, entity, record)
            except RejectedError as error:
                # That of the product is enough to call a person.
                quiet = error.reason == "missing_sku" or entity == "stock"
                item.outcome = {
                    "state": "ignored" if quiet else "dead",
                    "reason": error.reason,
                    "error": error.message,
                    # Of an earlier attempt: this time nothing was sent.
                    "payload": None,
                }
                continue
            sendable.append(item.res_id)
        payloads = self._build_states(backend, route, entity, model.browse(sendable))
        two_way = self.env["connector.hub.field.mapping"]._compile(backend, entity, "import")
        for item in batch.waiting():
            if item.deletes:
                continue
            payload = payloads.get(item.res_id)
            if isinstance(payload, HubError):
                item.outcome = self.env["connector.hub.delivery"]._outcome_of_error(
                    payload, item.attempts
                )
                continue
            item.payload = payload
            item.payload_hash = self._hash(payload)
            # What both sides agree on once this is sent: decides later which of them changed a field.
            item.synced_values = {
                mapping.name: get_path(payload, mapping.external_steps) for mapping in two_way
            } or None
            binding = bindings.get(item.res_id)
            if (
                binding
                and binding.payload_hash == item.payload_hash
                and item.delivery_id not in requeued
            ):
                item.outcome = self._ignored(
                    self.env._("Nothing has changed since it was last sent.")
                )

    @api.model
    def _ignored(self, note):
        return {"state": "ignored", "reason": None, "error": None, "note": note}

    @api.model
    def _prepare_removal(self, route, item, binding):
        """A record that is gone, archived or out of scope: delete it at the partner, if it is there."""
        if binding and route.can_delete:
            item.deletes = True
            item.external_id = binding.external_id
            item.reference = binding.reference
        else:
            item.outcome = self._ignored(self.env._("Not (or no longer) meant for this partner."))

    @api.model
    def _build_states(self, backend, route, entity, records):
        """Payloads of all records; if one record spoils the pass, each is built by itself."""
        build = route.build or self._build_mapped(entity)
        try:
            with self.env.cr.savepoint(flush=False):
                return build(backend, records)
        except Exception as error:
            _logger.info(
                "Building %s records of %s at once failed (%s); building them one by one",
                len(records),
                entity,
                type(error).__name__,
            )
        payloads = {}
        for record in records:
            try:
                with self.env.cr.savepoint(flush=False):
                    payloads.update(build(backend, record))
            except HubError as error:
                payloads[record.id] = error
            except Exception as error:
                payloads[record.id] = self._not_built(entity, record, error)
        return payloads

    @api.model
    def _not_built(self, what, record, error):
        """A surprise while building one payload: for a person, and no reason to keep the others waiting."""
        _logger.error("Cannot build the %s payload of %s", what, record, exc_info=error)
        return RejectedError(
            self.env._(
                "The content for “%(record)s” cannot be built: %(error)s. Check the field mappings.",
                record=record.display_name,
                error=error,
            ),
            reason="invalid_payload",
        )

    @api.model
    def _build_mapped(self, entity):
        def build(backend, records):
            return self.env["connector.hub.field.mapping"]._build_payloads(backend, entity, records)

        return build

    @api.model
    def _hash(self, payload):
        """Fingerprint of a payload; the order of its keys does not matter."""
        return hashlib.sha256(_SORTED.encode(payload).encode()).hexdigest()
