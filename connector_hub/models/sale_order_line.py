# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    connector_hub_external_id = fields.Char(
        "Line there",
        readonly=True,
        copy=False,
        help="What the outside system calls this line; it is told by this ID what has been shipped.",
    )
