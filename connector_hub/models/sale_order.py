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

    def action_confirm(self):
        result = super().action_confirm()
        self._hub_note_fact("order.confirmed")
        return result

    def _action_cancel(self):
        result = super()._action_cancel()
        self._hub_note_fact("order.cancelled")
        return result
