# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ResPartner(models.Model):
    _name = "res.partner"
    _inherit = ["res.partner", "connector.hub.tracked"]

    # Imported customers are looked up by e-mail address, which Odoo itself does not index.
    _email_normalized_idx = models.Index("(email_normalized) WHERE email_normalized IS NOT NULL")
