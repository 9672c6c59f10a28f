# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What somebody says of themselves makes them nobody else, and takes nobody's orders, addresses or messages."""

from odoo.tests import tagged

from .test_partner_guard import ADDRESS, EMAIL, GuardCase


@tagged("post_install", "-at_install")
class TestPartnerIdentity(GuardCase):
    def test_defaults_of_the_company_above(self):
        """Odoo takes the address of a company from the contacts below it, if it has none of that kind."""
        customer = self._apply_customer(email="employee@acme.example").record
        acme = self._enter(name="ACME", is_company=True)
        customer.parent_id = acme
        self._make_user(self._enter(parent_id=acme.id))
        for kind in ("is_default_shipping", "is_default_billing"):
            self._apply_customer(
                email="employee@acme.example",
                addresses=[{**ADDRESS, "external_id": kind, kind: True}],
            )
        self._apply_order(
            customer=self._customer(email="employee@acme.example"),
            billing_address={**ADDRESS, "street": "Block 3", "company_name": "Evil"},
        )
        self.env.invalidate_all()
        self.assertTrue(customer.child_ids)
        self.assertEqual(
            acme.address_get(["delivery", "invoice"]),
            {"contact": acme.id, "delivery": acme.id, "invoice": acme.id},
        )

    def test_several_addresses_in_one(self):
        """Odoo takes the first of them for the contact's, so that another customer would be found by it."""
        for email in (f"{EMAIL}, eve@evil.example", f"{EMAIL};eve@evil.example"):
            with self.subTest(email):
                address = {**ADDRESS, "email": email}
                applied = self._apply_customer(
                    external_id=email,
                    email=email,
                    addresses=[address, {**address, "city": "Fintas"}],
                )
                self.assertIn(email, applied.note)
                order = self._apply_order(f"order {email}", customer={"email": EMAIL}).record
                self.assertEqual(order.partner_id, self.someone)

    def test_address_with_the_email_of_somebody_else(self):
        """It makes no customer of theirs: their orders are not Eve's, and no message about them goes to her."""
        for email in (EMAIL, "nobody-yet@example.com"):
            with self.subTest(email):
                eve = self._apply_customer(
                    external_id=f"eve of {email}",
                    email=f"eve-{email}",
                    addresses=[ADDRESS, {**ADDRESS, "city": "Fintas", "email": email}],
                ).record
                order = self._apply_order(f"order {email}", customer={"email": email}).record
                self.assertNotEqual(order.partner_id, eve)

    def test_email_by_which_another_customer_was_found(self):
        """Whoever registers with somebody's address does not get what that one is sent, by moving it to their own."""
        email, eve = "nobody-yet@example.com", {"external_id": "cus_e"}
        partner = self._apply_customer(**eve, email=email).record
        moved = self._apply_customer(**eve, email="eve@example.com")
        self.assertEqual((partner.email, moved.note), ("eve@example.com", ""))
        self._apply_customer(**eve, email=email)
        order = self._apply_order(customer={"external_id": "cus_v", "email": email}).record
        self.assertEqual(order.partner_id, partner)
        moved = self._apply_customer(**eve, email="eve@evil.example", phone="+965 2245 9999")
        self.assertEqual((partner.email, partner.phone), (email, "+965 2245 9999"))
        self.assertIn("eve@evil.example", moved.note)
