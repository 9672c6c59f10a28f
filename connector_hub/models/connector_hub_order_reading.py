# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal

from odoo import api, models

from ..exceptions import RejectedError

#: Of how many rounded figures a shipping's price with tax is made: price, tax, the goods' tax, total.
ROUNDED_FIGURES = 4


class ConnectorHubOrderReading(models.AbstractModel):
    """Which of a partner's figures include tax, and how its shipping is taxed, where it does not say.

    The order's own sum decides: a reading is right if Odoo's tax engine comes to the partner's total to the last digit
    and, but for rounding, to its tax. The partner's settings say which reading is tried first.
    """

    _name = "connector.hub.order.reading"
    _description = "Connector Hub Order Reading"

    @api.model
    def _choose(self, lookup, order):
        """The plan of the first reading that adds up; if none does, of one that is off by rounding only, else of the
        one that the partner's settings name.

        :return: OrderPlan, with its total and tax
        :raise RejectedError: what keeps the order itself from being read
        """
        plans, refused = [], []
        for reading in (order, *order.alternatives):
            try:
                plan = self._plan_reading(lookup, reading)
            except RejectedError as error:
                refused.append(error)
                continue
            if self._fits(plan):
                return plan
            plans.append(plan)
        if not plans or (refused and refused[0].reason != "tax_unmapped"):
            raise refused[0]
        closest = min(plans, key=self._distance)
        chosen = closest if max(self._distance(closest)) <= self._tolerance(closest) else plans[0]
        # Perhaps the order adds up in a way for which Odoo has no tax.
        chosen.unread = [error.message for error in refused]
        return chosen

    @api.model
    def _plan_reading(self, lookup, order):
        Lines = self.env["connector.hub.order.lines"]
        plan = Lines._plan_goods(lookup, order)
        is_mixed = self._is_shipping_mixed(order)
        goods = Lines._compute_totals(lookup.company, plan) if is_mixed else None
        line = Lines._plan_shipping(lookup, plan)
        if line and is_mixed:
            line.price = self._convert_shipping(plan, line.price, *goods)
        plan.total, plan.tax = Lines._compute_totals(lookup.company, plan)
        if line and line.price and order.tax_total and not order.shipping.taxes:
            self._choose_shipping_taxes(lookup, plan, line)
        return plan

    @api.model
    def _is_shipping_mixed(self, order):
        shipping = order.shipping
        return bool(
            shipping
            and shipping.amount
            and order.tax_total
            and shipping.includes_tax not in (None, order.prices_include_tax)
        )

    @api.model
    def _convert_shipping(self, plan, price, goods_total, goods_tax):
        """One way in one order: the shipping's price is put as the other prices are, by what its tax comes to.

        :param goods_total: what the other lines come to; ``goods_tax`` the tax in it
        """
        Lines, order = self.env["connector.hub.order.lines"], plan.order
        tax = order.tax_total - goods_tax
        if not order.prices_include_tax:
            return price - tax
        paid = Lines._round(order.total, plan.currency) - goods_total
        # Price, tax and total are rounded each by itself: what was paid counts.
        rounding = ROUNDED_FIGURES * Decimal(str(plan.currency.rounding)) / 2
        return paid if abs(price + tax - paid) <= rounding else price + tax

    @api.model
    def _choose_shipping_taxes(self, lookup, plan, line):
        """The partner says how much tax there is, but not of what rate the shipping's is.

        Its product's own come first; then none, and those of the lines. The closest ones are taken.
        """
        if not any(self._distance(plan)):
            return
        Lines = self.env["connector.hub.order.lines"]
        own = line.taxes
        candidates = [own, self.env["account.tax"]]
        goods = [other for other in plan.lines if other.product and other is not line]
        candidates += [other.taxes for other in sorted(goods, key=lambda other: -other.amount)]
        best = None
        for taxes in dict.fromkeys(candidates):
            line.taxes = taxes
            plan.total, plan.tax = Lines._compute_totals(lookup.company, plan)
            distance = self._distance(plan)
            if best is None or distance < best[0]:
                best = distance, taxes, plan.total, plan.tax
        _distance, line.taxes, plan.total, plan.tax = best
        if line.taxes - own:
            product = line.product.display_name if line.product else self.env._("Shipping")
            plan.notes.append(
                self.env._(
                    "The partner charged tax on the shipping. That is not a tax of the product “%(product)s”, so the "
                    "lines' own was taken: %(taxes)s.",
                    product=product,
                    taxes=", ".join(line.taxes.mapped("name")),
                )
            )

    # --- comparing ---

    @api.model
    def _fits(self, plan):
        difference, tax_difference = self._distance(plan)
        return not difference and tax_difference <= self._tolerance(plan)

    @api.model
    def _distance(self, plan):
        """How far a plan is from the partner's figures: (total, tax)."""
        expected = self.env["connector.hub.order.lines"]._round(plan.order.total, plan.currency)
        return abs(plan.total - expected), self._tax_difference(plan, plan.tax)

    @api.model
    def _tax_difference(self, plan, tax):
        """How far a tax is from the partner's, if it says how much."""
        theirs = plan.order.tax_total
        if theirs is None:
            return Decimal(0)
        return abs(tax - self.env["connector.hub.order.lines"]._round(theirs, plan.currency))

    @api.model
    def _tolerance(self, plan):
        """Remotes round their taxes per line or per order; more than that is another tax."""
        return Decimal(str(plan.currency.rounding)) * (len(plan.lines) + 1)

    # --- in words ---

    @api.model
    def _describe_figures(self, plan):
        """What a person has to know to mend an order that does not add up: the partner's own figures, and which of
        them seems to be missing.

        :return: list of sentences
        """
        order, currency = plan.order, plan.currency
        Lines = self.env["connector.hub.order.lines"]
        items = sum(
            (line.quantity * line.price_unit - line.discount_amount for line in order.lines),
            Decimal(0),
        )
        shipping = order.shipping.amount if order.shipping else Decimal(0)
        figures = [(self.env._("items"), items), (self.env._("shipping"), shipping)]
        if order.tax_total and not order.prices_include_tax:
            figures.append((self.env._("tax"), order.tax_total))
        figures += [
            (label, -amount)
            for label, amount in (
                (self.env._("discount"), order.discount_total),
                (self.env._("credit"), order.credit_total),
            )
            if amount
        ]
        total = Lines._round(order.total, currency)
        added = Lines._round(sum(amount for _label, amount in figures), currency)
        sentences = [
            self.env._(
                "What the partner sent: %(figures)s = %(sum)s; total %(total)s.",
                figures=" + ".join(
                    f"{label} {Lines._round(amount, currency)}" for label, amount in figures
                ),
                sum=added,
                total=total,
            )
        ]
        if added > total:
            sentences.append(
                self.env._(
                    "A discount of %(difference)s seems to be missing there: it is not in what the partner sent.",
                    difference=added - total,
                )
            )
        elif added < total:
            sentences.append(
                self.env._(
                    "A charge or tax of %(difference)s seems to be missing there: it is not in what the partner sent.",
                    difference=total - added,
                )
            )
        return sentences + plan.unread
