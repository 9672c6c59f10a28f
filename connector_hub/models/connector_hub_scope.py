# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models
from odoo.tools import SQL


class ConnectorHubScope(models.Model):
    """What a change concerns beyond the record that was saved; found by the lane, not in anybody's save."""

    _inherit = "connector.hub.backend"

    def _resolve_changed(self, entity, target, model, ids):
        found = super()._resolve_changed(entity, target, model, ids)
        if entity == "stock" and target == "product.product":
            found |= set(self._kits_of(found))
        return found

    def _unnamed_services(self, entity, model, ids):
        """Those of the changed products that nobody means to sell there: services without a SKU, unless it has them.

        Of goods without a SKU one is told. Shipping, discounts and the like are products to Odoo alone.
        """
        if entity not in ("product", "stock"):
            return set()
        named = "default_code" if model == "product.product" else "product_variant_ids.default_code"
        services = self.env[model].with_context(active_test=False)
        found = services.search(
            [("id", "in", list(ids)), ("type", "=", "service"), "!", (named, "!=", False)]
        )
        bound = self.env["connector.hub.binding"]._of_records(self, entity, found)
        return set(found._ids) - bound.keys()

    def _tell_stock(self, product_ids):
        """Have the stock of products told that a partner knows since just now, or by another SKU than before."""
        untold = self._untold_stock(product_ids)
        if untold:
            self.env["connector.hub.change"]._append([(self.id, "stock.quant", untold)])

    def _untold_stock(self, product_ids):
        """Those of the products that have stock which the partner was never told, or under another SKU."""
        self.env["product.product"].flush_model(["default_code"])
        self.env.cr.execute(
            SQL(
                """
                SELECT p.id FROM product_product p
                  LEFT JOIN connector_hub_binding b
                    ON b.backend_id = %s AND b.entity = 'stock' AND b.res_model = 'product.product' AND b.res_id = p.id
                 WHERE p.id = ANY(%s) AND (b.id IS NULL OR b.reference <> p.default_code)
                   AND EXISTS (SELECT 1 FROM stock_quant q WHERE q.product_id = p.id)
                """,
                self.id,
                list(product_ids),
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _kits_of(self, product_ids):
        """Kits whose quantity follows from these components, kits of kits included; none without ``mrp``."""
        if "mrp.bom" not in self.env:
            return []
        lines_model = self.env["mrp.bom.line"].sudo()
        kits = self.env["product.product"]
        components = kits.browse(product_ids)
        while components:
            boms = lines_model.search(
                [("product_id", "in", components.ids), ("bom_id.type", "=", "phantom")]
            ).bom_id
            variants = (
                boms.product_id
                | boms.filtered(lambda bom: not bom.product_id).product_tmpl_id.product_variant_ids
            )
            components = variants - kits
            kits |= variants
        return kits.ids

    def _add_mended(self, changed):
        """Products that shared their SKU are sent once the other one has been given its own.

        What the partner itself refused as a duplicate was sent, and has a payload: nothing in Odoo mends that.

        :param dict changed: (entity, model) -> set of ids; completed
        """
        if "product" not in {entity for entity, _model in changed}:
            return
        dead = self.env["connector.hub.delivery"].search(
            [
                ("backend_id", "=", self.id),
                ("entity", "=", "product"),
                ("state", "=", "dead"),
                ("reason", "=", "duplicate_sku"),
                ("payload", "=", False),
            ]
        )
        adapter = self._get_adapter()
        for model, deliveries in dead.grouped("res_model").items():
            products = self.env[model].search(
                [
                    ("id", "in", deliveries.mapped("res_id")),
                    *adapter._export_domain(self, "product"),
                ]
            )
            still = adapter._refused(self, "product", products)
            mended = {
                product.id
                for product in products
                if product.id not in still and self._is_identified("product", product)
            }
            changed.setdefault(("product", model), set()).update(mended)
