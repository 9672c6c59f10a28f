# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class ConnectorHubBackend(models.Model):
    _inherit = "connector.hub.backend"

    code = fields.Selection(selection_add=[("medusa", "Medusa")], ondelete={"medusa": "cascade"})
    medusa_prices_include_tax = fields.Boolean(
        "Shop prices include tax",
        help="Whether the unit prices in the shop's orders include the taxes.",
    )
