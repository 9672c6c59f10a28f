# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re

from odoo import api, fields, models

#: Attribute that stands for the brand, where there is no field for it.
BRAND_ATTRIBUTE = "brand"


class ProductOffer(models.Model):
    """What a partner is told of a variant, as the backend at hand wants it: for field mappings."""

    _inherit = "product.product"

    connector_hub_price = fields.Float(
        "Price for the partner",
        compute="_compute_connector_hub_prices",
        min_display_digits="Product Price",
        help="Sales price by the backend's pricelist, in its currency.",
    )
    connector_hub_compare_price = fields.Float(
        "Price before for the partner",
        compute="_compute_connector_hub_prices",
        min_display_digits="Product Price",
        help="The crossed-out price, if it is higher than the price; in the same currency.",
    )
    connector_hub_cost = fields.Float(
        "Cost for the partner",
        compute="_compute_connector_hub_prices",
        min_display_digits="Product Price",
        groups="base.group_user",
        help="Cost in the currency of the price.",
    )
    connector_hub_currency_id = fields.Many2one(
        "res.currency", "Currency for the partner", compute="_compute_connector_hub_prices"
    )
    connector_hub_is_stocked = fields.Boolean(
        "Stock counts for the partner",
        compute="_compute_connector_hub_is_stocked",
        help="Whether there can be too little of it: storable products, and kits made of some.",
    )
    connector_hub_brand = fields.Char(
        "Brand for the partner",
        compute="_compute_connector_hub_attributes",
        help="Value of the attribute “Brand”.",
    )
    connector_hub_attributes = fields.Json(
        "Attributes for the partner",
        compute="_compute_connector_hub_attributes",
        help="Attributes but the brand, by their names in lower case: {color: Black, material: Silicone}.",
    )
    connector_hub_image_urls = fields.Json(
        "Image addresses",
        compute="_compute_connector_hub_image_urls",
        help="Signed public addresses of the images, the main one first.",
    )

    def _connector_hub_backend(self):
        return self.env["connector.hub.backend"].browse(
            self.env.context.get("connector_hub_backend_id")
        )

    @api.depends(
        lambda self: (
            "product_tmpl_id.list_price",
            "product_template_attribute_value_ids.price_extra",
            "standard_price",
            *(
                ("product_tmpl_id.compare_list_price",)
                if "compare_list_price" in self.env["product.template"]._fields
                else ()
            ),
        )
    )
    @api.depends_context("connector_hub_backend_id", "company")
    def _compute_connector_hub_prices(self):
        backend = self._connector_hub_backend()
        pricelist, company = backend.pricelist_id, self.env.company
        currency = backend._currency() if backend else company.currency_id
        prices = pricelist._get_products_price(self, 1.0) if pricelist else {}
        has_compare_price = "compare_list_price" in self._fields

        def convert(amount, source):
            if source == currency or not amount:
                return amount
            return source._convert(amount, currency, company, fields.Date.today())

        # One assignment for all costs a fraction of one for each.
        self.connector_hub_currency_id = currency
        self.connector_hub_compare_price = 0.0
        for product in self:
            price = prices[product.id] if pricelist else product.lst_price
            product.connector_hub_price = price
            product.connector_hub_cost = convert(product.standard_price, company.currency_id)
            if has_compare_price and product.compare_list_price:
                before = convert(product.compare_list_price, product.currency_id)
                if before > price:
                    product.connector_hub_compare_price = before

    @api.depends("is_storable")
    def _compute_connector_hub_is_stocked(self):
        # Kits exist with the addon ``mrp`` only.
        may_be_kits = "is_kits" in self._fields
        stocked = self.filtered(
            lambda product: product.product_tmpl_id.is_storable or (may_be_kits and product.is_kits)
        )
        stocked.connector_hub_is_stocked = True
        (self - stocked).connector_hub_is_stocked = False

    @api.depends(
        "product_template_attribute_value_ids", "product_tmpl_id.attribute_line_ids.value_ids"
    )
    def _compute_connector_hub_attributes(self):
        self.connector_hub_brand = False
        self.connector_hub_attributes = {}
        for product in self.filtered(lambda product: product.product_tmpl_id.attribute_line_ids):
            values = {}
            chosen = product.product_template_attribute_value_ids
            for line in product.product_tmpl_id.attribute_line_ids:
                own = chosen.filtered(lambda value, line=line: value.attribute_line_id == line)
                names = (own.product_attribute_value_id or line.value_ids).mapped("name")
                # The keys are names of fields to the partner: they do not change with the language.
                name = line.attribute_id.with_context(lang="en_US").name
                key = re.sub(r"\W+", "_", name.strip().lower()).strip("_")
                if names and key:
                    values[key] = ", ".join(names)
            product.connector_hub_brand = values.pop(BRAND_ATTRIBUTE, False)
            product.connector_hub_attributes = values

    @api.depends(
        lambda self: (
            "image_variant_1920",
            "product_tmpl_id.image_1920",
            *(
                ("product_variant_image_ids", "product_tmpl_id.product_template_image_ids")
                if "product_template_image_ids" in self.env["product.template"]._fields
                else ()
            ),
        )
    )
    def _compute_connector_hub_image_urls(self):
        self.connector_hub_image_urls = []
        for product_id, urls in self.env["connector.hub.image"]._urls(self).items():
            if urls:
                self.browse(product_id).connector_hub_image_urls = urls
