# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from ..schemas import CanonicalAddress, CanonicalPartner
from .common import HubCase


@tagged("post_install", "-at_install")
class TestPartnerImport(HubCase):
    ADDRESS = {
        "name": "Ahmed Al-Rashid",
        "street": "Block 5, Street 10, House 25",
        "city": "Kuwait City",
        "zip": "12345",
        "country_code": "kw",
    }

    def _partners(self, email="ahmed@example.com"):
        return self.env["res.partner"].search(
            [("email_normalized", "=", email), ("parent_id", "=", False)]
        )

    def _import_customers(self, *customers, values=None):
        backend = self._work_backend()
        results = backend.env["connector.hub.partner.import"]._import_partners(
            backend, [CanonicalPartner(**customer) for customer in customers], values
        )
        return [getattr(result, "record", result) for result in results]

    # --- matching ---

    def test_new_customer(self):
        order = self._import(self._order(partner_values={"ref": "R-77"}))
        partner = order.partner_id
        self.assertEqual(partner.name, "Ahmed Al-Rashid")
        self.assertEqual(partner.email, "Ahmed@Example.com")
        self.assertEqual(partner.phone, "+965-12345678")
        self.assertEqual(partner.street, "Block 5, Street 10, House 25")
        self.assertEqual(partner.city, "Kuwait City")
        self.assertEqual(partner.zip, "12345")
        self.assertEqual(partner.country_id, self.kuwait)
        self.assertEqual(partner.ref, "R-77")
        self.assertFalse(partner.is_company)
        self.assertFalse(partner.child_ids)
        self.assertEqual(order.partner_shipping_id, partner)
        self.assertEqual(order.partner_invoice_id, partner)
        bound = self.env["connector.hub.binding"]._find(self.backend, "partner", ["cus_1"])
        self.assertEqual(bound, {"cus_1": partner.id})

    def test_binding_wins_over_email(self):
        bound, same_email = self.env["res.partner"].create(
            [
                {"name": "Bound", "email": "other@example.com"},
                {"name": "Mail", "email": "ahmed@example.com"},
            ]
        )
        self.env["connector.hub.binding"]._link(self.backend, "partner", bound, "cus_1")
        self.assertEqual(self._import(self._order()).partner_id, bound)
        self.assertEqual(bound.email, "other@example.com")
        self.assertFalse(same_email.street)

    def test_email_ignores_case_and_space(self):
        partner = self.env["res.partner"].create({"name": "Known", "email": "  AHMED@example.COM "})
        self.assertEqual(self._import(self._order()).partner_id, partner)

    def test_email_of_another_company_does_not_count(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self.env["res.partner"].create(
            {"name": "Foreign", "email": "ahmed@example.com", "company_id": other.id}
        )
        self.assertNotEqual(self._import(self._order()).partner_id, foreign)

    def test_top_level_contact_preferred(self):
        company = self.env["res.partner"].create({"name": "ACME", "is_company": True})
        self.env["res.partner"].create(
            {"name": "At work", "email": "ahmed@example.com", "parent_id": company.id}
        )
        top = self.env["res.partner"].create({"name": "Private", "email": "ahmed@example.com"})
        self.assertEqual(self._import(self._order()).partner_id, top)

    def test_single_commercial_parent(self):
        company = self.env["res.partner"].create(
            {"name": "ACME", "is_company": True, "email": "ahmed@example.com"}
        )
        self.env["res.partner"].create(
            [
                {"name": name, "email": "ahmed@example.com", "parent_id": company.id}
                for name in ("One", "Two")
            ]
        )
        self.assertEqual(self._import(self._order()).partner_id, company)

    def test_address_contact_means_its_customer(self):
        parent = self.env["res.partner"].create({"name": "Parent", "email": "parent@example.com"})
        self.env["res.partner"].create(
            {
                "name": "Home",
                "type": "delivery",
                "parent_id": parent.id,
                "email": "ahmed@example.com",
            }
        )
        self.assertEqual(self._import(self._order()).partner_id, parent)

    def test_ambiguous_match(self):
        first, second = self.env["res.partner"].create(
            [
                {"name": "Twin 1", "email": "ahmed@example.com"},
                {"name": "Twin 2", "email": "ahmed@example.com"},
            ]
        )
        before = self.env["sale.order"].search_count([])
        result = self._import(self._order())
        self.assertRejected(result, "ambiguous_match", "ahmed@example.com", "Twin 1", "Twin 2")
        self.assertEqual(result.details["partner_ids"], (first | second).ids)
        self.assertEqual(self.env["sale.order"].search_count([]), before)

    def test_binding_of_another_id_breaks_the_tie(self):
        first, _second = self.env["res.partner"].create(
            [
                {"name": "Twin 1", "email": "ahmed@example.com"},
                {"name": "Twin 2", "email": "ahmed@example.com"},
            ]
        )
        self.env["connector.hub.binding"]._link(self.backend, "partner", first, "cus_0")
        guest = {"name": "Ahmed", "email": "ahmed@example.com"}
        self.assertEqual(self._import(self._order(customer=guest)).partner_id, first)

    def test_guest_registers_later(self):
        guest = {"name": "Ahmed Al-Rashid", "email": "ahmed@example.com"}
        partner = self._import(self._order(customer=guest)).partner_id
        self.assertFalse(
            self.env["connector.hub.binding"]._of_records(self.backend, "partner", partner)
        )
        later = self._import(self._simple())
        self.assertEqual(later.partner_id, partner)
        bound = self.env["connector.hub.binding"]._find(self.backend, "partner", ["cus_1"])
        self.assertEqual(bound, {"cus_1": partner.id})
        self.assertEqual(self._partners(), partner)

    def test_order_keeps_the_first_binding(self):
        partner = self._import(self._order()).partner_id
        again = {"external_id": "cus_guest", "name": "Ahmed", "email": "ahmed@example.com"}
        self.assertEqual(self._import(self._simple(customer=again)).partner_id, partner)
        binding = self.env["connector.hub.binding"]._of_records(self.backend, "partner", partner)[
            partner.id
        ]
        self.assertEqual(binding.external_id, "cus_1")

    def test_one_new_customer_in_one_batch(self):
        guest = {"name": "Ahmed Al-Rashid", "email": "AHMED@example.com"}
        first, second, third = self._import(
            self._order(),
            self._simple("order_2"),
            self._simple("order_3", customer=guest),
        )
        self.assertEqual(first.partner_id, second.partner_id)
        self.assertEqual(first.partner_id, third.partner_id)
        self.assertEqual(len(self._partners()), 1)
        self.assertFalse(first.partner_id.child_ids)

    def test_empty_values_never_overwrite(self):
        partner = self.env["res.partner"].create(
            {
                "name": "Ahmed Al-Rashid",
                "email": "ahmed@example.com",
                "phone": "+965 2245 1234",
                "street": "Old street",
                "city": "Hawalli",
                "vat": "KW1",
                "ref": "KEEP",
            }
        )
        customer = {"external_id": "cus_1", "email": "ahmed@example.com"}
        self._import(
            self._order(customer=customer, shipping_address=None, partner_values={"ref": ""})
        )
        self.assertEqual(
            (partner.name, partner.phone, partner.street, partner.vat, partner.ref),
            ("Ahmed Al-Rashid", "+965 2245 1234", "Old street", "KW1", "KEEP"),
        )

    def test_order_fills_gaps_only(self):
        partner = self.env["res.partner"].create(
            {"name": "Known Name", "email": "ahmed@example.com", "phone": "+965 2245 1234"}
        )
        self._import(self._order())
        self.assertEqual(partner.name, "Known Name")
        self.assertEqual(partner.phone, "+965 2245 1234")

    def test_customer_without_any_name(self):
        partner = self._import(
            self._order(customer={"external_id": "cus_9"}, shipping_address=None)
        ).partner_id
        self.assertIn("cus_9", partner.name)

    # --- customer events ---

    def test_customer_event(self):
        customer = {
            "external_id": "cus_1",
            "name": "Ahmed",
            "email": "ahmed@example.com",
            "phone": "+965-22451234",
        }
        (partner,) = self._import_customers(
            {**customer, "addresses": [self.ADDRESS]}, values=[{"ref": "C1"}]
        )
        self.assertEqual((partner.name, partner.ref), ("Ahmed", "C1"))
        self.assertEqual(partner.phone, "+965 2245 1234")
        (again,) = self._import_customers({**customer, "name": "Ahmed Al-Rashid", "phone": ""})
        self.assertEqual(again, partner)
        self.assertEqual(partner.name, "Ahmed Al-Rashid")
        self.assertEqual(partner.phone, "+965 2245 1234")

    def test_customer_event_takes_the_binding_over(self):
        """Of an order; what the contact has stays, as for everybody who is found by an e-mail address."""
        partner = self._import(self._order()).partner_id
        account = {"external_id": "cus_account", "name": "Eve", "email": "ahmed@example.com"}
        self.assertEqual(self._import_customers(account), [partner])
        bound = self.env["connector.hub.binding"]._find(
            self.backend, "partner", ["cus_1", "cus_account"]
        )
        self.assertEqual(bound, {"cus_account": partner.id})
        self._import_customers({**account, "email": "eve@evil.example"})
        self.assertEqual((partner.name, partner.email), ("Ahmed Al-Rashid", "Ahmed@Example.com"))

    def test_customer_event_with_two_addresses(self):
        other = {**self.ADDRESS, "street": "Block 9", "city": "Salmiya"}
        customer = {
            "external_id": "cus_1",
            "name": "Ahmed Al-Rashid",
            "addresses": [self.ADDRESS, other],
        }
        for _again in range(2):
            (partner,) = self._import_customers(customer)
            self.assertEqual(partner.street, self.ADDRESS["street"])
            self.assertEqual(partner.child_ids.mapped("street"), ["Block 9"])

    def test_customer_event_country_unknown(self):
        customer = {
            "external_id": "cus_1",
            "name": "A",
            "addresses": [{**self.ADDRESS, "country_code": "xx"}],
        }
        results = self._import_customers(customer, {"external_id": "cus_2", "name": "B"})
        self.assertRejected(results[0], "country_unknown", "XX")
        self.assertEqual(results[1].name, "B")

    # --- addresses ---

    def test_second_address_is_a_child(self):
        billing = {**self.ADDRESS, "street": "Invoice street 1"}
        order = self._import(self._order(billing_address=billing))
        partner = order.partner_id
        self.assertEqual(partner.street, "Invoice street 1")
        self.assertEqual(order.partner_invoice_id, partner)
        shipping = order.partner_shipping_id
        self.assertEqual((shipping.parent_id, shipping.type), (partner, "delivery"))
        self.assertEqual(shipping.street, "Block 5, Street 10, House 25")
        again = self._import(self._simple(billing_address=billing))
        self.assertEqual(again.partner_shipping_id, shipping)
        self.assertEqual(len(partner.child_ids), 1)

    def test_same_address_in_another_spelling(self):
        order = self._import(self._order())
        spelled = {
            **self.ADDRESS,
            "name": "AHMED  al-rashid",
            "street": "block 5,  street 10, house 25 ",
            "city": "KUWAIT CITY",
            "phone": "00965 12345678",
        }
        again = self._import(self._simple(shipping_address=spelled, billing_address=self.ADDRESS))
        self.assertEqual(again.partner_shipping_id, order.partner_id)
        self.assertEqual(again.partner_invoice_id, order.partner_id)
        self.assertFalse(order.partner_id.child_ids)

    def test_two_orders_of_a_batch_share_an_address(self):
        gift = {**self.ADDRESS, "name": "Fatima", "street": "Block 1"}
        first, second = self._import(
            self._simple("order_1", shipping_address=gift),
            self._simple("order_2", shipping_address=gift),
        )
        self.assertEqual(first.partner_shipping_id, second.partner_shipping_id)
        self.assertEqual(first.partner_shipping_id.name, "Fatima")
        self.assertEqual(first.partner_shipping_id.parent_id, first.partner_id)
        self.assertFalse(first.partner_id.street)

    def test_customer_without_address_gets_it(self):
        partner = self.env["res.partner"].create(
            {"name": "Ahmed Al-Rashid", "email": "ahmed@example.com"}
        )
        order = self._import(self._order())
        self.assertEqual(order.partner_shipping_id, partner)
        self.assertEqual(partner.country_id, self.kuwait)

    def test_company_at_an_address(self):
        customer = {
            "external_id": "cus_1",
            "name": "ACME W.L.L.",
            "is_company": True,
            "email": "a@acme.example",
        }
        contact = {**self.ADDRESS, "company_name": "ACME W.L.L.", "name": "Noura"}
        order = self._import(self._order(customer=customer, shipping_address=contact))
        self.assertTrue(order.partner_id.is_company)
        self.assertEqual(order.partner_shipping_id.name, "Noura")
        self.assertEqual(order.partner_shipping_id.parent_id, order.partner_id)

    def test_person_with_a_company_name_in_the_address(self):
        order = self._import(
            self._order(shipping_address={**self.ADDRESS, "company_name": "ACME W.L.L."})
        )
        self.assertEqual(order.partner_shipping_id, order.partner_id)
        self.assertEqual(order.partner_id.company_name, "ACME W.L.L.")
        self.assertEqual(order.partner_id.name, "Ahmed Al-Rashid")

    def test_country_unknown(self):
        before = self.env["res.partner"].search_count([])
        result = self._import(self._order(shipping_address={**self.ADDRESS, "country_code": "zz"}))
        self.assertRejected(result, "country_unknown", "ZZ")
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_address_without_country(self):
        order = self._import(self._order(shipping_address={**self.ADDRESS, "country_code": ""}))
        self.assertFalse(order.partner_id.country_id)
        self.assertEqual(order.partner_id.city, "Kuwait City")

    def test_state_by_code_name_or_text(self):
        state = self.env["res.country.state"].create(
            {"name": "Al Ahmadi", "code": "AH", "country_id": self.kuwait.id}
        )
        for number, (values, expected, street2) in enumerate(
            (
                ({"state_code": "ah"}, state, ""),
                ({"state_code": "KW-AH"}, state, ""),
                ({"state_name": "AL AHMADI"}, state, ""),
                (
                    {"state_name": "Mars", "street2": "Flat 2"},
                    self.env["res.country.state"],
                    "Flat 2, Mars",
                ),
                ({"state_name": "Kuwait City"}, self.env["res.country.state"], ""),
            )
        ):
            with self.subTest(**values):
                customer = {"external_id": f"cus_{number}", "name": "Ahmed Al-Rashid"}
                order = self._import(
                    self._simple(
                        f"o{number}", customer=customer, shipping_address={**self.ADDRESS, **values}
                    )
                )
                self.assertEqual(order.partner_id.state_id, expected)
                self.assertEqual(order.partner_id.street2 or "", street2)

    # --- phone, tax number, language ---

    def test_phone(self):
        Address = self.env["connector.hub.address.import"]
        self.assertEqual(Address._format_phone("+965-12345678", "kw"), "+965-12345678")
        self.assertEqual(Address._format_phone("2245 1234", "KW"), "+965 2245 1234")
        self.assertEqual(Address._format_phone("0096522451234", "kw"), "+965 2245 1234")
        self.assertEqual(Address._format_phone("call me", "kw"), "call me")
        self.assertEqual(Address._format_phone("", ""), "")

    def test_tax_number(self):
        customer = {"external_id": "cus_1", "name": "ACME", "vat": "ATU 1234", "is_company": True}
        address = {**self.ADDRESS, "name": "ACME", "country_code": "AT"}
        partner = self._import(self._order(customer=customer, shipping_address=address)).partner_id
        self.assertFalse(partner.vat)
        self.assertIn("ATU 1234", partner.comment)
        customer = {**customer, "external_id": "cus_2", "vat": "ATU13585627"}
        partner = self._import(self._simple(customer=customer, shipping_address=address)).partner_id
        self.assertEqual(partner.vat, "ATU13585627")

    def test_language(self):
        self.env["res.lang"]._activate_lang("ar_001")
        customer = {"external_id": "cus_1", "name": "Ahmed", "lang": "ar-KW"}
        self.assertEqual(self._import(self._order(customer=customer)).partner_id.lang, "ar_001")

    def test_address_model_is_read_only_until_applied(self):
        """Planning writes nothing: a held order leaves no customer behind."""
        before = self.env["res.partner"].search_count([])
        result = self._import(self._order(total="99.000"))
        self.assertRejected(result, "total_mismatch")
        self.assertEqual(self.env["res.partner"].search_count([]), before)
        self.assertFalse(CanonicalAddress().country_code)
