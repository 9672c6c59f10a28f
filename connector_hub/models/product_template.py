# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class ProductTemplate(models.Model):
    _name = "product.template"
    _inherit = ["product.template", "connector.hub.tracked"]

    def _hub_note_unlink(self):
        # The database deletes the variants with their template, without a call.
        self.with_context(active_test=False).product_variant_ids._hub_note_unlink()
        return super()._hub_note_unlink()
