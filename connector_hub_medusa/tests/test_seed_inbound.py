# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The seed's samples, byte for byte, over HTTP (section 3)."""

import json

from odoo.tests import HttpCase, tagged

from .common import SECRET, SeedCase, sample


@tagged("post_install", "-at_install")
class TestSeedInbound(SeedCase, HttpCase):
    def post(self, name, path="/api/medusa/webhooks", body=None):
        self.env.cr.flush()
        response = self.url_open(
            path,
            data=sample(name) if body is None else body,
            headers={"Content-Type": "application/json", "x-webhook-secret": SECRET},
            method="POST",
        )
        self.env.invalidate_all()
        return response

    def order(self):
        return self.env["sale.order"].search([("x_medusa_order_id", "=", "order_01ABC123")])

    def partner(self):
        return self.env["res.partner"].search([("email", "=", "customer@example.com")])

    def test_order_created(self):
        answer = self.post("order_created", "/api/medusa/order-created").json()
        order = self.order()
        self.assertEqual(answer["odoo_order_id"], order.id)
        self.assertEqual(answer["odoo_order_name"], order.name)
        self.assertEqual((order.state, order.amount_total), ("sale", 16.0))
        self.assertEqual(order.client_order_ref, "MEDUSA-1001")
        self.assertEqual(
            [(line.product_uom_qty, line.price_unit) for line in order.order_line],
            [(2.0, 5.0), (1.0, 5.0), (1.0, 1.0)],
        )
        self.assertEqual(order.connector_hub_status, "Pending")
        self.assertEqual(order.partner_id.x_medusa_customer_id, "cus_01ABC")

    def test_order_is_acknowledged(self):
        self.post("order_created")
        facts = self.env["connector.hub.delivery"].search(
            [("backend_id", "=", self.shop.id)], order="id"
        )
        self.assertEqual(facts.mapped("event_type"), ["order.confirmed", "order.synced"])
        self.post("order_created")
        self.assertEqual(len(facts.search([("backend_id", "=", self.shop.id)])), 2, "once")

    def test_order_status_updated(self):
        self.post("order_created")
        answer = self.post("order_status_updated").json()
        order = self.order()
        self.assertEqual((answer["status"], answer["odoo_order_id"]), ("done", order.id))
        self.assertEqual(order.connector_hub_status, "Completed")
        self.assertEqual(order.connector_hub_fulfillment_status, "Fulfilled")
        self.assertEqual(order.connector_hub_payment_status, "Captured")
        self.assertEqual(order.state, "sale")

    def test_order_cancelled(self):
        self.post("order_created")
        self.post("order_status_cancelled")
        self.assertEqual(self.order().state, "cancel")
        told = self.env["connector.hub.delivery"].search([("backend_id", "=", self.shop.id)])
        self.assertNotIn("order.cancelled", told.mapped("event_type"), "the shop knows")

    def test_status_of_an_order_that_is_not_here(self):
        response = self.post("order_status_updated")
        self.assertEqual(response.status_code, 202)
        event = self.env["connector.hub.event"].search([("backend_id", "=", self.shop.id)])
        self.assertEqual((event.state, event.is_missing, event.attempts), ("pending", True, 1))
        self.post("order_created")
        self.assertEqual((event.state, event.is_missing), ("pending", False))
        self.assertFalse(event.next_attempt_at, "it does not wait any longer")

    def test_customer_created(self):
        answer = self.post("customer_created").json()
        partner = self.partner()
        self.assertEqual(answer["odoo_partner_id"], partner.id)
        self.assertEqual(partner.name, "Ahmed Al-Rashid")
        self.assertEqual(partner.x_medusa_customer_id, "cus_01ABC123")
        self.assertEqual((partner.street, partner.city), ("Block 5, Street 10", "Kuwait City"))
        self.assertEqual(partner.country_id, self.kuwait)

    def test_customer_updated(self):
        self.post("customer_created")
        self.post("customer_updated")
        partner = self.partner()
        self.assertEqual(len(partner), 1)
        self.assertEqual(partner.name, "Ahmed Al-Sabah")
        contacts = partner.address_get(["delivery", "invoice"])
        streets = {kind: partner.browse(contacts[kind]).street for kind in contacts}
        self.assertEqual(streets["delivery"], "Block 5, Street 10")
        self.assertEqual(streets["invoice"], "P.O. Box 1234")

    def _update_customer(self, **fields):
        customer = {"id": "cus_01ABC123", **fields}
        body = json.dumps({"event": "customer.updated", "data": {"customer": customer}}).encode()
        self.assertEqual(self.post(None, body=body).json()["status"], "done")
        return self.partner()

    def test_updated_fields_alone(self):
        """What is not told stays: half a name does not become the whole one."""
        self.post("customer_created")
        phone = self.partner().phone
        self.assertEqual(self._update_customer(first_name="Ali").name, "Ali Al-Rashid")
        self.assertEqual(self._update_customer(last_name="Al-Sabah").name, "Ali Al-Sabah")
        partner = self._update_customer(
            addresses=[{"first_name": "Gift", "address_1": "Block 1", "country_code": "kw"}]
        )
        self.assertEqual(partner.name, "Ali Al-Sabah", "an address's name is no new name")
        self.assertEqual((partner.phone, partner.street), (phone, "Block 5, Street 10"))
        partner.name = "Ali"
        self.assertEqual(self._update_customer(last_name="Salem").name, "Ali")
        self.assertEqual(self._update_customer(first_name="Omar", last_name=None).name, "Omar")

    def test_new_customer_with_a_part_of_the_name(self):
        partner = self._update_customer(first_name="Ali", email="customer@example.com")
        self.assertEqual(partner.name, "Ali")

    def test_stranger_with_the_email_of_the_administrator(self):
        """Where a shop takes e-mail addresses unverified, anybody may enter the administrator's."""
        admin = self.env.ref("base.user_admin")
        partner = admin.partner_id
        partner.write(
            {"name": "Admin", "email": "boss@example.com", "phone": False, "company_id": False}
        )
        told = {"first_name": "Eve", "phone": "+965 2245 1234"}
        created = {"id": "cus_eve", "email": "boss@example.com", **told}
        for event, customer in (
            ("customer.created", created),
            ("customer.updated", {**created, "email": "eve@evil.example"}),
        ):
            body = json.dumps({"event": event, "data": {"customer": customer}}).encode()
            answer = self.post(None, body=body).json()
            self.assertEqual(answer["odoo_partner_id"], partner.id)
        self.post(
            "order_created",
            body=sample("order_created")
            .replace(b"customer@example.com", b"boss@example.com")
            .replace(b"cus_01ABC", b"cus_eve"),
        )
        self.assertEqual((admin.email, admin.name), ("boss@example.com", "Admin"))
        self.assertFalse(partner.phone or partner.street or partner.x_medusa_customer_id)
        order = self.order()
        self.assertEqual((order.state, order.partner_id), ("sale", partner))
        self.assertEqual(order.partner_shipping_id.parent_id, partner)
        events = self.env["connector.hub.event"].search([("backend_id", "=", self.shop.id)])
        self.assertEqual(set(events.mapped("state")), {"done"})
        for event in events:
            self.assertIn(f"Admin (ID {partner.id}) belongs to a user", event.note)
        self.assertIn("eve@evil.example", "".join(events.mapped("note")))

    def test_missing_fields_are_named(self):
        for event, data, where in (
            ("order.status_updated", {}, "data.order_id"),
            ("customer.created", {"customer": {"email": "a@example.com"}}, "data.customer.id"),
            ("order.created", {"order": {"id": "order_1"}}, "data.order.currency_code"),
        ):
            body = f'{{"event": "{event}", "data": {_json(data)}}}'.encode()
            response = self.post(None, body=body)
            self.assertEqual(response.status_code, 400)
            self.assertIn(where, response.json()["error"]["message"])

    def test_unknown_event(self):
        body = b'{"event": "cart.updated", "data": {}}'
        response = self.post(None, body=body)
        self.assertEqual((response.status_code, response.json()["status"]), (200, "ignored"))


def _json(data):
    return str(data).replace("'", '"')
