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
        # A carrier's own addon writes the tracking number in between: one message has it all.
        self = self.with_context(connector_hub_is_shipping=True)
        result = super()._action_done()
        self.with_context(connector_hub_is_shipping=False)._hub_left()._hub_note_shipped()
        return result

    def write(self, vals):
        """Override: a tracking number that is entered after the goods have left is told as well."""
        if not vals.get("carrier_tracking_ref") or self.env.context.get(
            "connector_hub_is_shipping"
        ):
            return super().write(vals)
        other = self.filtered(
            lambda picking: picking.carrier_tracking_ref != vals["carrier_tracking_ref"]
        )
        result = super().write(vals)
        other._hub_left()._hub_note_shipment()
        return result

    def _hub_left(self):
        """Those whose goods have left for a customer: from the warehouse, or straight from the vendor."""
        return self.filtered(
            lambda picking: (
                picking.state == "done"
                and picking.sale_id
                and (
                    picking.picking_type_code == "outgoing"
                    or picking.location_dest_id.usage == "customer"
                )
            )
        )

    def _hub_note_shipped(self):
        """Goods have left. Partner addons add what else follows from it, once."""
        self._hub_note_shipment()

    def _hub_note_shipment(self):
        """Tell of a shipment, or tell it again with its tracking number: it is what is known of it now."""
        self._hub_note_fact("order.shipped", order_of=lambda picking: picking.sale_id)

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
