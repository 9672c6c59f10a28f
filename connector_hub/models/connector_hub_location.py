# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models

from ..conversions.numbers import int_quantity_out


class ConnectorHubLocation(models.Model):
    """Which warehouse's stock is told as that of which of the partner's locations."""

    _name = "connector.hub.location"
    _description = "Connector Hub Location"
    _order = "backend_id, id"
    _rec_name = "external_id"
    _check_company_auto = True

    backend_id = fields.Many2one(
        "connector.hub.backend", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="backend_id.company_id")
    warehouse_id = fields.Many2one(
        "stock.warehouse", required=True, check_company=True, ondelete="cascade"
    )
    external_id = fields.Char(
        "Location there",
        required=True,
        help="The partner's ID of the place; where it knows places by their names, the name. Warehouses with the same "
        "place are added up.",
    )

    _warehouse_uniq = models.Constraint(
        "UNIQUE (backend_id, warehouse_id)", "This warehouse has a location already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        locations = super().create(vals_list)
        locations._note_stock()
        return locations

    def write(self, vals):
        self._note_stock()
        result = super().write(vals)
        self._note_stock()
        return result

    def unlink(self):
        self._note_stock()
        return super().unlink()

    def _note_stock(self):
        self.backend_id._note_settings({"location_ids"})


class ConnectorHubLocations(models.Model):
    _inherit = "connector.hub.backend"

    location_ids = fields.One2many("connector.hub.location", "backend_id", copy=True)

    @api.model
    def _location_quantities(self, backend, products):
        """What the partner is told of products, per location of its own.

        :return: {product id: {location's external id: whole quantity}}; empty for a backend without locations
        """
        quantities = {product.id: {} for product in products}
        held_back = dict.fromkeys(products.ids, backend.stock_buffer)
        for external_id, lines in backend.location_ids.grouped("external_id").items():
            located = products._connector_hub_stocked(backend, lines.warehouse_id)
            for product_id, quantity in located.items():
                # The safety stock is that of the whole product: the first places of the list hold it.
                kept = min(max(quantity, 0.0), held_back[product_id])
                held_back[product_id] -= kept
                quantities[product_id][external_id] = int_quantity_out(
                    max(quantity, 0.0) - kept, None
                )
        return quantities
