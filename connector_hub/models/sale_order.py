# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "connector.hub.fact"]

    connector_hub_backend_id = fields.Many2one(
        "connector.hub.backend",
        "Came from",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The outside system this order was placed in.",
    )

    connector_hub_status = fields.Char(
        "Shop status",
        readonly=True,
        copy=False,
        help="What the shop calls the state of this order.",
    )
    connector_hub_fulfillment_status = fields.Char(
        "Shop fulfilment",
        readonly=True,
        copy=False,
        help="What the shop says of the shipment of this order.",
    )
    connector_hub_payment_status = fields.Char(
        "Shop payment",
        readonly=True,
        copy=False,
        help="What the shop says of the payment of this order.",
    )
    connector_hub_is_paid = fields.Boolean(
        "Paid in the shop",
        readonly=True,
        copy=False,
        help="Whether the shop says that it has the customer's money.",
    )
    connector_hub_is_history = fields.Boolean(
        "Imported as history",
        readonly=True,
        copy=False,
        help="Business of the past: on record only. It is not confirmed by itself, and the shop is not told what you "
        "do with it, unless you confirm it.",
    )
    connector_hub_cancel_reason = fields.Char(
        "Cancellation reason",
        copy=False,
        help="What the customer is told if you cancel this order. Fill it in before you cancel.",
    )

    def _prepare_confirmation_values(self):
        """An imported order keeps the date on which the customer placed it."""
        values = super()._prepare_confirmation_values()
        if self.env.context.get("connector_hub_keep_date_order"):
            values.pop("date_order", None)
        return values

    def action_confirm(self):
        # Who confirms an order of the past makes it one of the present.
        self.filtered("connector_hub_is_history").connector_hub_is_history = False
        result = super().action_confirm()
        self._hub_note_fact("order.confirmed")
        if paid := self.filtered("connector_hub_is_paid"):
            self.env["connector.hub.payment"]._settle_confirmed(paid)
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self._hub_note_fact("order.cancelled")
        # Where the shop has cancelled it, the money is the shop's own business.
        told = self.env.context.get("connector_hub_origin_facts", ())
        paid = self.filtered(
            lambda order: order.connector_hub_is_paid and not order.connector_hub_is_history
        )
        if "order.cancelled" not in told and paid:
            self.env["connector.hub.payment"]._settle_cancelled(paid)
        return result
