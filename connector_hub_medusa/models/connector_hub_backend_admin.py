# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ConnectorHubBackendAdmin(models.Model):
    """Settings of the dialect "Medusa v2 Admin API"."""

    _inherit = "connector.hub.backend"

    medusa_sales_channel_id = fields.Char(
        "Sales channel ID",
        help="New products are sold there (sc_...). Empty: the shop's default sales channel.",
    )
    medusa_pricelist_ids = fields.Many2many(
        "product.pricelist",
        "connector_hub_backend_medusa_pricelist_rel",
        string="Pricelists sent",
        check_company=True,
        help="One price per currency of these pricelists is sent, and the sales price in the company's currency. "
        "Prices that the shop has in other currencies stay.",
    )

    @api.constrains("medusa_dialect", "quantity_source")
    def _check_medusa_quantity_source(self):
        for backend in self:
            if (
                backend.code == "medusa"
                and backend.medusa_dialect == "admin"
                and backend.quantity_source == "free"
            ):
                raise ValidationError(
                    self.env._(
                        "Medusa subtracts the reserved quantities itself. Choose “On hand” as the quantity of "
                        "%(backend)s, or they are subtracted twice.",
                        backend=backend.name,
                    )
                )

    def write(self, vals):
        """Override: the dialects name the same fields differently, so each begins with its own mappings."""
        changed = self.filtered(
            lambda backend: (
                vals.get("medusa_dialect", backend.medusa_dialect) != backend.medusa_dialect
            )
        )
        started = changed.filtered(lambda backend: backend.state != "draft")
        if started:
            raise UserError(
                self.env._(
                    "%(backend)s is in use already, and what is linked in one dialect means nothing in the other. "
                    "Create a second backend.",
                    backend=started[0].name,
                )
            )
        result = super().write(vals)
        for backend in changed:
            backend.field_mapping_ids.unlink()
            backend._add_default_mappings()
        return result
