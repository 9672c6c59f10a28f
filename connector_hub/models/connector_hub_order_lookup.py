# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from odoo import api, models

from ..exceptions import RejectedError


def rate_key(rate):
    """A tax rate in percent as Odoo keeps it, with four decimals."""
    return Decimal(str(rate)).quantize(Decimal("0.0001"))


@dataclass
class OrderLookup:
    """What a batch of orders refers to, read from Odoo in one query per kind.

    :ivar history: external ids of the orders of the past, which are put on record only
    :ivar orders: {external id: sale.order} imported before
    :ivar bound_products: {external id: product.product}
    :ivar products: {SKU: product.product}, active ones where there are any
    :ivar currencies: {ISO code: res.currency}, active ones
    :ivar pricelists: {currency id: product.pricelist}
    :ivar taxes: {(rate, included): account.tax}, the best match first
    :ivar carriers: {lower case name: delivery.carrier}
    """

    backend: Any
    company: Any
    orders: dict
    bound_products: dict
    products: dict
    currencies: dict
    pricelists: dict
    taxes: dict
    carriers: dict
    history: frozenset = frozenset()


class ConnectorHubOrderLookup(models.AbstractModel):
    """Finds what orders refer to: products, currencies, pricelists, taxes, carriers."""

    _name = "connector.hub.order.lookup"
    _description = "Connector Hub Order Lookup"

    # --- reading, once per batch ---

    @api.model
    def _load(self, backend, orders):
        """Read everything the canonical orders refer to.

        :return: OrderLookup
        """
        company = backend.company_id
        return OrderLookup(
            backend=backend,
            company=company,
            orders=self._load_bound(
                backend, "order", "sale.order", {order.external_id for order in orders}
            ),
            bound_products=self._load_bound_products(backend, orders),
            products=self._load_products(
                company, {line.sku for order in orders for line in order.lines}
            ),
            currencies=self._load_currencies({order.currency_code.upper() for order in orders}),
            pricelists=self._load_pricelists(backend, orders),
            taxes=self._load_taxes(company),
            carriers=self._load_carriers(company, orders),
        )

    @api.model
    def _load_bound(self, backend, entity, model, external_ids):
        """Existing records of one model by external id."""
        bindings = (
            self.env["connector.hub.binding"]
            .sudo()
            .search_fetch(
                [
                    ("backend_id", "=", backend.id),
                    ("entity", "=", entity),
                    ("res_model", "=", model),
                    (
                        "external_id",
                        "in",
                        [external_id for external_id in external_ids if external_id],
                    ),
                ],
                ["external_id", "res_id"],
            )
        )
        existing = self.env[model].browse(bindings.mapped("res_id")).exists()
        return {
            binding.external_id: self.env[model].browse(binding.res_id)
            for binding in bindings
            if binding.res_id in existing._ids
        }

    @api.model
    def _load_bound_products(self, backend, orders):
        """Variants by external id. A bound template counts where it has a single variant."""
        external_ids = {line.product_external_id for order in orders for line in order.lines} - {""}
        if not external_ids:
            return {}
        templates = self._load_bound(backend, "product", "product.template", external_ids)
        products = {
            external_id: template.product_variant_id
            for external_id, template in templates.items()
            if template.product_variant_count == 1
        }
        return products | self._load_bound(backend, "product", "product.product", external_ids)

    @api.model
    def _load_products(self, company, skus):
        Product = self.env["product.product"]
        skus = [sku for sku in skus if sku]
        if not skus:
            return {}
        found = Product.with_context(active_test=False).search(
            [("default_code", "in", skus), *Product._check_company_domain(company)]
        )
        products = found.with_env(self.env).grouped("default_code")
        return {sku: same_sku.filtered("active") or same_sku for sku, same_sku in products.items()}

    @api.model
    def _load_currencies(self, codes):
        currencies = self.env["res.currency"].search([("name", "in", list(codes))])
        return {currency.name: currency for currency in currencies}

    @api.model
    def _load_pricelists(self, backend, orders):
        """The backend's pricelist for its currency; for foreign currencies the company's first."""
        company = backend.company_id
        pricelists = {}
        foreign = {order.currency_code.upper() for order in orders} - {company.currency_id.name}
        if foreign:
            Pricelist = self.env["product.pricelist"]
            for pricelist in Pricelist.search(
                [
                    ("currency_id.name", "in", list(foreign)),
                    ("company_id", "in", [company.id, False]),
                ],
                order="company_id, sequence, id",
            ):
                pricelists.setdefault(pricelist.currency_id.id, pricelist)
        if backend.pricelist_id:
            pricelists[backend.pricelist_id.currency_id.id] = backend.pricelist_id
        return pricelists

    @api.model
    def _load_taxes(self, company):
        """Percentage taxes on sales by rate and inclusion, domestic ones of the company first."""
        Tax = self.env["account.tax"]
        found = Tax.search(
            [
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                *Tax._check_company_domain(company),
            ]
        )
        fiscal_country = company.account_fiscal_country_id
        ordered = found.filtered(lambda tax: not tax.has_negative_factor).sorted(
            lambda tax: (
                tax.country_id != fiscal_country,
                not tax.is_domestic,
                tax.company_id != company,
                tax.sequence,
                tax.id,
            )
        )
        return ordered.grouped(lambda tax: (rate_key(tax.amount), tax.price_include))

    @api.model
    def _load_carriers(self, company, orders):
        Carrier = self.env["delivery.carrier"]
        if not any(order.shipping and order.shipping.method for order in orders):
            return {}
        carriers = {}
        found = Carrier.search(Carrier._check_company_domain(company))
        for translation in (found.with_context(lang="en_US"), found):
            for carrier in translation:
                carriers.setdefault(carrier.name.strip().casefold(), carrier.with_env(self.env))
        return carriers

    # --- asking, once per order ---

    @api.model
    def _find_currency(self, lookup, code):
        """The active currency, or RejectedError (currency_inactive)."""
        currency = lookup.currencies.get(code.upper())
        if not currency:
            raise RejectedError(
                self.env._(
                    "The currency %(code)s is not active. Activate it under Accounting > "
                    "Configuration > Currencies, then requeue.",
                    code=code.upper(),
                ),
                reason="currency_inactive",
                details={"currency_code": code.upper()},
            )
        return currency

    @api.model
    def _find_product(self, lookup, line, number):
        """The product of a line, a binding before the SKU; or unknown_sku, duplicate_sku."""
        bound = lookup.bound_products.get(line.product_external_id)
        if bound:
            return bound
        products = lookup.products.get(line.sku)
        if products and len(products) == 1:
            return products
        placeholders = {"sku": line.sku, "number": number, "name": line.name or "-"}
        if products:
            raise RejectedError(
                self.env._(
                    "The SKU %(sku)s of line %(number)s (%(name)s) belongs to several products: "
                    "%(products)s. Leave it on one of them, then requeue.",
                    products=", ".join(
                        f"{product.display_name} (ID {product.id})" for product in products
                    ),
                    **placeholders,
                ),
                reason="duplicate_sku",
                details={"sku": line.sku, "line": number, "product_ids": products.ids},
            )
        if line.sku:
            message = self.env._(
                "No product has the SKU %(sku)s of line %(number)s (%(name)s). Set it as the "
                "internal reference of the product, then requeue.",
                **placeholders,
            )
        else:
            message = self.env._(
                "Line %(number)s (%(name)s) has no SKU, and its product is not linked. Give the "
                "product a SKU in the shop, or link it, then requeue.",
                **placeholders,
            )
        raise RejectedError(
            message, reason="unknown_sku", details={"sku": line.sku, "line": number}
        )

    @api.model
    def _find_taxes(self, lookup, taxes, included):
        """Odoo's taxes for those of a line, or tax_unmapped. A missing tax of 0 % is no tax.

        :param taxes: list of CanonicalTax
        :param bool included: whether the order's prices include taxes, where a tax does not say
        """
        found = self.env["account.tax"]
        for tax in taxes:
            says_so = "included" in tax.model_fields_set
            price_include = tax.included if says_so else included
            candidates = lookup.taxes.get(
                (rate_key(tax.rate), price_include), self.env["account.tax"]
            )
            named = candidates.filtered(
                lambda candidate, tax=tax: candidate.name.casefold() == tax.name.casefold()
            )
            if candidates:
                found |= (named or candidates)[0]
            elif tax.rate:
                raise self._unmapped_tax(lookup, tax.rate, price_include)
        return found

    @api.model
    def _find_product_taxes(self, lookup, product, included):
        """The product's own sales taxes, for a remote that says how much tax, but not which.

        Only their rates count: the tax is one whose inclusion fits the order's prices.
        """
        found = self.env["account.tax"]
        for tax in product.taxes_id._filter_taxes_by_company(lookup.company):
            if tax.amount_type != "percent" or tax.price_include == included:
                found |= tax
                continue
            fitting = lookup.taxes.get((rate_key(tax.amount), included))
            if not fitting and tax.amount:
                raise self._unmapped_tax(lookup, tax.amount, included)
            found |= (fitting or found)[:1]
        return found

    @api.model
    def _unmapped_tax(self, lookup, rate, included):
        mode = self.env._("included in prices") if included else self.env._("on top of prices")
        return RejectedError(
            self.env._(
                "%(company)s has no sales tax of %(rate)s %% %(mode)s. Create it under Accounting "
                "> Configuration > Taxes, then requeue.",
                company=lookup.company.name,
                rate=f"{Decimal(str(rate)).normalize():f}",
                mode=mode,
            ),
            reason="tax_unmapped",
            details={"rate": str(rate), "included": included},
        )
