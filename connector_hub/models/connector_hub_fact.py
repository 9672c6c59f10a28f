# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class ConnectorHubFact(models.AbstractModel):
    """Notes facts: what happened to a record and has to reach the partner for itself, in order."""

    _name = "connector.hub.fact"
    _description = "Connector Hub Fact Source"

    def _hub_note_fact(self, fact, order_of=lambda record: record):
        """Queue a fact of these records for each backend that their order came from, or that wants it anyway.

        :param str fact: order.confirmed, order.shipped ...
        :param order_of: callable from a record to its sale orders; the facts of an order are sent in order
        """
        if not self or not self._hub_backends_exist():
            return
        context = self.env.context
        echo = (
            context.get("connector_hub_origin")
            if fact in context.get("connector_hub_origin_facts", ())
            else None
        )
        # What is only on record here is not changed there, whatever becomes of it.
        told = self._hub_backends_of(
            order_of(self).filtered(lambda order: not order.connector_hub_is_history)
        )
        nobody = woken = self.env["connector.hub.backend"].sudo()
        for record in self:
            orders = order_of(record)
            for backend in nobody.union(*(told.get(order.id, nobody) for order in orders)):
                if backend.id != echo and backend._get_adapter()._wants_fact(backend, fact, record):
                    self.env["connector.hub.delivery"]._enqueue_fact(
                        backend, "order", fact, record, orders[:1]
                    )
                    woken |= backend
        woken._wake_lanes()

    @api.model
    def _hub_backends_exist(self):
        return bool(self.env["connector.hub.backend"]._fact_backends())

    @api.model
    def _hub_backends_of(self, orders):
        """The backends that are told of these orders: {order id: backends}, in one query."""
        backends_model = self.env["connector.hub.backend"].sudo()
        active = backends_model.browse(backends_model._fact_backends())
        result = {}
        bindings = (
            self.env["connector.hub.binding"]
            .sudo()
            .search(
                [
                    ("backend_id", "in", active.ids),
                    ("entity", "=", "order"),
                    ("res_model", "=", "sale.order"),
                    ("res_id", "in", orders.ids),
                ]
            )
        )
        for binding in bindings:
            result[binding.res_id] = result.get(binding.res_id, backends_model) | binding.backend_id
        for backend in active:
            for order in backend._get_adapter()._unbound_orders(backend, orders):
                result[order.id] = result.get(order.id, backends_model) | backend
        return result
