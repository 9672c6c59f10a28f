# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Figures of a shop with the seed's routes: what includes tax, free shipping, several rates, discounts."""

import json

from odoo.tests import tagged

from odoo.addons.connector_hub.exceptions import HubError

from .. import schemas
from .common import SeedCase, sample


@tagged("post_install", "-at_install")
class TestSeedTotals(SeedCase):
    """Two goods at 5.000, sold with the taxes of the products in Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.taxes = {
            (rate, mode): cls._create_tax(rate, mode == "included")
            for rate in (5, 15)
            for mode in ("included", "excluded")
        }

    def _import(self, number=1, **changes):
        """The seed's order, changed: 2 x 5.000 and 1 x 5.000, shipping 1.000."""
        payload = json.loads(sample("order_created"))
        payload["data"]["order"].update(id=f"order_{number}", display_id=number, **changes)
        order = schemas.OrderCreated.model_validate(payload).data.order
        work = self.work()
        canonical = work._get_adapter()._to_canonical_order(work, order)
        (result,) = work.env["connector.hub.order.import"]._import_orders(work, [canonical])
        return getattr(result, "record", result)

    def assertHeld(self, result, *words):
        self.assertIsInstance(result, HubError)
        self.assertEqual(result.reason, "total_mismatch")
        for word in words:
            self.assertIn(word, result.message)

    def test_prices_with_tax_shipping_without(self):
        """15.000 with 15 % in them; 1.000 of shipping to which 0.150 are added: whatever the setting says."""
        self.goods.taxes_id = self.taxes[15, "included"]
        for number, configured in enumerate((False, True)):
            self.shop.medusa_prices_include_tax = configured
            order = self._import(number, tax_total=1957 + 150, total=16_150)
            self.assertEqual((order.amount_total, order.amount_tax), (16.15, 2.107))

    def test_nothing_includes_tax(self):
        self.goods.taxes_id = self.taxes[15, "excluded"]
        for number, configured in enumerate((False, True)):
            self.shop.medusa_prices_include_tax = configured
            order = self._import(number, tax_total=2400, total=18_400)
            self.assertEqual((order.amount_total, order.amount_tax), (18.4, 2.4))

    def test_several_rates(self):
        for good, rate in zip(self.goods, (5, 15), strict=True):
            good.taxes_id = self.taxes[rate, "excluded"]
        order = self._import(tax_total=500 + 750 + 50, total=17_300)
        self.assertEqual(order.order_line.tax_ids.mapped("amount"), [5.0, 15.0])
        self.assertEqual(order.order_line[2].tax_ids, self.taxes[5, "excluded"])
        self.assertEqual(order.amount_total, 17.3)

    def test_free_shipping(self):
        self.goods.taxes_id = self.taxes[15, "included"]
        carrier = self.env["delivery.carrier"].create(
            {
                "name": "Courier",
                "product_id": self.env["product.product"]
                .create({"name": "Courier", "type": "service", "taxes_id": False})
                .id,
            }
        )
        figures = {"shipping_total": 0, "tax_total": 1957, "total": 15_000}
        order = self._import(1, **figures)
        self.assertEqual((order.amount_total, len(order.order_line)), (15.0, 2))
        order = self._import(2, **figures, shipping_methods=[{"name": "Courier", "amount": 0}])
        self.assertEqual((order.amount_total, order.carrier_id), (15.0, carrier))

    def test_discount_that_is_not_told(self):
        self.goods.taxes_id = self.taxes[5, "excluded"]
        result = self._import(tax_total=700, total=14_700)
        self.assertHeld(
            result,
            "items 15.000 + shipping 1.000 + tax 0.700 = 16.700; total 14.700",
            "discount of 2.000",
        )

    def test_discount_that_is_told(self):
        """Taken off before tax, with taxed shipping."""
        self.goods.taxes_id = self.taxes[5, "excluded"]
        order = self._import(tax_total=700, discount_total=2000, total=14_700)
        self.assertEqual((order.amount_total, order.amount_tax), (14.7, 0.7))
