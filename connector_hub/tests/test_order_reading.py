# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Which figures of an order include tax: its own sum decides."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from .test_order_totals import DECIMALS, RATES, TaxedCase, TestOrderTotalsProperties, rounded


class ReadingCase(TaxedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend.auto_confirm = False
        cls.counter = 0

    def _read(self, configured, **values):
        """Import an order of which nobody says what includes tax; ``configured`` is the setting."""
        type(self).counter += 1
        order = self._order(
            external_id=f"r{self.counter}",
            **{"shipping": None, "shipping_address": None, **values},
        )
        ways = [
            (configured, configured),
            (configured, not configured),
            (not configured, False),
            (not configured, True),
        ]
        readings = []
        for prices, shipping in ways:
            changed = order.shipping and order.shipping.model_copy(
                update={"includes_tax": shipping}
            )
            readings.append(
                order.model_copy(update={"prices_include_tax": prices, "shipping": changed})
            )
        first, *others = readings
        return self._import(first.model_copy(update={"alternatives": others}))


@tagged("post_install", "-at_install")
class TestOrderReading(ReadingCase):
    def _taxed_line(self, price, rate, quantity=1, sku="A-1"):
        return self._line(sku, quantity, price, taxes=[{"rate": rate}])

    def test_prices_with_tax_and_shipping_without(self):
        """As a real shop sends it: 2.415 with 15 % in it, shipping 0.507 to which 15 % are added."""
        for configured in (False, True):
            order = self._read(
                configured,
                lines=[self._taxed_line("2.415", 15)],
                shipping={"amount": "0.507"},
                tax_total="0.391",
                total="2.998",
            )
            self.assertEqual((order.amount_total, order.amount_tax), (2.998, 0.391))
            self.assertEqual(order.order_line.tax_ids, self.taxes[15, True])
            self.assertEqual(order.order_line[1].price_unit, 0.583)

    def test_prices_without_tax_and_shipping_with(self):
        order = self._read(
            False,
            lines=[self._taxed_line("10.000", 15)],
            shipping={"amount": "1.150"},
            tax_total="1.650",
            total="12.650",
        )
        self.assertEqual((order.amount_total, order.amount_tax), (12.65, 1.65))
        self.assertEqual(order.order_line[1].price_unit, 1.0)

    def test_setting_counts_where_both_ways_add_up(self):
        order = self._read(True, lines=[self._line("A-1", 1, "5.000")], total="5.000", tax_total=0)
        self.assertEqual(order.amount_total, 5.0)

    def test_shipping_product_without_tax_takes_that_of_the_lines(self):
        """The hub's own product has none; the order says so."""
        self.products[0].taxes_id = self.taxes[15, False]
        order = self._read(
            False,
            lines=[self._line("A-1", 1, "10.000")],
            shipping={"amount": "1.000"},
            tax_total="1.650",
            total="12.650",
        )
        self.assertEqual(order.order_line[1].tax_ids, self.taxes[15, False])
        self.assertIn("charged tax on the shipping", order.message_ids[-1].body)

    def test_untaxed_shipping_stays_untaxed(self):
        self.products[0].taxes_id = self.taxes[15, False]
        order = self._read(
            False,
            lines=[self._line("A-1", 1, "10.000")],
            shipping={"amount": "1.000"},
            tax_total="1.500",
            total="12.500",
        )
        self.assertFalse(order.order_line[1].tax_ids)

    def test_shipping_of_several_rates_takes_the_one_that_adds_up(self):
        for rate, tax, total in ((5, "2.050", "23.050"), (15, "2.150", "23.150")):
            order = self._read(
                False,
                lines=[
                    self._taxed_line("10.000", 5),
                    self._taxed_line("10.000", 15, sku="B-2"),
                ],
                shipping={"amount": "1.000"},
                tax_total=tax,
                total=total,
            )
            self.assertEqual(order.order_line[2].tax_ids.amount, rate)
            self.assertEqual(order.amount_total, float(total))

    def test_free_shipping(self):
        """It is no line; the carrier of that name is the order's all the same."""
        product = self.env["product.product"].create({"name": "Post", "type": "service"})
        carrier = self.env["delivery.carrier"].create({"name": "Post", "product_id": product.id})
        for shipping, chosen in ((None, False), ({}, False), ({"method": "post"}, carrier)):
            order = self._read(
                True,
                lines=[self._taxed_line("2.300", 15)],
                shipping=shipping,
                tax_total="0.300",
                total="2.300",
            )
            self.assertEqual((order.amount_total, order.carrier_id), (2.3, chosen or carrier[:0]))

    def test_missing_discount_is_named(self):
        result = self._read(
            False,
            lines=[self._taxed_line("10.000", 5)],
            shipping={"amount": "1.000"},
            tax_total="0.450",
            total="10.450",
        )
        self.assertRejected(
            result,
            "total_mismatch",
            "items 10.000 + shipping 1.000 + tax 0.450 = 11.450; total 10.450",
            "discount of 1.000",
        )

    def test_tax_that_only_another_reading_needs(self):
        """The order is held; that Odoo has no tax for the other way is told too."""
        self.taxes[20, True].active = False
        result = self._read(
            False, lines=[self._taxed_line("12.000", 20)], tax_total="2.000", total="12.000"
        )
        self.assertRejected(result, "total_mismatch", "no sales tax of 20 % included in prices")


@tagged("post_install", "-at_install")
class TestOrderReadingProperties(ReadingCase):
    """Whatever a shop means, and whatever is configured: the same total, or held."""

    @TestOrderTotalsProperties.slow
    @given(
        currency=st.sampled_from(sorted(DECIMALS)),
        lines=st.lists(
            st.tuples(st.integers(1, 20), st.integers(1, 300_000), st.sampled_from(RATES)),
            min_size=1,
            max_size=4,
        ),
        shipping=st.integers(0, 20_000),
        prices_included=st.booleans(),
        shipping_included=st.booleans(),
        configured=st.booleans(),
        off=st.sampled_from((0, 0, 0, 1, 1000)),
    )
    def test_equal_or_held(
        self, currency, lines, shipping, prices_included, shipping_included, configured, off
    ):
        digits = DECIMALS[currency]

        def split(amount, rate, included):
            factor = 1 + Decimal(rate) / 100
            untaxed = amount / factor if included else amount
            return untaxed, untaxed * (factor - 1)

        shares, canonical = [], []
        for quantity, price, rate in lines:
            price = Decimal(price).scaleb(-digits)
            shares.append(split(quantity * price, rate, prices_included))
            canonical.append(self._line("A-1", quantity, price, taxes=[{"rate": rate}]))
        rate = lines[0][2]
        shipping = Decimal(shipping).scaleb(-digits)
        shares.append(split(shipping, rate, shipping_included))
        tax = rounded(sum(tax for _untaxed, tax in shares), digits)
        total = rounded(sum(untaxed + tax for untaxed, tax in shares), digits)
        told = total - Decimal(off).scaleb(-digits)
        result = self._read(
            configured,
            currency_code=currency,
            lines=canonical,
            shipping={"amount": shipping},
            tax_total=tax,
            total=told,
        )
        if hasattr(result, "reason"):
            self.assertEqual(result.reason, "total_mismatch")
            self.assertIn(str(told), result.message)
            # Prices with tax leave nothing to Odoo's rounding.
            self.assertFalse(prices_included and not off, result.message)
        else:
            self.assertEqual(rounded(Decimal(str(result.amount_total)), digits), told)
