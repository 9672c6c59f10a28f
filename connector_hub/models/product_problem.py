# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.tools import SQL

from ..const import REASONS
from ..exceptions import RejectedError

PROBLEMS: tuple[str, ...] = ("missing_sku", "duplicate_sku")


class ProductProblem(models.Model):
    """Products that partners cannot tell apart: without a SKU, or with the same one as another."""

    _inherit = "product.product"

    connector_hub_problem = fields.Selection(
        selection=lambda self: [(reason, REASONS[reason]) for reason in PROBLEMS],
        string="Cannot be sent",
        compute="_compute_connector_hub_problem",
        search="_search_connector_hub_problem",
        help="Why this product cannot be sent to any partner. It is sent once it has a SKU of its own.",
    )

    @api.depends("default_code", "active", "sale_ok", "company_id", "type")
    def _compute_connector_hub_problem(self):
        missing = set(self._connector_hub_problem_ids("missing_sku", self.ids))
        duplicate = set(self._connector_hub_problem_ids("duplicate_sku", self.ids))
        for product in self:
            product.connector_hub_problem = (
                "missing_sku"
                if product.id in missing
                else "duplicate_sku"
                if product.id in duplicate
                else False
            )

    @api.model
    def _search_connector_hub_problem(self, operator, value):
        if operator != "in":
            return NotImplemented
        wanted = set(value)
        ids = [
            product_id
            for reason in PROBLEMS
            if reason in wanted
            for product_id in self._connector_hub_problem_ids(reason)
        ]
        if False in wanted:
            everything = {i for reason in PROBLEMS for i in self._connector_hub_problem_ids(reason)}
            return [("id", "not in", list(everything - set(ids)))]
        return [("id", "in", ids)]

    @api.model
    def _connector_hub_problem_ids(self, reason, ids=None):
        """Ids of saleable products with a problem; services without a SKU are not meant for partners."""
        self.env["product.product"].flush_model(["default_code", "active", "product_tmpl_id"])
        self.env["product.template"].flush_model(["sale_ok", "company_id", "active", "type"])
        problem = {
            "missing_sku": SQL(
                """NULLIF(p.default_code, '') IS NULL AND t.type <> 'service'
                   AND NOT EXISTS (SELECT 1 FROM connector_hub_backend b
                                    WHERE p.id IN (b.shipping_product_id, b.discount_product_id))"""
            ),
            "duplicate_sku": SQL(
                """p.default_code <> '' AND EXISTS (
                       SELECT 1 FROM product_product o
                         JOIN product_template ot ON ot.id = o.product_tmpl_id
                        WHERE o.default_code = p.default_code AND o.id <> p.id AND o.active AND ot.sale_ok
                          AND (ot.company_id IS NULL OR t.company_id IS NULL OR ot.company_id = t.company_id))"""
            ),
        }[reason]
        self.env.cr.execute(
            SQL(
                """SELECT p.id FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id
                    WHERE p.active AND t.sale_ok AND %s AND %s""",
                problem,
                SQL("p.id = ANY(%s)", list(ids)) if ids is not None else SQL("TRUE"),
            )
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _connector_hub_duplicates(self, domain):
        """Those of these products that share their SKU with another product of a domain, archived ones left out.

        :return: {product id: RejectedError (duplicate_sku)}
        """
        skus = [sku for sku in self.mapped("default_code") if sku]
        groups = self.with_context(active_test=True)._read_group(
            [("default_code", "in", skus), *domain],
            ["default_code"],
            ["id:recordset"],
            having=[("__count", ">", 1)],
        )
        refused = {}
        for sku, products in groups:
            names = ", ".join(f"{product.display_name} (ID {product.id})" for product in products)
            for product in products & self:
                refused[product.id] = RejectedError(
                    self.env._(
                        "The SKU %(sku)s is used by several products: %(names)s. Give each its own, and they are sent.",
                        sku=sku,
                        names=names,
                    ),
                    reason="duplicate_sku",
                )
        return refused
