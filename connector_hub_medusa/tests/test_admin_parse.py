# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal

from odoo.tests import BaseCase

from ..parse_admin import to_canonical_order, to_canonical_status
from ..schemas_admin import Order

ORDER = {
    "id": "order_1",
    "display_id": 7,
    "status": "pending",
    "payment_status": "authorized",
    "fulfillment_status": "not_fulfilled",
    "email": "buyer@example.com",
    "currency_code": "eur",
    "total": Decimal("20.0753"),
    "tax_total": Decimal("3.2053"),
    "credit_line_total": 0,
    "created_at": "2026-11-22T10:00:00.000Z",
    "updated_at": "2026-11-22T10:00:00.000Z",
    "customer": {"id": "cus_1", "email": "buyer@example.com", "has_account": False},
    "shipping_address": {"first_name": "Ada", "last_name": "L", "country_code": "de"},
    "shipping_methods": [
        {"name": "Standard", "amount": 5, "is_tax_inclusive": False, "tax_lines": [{"rate": 19}]}
    ],
    "items": [
        {
            "id": "ordli_1",
            "title": "Shirt",
            "variant_title": "M",
            "variant_sku": "SHIRT-M",
            "variant_id": "variant_M",
            "quantity": 2,
            "unit_price": 10,
            "is_tax_inclusive": False,
            "discount_total": Decimal("2.38"),
            "discount_tax_total": Decimal("0.38"),
            "tax_total": Decimal("3.42"),
            "tax_lines": [{"rate": 19, "code": "VAT"}],
        }
    ],
}


def order(**changes):
    return to_canonical_order(Order.model_validate({**ORDER, **changes}))


def item(**changes):
    return {**ORDER["items"][0], **changes}


class TestAdminParse(BaseCase):
    def test_guest(self):
        parsed = order()
        self.assertEqual(parsed.customer.external_id, "")
        self.assertEqual(parsed.customer.name, "Ada L")
        self.assertEqual(parsed.partner_values, {})
        self.assertEqual(parsed.reference, "MEDUSA-7")

    def test_account(self):
        customer = {**ORDER["customer"], "has_account": True, "first_name": "Ada"}
        parsed = order(customer=customer)
        self.assertEqual(parsed.customer.external_id, "cus_1")
        self.assertEqual(parsed.partner_values, {"x_medusa_customer_id": "cus_1"})

    def test_discount_is_in_the_terms_of_the_price(self):
        (line,) = order().lines
        self.assertEqual(line.discount_amount, Decimal("2.00"))
        (line,) = order(items=[item(is_tax_inclusive=True)]).lines
        self.assertEqual(line.discount_amount, Decimal("2.38"))

    def test_taxes_say_whether_they_are_included(self):
        (line,) = order(items=[item(is_tax_inclusive=True)]).lines
        self.assertEqual([(tax.rate, tax.included) for tax in line.taxes], [(19, True)])
        self.assertTrue(order(items=[item(is_tax_inclusive=True)]).prices_include_tax)

    def test_line_is_known_by_its_id_variant_and_sku(self):
        (line,) = order().lines
        self.assertEqual(
            (line.external_id, line.product_external_id, line.sku, line.name),
            ("ordli_1", "variant_M", "SHIRT-M", "Shirt (M)"),
        )

    def test_shipping_methods_are_added_up(self):
        method = ORDER["shipping_methods"][0]
        parsed = order(shipping_methods=[method, {**method, "amount": Decimal("2.5")}])
        self.assertEqual(parsed.shipping.amount, Decimal("7.5"))
        self.assertIsNone(order(shipping_methods=[]).shipping)

    def test_totals_are_the_shops(self):
        parsed = order(credit_line_total=3)
        self.assertEqual(parsed.total, Decimal("20.0753"))
        self.assertEqual(parsed.credit_total, 3)

    def test_states(self):
        states = {
            ("pending", "not_fulfilled"): "open",
            ("pending", "partially_shipped"): "open",
            ("pending", "shipped"): "done",
            ("completed", "delivered"): "done",
            ("canceled", "not_fulfilled"): "cancelled",
        }
        for (status, fulfillment), state in states.items():
            with self.subTest(status=status, fulfillment=fulfillment):
                self.assertEqual(order(status=status, fulfillment_status=fulfillment).state, state)

    def test_status(self):
        state = Order.model_validate({**ORDER, "status": "canceled", "payment_status": "captured"})
        status = to_canonical_status(state)
        self.assertTrue(status.is_cancelled)
        self.assertTrue(status.is_captured)
        self.assertFalse(
            to_canonical_status(
                Order.model_validate({**ORDER, "payment_status": "partially_captured"})
            ).is_captured
        )
