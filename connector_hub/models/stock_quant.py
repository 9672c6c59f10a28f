# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class StockQuant(models.Model):
    _name = "stock.quant"
    _inherit = ["stock.quant", "connector.hub.tracked"]

    def _hub_changed_ids(self):
        # The product is noted; its quantity is computed when it is sent.
        return self.product_id._ids

    def _hub_echo_backends(self, touched):
        # The consequences for the stock are always sent, whoever caused them.
        return frozenset()
