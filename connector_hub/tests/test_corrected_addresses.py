# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from ..schemas import CanonicalPartner
from .common import HubCase

ADDRESS = {
    "name": "Ahmed Al-Rashid",
    "street": "Block 5, Street 10, House 25",
    "city": "Kuwait City",
    "zip": "12345",
    "country_code": "kw",
}


@tagged("post_install", "-at_install")
class TestCorrectedAddresses(HubCase):
    """A customer's address book at the partner, told again after somebody has changed it there."""

    def _told(self, *addresses, customer_id="cus_1"):
        """A customer's address book as it is at the partner now -> their partner in Odoo."""
        backend = self._work_backend()
        customer = CanonicalPartner(
            external_id=customer_id,
            name="Ahmed Al-Rashid",
            email="ahmed@example.com",
            addresses=[{**ADDRESS, **address} for address in addresses],
        )
        (applied,) = backend.env["connector.hub.partner.import"]._import_partners(
            backend, [customer]
        )
        return applied.record

    def _streets(self, partner):
        return [partner.street, *partner.child_ids.sorted("id").mapped("street")]

    def test_corrected_address(self):
        home, work = {"external_id": "a1"}, {"external_id": "a2", "street": "Tower 1"}
        partner = self._told(home, work)
        self.assertEqual(self._streets(partner), [ADDRESS["street"], "Tower 1"])
        self._told({**home, "street": "Block 6", "phone": "+965 2245 1234"}, work)
        self.assertEqual(self._streets(partner), ["Block 6", "Tower 1"])
        self.assertEqual(partner.phone, "+965 2245 1234")
        self._told({**home, "street": "Block 6"}, {**work, "street": "Tower 2", "name": "Porter"})
        self.assertEqual(self._streets(partner), ["Block 6", "Tower 2"])
        self.assertEqual(partner.child_ids.name, "Porter")

    def test_corrected_address_without_an_id(self):
        """As webhooks of the Medusa seed bring it: the first one is the customer's own."""
        partner = self._told({})
        self._told({"street": "Block 6"}, {"street": "Tower 1"})
        self.assertEqual(self._streets(partner), ["Block 6", "Tower 1"])
        self._told({"external_id": "a1", "street": "Block 6"})
        self._told({"street": "Block 7"})
        self._told({"external_id": "a1", "street": "Block 8"})
        self.assertEqual(self._streets(partner), ["Block 8", "Tower 1"])

    def test_addresses_that_change_places(self):
        one, two = {"external_id": "a1"}, {"external_id": "a2", "street": "Tower 1"}
        partner = self._told(one, two)
        self._told({**two, "external_id": "a1"}, {**one, "external_id": "a2"})
        self.assertEqual(self._streets(partner), [ADDRESS["street"], "Tower 1"])
        self._told({**two, "external_id": "a1", "street": "Tower 3"})
        self.assertEqual(self._streets(partner), [ADDRESS["street"], "Tower 3"])

    def test_correction_in_odoo_stays(self):
        """Until it is corrected in the shop again."""
        home = {"external_id": "a1"}
        partner = self._told(home)
        partner.street = "Corrected in Odoo"
        self._told(home)
        self.assertEqual(self._streets(partner), ["Corrected in Odoo"])
        self._told({**home, "is_default_shipping": True})
        self.assertEqual(self._streets(partner), ["Corrected in Odoo"])
        self._told({**home, "street": "Block 6"})
        self.assertEqual(self._streets(partner), ["Block 6"])

    def test_correction_in_odoo_of_an_address_without_an_id_stays(self):
        partner = self._told({})
        partner.street = "Corrected in Odoo"
        self._told({})
        self.assertEqual(self._streets(partner), ["Corrected in Odoo"])
        self._told({"street": "Block 6"})
        self.assertEqual(self._streets(partner), ["Block 6"])

    def test_address_of_somebodys_own_is_not_corrected(self):
        """What was entered in Odoo, or came with an order, is kept beside what the shop says."""
        partner = self._import(self._order()).partner_id
        partner.street = "Entered in Odoo"
        self._told({"street": "Block 6"})
        self.assertEqual(self._streets(partner), ["Entered in Odoo", "Block 6"])

    def test_address_that_is_expecting_goods_is_not_corrected(self):
        """The order goes where the customer said when they ordered."""
        partner = self._told({"external_id": "a1"})
        order = self._import(self._order())
        self.assertEqual(order.partner_shipping_id, partner)
        self._told({"external_id": "a1", "street": "Block 6"})
        self.assertEqual(self._streets(partner), [ADDRESS["street"], "Block 6"])
        order.action_cancel()
        self._told({"external_id": "a1", "street": "Block 7"})
        self.assertEqual(self._streets(partner), [ADDRESS["street"], "Block 7"])

    def test_address_becomes_somebody_elses(self):
        partner = self._told({"external_id": "a1"})
        self._told({"external_id": "a1", "name": "Aunt Mona", "street": "Block 6"})
        self.assertEqual(self._streets(partner), [ADDRESS["street"], "Block 6"])
        self.assertEqual((partner.name, partner.child_ids.name), ("Ahmed Al-Rashid", "Aunt Mona"))

    # --- whose addresses they are ---

    def _enter(self, **values):
        """A contact that somebody enters in Odoo."""
        return self.env["res.partner"].create({"name": "Ahmed Al-Rashid", **values})

    def _place(self):
        return {
            "street": ADDRESS["street"],
            "city": ADDRESS["city"],
            "zip": ADDRESS["zip"],
            "country_id": self.kuwait.id,
        }

    def _correct(self, contact, **values):
        """The partner tells an address that equals a contact's, and then another one: the contact stays."""
        street = contact.street
        partner = self._told({"external_id": "a1", **values})
        self._told({"external_id": "a1", "street": "Block 6", **values})
        self.assertEqual(contact.street, street)
        self.assertIn("Block 6", partner.child_ids.mapped("street"))
        return partner

    def test_entered_address(self):
        partner = self._enter(email="ahmed@example.com", **self._place())
        self.assertEqual(self._correct(partner), partner)

    def test_address_of_the_whole_company(self):
        """Odoo gives a company the address that one of its contacts gets."""
        acme = self._enter(name="ACME", is_company=True, **self._place())
        partner = self._enter(email="ahmed@example.com", parent_id=acme.id, type="contact")
        self.assertEqual(self._correct(acme), partner)

    def test_address_shared_by_a_company(self):
        acme = self._enter(name="ACME", is_company=True, street="HQ")
        shared = self._enter(name="Ramp", parent_id=acme.id, type="delivery", **self._place())
        self._enter(email="ahmed@example.com", parent_id=acme.id, type="contact")
        self._correct(shared, name="Ramp")

    def test_one_of_two_equal_addresses(self):
        shipping = {"external_id": "a1", "is_default_shipping": True}
        billing = {"external_id": "a2", "is_default_billing": True}
        partner = self._told(shipping, billing)
        self._told({**shipping, "street": "Block 6"}, billing)
        self.assertEqual(set(self._streets(partner)), {"Block 6", ADDRESS["street"]})
        defaults = partner.address_get(["invoice", "delivery"])
        streets = [self.env["res.partner"].browse(defaults[kind]).street for kind in defaults]
        self.assertIn(ADDRESS["street"], streets)

    def test_two_customers_of_one_email(self):
        partner = self._told({})
        self.assertEqual(self._told({"street": "Tower 1"}, customer_id="cus_2"), partner)
        self.assertEqual(self._streets(partner), [ADDRESS["street"], "Tower 1"])

    def test_goods_to_somebody_at_the_address(self):
        partner = self._told({"external_id": "a1"})
        kid = self._enter(name="Kid", parent_id=partner.id, type="contact")
        order = self._import(self._order())
        order.picking_ids.partner_id = kid
        order.partner_shipping_id = kid
        self._told({"external_id": "a1", "street": "Block 6"})
        self.assertEqual(kid.street, ADDRESS["street"])

    def test_quotation_of_long_ago(self):
        """Orders that were shipped before they came to Odoo stay quotations, and wait for nothing."""
        partner = self._told({"external_id": "a1"})
        order = self._import(self._order(state="done", date_order="2025-01-01T00:00:00Z"))
        self.assertEqual((order.state, order.partner_shipping_id), ("draft", partner))
        self._told({"external_id": "a1", "street": "Block 6"})
        self.assertEqual(self._streets(partner), ["Block 6"])
