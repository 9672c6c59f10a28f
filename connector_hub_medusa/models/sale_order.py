# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # The seed's name of the field (section 7: order field mapping).
    x_medusa_order_id = fields.Char(
        "Medusa order ID", readonly=True, copy=False, index="btree_not_null"
    )
