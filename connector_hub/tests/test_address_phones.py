# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from ..schemas import CanonicalPartner
from .common import HubCase

OWN, PORTER = "+965 2245 1234", "+965 2245 9999"
ADDRESS = {
    "name": "Ahmed Al-Rashid",
    "street": "Block 5",
    "city": "Kuwait City",
    "country_code": "kw",
    "phone": PORTER,
}
CUSTOMER = {
    "external_id": "cus_1",
    "name": "Ahmed Al-Rashid",
    "email": "ahmed@example.com",
    "phone": OWN,
}


@tagged("post_install", "-at_install")
class TestAddressPhones(HubCase):
    """Goods go out with the phone of their address, and one address is one contact, whatever comes first."""

    def _tell(self, *addresses, **values):
        backend = self._work_backend()
        customer = CanonicalPartner(**{**CUSTOMER, "addresses": addresses, **values})
        (applied,) = backend.env["connector.hub.partner.import"]._import_partners(
            backend, [customer]
        )
        return applied.record

    def _buy(self, external_id, **values):
        values = {"customer": CUSTOMER, "shipping_address": ADDRESS, **values}
        return self._import(self._simple(external_id, **values))

    def assertOneContact(self, partner, contact):
        """The address is there once, with its phone; the customer keeps their own."""
        places = (partner | partner.child_ids).filtered("street")
        self.assertEqual(places, contact)
        self.assertEqual((contact.street, contact.phone), ("Block 5", PORTER))
        self.assertEqual(partner.phone, OWN)

    def test_orders_alone(self):
        first, second = self._buy("order_1"), self._buy("order_2")
        self.assertEqual(first.partner_shipping_id, second.partner_shipping_id)
        self.assertOneContact(first.partner_id, first.partner_shipping_id)
        self.assertEqual(first.partner_invoice_id, first.partner_shipping_id)
        self.assertEqual(second.partner_invoice_id, first.partner_shipping_id)

    def test_orders_after_the_customer(self):
        partner = self._tell()
        first, second = self._buy("order_1"), self._buy("order_2")
        self.assertEqual(first.partner_id, partner)
        self.assertEqual(first.partner_shipping_id, second.partner_shipping_id)
        self.assertOneContact(partner, first.partner_shipping_id)

    def test_orders_between_the_customer_and_the_address_book(self):
        partner = self._tell()
        order = self._buy("order_1")
        address = {**ADDRESS, "external_id": "a1"}
        self._tell(address)
        self.assertOneContact(partner, order.partner_shipping_id)
        again = self._buy("order_2").partner_shipping_id
        self.assertEqual(again, order.partner_shipping_id)
        self._tell(address)
        self.assertOneContact(partner, again)

    def test_orders_after_the_address_book(self):
        partner = self._tell({**ADDRESS, "external_id": "a1"})
        order = self._buy("order_1")
        self.assertOneContact(partner, order.partner_shipping_id)

    def test_address_whose_phone_was_not_known(self):
        """Where the contact has none, it gets the address's."""
        partner = self._tell(
            {**ADDRESS, "phone": "", "street": "Block 9"}, {**ADDRESS, "phone": ""}
        )
        contact = partner.child_ids
        self.assertFalse(contact.phone)
        order = self._buy("order_1")
        self.assertEqual((order.partner_shipping_id, contact.phone), (contact, PORTER))
        self.assertEqual((partner.child_ids, partner.phone), (contact, OWN))

    def test_customer_whose_phone_was_not_known(self):
        """Also where the same order says the customer's own one for the first time."""
        partner = self._tell({**ADDRESS, "phone": ""}, phone="")
        self.assertFalse(partner.phone)
        order = self._buy("order_1")
        self.assertEqual((partner.phone, order.partner_shipping_id.phone), (OWN, PORTER))
        again = self._buy("order_2").partner_shipping_id
        self.assertEqual((again, partner.child_ids), (order.partner_shipping_id, again))

    def test_one_phone_for_both(self):
        order = self._buy("order_1", customer={**CUSTOMER, "phone": "00965 2245 9999"})
        self.assertEqual(order.partner_shipping_id, order.partner_id)
        self.assertFalse(order.partner_id.child_ids)

    def test_two_orders_of_a_batch(self):
        """The contact that is about to be created gets the phone that the second order brings."""
        self._tell()
        gift = {**ADDRESS, "name": "Fatima"}
        first, second = self._import(
            self._simple("order_1", customer=CUSTOMER, shipping_address={**gift, "phone": ""}),
            self._simple("order_2", customer=CUSTOMER, shipping_address=gift),
        )
        self.assertEqual(first.partner_shipping_id, second.partner_shipping_id)
        self.assertEqual(first.partner_shipping_id.phone, PORTER)
