# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What comes from outside never writes the contacts of users, companies, employees, suppliers and bank accounts."""

import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..schemas import CanonicalPartner
from .common import HubCase

EMAIL = "someone@example.com"

ADDRESS = {
    "name": "Eve",
    "street": "Block 1",
    "city": "Salmiya",
    "country_code": "kw",
    "phone": "+965 2245 1234",
}


class GuardCase(HubCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.someone = cls._enter(name="Someone", email=EMAIL)

    @classmethod
    def _enter(cls, **values):
        """A contact that somebody has entered in Odoo."""
        return cls.env["res.partner"].create({"name": "Somebody", **values})

    @classmethod
    def _make_user(cls, partner, group="base.group_portal"):
        values = {"name": partner.name, "email": partner.email}
        return new_test_user(
            cls.env,
            "someone",
            groups=group,
            partner_id=partner.id,
            company_id=cls.company.id,
            company_ids=cls.company.ids,
            **values,
        )

    def _customer(self, **values):
        return {"external_id": "cus_e", "name": "Eve", "email": EMAIL, **values}

    def _apply_customer(self, **values):
        """A customer event -> :class:`Applied`."""
        backend = self._work_backend()
        customer = CanonicalPartner(**self._customer(**values))
        (applied,) = backend.env["connector.hub.partner.import"]._import_partners(
            backend, [customer]
        )
        return applied

    def _apply_order(self, external_id="order_e", **values):
        """An order -> :class:`Applied`."""
        backend = self._work_backend()
        values = {"customer": self._customer(), "shipping_address": ADDRESS, **values}
        (applied,) = backend.env["connector.hub.order.import"]._import_orders(
            backend, [self._simple(external_id, **values)]
        )
        return applied

    def _columns(self, partners):
        """All stored values of contacts, as they stand in the database."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT * FROM res_partner WHERE id = ANY(%s) ORDER BY id", [partners.ids]
        )
        return self.env.cr.dictfetchall()

    def _attack(self):
        """Whatever a stranger can do who knows nothing but an e-mail address."""
        self._apply_customer(phone="+965 2245 9999", vat="KW666", addresses=[ADDRESS])
        self._apply_customer(
            email="eve@evil.example",
            addresses=[{**ADDRESS, "external_id": "a1", "is_default_shipping": True}],
        )
        self._apply_customer(
            email="eve@evil.example",
            addresses=[{**ADDRESS, "external_id": "a1", "street": "Block 2"}],
        )
        self._apply_order(
            customer=self._customer(phone="+965 2245 9999", company_name="Evil", vat="KW666"),
            billing_address={**ADDRESS, "street": "Block 3", "company_name": "Evil"},
        )
        self._apply_order("order_f", customer={"email": EMAIL}, shipping_address=None)

    def assertUntouched(self, partners):
        before = self._columns(partners)
        self._attack()
        self.assertEqual(self._columns(partners), before)


@tagged("post_install", "-at_install")
class TestProtectedContacts(GuardCase):
    def test_user(self):
        self._make_user(self.someone, "base.group_user")
        self.assertUntouched(self.someone)

    def test_portal_user(self):
        self._make_user(self.someone)
        self.assertUntouched(self.someone)

    def test_archived_user(self):
        self._make_user(self.someone).active = False
        self.someone.active = True
        self.assertUntouched(self.someone)

    def test_company_of_a_user(self):
        """The first address of a contact, and its tax number, are those of the company for Odoo."""
        acme = self._enter(name="ACME", is_company=True)
        self.someone.parent_id = acme
        self._make_user(self.someone)
        self.assertUntouched(acme | self.someone)

    def test_company_of_a_colleague(self):
        """A colleague of a user gets what they lack, but for what is the company's."""
        acme = self._enter(name="ACME", is_company=True)
        colleague = self._enter(parent_id=acme.id)
        self._make_user(colleague)
        self.someone.parent_id = acme
        self.assertUntouched(acme | colleague)
        self.assertEqual(self.someone.phone, "+965 2245 9999")

    def test_relatives_that_odoo_brings_into_line(self):
        """Odoo gives a new contact's tax number to the one above it, whoever that is."""
        acme = self._enter(name="ACME", is_company=True, vat="KW1")
        self.someone.parent_id = acme
        self._make_user(self.someone)
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET vat = NULL WHERE id = %s", [self.someone.id])
        self.env.invalidate_all()
        self.assertUntouched(acme | self.someone)

    def test_company_above_the_company_of_a_user(self):
        group = self._enter(name="Group", is_company=True, email=EMAIL)
        self.someone.email = False
        acme = self._enter(name="ACME", is_company=True, parent_id=group.id)
        contact = self._enter(parent_id=acme.id)
        self._make_user(contact)
        self.assertUntouched(group | acme | contact)

    def test_own_company(self):
        self.someone.email = False
        self.company.partner_id.email = EMAIL
        self.assertUntouched(self.company.partner_id)

    def test_contact_of_an_own_company(self):
        self.someone.parent_id = self.company.partner_id
        self.assertUntouched(self.someone | self.company.partner_id)

    def test_supplier(self):
        self.someone.supplier_rank = 1
        self.assertUntouched(self.someone)

    def test_contact_of_a_vendor(self):
        vendor = self._enter(name="Vendor", is_company=True)
        self.env["product.supplierinfo"].create(
            {"partner_id": vendor.id, "product_tmpl_id": self.products[0].product_tmpl_id.id}
        )
        self.someone.parent_id = vendor
        self.assertUntouched(self.someone | vendor)

    def test_bank_account(self):
        self.someone.bank_ids = [
            Command.create({"acc_number": "KW1", "acc_holder_name": "Someone"})
        ]
        self.assertUntouched(self.someone)
        self.assertEqual(self.someone.bank_ids.acc_holder_name, "Someone")

    def test_employee(self):
        if "hr.employee" not in self.env:
            raise unittest.SkipTest("hr is not installed")
        self.env["hr.employee"].create({"name": "Someone", "work_contact_id": self.someone.id})
        self.assertUntouched(self.someone)

    def test_customer_who_becomes_a_user(self):
        """Whom the hub has created itself is no exception."""
        self.someone.email = False
        partner = self._apply_customer(addresses=[ADDRESS]).record
        self.assertEqual(partner.street, "Block 1")
        partner = self.env["res.partner"].browse(partner.id)
        self._make_user(partner)
        partner.street2 = "Changed in Odoo"
        self.assertUntouched(partner)

    def test_linked_by_hand(self):
        """Not even a binding opens a user's contact."""
        self._make_user(self.someone)
        self.env["connector.hub.binding"]._link(self.backend, "partner", self.someone, "cus_e")
        self.assertUntouched(self.someone)

    def test_contact_of_another_company(self):
        """A customer who was given to another company since is nobody this shop knows."""
        other = self.env["res.company"].create({"name": "Other"})
        self.env["connector.hub.binding"]._link(self.backend, "partner", self.someone, "cus_e")
        self.someone.company_id = other
        before = self._columns(self.someone)
        order = self._apply_order().record
        self.assertNotEqual(order.partner_id, self.someone)
        self.assertEqual(self._columns(self.someone), before)
        bound = self.env["connector.hub.binding"]._find(self.backend, "partner", ["cus_e"])
        self.assertEqual(bound, {"cus_e": self.someone.id})

    @settings(max_examples=25)
    @given(data=st.data())
    def test_any_customer(self, data):
        text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)
        words = st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                ("name", "phone", "vat", "lang", "company_name", "external_id"), text
            ),
        )
        flags = st.fixed_dictionaries({}, optional={"is_company": st.booleans()})
        address = st.fixed_dictionaries(
            {"country_code": st.sampled_from(["kw", ""])},
            optional={
                **dict.fromkeys(
                    ("name", "company_name", "street", "city", "zip", "phone", "state_name"), text
                ),
                "email": st.sampled_from([EMAIL, "eve@evil.example"]),
                "is_default_shipping": st.booleans(),
                "is_default_billing": st.booleans(),
            },
        )
        with self.env.cr.savepoint() as savepoint:
            acme = self._enter(name="ACME", is_company=data.draw(st.booleans()))
            self.someone.parent_id = acme if data.draw(st.booleans()) else False
            self._make_user(self.someone)
            before = self._columns(acme | self.someone)
            for number in range(data.draw(st.integers(1, 3))):
                customer = {**data.draw(words), **data.draw(flags)}
                addresses = data.draw(st.lists(address, max_size=2))
                if data.draw(st.booleans()):
                    self._apply_customer(**customer, addresses=addresses)
                else:
                    self._apply_order(
                        f"order_{number}",
                        customer=self._customer(**customer),
                        shipping_address=addresses[0] if addresses else None,
                        billing_address=addresses[-1] if addresses else None,
                    )
            self.assertEqual(self._columns(acme | self.someone), before)
            savepoint.rollback()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestOrdersOfProtectedContacts(GuardCase):
    """They come in, and go where they were ordered to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._make_user(cls.someone)

    def test_order(self):
        applied = self._apply_order()
        order, contact = applied.record, applied.record.partner_shipping_id
        self.assertEqual((order.state, order.partner_id), ("sale", self.someone))
        self.assertEqual((contact.parent_id, contact.name), (self.someone, "Eve"))
        self.assertEqual((contact.street, contact.phone), ("Block 1", ADDRESS["phone"]))
        self.assertEqual(order.partner_invoice_id, contact, "the invoice needs an address")
        self.assertEqual(order.picking_ids.partner_id, contact)
        again = self._apply_order("order_f").record
        self.assertEqual((again.partner_shipping_id, again.partner_invoice_id), (contact, contact))

    def test_order_to_the_contacts_own_address(self):
        """Its phone is not lost, and is not written where nothing may be."""
        self.someone.write({"street": "Block 1", "city": "Salmiya", "country_id": self.kuwait.id})
        address = {**ADDRESS, "name": "Someone"}
        contact = self._apply_order(shipping_address=address).record.partner_shipping_id
        self.assertEqual((contact.parent_id, contact.phone), (self.someone, ADDRESS["phone"]))
        again = self._apply_order("order_f", shipping_address=address).record
        self.assertEqual(again.partner_shipping_id, contact)
        self.assertEqual(again.partner_invoice_id, self.someone)
        without = self._apply_order("order_g", shipping_address={**address, "phone": ""}).record
        self.assertEqual(without.partner_shipping_id, self.someone)

    def test_order_to_an_own_company(self):
        """Odoo has no way to send goods to itself: a person says where they go."""
        self.someone.email = False
        self.company.partner_id.email = EMAIL
        order = self._apply_order(shipping_address=None).record
        self.assertEqual((order.state, order.partner_id), ("draft", self.company.partner_id))
        self.assertIn("Enter where the goods go", order.activity_ids.note)
        order = self._apply_order("order_f").record
        self.assertEqual((order.state, order.partner_shipping_id.street), ("sale", "Block 1"))
        self.assertFalse(order.activity_ids)
        self.company.partner_id.email = False
        self._enter(email=EMAIL, parent_id=self.company.partner_id.id)
        staff = self._customer(external_id="cus_f")
        order = self._apply_order("order_g", customer=staff, shipping_address=None).record
        self.assertEqual(order.state, "sale", "their people are somewhere")

    def test_what_was_left_stands_in_words(self):
        applied = self._apply_customer(phone="+965 2245 9999")
        for word in ("Someone", f"ID {self.someone.id}", "user", "Probe Shop", "Eve", "2245 9999"):
            self.assertIn(word, applied.note)
        self.assertNotIn(EMAIL, applied.note, "it is the same")
        self.assertFalse(self._apply_customer(name="Someone").note, "nothing was left")
        self.assertIn("Eve", self._apply_order().note)

    def test_a_person_is_asked_for_the_tax_number_alone(self):
        order = self._apply_order().record
        self.assertFalse(order.activity_ids)
        customer = self._customer(vat="KW 123")
        order = self._apply_order("order_f", customer=customer).record
        self.assertIn("KW123", order.activity_ids.note)
        self.someone.vat = "kw-123"
        self.assertFalse(self._apply_order("order_g", customer=customer).record.activity_ids)


@tagged("post_install", "-at_install")
class TestFoundByEmail(GuardCase):
    """Who is found by an e-mail address is linked, gets what they lack, and addresses: nothing else."""

    def test_gaps_are_filled_and_nothing_is_replaced(self):
        self.someone.phone = "+965 2245 0000"
        applied = self._apply_customer(phone="+965 2245 9999", vat="KW1", addresses=[ADDRESS])
        self.assertEqual(applied.record, self.someone)
        self.assertIn("Eve", applied.note)
        self.assertEqual((self.someone.name, self.someone.vat), ("Someone", "KW1"))
        applied = self._apply_customer(email="eve@evil.example", vat="KW2", name="Evil")
        self.assertEqual(applied.record, self.someone, "the binding leads there")
        self.assertEqual(
            (self.someone.name, self.someone.email, self.someone.phone, self.someone.vat),
            ("Someone", EMAIL, "+965 2245 0000", "KW1"),
        )

    def test_addresses_are_further_ones(self):
        """Those that Odoo proposes for the contact's own orders stay."""
        own = self._enter(name="Office", type="delivery", parent_id=self.someone.id, street="HQ")
        order = self._apply_order(billing_address={**ADDRESS, "street": "Block 3"}).record
        self._apply_customer(addresses=[{**ADDRESS, "is_default_shipping": True}])
        added = self.someone.child_ids - own
        self.assertEqual(order.partner_shipping_id | order.partner_invoice_id, added)
        self.assertEqual(set(added.mapped("type")), {"other"})
        proposed = self.someone.address_get(["delivery", "invoice"])
        self.assertEqual(proposed["delivery"], own.id)
        self.assertEqual(proposed["invoice"], self.someone.id)

    def test_contact_of_another_shop(self):
        """Whom one shop has created, another one only finds."""
        self.someone.email = False
        partner = self._apply_customer(phone="+965 2245 9999").record
        first = self.backend
        self.backend = first.copy({"name": "Second", "warehouse_id": self.warehouse.id})
        self.assertEqual(self._apply_customer(name="Evil", phone="1").record, partner)
        self._apply_customer(name="Evil", email="eve@evil.example")
        self.assertEqual((partner.name, partner.email), ("Eve", EMAIL))
        self.backend = first
        self._apply_customer(name="Eva", email="eva@example.com")
        self.assertEqual((partner.name, partner.email), ("Eva", "eva@example.com"))

    def test_email_of_another_customer(self):
        """An account with somebody's e-mail address neither changes them nor takes their link."""
        self.someone.email = False
        partner = self._apply_customer().record
        applied = self._apply_customer(external_id="cus_evil", name="Evil", vat="KW1")
        self.assertEqual((applied.record, partner.name), (partner, "Eve"))
        Binding = self.env["connector.hub.binding"]
        bound = Binding._find(self.backend, "partner", ["cus_e", "cus_evil"])
        self.assertEqual(bound, {"cus_e": partner.id})
        other = self._apply_customer(external_id="cus_evil", email="eve@evil.example").record
        self.assertNotEqual(other, partner)
        self._apply_customer(external_id="cus_evil", name="Evil")
        self.assertEqual((partner.name, partner.email), ("Eve", EMAIL))
        self.assertEqual(
            self._apply_customer(name="Eva").record.name, "Eva", "their own still counts"
        )

    def test_guests_of_one_batch(self):
        """The first one is created; the others are found by the e-mail address, as one after the other would be."""
        self.someone.email = False
        backend = self._work_backend()
        guest, account = (
            CanonicalPartner(**self._customer(external_id=external_id, name=name))
            for external_id, name in (("", "Guest"), ("cus_e", "Eve"))
        )
        results = backend.env["connector.hub.partner.import"]._import_partners(
            backend, [guest, account]
        )
        (partner,) = {result.record for result in results}
        self._apply_customer(name="Evil", email="eve@evil.example")
        self.assertEqual((partner.name, partner.email), ("Guest", EMAIL))
