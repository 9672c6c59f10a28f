# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import replace
from decimal import Decimal

from odoo import api, models
from odoo.tools import float_repr

from odoo.addons.connector_hub.exceptions import RejectedError
from odoo.addons.connector_hub.paths import set_path

from ..const_admin import BARCODE_FIELDS, DEFAULT_VARIANT


class ConnectorHubProductsAdmin(models.AbstractModel):
    """What a product template is to a Medusa v2 shop: one product with its options and variants."""

    _inherit = "connector.hub.adapter.medusa.admin"

    @api.model
    def _build_products(self, backend, templates):
        """Payloads of product templates, read in one pass.

        :return: {template id: {product, handle, category: [{name, handle}] from the root, images: [URL],
            options: [{title, values}], variants: [{title, sku, prices: {code: Decimal}, options, ...}]}}
        """
        templates = templates.with_context(active_test=True)
        prices = self._variant_prices(backend, templates.product_variant_ids)
        images = self._image_urls(backend, templates)
        mapped = self._mapped_values(backend, templates)
        payloads = {}
        for template in templates:
            payloads[template.id] = {
                **self._product_values(template, mapped[template.id]),
                "images": images.get(template.id, []),
                "options": self._option_values(template),
                "variants": [
                    self._variant_values(variant, mapped[template.id], prices)
                    for variant in template.product_variant_ids.sorted("id")
                ],
            }
        return payloads

    @api.model
    def _refused(self, backend, entity, records):
        """Override: a product one of whose variants shares its SKU, by the same rule as for single products."""
        if entity != "product" or records._name != "product.template":
            return super()._refused(backend, entity, records)
        variants = records.with_context(active_test=True).product_variant_ids
        refused = variants._connector_hub_duplicates(self._export_domain(backend, entity))
        return {
            variant.product_tmpl_id.id: refused[variant.id]
            for variant in variants
            if variant.id in refused
        }

    # -- the parts of a payload -------------------------------------------------------------------------------------

    @api.model
    def _mapped_values(self, backend, templates):
        """{template id: {"product": {...}, "variants": {variant id: {...}}}} by the field mappings."""
        values = {
            template.id: {
                "product": {},
                "variants": {variant.id: {} for variant in template.product_variant_ids},
            }
            for template in templates
        }
        for mapping in self.env["connector.hub.field.mapping"]._compile(
            backend, "product", "export"
        ):
            if mapping.odoo_steps[0] != "product_variant_ids":
                for template in templates:
                    product = values[template.id]["product"]
                    set_path(product, mapping.external_steps, mapping.value_of(template))
            elif mapping.external_steps[0] == "variants" and len(mapping.external_steps) > 1:
                inner = replace(
                    mapping,
                    odoo_steps=mapping.odoo_steps[1:],
                    external_steps=mapping.external_steps[1:],
                )
                for template in templates:
                    for variant in template.product_variant_ids:
                        target = values[template.id]["variants"][variant.id]
                        set_path(target, inner.external_steps, inner.value_of(variant))
        return values

    @api.model
    def _product_values(self, template, mapped):
        """external_id as Medusa's own Odoo recipe sets it, so that both ways of linking agree."""
        categories = self._category_chain(template.categ_id)
        product = {
            **mapped["product"],
            "external_id": str(template.id),
            "status": "published" if template.sale_ok and template.active else "draft",
        }
        product["metadata"] = {
            **(product.get("metadata") or {}),
            "odoo_category": categories[-1]["handle"] if categories else "",
        }
        slug = self.env["ir.http"]._slugify(template.name or "", max_length=60)
        return {
            "product": product,
            "handle": f"{slug or 'product'}-{template.id}",
            "category": categories,
        }

    @api.model
    def _category_chain(self, category):
        """[{name, handle}] from the root. The handle names the whole path: different shoes have the same name."""
        path = []
        while category:
            path.append(category)
            category = category.parent_id
        chain, slugs = [], []
        for step in reversed(path):
            slug = self.env["ir.http"]._slugify(step.name or "")
            slugs.append(slug or f"category-{step.id}")
            chain.append({"name": step.name, "handle": "-".join(slugs)})
        return chain

    @api.model
    def _option_values(self, template):
        """One option per attribute that makes variants, with the values in use."""
        options = {}
        for variant in template.product_variant_ids.sorted("id"):
            for value in variant.product_template_attribute_value_ids:
                if value.attribute_id.create_variant != "no_variant":
                    values = options.setdefault(value.attribute_id.name, [])
                    if value.name not in values:
                        values.append(value.name)
        return [{"title": title, "values": values} for title, values in options.items()]

    @api.model
    def _variant_values(self, variant, mapped, prices):
        values = variant.product_template_attribute_value_ids.filtered(
            lambda value: value.attribute_id.create_variant != "no_variant"
        )
        payload = {
            "title": ", ".join(values.mapped("name")) or DEFAULT_VARIANT,
            **mapped["variants"][variant.id],
            "sku": variant.default_code,
            "manage_inventory": variant.connector_hub_is_stocked,
            "options": {value.attribute_id.name: value.name for value in values},
            "prices": prices[variant.id],
        }
        marks = {}
        for name, key in BARCODE_FIELDS.items():
            if name in payload:
                payload[name] = payload[name] or None
                marks[key] = payload[name] or ""
        payload["metadata"] = {
            **(payload.get("metadata") or {}),
            **marks,
            "external_id": str(variant.id),
        }
        return payload

    @api.model
    def _variant_prices(self, backend, variants):
        """{variant id: {lower case currency code: Decimal}}: the sales price, and one per chosen pricelist."""
        prices = {variant.id: {} for variant in variants}
        for pricelist in backend.pricelist_id | backend.medusa_pricelist_ids:
            amounts = pricelist._get_products_price(variants, 1.0)
            for variant in variants:
                self._put_price(prices[variant.id], pricelist.currency_id, amounts[variant.id])
        for variant in variants:
            self._put_price(prices[variant.id], variant.currency_id, variant.lst_price)
        return prices

    @api.model
    def _put_price(self, prices, currency, amount):
        """Rounded to the currency's decimals; the first price of a currency counts."""
        text = float_repr(currency.round(amount), currency.decimal_places)
        prices.setdefault(currency.name.lower(), Decimal(text) + 0)

    @api.model
    def _image_urls(self, backend, templates):
        """{template id: [public URL]} of the products' images, the main one first, each once."""
        urls = self.env["connector.hub.image"]._urls(templates.product_variant_ids)
        return {
            template.id: list(
                dict.fromkeys(
                    url for variant in template.product_variant_ids for url in urls[variant.id]
                )
            )
            for template in templates
        }

    # -- what the sending has to know -------------------------------------------------------------------------------

    @api.model
    def _products_context(self, backend, items):
        """See ``ExportRoute.context``.

        :return: ``existing``: ids of the templates that are there; ``channel_id``; ``stale``: SKU -> the shop's id of
            a variant that the shop still knows by it, and that has another SKU in Odoo
        """
        ids = [item.res_id for item in items]
        existing = self.env["product.template"].with_context(active_test=False).browse(ids).exists()
        return {
            "existing": frozenset(existing.ids),
            "channel_id": backend.medusa_sales_channel_id,
            "stale": self._stale_skus(backend, items),
        }

    @api.model
    def _stale_skus(self, backend, items):
        wanted = {
            variant["sku"]: int(variant["metadata"]["external_id"])
            for item in items
            if not item.deletes
            for variant in item.payload["variants"]
        }
        holders = (
            self.env["connector.hub.binding"]
            .sudo()
            .search_fetch(
                [
                    ("backend_id", "=", backend.id),
                    ("entity", "=", "product"),
                    ("res_model", "=", "product.product"),
                    ("reference", "in", list(wanted)),
                ],
                ["reference", "res_id", "external_id"],
            )
            .filtered(lambda binding: wanted[binding.reference] != binding.res_id)
        )
        products = self.env["product.product"].with_context(active_test=False)
        current = {
            product.id: product.default_code
            for product in products.browse(holders.mapped("res_id")).exists()
        }
        return {
            binding.reference: binding.external_id
            for binding in holders
            if current.get(binding.res_id) != binding.reference
        }

    @api.model
    def _after_products(self, backend, items):
        """Quantities that waited for a product to be in the shop are due now."""
        variant_ids = [res_id for item in items for _model, res_id, *_ids in item.links]
        self.env["connector.hub.delivery"]._make_due(
            backend, "stock", "product.product", variant_ids
        )

    @api.model
    def _check_sendable(self, template):
        """What the product is known by: the SKU of its first variant.

        :raises RejectedError: if a variant cannot be identified in the shop
        """
        variants = template.with_context(active_test=True).product_variant_ids
        nameless = variants.filtered(lambda variant: not variant.default_code)
        if nameless or not variants:
            raise RejectedError(
                self.env._(
                    "“%(product)s” has no SKU (internal reference) on: %(variants)s. Give every variant one, and it "
                    "is sent.",
                    product=template.display_name,
                    variants=", ".join(nameless.mapped("display_name")) or "-",
                ),
                reason="missing_sku",
            )
        return variants[0].default_code
