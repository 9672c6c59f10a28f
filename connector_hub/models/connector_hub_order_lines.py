# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from odoo import api, models
from odoo.fields import Command

from ..exceptions import RejectedError


@dataclass
class LinePlan:
    """One sale order line to be; without ``product``, the service product of ``role`` is meant."""

    price: Decimal
    taxes: Any
    quantity: Decimal = Decimal(1)
    percent: Decimal = Decimal(0)
    product: Any = None
    role: str = ""
    name: str = ""
    is_delivery: bool = False
    external_id: str = ""

    @property
    def amount(self):
        """Quantity x price - discount, with or without taxes as the price."""
        return self.quantity * self.price * (1 - self.percent / 100)


@dataclass
class OrderPlan:
    """An order that can be imported: everything found, everything computed, nothing written.

    :ivar total: what the sale order will come to, in the order's currency
    :ivar tax: the tax in it
    :ivar notes: what a person should know about the figures
    :ivar unread: what kept other ways to read the figures from being tried
    """

    order: Any
    currency: Any
    lines: list
    carrier: Any = None
    total: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    notes: list = field(default_factory=list)
    unread: list = field(default_factory=list)
    customer: Any = None
    sale_order: Any = None


class ConnectorHubOrderLines(models.AbstractModel):
    """Lines of a canonical order, and the proof that they come to the remote's total."""

    _name = "connector.hub.order.lines"
    _description = "Connector Hub Order Lines"

    @api.model
    def _plan_order(self, lookup, order):
        """Find what the order refers to and compute its total with Odoo's own tax engine.

        :return: OrderPlan
        :raise RejectedError: unknown_sku, duplicate_sku, currency_inactive, tax_unmapped,
            total_mismatch, not_configured
        """
        if not order.lines:
            raise RejectedError(
                self.env._("The order has no lines. Cancel it, or give it some at the partner."),
                reason="invalid_payload",
            )
        plan = self.env["connector.hub.order.reading"]._choose(lookup, order)
        self._settle_total(lookup, plan)
        return plan

    @api.model
    def _plan_goods(self, lookup, order):
        """An :class:`OrderPlan` with all lines but the shipping."""
        Lookup = self.env["connector.hub.order.lookup"]
        plan = OrderPlan(
            order=order, currency=Lookup._find_currency(lookup, order.currency_code), lines=[]
        )
        for number, line in enumerate(order.lines, start=1):
            plan.lines += self._plan_line(lookup, order, line, number)
        plan.lines += self._plan_order_discount(plan)
        plan.lines += self._plan_credit(plan)
        return plan

    # --- lines ---

    @api.model
    def _plan_line(self, lookup, order, line, number):
        Lookup = self.env["connector.hub.order.lookup"]
        self._check_quantity(line, number)
        product = Lookup._find_product(lookup, line, number)
        taxes = self._choose_taxes(lookup, order, line.taxes, product, line.tax_amount)
        planned = LinePlan(
            product=product,
            name=line.name,
            quantity=line.quantity,
            price=line.price_unit,
            taxes=taxes,
            external_id=line.external_id,
        )
        planned.percent = self._discount_percent(line)
        if planned.percent or not line.discount_amount:
            return [planned]
        label = self.env._("Discount: %(name)s", name=line.name or product.name)
        return [
            planned,
            LinePlan(role="discount", name=label, price=-line.discount_amount, taxes=taxes),
        ]

    @api.model
    def _check_quantity(self, line, number):
        """Odoo rounds quantities to the precision "Product Unit": refuse what it cannot hold."""
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        if line.quantity != line.quantity.quantize(Decimal(1).scaleb(-digits)):
            raise RejectedError(
                self.env._(
                    "The quantity %(quantity)s of line %(number)s has more decimals than Odoo "
                    "keeps (%(digits)s). "
                    'Raise the decimal accuracy "Product Unit", then requeue.',
                    quantity=line.quantity,
                    number=number,
                    digits=digits,
                ),
                reason="not_configured",
                details={"quantity": str(line.quantity), "line": number},
            )

    @api.model
    def _discount_percent(self, line):
        """The discount as a percentage Odoo can hold, or 0 if none gives the exact amount."""
        gross = line.quantity * line.price_unit
        if not line.discount_amount or gross <= 0 or line.discount_amount > gross:
            return Decimal(0)
        digits = self.env["decimal.precision"].precision_get("Discount")
        percent = (line.discount_amount / gross * 100).quantize(Decimal(1).scaleb(-digits))
        return percent if gross * percent == line.discount_amount * 100 else Decimal(0)

    @api.model
    def _choose_taxes(self, lookup, order, taxes, product, tax_amount=None):
        """The remote's taxes; the product's own if the remote only says how much tax; else none.

        The fiscal position is not applied: what the customer was charged is settled.
        """
        Lookup = self.env["connector.hub.order.lookup"]
        if taxes:
            return Lookup._find_taxes(lookup, taxes, order.prices_include_tax)
        names_no_tax = not any(line.taxes for line in order.lines)
        if tax_amount or (tax_amount is None and names_no_tax and order.tax_total):
            return Lookup._find_product_taxes(lookup, product, order.prices_include_tax)
        return self.env["account.tax"]

    @api.model
    def _plan_order_discount(self, plan):
        """The discount on the whole order, shared among the lines' taxes by their amounts."""
        remaining = plan.order.discount_total
        if not remaining:
            return []
        amounts = {}
        for line in plan.lines:
            amounts[line.taxes] = amounts.get(line.taxes, Decimal(0)) + line.amount
        total = sum(amounts.values())
        discounts = []
        for position, (taxes, amount) in enumerate(amounts.items(), start=1):
            share = remaining
            if position < len(amounts) and total:
                share = self._round(plan.order.discount_total * amount / total, plan.currency)
            if share:
                discounts.append(
                    LinePlan(
                        role="discount", name=self.env._("Discount"), price=-share, taxes=taxes
                    )
                )
            remaining -= share
        return discounts

    @api.model
    def _plan_credit(self, plan):
        """What the partner credited since, such as a refund, on a line without taxes."""
        credit = plan.order.credit_total
        if not credit:
            return []
        return [
            LinePlan(
                role="discount",
                name=self.env._("Credited"),
                price=-credit,
                taxes=self.env["account.tax"],
            )
        ]

    @api.model
    def _plan_shipping(self, lookup, plan):
        """The carrier named like the remote's method, and what the customer pays for delivery.

        :return: the line, or None
        """
        shipping = plan.order.shipping
        if not shipping:
            return None
        plan.carrier = lookup.carriers.get(shipping.method.casefold()) if shipping.method else None
        if not plan.carrier and not shipping.amount:
            return None
        product = plan.carrier.product_id if plan.carrier else lookup.backend.shipping_product_id
        line = LinePlan(
            product=product or None,
            role="shipping",
            name=shipping.method or (product.name if product else self.env._("Shipping")),
            price=shipping.amount,
            taxes=self._choose_taxes(lookup, plan.order, shipping.taxes, product, None),
            is_delivery=True,
        )
        plan.lines.append(line)
        return line

    # --- totals ---

    @api.model
    def _settle_total(self, lookup, plan):
        """Compare with the remote's total to the last digit; the policy decides on a difference."""
        order, policy = plan.order, lookup.backend.total_policy
        Reading = self.env["connector.hub.order.reading"]
        expected, tax = self._round(order.total, plan.currency), plan.tax
        if plan.total != expected:
            message = self._describe_difference(plan, self.env._("total"), plan.total, expected)
            if policy == "adjust":
                self._add_rounding_line(lookup, plan, expected)
            if policy == "hold" or (policy == "adjust" and plan.total != expected):
                message = " ".join([message, *Reading._describe_figures(plan)])
                raise self._total_mismatch(message, plan.total, expected)
            plan.notes.append(message)
        if Reading._tax_difference(plan, tax) > Reading._tolerance(plan):
            expected_tax = self._round(order.tax_total, plan.currency)
            message = self._describe_difference(plan, self.env._("tax"), tax, expected_tax)
            if policy == "hold":
                message = " ".join([message, *Reading._describe_figures(plan)])
                raise self._total_mismatch(message, tax, expected_tax)
            plan.notes.append(message)

    @api.model
    def _compute_totals(self, company, plan):
        """(total, tax) that the sale order will show, as Decimal."""
        Tax = self.env["account.tax"]
        base_lines = [
            Tax._prepare_base_line_for_taxes_computation(
                None,
                product_id=line.product or self.env["product.product"],
                tax_ids=line.taxes,
                price_unit=float(line.price),
                quantity=float(line.quantity),
                discount=float(line.percent),
                currency_id=plan.currency,
                rate=1.0,
            )
            for line in plan.lines
        ]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        summary = Tax._get_tax_totals_summary(
            base_lines=base_lines, currency=plan.currency, company=company
        )
        return (
            self._round(summary["total_amount_currency"], plan.currency),
            self._round(summary["tax_amount_currency"], plan.currency),
        )

    @api.model
    def _add_rounding_line(self, lookup, plan, expected):
        plan.lines.append(
            LinePlan(
                role="discount",
                name=self.env._("Rounding difference"),
                price=expected - plan.total,
                taxes=self.env["account.tax"],
            )
        )
        plan.total, _tax = self._compute_totals(lookup.company, plan)

    @api.model
    def _describe_difference(self, plan, what, computed, expected):
        return self.env._(
            "The %(what)s of order %(reference)s does not add up: Odoo computes %(computed)s "
            "%(currency)s, the remote says %(expected)s %(currency)s.",
            what=what,
            reference=plan.order.reference or plan.order.external_id,
            computed=computed,
            expected=expected,
            currency=plan.currency.name,
        )

    @api.model
    def _total_mismatch(self, message, computed, expected):
        advice = self.env._(
            "Check prices, discounts and taxes, or the backend's policy for totals, then requeue."
        )
        return RejectedError(
            f"{message} {advice}",
            reason="total_mismatch",
            details={"computed": str(computed), "expected": str(expected)},
        )

    @api.model
    def _round(self, amount, currency):
        """An amount to the currency's last digit, half away from zero, as Odoo rounds."""
        digit = Decimal(1).scaleb(-currency.decimal_places)
        return Decimal(str(amount)).quantize(digit, rounding=ROUND_HALF_UP)

    # --- values ---

    @api.model
    def _prepare_line_values(self, line, service_products, sequence):
        """sale.order.line values; ``technical_price_unit`` differs so that Odoo keeps the price."""
        price = float(line.price)
        values = {
            "sequence": sequence,
            "product_id": (line.product or service_products[line.role]).id,
            "product_uom_qty": float(line.quantity),
            "price_unit": price,
            "technical_price_unit": price + 1,
            "discount": float(line.percent),
            "tax_ids": [Command.set(line.taxes.ids)],
            "is_delivery": line.is_delivery,
            "connector_hub_external_id": line.external_id or False,
        }
        if line.name:
            values["name"] = line.name
        return values
