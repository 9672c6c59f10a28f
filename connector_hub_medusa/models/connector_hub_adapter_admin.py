# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ConnectorHubAdapterMedusaAdmin(models.AbstractModel):
    """Stock Medusa v2, by its Admin API alone (contracts/medusa.md, part b)."""

    _name = "connector.hub.adapter.medusa.admin"
    _inherit = "connector.hub.adapter.medusa"
    _description = "Connector Hub Adapter: Medusa v2 Admin API"
