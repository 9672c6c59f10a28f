# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products through /odoo/products, /bulk and /odoo/webhooks/products (seed, sections 5 and 13.1)."""

from odoo.tests import tagged

from .peer_case import API_KEY, CASE, POWER_BANK, PeerCase

ONE, MANY, WEBHOOK = "/odoo/products", "/odoo/products/bulk", "/odoo/webhooks/products"


@tagged("post_install", "-at_install")
class TestProducts(PeerCase):
    def products_sent(self):
        return [request.payload for request in self.peer.sent("/odoo/products", "POST")]

    def product_sent(self, sku):
        """The last that was sent of a product, by itself or with others."""
        payloads = [
            product
            for payload in self.products_sent()
            for product in payload.get("products", [payload])
        ]
        return [payload for payload in payloads if payload["sku"] == sku][-1]

    def test_one(self):
        category = self.env["product.category"].create({"name": "Mobile Accessories"})
        self.case.write(
            {
                "name": "iPhone 15 Pro Case",
                "list_price": 16.5,
                "standard_price": 2.25,
                "weight": 0.15,
                "barcode": "6291234567890",
                "description_sale": "Premium leather",
                "categ_id": category.id,
            }
        )
        self.in_the_shop(CASE)
        self.assertEqual(self.send(self.case), [("POST", ONE)])
        [payload] = self.products_sent()
        self.assertEqual(
            {
                key: payload[key]
                for key in payload
                if key not in ("images", "metadata", "inventory", "brand")
            },
            {
                "odoo_product_id": self.case.id,
                "sku": CASE,
                "title": "iPhone 15 Pro Case",
                "description": "Premium leather",
                "price": 16500,
                "cost_price": 2250,
                "currency_code": "kwd",
                "weight": 150,
                "weight_unit": "g",
                "barcode": "6291234567890",
                "category_handle": "mobile-accessories",
            },
        )
        self.assertEqual(payload["metadata"]["odoo_id"], self.case.id)
        self.assertEqual(payload["inventory"]["quantity"], 150)
        self.assertEqual(self.peer.products[CASE]["title"], "iPhone 15 Pro Case")
        self.assertEqual(self.peer.requests[0].headers["x-odoo-api-key"], API_KEY)

    def test_many(self):
        self.in_the_shop(CASE, POWER_BANK)
        self.assertEqual(self.send(self.case, self.power_bank), [("POST", MANY)])
        self.assertEqual(
            [product["sku"] for product in self.products_sent()[0]["products"]], [CASE, POWER_BANK]
        )
        self.assertEqual({self.of(p).state for p in self.goods}, {"done"})

    def test_new_product_is_told_its_stock_too(self):
        self.send(self.case)
        self.assertIn(CASE, self.peer.products)
        self.assertEqual(self.peer.stocked(CASE), 150)

    def test_arabic(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.case.with_context(lang="ar_001").name = "غطاء"
        self.backend.field_mapping_ids.unlink()
        self.backend._add_default_mappings()
        self.in_the_shop(CASE)
        self.send(self.case)
        payload = self.product_sent(CASE)
        self.assertEqual((payload["title"], payload["title_ar"]), (self.case.name, "غطاء"))

    def test_fixed_factor(self):
        self.backend.write({"minor_units": "factor", "minor_units_factor": 100})
        self.case.list_price = 5
        self.in_the_shop(CASE)
        self.send(self.case)
        self.assertEqual(self.product_sent(CASE)["price"], 500)

    def test_one_bad_item(self):
        self.in_the_shop(CASE, POWER_BANK)
        self.case.name = self.power_bank.name = "Renamed"
        self.peer.fault(bulk_item_error={CASE: "VALIDATION_ERROR"})
        self.send()
        self.assertEqual(
            (self.of(self.case).state, self.of(self.power_bank).state), ("dead", "done")
        )
        self.assertEqual(self.of(self.case).reason, "rejected_by_partner")
        self.assertEqual(self.peer.products[POWER_BANK]["title"], "Renamed")

    def test_shops_own_failure_is_retried(self):
        self.in_the_shop(CASE, POWER_BANK)
        self.case.name = self.power_bank.name = "Renamed"
        self.peer.fault(bulk_item_error={CASE: "SYNC_FAILED"}, times=1)
        self.send()
        delivery = self.of(self.case)
        self.assertEqual((delivery.state, delivery.attempts), ("pending", 1))
        self.assertFalse(self.backend.cooldown_until)
        self.let_time_pass()
        self.assertEqual(self.send(), [("POST", ONE)])
        self.assertEqual(delivery.state, "done")

    def test_error_without_a_sku(self):
        self.in_the_shop(CASE, POWER_BANK)
        self.case.name = self.power_bank.name = "Renamed"
        self.peer.fault(bulk_item_error={CASE: "VALIDATION_ERROR"}, anonymous=True)
        requests = self.send()
        self.assertEqual(requests, [("POST", MANY), ("POST", ONE), ("POST", ONE)])
        self.assertEqual(
            (self.of(self.case).state, self.of(self.power_bank).state), ("dead", "done")
        )

    def test_archived(self):
        self.in_the_shop(CASE)
        self.case.active = False
        self.assertEqual(self.send(), [("DELETE", f"/odoo/products/{CASE}")])
        self.assertNotIn(CASE, self.peer.products)
        self.assertEqual(self.of(self.case).state, "done")

    def test_deleted_by_the_sku_the_shop_knows(self):
        """A slash and a blank in it are quoted."""
        product = self.env["product.product"].create({"name": "P", "default_code": "A/B 1"})
        self.send()
        self.assertIn("A/B 1", self.peer.products)
        product.unlink()
        self.assertEqual(self.send(), [("DELETE", "/odoo/products/A%2FB%201")])
        self.assertNotIn("A/B 1", self.peer.products)

    def test_renamed_sku(self):
        self.in_the_shop(CASE)
        self.case.default_code = "CASE-NEW"
        self.send()
        self.assertNotIn(CASE, self.peer.products)
        self.assertIn("CASE-NEW", self.peer.products)
        self.assertEqual(self.peer.stocked("CASE-NEW"), 150)

    def test_refused_under_the_new_sku_it_stays_under_the_old_one(self):
        """Alone, among others, and by the webhook."""
        for number, route in enumerate(("products", "products", "webhook")):
            with self.subTest(number=number, route=route):
                self.backend.medusa_product_route = route
                self.peer.products.clear()
                self.case.default_code, self.power_bank.default_code = CASE, POWER_BANK
                self.in_the_shop(CASE, POWER_BANK)
                self.power_bank.name = f"Renamed {number}"
                new_sku = f"CASE-{number}"
                self.peer.fault(bulk_item_error={new_sku: "VALIDATION_ERROR"})
                self.case.default_code = new_sku
                self.send(*(self.goods if number == 1 else self.case))
                self.assertEqual(self.of(self.case).state, "dead")
                self.assertIn(CASE, self.peer.products)

                self.peer.clear_faults()
                if route == "webhook":
                    self.peer.add_product(new_sku)
                self.of(self.case).action_requeue()
                self.send()
                self.assertNotIn(CASE, self.peer.products)
                self.assertIn(new_sku, self.peer.products)

    def assertHeld(self, **products):
        held = {sku: product["odoo_product_id"] for sku, product in self.peer.products.items()}
        self.assertEqual(held, {sku: product.id for sku, product in products.items()})
        bindings = self.env["connector.hub.binding"]._of_records(
            self.backend, "product", self.goods
        )
        self.assertEqual(
            {binding.external_id: binding.res_id for binding in bindings.values()}, held
        )

    def send_again(self):
        """Send what waits for its next attempt, until nothing waits."""
        for _time in range(3):
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE connector_hub_delivery SET next_attempt_at = NULL WHERE state = 'pending'"
            )
            self.env.invalidate_all()
            self.send()

    def test_sku_handed_on(self):
        """What a product gives up, another one has now: it must not be deleted with the old product."""
        for owned, singly in ((False, False), (True, False), (False, True), (True, True)):
            for goods in (self.goods, self.goods[::-1]):
                with self.subTest(owned=owned, singly=singly, goods=goods):
                    self.peer.products.clear()
                    first, second = goods
                    first.default_code, second.default_code = "A", "B"
                    self.in_the_shop("A", "B")
                    if owned:
                        for sku, product in (("A", first), ("B", second)):
                            self.peer.products[sku]["odoo_product_id"] = product.id
                    second.default_code = "C"
                    first.default_code = "B"
                    if singly:
                        errors = {"C": "VALIDATION_ERROR"}
                        self.peer.fault(bulk_item_error=errors, anonymous=True, times=1)
                    self.send()
                    self.send_again()
                    self.assertHeld(B=first, C=second)

    def test_skus_exchanged(self):
        """The shop gives neither SKU to the other product while it has both."""
        for singly in (False, True):
            with self.subTest(singly=singly):
                self.peer.products.clear()
                self.case.default_code, self.power_bank.default_code = "A", "B"
                self.in_the_shop("A", "B")
                self.peer.products["A"]["odoo_product_id"] = self.case.id
                self.peer.products["B"]["odoo_product_id"] = self.power_bank.id
                self.case.name = self.power_bank.name = f"Exchanged {singly}"
                self.case.default_code = "between"
                self.power_bank.default_code = "A"
                self.case.default_code = "B"
                if singly:
                    self.peer.fault("/odoo/products/bulk", kind="status", status=400, times=1)
                known = {sku: product["id"] for sku, product in self.peer.products.items()}
                self.send()
                self.send_again()
                self.assertHeld(A=self.power_bank, B=self.case)
                self.assertEqual(self.peer.products["A"]["id"], known["B"])
                self.assertEqual(self.peer.products["B"]["id"], known["A"])
                self.assertEqual(self.peer.stocked("A"), 150)

    def test_sku_of_a_product_that_is_not_sent(self):
        """Its new content is refused: the one that has the SKU now waits, and nothing is removed from the shop."""
        self.in_the_shop(CASE, POWER_BANK)
        self.peer.products[POWER_BANK]["odoo_product_id"] = self.power_bank.id
        self.peer.fault(bulk_item_error={"C": "VALIDATION_ERROR"})
        self.power_bank.default_code = "C"
        self.send()
        self.assertIn(POWER_BANK, self.peer.products)
        known = self.peer.products[POWER_BANK]["id"]
        self.case.default_code = POWER_BANK
        self.send()
        self.assertEqual(self.of(self.case).state, "pending")
        self.assertEqual(self.peer.products[POWER_BANK]["id"], known)
        self.peer.clear_faults()
        self.of(self.power_bank).action_requeue()
        self.send()
        self.send_again()
        self.assertHeld(**{POWER_BANK: self.case, "C": self.power_bank})
        self.assertEqual(self.peer.products["C"]["id"], known)

    def test_same_sku_twice(self):
        """Listed for a person, never sent wrongly, and sent once each has its own."""
        self.in_the_shop(CASE)
        twin = self.env["product.product"].create({"name": "Twin", "default_code": CASE})
        self.assertEqual(self.send(self.case), [])
        for product in self.case | twin:
            self.assertEqual(
                (self.of(product).state, self.of(product).reason), ("dead", "duplicate_sku")
            )
        twin.default_code = "TWIN"
        self.send()
        self.assertLessEqual({CASE, "TWIN"}, set(self.peer.products))
        self.assertFalse(self.backend.dead_count)

    # --- the other way ---

    def test_webhook(self):
        self.backend.medusa_product_route = "webhook"
        self.case.write({"name": "Case", "list_price": 25.5, "weight": 0.15})
        self.in_the_shop(*(product.default_code for product in self.goods))
        self.assertEqual(set(self.send()), {("POST", WEBHOOK)}, "all go that way from now on")
        [request] = [
            request
            for request in self.peer.sent(WEBHOOK)
            if request.payload["product"]["sku"] == CASE
        ]
        self.assertEqual(request.payload["event_type"], "product.updated")
        product = request.payload["product"]
        self.assertEqual(
            (product["sku"], product["name"], product["odoo_id"]), (CASE, "Case", self.case.id)
        )
        self.assertEqual((float(product["list_price"]), float(product["weight"])), (25.5, 0.15))
        self.assertEqual(self.peer.products[CASE]["price"], 25500)
        self.case.active = False
        self.send()
        self.assertEqual(
            self.peer.sent(WEBHOOK)[0].payload,
            {"event_type": "product.deleted", "product": {"sku": CASE}},
        )

    def test_webhook_of_what_is_not_in_the_catalogue(self):
        """A success without a link: it is told of again, and is linked once the shop has it."""
        self.backend.medusa_product_route = "webhook"
        self.send(self.case)
        self.assertEqual(self.of(self.case).state, "done")
        self.assertIn("inventory_created", self.of(self.case).response)
        self.assertEqual(self.peer.stocked(CASE), 150)
        self.assertNotIn(CASE, self.peer.products)
        bindings = self.env["connector.hub.binding"]._of_records(self.backend, "product", self.case)
        self.assertEqual(bindings, {})
