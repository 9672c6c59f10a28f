# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import plaintext2html

from ..exceptions import RetryableError
from .connector_hub_contention import naming_stock
from .connector_hub_partner_import import QUIET

#: sale.order field -> field of CanonicalOrderStatus.
STATUS_FIELDS: dict[str, str] = {
    "connector_hub_status": "status",
    "connector_hub_fulfillment_status": "fulfillment",
    "connector_hub_payment_status": "payment",
}


def readable_status(text):
    """A status as people read it: ``partially_fulfilled`` is ``Partially fulfilled``."""
    return (text or "").replace("_", " ").strip().capitalize()


class ConnectorHubOrderStatus(models.AbstractModel):
    """What happens to an imported order at the partner, mirrored on the sale order."""

    _name = "connector.hub.order.status"
    _description = "Connector Hub Order Status"

    @api.model
    def _mirror(self, backend, statuses):
        """Mirror what a partner says of its orders.

        :param backend: connector.hub.backend; ``self.env`` is its work environment
        :param statuses: list of CanonicalOrderStatus
        :return: list of sale.order, or RetryableError (not_found) for an order that is not here yet
        """
        orders = self.env["connector.hub.order.lookup"]._load_bound(
            backend, "order", "sale.order", {status.external_id for status in statuses}
        )
        results = []
        for status in statuses:
            order = orders.get(status.external_id)
            if order is None:
                results.append(
                    RetryableError(
                        self.env._(
                            "The order %(external_id)s is not in Odoo yet.",
                            external_id=status.external_id,
                        ),
                        reason="not_found",
                    )
                )
                continue
            self._apply(backend, order, status)
            results.append(order)
        return results

    @api.model
    def _apply(self, backend, order, status):
        """Show a status, and do what follows from it. Doing it again changes nothing."""
        values = {
            name: text
            for name, source in STATUS_FIELDS.items()
            if (text := readable_status(getattr(status, source))) and text != order[name]
        }
        if status.payment and order.connector_hub_is_paid and not status.is_captured:
            # The money has gone back.
            order.with_context(**QUIET).connector_hub_is_paid = False
        if values:
            order.with_context(**QUIET).write(values)
            lines = [
                self.env._("%(label)s: %(status)s", label=label, status=values[name])
                for name, label in self._status_labels()
                if name in values
            ]
            order._message_log(body=plaintext2html("\n".join([backend.name, *lines])))
        if status.is_cancelled:
            self._cancel(backend, order)
        elif status.is_captured:
            self.env["connector.hub.payment"]._settle_orders(backend, order)

    @api.model
    def _status_labels(self):
        return [
            ("connector_hub_status", self.env._("Status")),
            ("connector_hub_fulfillment_status", self.env._("Fulfilment")),
            ("connector_hub_payment_status", self.env._("Payment")),
        ]

    @api.model
    def _cancel(self, backend, order):
        """Cancel an order that the partner cancelled, unless goods are on their way: then a person has to decide."""
        if order.state == "cancel":
            return
        shipped = order.picking_ids._hub_left()
        if shipped:
            self._ask(
                backend,
                order,
                self.env._("Cancelled in %(backend)s, but shipped already", backend=backend.name),
                self.env._(
                    "The customer's order was cancelled there after %(pickings)s had been shipped. Agree with the "
                    "customer whether the goods come back, and cancel or invoice the rest.",
                    pickings=", ".join(shipped.mapped("name")),
                ),
            )
            return
        # The partner need not be told what it has told.
        order = order.with_context(
            **QUIET,
            connector_hub_origin=backend.id,
            connector_hub_origin_facts=("order.cancelled",),
        )
        if order.locked:
            order.action_unlock()
        with naming_stock(order):
            order._action_cancel()
        invoices = order.invoice_ids.filtered(
            lambda move: move.state == "posted" and move.move_type == "out_invoice"
        )
        if invoices:
            self._ask(
                backend,
                order,
                self.env._("Cancelled in %(backend)s, but invoiced", backend=backend.name),
                self.env._(
                    "This order was cancelled there and is cancelled here. Credit %(invoices)s, and return what was "
                    "paid.",
                    invoices=", ".join(invoices.mapped("name")),
                ),
            )

    @api.model
    def _ask(self, backend, order, summary, note):
        """Give the person in charge of an order an activity, or keep what the open one says true."""
        # A note is HTML, and names are what somebody has typed.
        note = plaintext2html(note)
        if open_ones := order.activity_ids.filtered(lambda activity: activity.summary == summary):
            open_ones.note = note
            return
        user = order.user_id or backend.user_id or self.env.ref("base.user_admin")
        order.with_context(mail_activity_quick_update=True).activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=note,
            user_id=user.id,
        )
