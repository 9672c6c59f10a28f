# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models
from odoo.exceptions import UserError


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "connector.hub.fact"]

    connector_hub_backend_id = fields.Many2one(related="sale_id.connector_hub_backend_id")
    connector_hub_delivered_at = fields.Datetime(
        "Delivered at",
        copy=False,
        readonly=True,
        help="When the carrier handed the goods over to the customer. The shop is told.",
    )

    def _action_done(self):
        result = super()._action_done()
        shipped = self.filtered(
            lambda picking: (
                picking.state == "done"
                and picking.picking_type_code == "outgoing"
                and picking.sale_id
            )
        )
        shipped._hub_note_fact("order.shipped", order_of=lambda picking: picking.sale_id)
        return result

    def action_connector_hub_delivered(self):
        """The customer has the goods: tell the shop the order came from."""
        for picking in self:
            if picking.state != "done":
                raise UserError(
                    self.env._("%(picking)s has not been shipped yet.", picking=picking.name)
                )
        fresh = self.filtered(lambda picking: not picking.connector_hub_delivered_at)
        fresh.connector_hub_delivered_at = fields.Datetime.now()
        fresh._hub_note_fact("order.delivered", order_of=lambda picking: picking.sale_id)
        return True
