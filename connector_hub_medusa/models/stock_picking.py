# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models

from ..const import REDUCE_FACT


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _hub_note_shipped(self):
        """Override: goods that have left are also taken off the shop's shelf, if the backend says so."""
        super()._hub_note_shipped()
        shelved = self.filtered(lambda picking: picking.location_id.usage != "supplier")
        shelved._hub_note_fact(REDUCE_FACT, order_of=lambda picking: picking.sale_id)
