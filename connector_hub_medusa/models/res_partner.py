# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    # The seed's name of the field (section 7: customer field mapping).
    x_medusa_customer_id = fields.Char(
        "Medusa customer ID", readonly=True, copy=False, index="btree_not_null"
    )
