# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The seed's order over HTTP: what it becomes, at which addresses, and who may send it."""

import base64
import hashlib
import hmac
import json
import re
import time

from odoo.tests import HttpCase, tagged

from .common import SECRET, SeedCase, sample

FIXED_URLS = ("/api/medusa/order-created", "/api/medusa/webhooks")
ORDER_ID = "order_01ABC123"


def hmac_header(body, secret=SECRET, prefix="sha256="):
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"x-medusa-signature": prefix + digest}


def standard_headers(body, secret=SECRET, webhook_id="msg_1", at=None):
    """Standard Webhooks; ``whsec_`` secrets are base64."""
    key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()
    timestamp = str(int(at if at is not None else time.time()))
    digest = hmac.new(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


class OrderCase(SeedCase, HttpCase):
    def post(self, body=None, headers=None, path=FIXED_URLS[0], **changes):
        """Post the sample, changed: ``total=0`` or ``items__0__sku="X"`` in the order."""
        body = self.body(**changes) if body is None else body
        self.env.cr.flush()
        response = self.url_open(
            path,
            data=body,
            headers={
                "Content-Type": "application/json",
                **(hmac_header(body) if headers is None else headers),
            },
            method="POST",
        )
        self.env.invalidate_all()
        return response

    def body(self, **changes):
        if not changes:
            return sample("order_created")
        payload = json.loads(sample("order_created"))
        for path, value in changes.items():
            *steps, last = (int(s) if s.isdigit() else s for s in path.split("__"))
            node = payload["data"]["order"]
            for step in steps:
                node = node[step]
            node[last] = value
        return json.dumps(payload).encode()

    def orders(self):
        return self.env["sale.order"].search([("x_medusa_order_id", "=", ORDER_ID)])

    def events(self, backend=None):
        return self.env["connector.hub.event"].search(
            [("backend_id", "=", (backend or self.shop).id)], order="id"
        )


@tagged("post_install", "-at_install")
class TestOrderCreated(OrderCase):
    def test_the_seeds_order(self):
        for product in self.goods:
            self.env["stock.quant"]._update_available_quantity(
                product, self.warehouse.lot_stock_id, 50
            )
        response = self.post()
        order = self.orders()
        self.assertEqual(response.status_code, 200)
        content = response.json()
        self.assertEqual(
            {key: content[key] for key in ("success", "odoo_order_id", "odoo_order_name")},
            {"success": True, "odoo_order_id": order.id, "odoo_order_name": order.name},
        )
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.currency_id, self.kwd)
        self.assertEqual(
            [
                (line.product_id.default_code, line.product_uom_qty, line.price_unit)
                for line in order.order_line
            ],
            [("CASE-IP15PRO-001", 2.0, 5.0), ("PB-20000-BLK", 1.0, 5.0), (False, 1.0, 1.0)],
        )
        self.assertEqual((order.amount_untaxed, order.amount_tax, order.amount_total), (16, 0, 16))
        self.assertEqual(order.client_order_ref, "MEDUSA-1001")
        self.assertEqual(order.x_medusa_order_id, ORDER_ID)
        self.assertEqual(str(order.date_order), "2026-02-28 10:30:00")
        self.assertEqual(order.connector_hub_backend_id, self.shop)
        self.assertEqual((order.company_id, order.warehouse_id), (self.company, self.warehouse))

        partner = order.partner_id
        self.assertEqual((partner.name, partner.email), ("Ahmed Al-Rashid", "customer@example.com"))
        self.assertEqual(partner.x_medusa_customer_id, "cus_01ABC")
        self.assertEqual(re.sub(r"\D", "", partner.phone), "96512345678")
        address = order.partner_shipping_id
        self.assertEqual(
            (address.street, address.city, address.zip, address.country_id),
            ("Block 5, Street 10, House 25", "Kuwait City", "12345", self.kuwait),
        )
        moves = order.picking_ids.move_ids
        self.assertEqual(
            sorted((move.product_id.default_code, move.quantity, move.state) for move in moves),
            [("CASE-IP15PRO-001", 2.0, "assigned"), ("PB-20000-BLK", 1.0, "assigned")],
        )

    def test_addresses(self):
        """Either fixed URL, and the backend's own."""
        for path in (*FIXED_URLS, f"/connector_hub/medusa/{self.shop.webhook_uuid}"):
            response = self.post(path=path)
            self.assertEqual(response.status_code, 200, path)
            self.assertEqual(response.json()["odoo_order_id"], self.orders().id, path)
        self.assertEqual(len(self.orders()), 1)
        self.assertEqual(len(self.events()), 1)

    def test_fixed_url_finds_the_backend_by_its_secret(self):
        other = self.shop.copy({"name": "Second", "base_url": "http://127.0.0.1:9"})
        other.write({"api_key": "k" * 20, "webhook_secret": "second-secret-0123456789"})
        other.action_activate()
        body = self.body()
        for path in FIXED_URLS:
            response = self.post(body, hmac_header(body, "second-secret-0123456789"), path)
            self.assertEqual(response.status_code, 200)
        self.assertEqual((len(self.events()), len(self.events(other))), (0, 1))
        self.assertEqual(self.orders().connector_hub_backend_id, other)

    # --- who may ---

    def test_four_schemes(self):
        body = self.body()
        for headers in (
            standard_headers(body),
            hmac_header(body),
            hmac_header(body, prefix=""),
            {"Authorization": f"Bearer {SECRET}"},
            {"x-webhook-secret": SECRET},
        ):
            with self.subTest(list(headers)):
                self.assertEqual(self.post(body, headers).status_code, 200)
        self.assertEqual(len(self.orders()), 1)

    def test_secret_of_standard_webhooks(self):
        secret = "whsec_" + base64.b64encode(b"a key of thirty-two bytes or so.").decode()
        self.shop.webhook_secret = secret
        body = self.body()
        self.assertEqual(self.post(body, standard_headers(body, secret)).status_code, 200)

    def test_wrong_scheme(self):
        """A wrong signature never falls through to a weaker scheme that would fit."""
        body = self.body()
        right = {"x-webhook-secret": SECRET, "Authorization": f"Bearer {SECRET}"}
        wrong = "0" * 64
        for name, headers in {
            "nothing": {},
            "wrong standard": {**standard_headers(body, "wrong"), **right, **hmac_header(body)},
            "id alone": {"webhook-id": "msg_1", **right, **hmac_header(body)},
            "old standard": standard_headers(body, at=time.time() - 600),
            "future standard": standard_headers(body, at=time.time() + 600),
            "standard of another body": standard_headers(body + b" "),
            "wrong hmac": {"x-medusa-signature": f"sha256={wrong}", **right},
            "hmac of another body": {**hmac_header(body + b" "), **right},
            "wrong bearer": {"Authorization": "Bearer wrong", "x-webhook-secret": SECRET},
            "basic": {"Authorization": f"Basic {SECRET}", "x-webhook-secret": SECRET},
            "bare": {"Authorization": SECRET},
            "wrong token": {"x-webhook-secret": "wrong"},
            "longer token": {"x-webhook-secret": SECRET + "x"},
            "our own API key": {"x-odoo-api-key": SECRET},
        }.items():
            for path in (FIXED_URLS[0], f"/connector_hub/medusa/{self.shop.webhook_uuid}"):
                with self.subTest(name, path=path):
                    response = self.post(body, headers, path)
                    self.assertEqual(response.status_code, 401, response.text)
                    self.assertEqual(response.json()["error"]["code"], "UNAUTHORIZED")
        self.assertFalse(self.events() or self.orders())

    # --- again, and wrong ---

    def test_again_and_again(self):
        body = self.body()
        names = set()
        for number in range(5):
            content = self.post(body, standard_headers(body, webhook_id=f"msg_{number}")).json()
            names.add((content["event_id"], content["odoo_order_name"]))
        self.assertEqual(len(names), 1)
        self.assertEqual(len(self.orders()), 1)

    def _assert_held(self, reason, *words, **changes):
        response = self.post(**changes)
        self.assertEqual((response.status_code, response.json()["status"]), (202, "dead"))
        event = self.events()
        self.assertEqual((event.state, event.reason), ("dead", reason))
        for word in words:
            self.assertIn(word, event.error)
        self.assertFalse(self.orders())
        self.assertFalse(self.env["res.partner"].search([("email", "=", "customer@example.com")]))
        return event

    def _requeue(self, event):
        event.action_requeue()
        work = self.work()
        work.env["connector.hub.event"]._process_next(work, 10)
        self.env.invalidate_all()
        self.assertEqual(event.state, "done", event.error)
        self.assertEqual(self.orders().state, "sale")
        self.assertEqual(self.post().json()["odoo_order_id"], self.orders().id)
        self.assertEqual(len(self.orders()), 1)

    def test_unknown_sku(self):
        self.goods[1].default_code = "LATER"
        event = self._assert_held("unknown_sku", "PB-20000-BLK")
        self.goods[1].default_code = "PB-20000-BLK"
        self._requeue(event)

    def test_unknown_sku_and_a_status_in_between(self):
        self.goods[1].default_code = "LATER"
        event = self._assert_held("unknown_sku")
        status = sample("order_status_updated")
        response = self.post(status, hmac_header(status), FIXED_URLS[1])
        self.assertEqual((response.status_code, response.json()["status"]), (202, "pending"))
        self.goods[1].default_code = "PB-20000-BLK"
        self._requeue(event)
        work = self.work()
        work.env["connector.hub.event"]._process_next(work, 10)
        self.env.invalidate_all()
        self.assertEqual(self.events().mapped("state"), ["done", "done"])
        self.assertEqual(self.orders().connector_hub_status, "Completed")

    def test_currency_that_is_not_active(self):
        self.kwd.active = True
        event = self._assert_held("currency_inactive", "XAF", currency_code="xaf")
        self.assertIn(ORDER_ID, event.event_id)

    def test_total_that_does_not_add_up(self):
        event = self._assert_held("total_mismatch", "16.001", "16.000", total=16001)
        self.shop.total_policy = "accept"
        event.action_requeue()
        work = self.work()
        work.env["connector.hub.event"]._process_next(work, 10)
        self.env.invalidate_all()
        self.assertEqual(self.orders().amount_total, 16.0)

    def _discounts(self):
        return [line.price_unit for line in self.orders().order_line if line.price_unit < 0]

    def test_discount_on_the_whole_order(self):
        """total = subtotal + shipping + tax - discount: 15.000 + 1.000 - 2.500."""
        self.assertEqual(self.post(discount_total=2500, total=13500).status_code, 200)
        self.assertEqual((self._discounts(), self.orders().amount_total), ([-2.5], 13.5))

    def test_discount_that_lines_tell_too(self):
        """Of 2.500 a line has 1.000."""
        self.post(items__0__discount_total=1000, discount_total=2500, total=13500)
        self.assertEqual((self._discounts(), self.orders().amount_total), ([-1.5], 13.5))

    def test_discount_that_the_prices_contain(self):
        self.post(discount_total=2500)
        self.assertEqual((self._discounts(), self.orders().amount_total), ([], 16.0))

    def test_discount_does_not_explain_any_total(self):
        self._assert_held("total_mismatch", discount_total=2500, total=12000)

    def test_bad_values_are_named(self):
        for path, value, named in (
            ("id", "", "order.id"),
            ("id", None, "order.id"),
            ("total", "NaN", "order.total"),
            ("total", [], "order.total"),
            ("currency_code", "dinar", "currency_code"),
            ("items", [], "items"),
            ("items__0__quantity", -1, "items.0.quantity"),
            ("items__0__quantity", 0, "items.0.quantity"),
            ("items__1__unit_price", "free", "items.1.unit_price"),
            ("created_at", "yesterday", "created_at"),
        ):
            with self.subTest(path, value=value):
                response = self.post(**{path: value})
                self.assertEqual(response.status_code, 400, response.text)
                self.assertIn(named, response.json()["error"]["message"])
        self.assertFalse(self.events() or self.orders())
