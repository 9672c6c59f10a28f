# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from .common import HubCase


@tagged("post_install", "-at_install")
class TestOrderImport(HubCase):
    def _lines(self, order):
        return [
            (
                line.product_id.default_code or line.product_id.name,
                line.product_uom_qty,
                line.price_unit,
            )
            for line in order.order_line
        ]

    # --- the seed's order ---

    def test_seed_order(self):
        order = self._import(self._order())
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.client_order_ref, "SHOP-1001")
        self.assertEqual(order.currency_id, self.kwd)
        self.assertEqual(order.amount_total, 16.0)
        self.assertEqual(
            self._lines(order), [("A-1", 2, 5.0), ("B-2", 1, 5.0), ("Shipping", 1, 1.0)]
        )
        self.assertEqual(order.company_id, self.company)
        self.assertEqual(order.warehouse_id, self.warehouse)
        self.assertFalse(order.order_line.tax_ids)
        self.assertEqual(order.order_line[0].name, "Title of A-1")
        move = order.picking_ids.move_ids.filtered(lambda m: m.product_id == self.products[0])
        self.assertEqual((move.state, move.quantity), ("assigned", 2))
        bound = self.env["connector.hub.binding"]._find(self.backend, "order", ["order_1"])
        self.assertEqual(bound, {"order_1": order.id})

    def test_authored_by_the_hub(self):
        salesperson = self.env["res.users"].create(
            {
                "name": "Sara",
                "login": "sara",
                "company_id": self.company.id,
                "company_ids": self.company.ids,
            }
        )
        team = self.env["crm.team"].create({"name": "Web", "company_id": self.company.id})
        self.backend.write({"salesperson_id": salesperson.id, "team_id": team.id})
        mails = self.env["mail.mail"].search_count([])
        order = self._import(self._order())
        self.assertEqual(order.create_uid, self.backend._work_env().user)
        self.assertEqual((order.user_id, order.team_id), (salesperson, team))
        self.assertEqual(order.message_partner_ids, salesperson.partner_id)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertIn("order_1", order.message_ids[-1].body)

    def test_values_and_note(self):
        order = self._import(self._order(note="Ring <twice>", values={"origin": "Web"}))
        self.assertIn("Ring &lt;twice&gt;", order.note)
        self.assertEqual(order.origin, "Web")

    # --- once, whole, in order ---

    def test_imported_before(self):
        first = self._import(self._order())
        self.assertEqual(self._import(self._order(total="77.000")), first)
        self.assertEqual(len(first.order_line), 3)

    def test_twice_in_one_batch(self):
        first, second = self._import(self._order(), self._order())
        self.assertEqual(first, second)
        self.assertEqual(
            self.env["sale.order"].search_count([("client_order_ref", "=", "SHOP-1001")]), 1
        )

    def test_deleted_order_comes_again(self):
        self.backend.auto_confirm = False
        first = self._import(self._order())
        first.unlink()
        second = self._import(self._order())
        self.assertTrue(second.exists())

    def test_bad_ones_do_not_hold_the_others(self):
        results = self._import(
            self._simple("o1"),
            self._simple("o2", lines=[self._line("NOPE", 1, 5)]),
            self._simple("o3", currency_code="XAU"),
            self._simple("o4", total="5.001"),
            self._simple("o5"),
        )
        self.assertEqual([results[0].state, results[4].state], ["sale", "sale"])
        self.assertRejected(results[1], "unknown_sku", "NOPE")
        self.assertRejected(results[2], "currency_inactive", "XAU")
        self.assertRejected(results[3], "total_mismatch", "5.000", "5.001", "KWD")
        bound = self.env["connector.hub.binding"]._find(
            self.backend, "order", ["o1", "o2", "o3", "o4", "o5"]
        )
        self.assertEqual(set(bound), {"o1", "o5"})

    # --- states and dates ---

    def test_date_is_kept(self):
        placed = datetime(2026, 2, 28, 13, 30, tzinfo=timezone(timedelta(hours=3)))
        order = self._import(self._order(date_order=placed))
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.date_order, datetime(2026, 2, 28, 10, 30))

    def test_date_in_the_future(self):
        """A shop with a wrong clock must not have its goods delivered in 2099."""
        order = self._import(self._order(date_order=datetime(2099, 1, 1)))
        self.assertLess(order.date_order, datetime.now() + timedelta(days=2))

    def test_user_confirmation_takes_its_own_date(self):
        self.backend.auto_confirm = False
        order = self._import(self._order(date_order=datetime(2026, 2, 28)))
        order.action_confirm()
        self.assertGreater(order.date_order, datetime(2026, 3, 1))

    def test_not_confirmed(self):
        self.backend.auto_confirm = False
        order = self._import(self._order())
        self.assertEqual(order.state, "draft")
        self.assertFalse(order.picking_ids)

    def test_cancelled(self):
        cancelled, confirmed = self._import(
            self._simple("o1", state="cancelled"), self._simple("o2")
        )
        self.assertEqual((cancelled.state, confirmed.state), ("cancel", "sale"))
        self.assertFalse(cancelled.picking_ids)

    # --- products ---

    def test_unknown_sku_names_sku_and_line(self):
        lines = [self._line("A-1", 1, 5), self._line("GHOST-9", 1, 5)]
        self.assertRejected(
            self._import(self._order(lines=lines)), "unknown_sku", "GHOST-9", "line 2"
        )

    def test_line_without_sku(self):
        lines = [self._line("", 1, 5)]
        self.assertRejected(self._import(self._order(lines=lines)), "unknown_sku", "Line 1")

    def test_unknown_sku_after_the_fix(self):
        wanted = self._simple(lines=[self._line("LATE", 1, "5.000")])
        self.assertRejected(self._import(wanted), "unknown_sku")
        self.products[2].default_code = "LATE"
        self.assertEqual(self._import(wanted).order_line.product_id, self.products[2])

    def test_duplicate_sku(self):
        self.products[1].default_code = "A-1"
        self.assertRejected(self._import(self._order()), "duplicate_sku", "A-1", "Product B-2")

    def test_archived_product(self):
        archived = self.env["product.product"].create(
            {"name": "Old", "default_code": "A-1", "active": False, "taxes_id": False}
        )
        self.assertEqual(self._import(self._simple("o1")).order_line.product_id, self.products[0])
        self.products[0].default_code = "OLD"
        self.assertEqual(self._import(self._simple("o2")).order_line.product_id, archived)

    def test_product_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["product.product"].create(
            {"name": "Theirs", "default_code": "T-1", "company_id": other.id}
        )
        result = self._import(self._simple(lines=[self._line("T-1", 1, 5)]))
        self.assertRejected(result, "unknown_sku", "T-1")

    def test_binding_wins_over_sku(self):
        Binding = self.env["connector.hub.binding"]
        Binding._link(self.backend, "product", self.products[2], "variant_3")
        line = self._line("A-1", 1, 5, product_external_id="variant_3")
        self.assertEqual(
            self._import(self._simple(lines=[line])).order_line.product_id, self.products[2]
        )
        Binding._link(self.backend, "product", self.products[1].product_tmpl_id, "prod_2")
        line = self._line("", 1, 5, product_external_id="prod_2")
        self.assertEqual(
            self._import(self._simple("o2", lines=[line])).order_line.product_id, self.products[1]
        )

    def test_not_for_sale_does_not_matter(self):
        self.products[0].sale_ok = False
        self.assertEqual(self._import(self._simple()).state, "sale")

    # --- currency and pricelist ---

    def test_company_currency_needs_no_pricelist(self):
        self.env["product.pricelist"].create({"name": "Public", "currency_id": self.kwd.id})
        self.assertFalse(self._import(self._order()).pricelist_id)

    def test_backend_pricelist(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Shop", "currency_id": self.kwd.id, "company_id": self.company.id}
        )
        self.backend.pricelist_id = pricelist
        self.assertEqual(self._import(self._order()).pricelist_id, pricelist)

    def test_foreign_currency(self):
        self.env["product.pricelist"].search([("currency_id", "=", self.jpy.id)]).active = False
        line = self._line("A-1", 3, "500")
        first, second = self._import(
            self._simple("o1", currency_code="JPY", lines=[line], total=1500),
            self._simple("o2", currency_code="jpy", lines=[line], total=1500),
        )
        self.assertEqual((first.currency_id, first.amount_total), (self.jpy, 1500))
        self.assertEqual(first.pricelist_id, second.pricelist_id)
        self.assertEqual(first.pricelist_id.name, "Probe Shop JPY")
        third = self._import(self._simple("o3", currency_code="JPY", lines=[line], total=1500))
        self.assertEqual(third.pricelist_id, first.pricelist_id)

    def test_inactive_currency(self):
        self.jpy.active = False
        result = self._import(self._simple(currency_code="jpy"))
        self.assertRejected(result, "currency_inactive", "JPY")
        self.jpy.active = True
        self.assertEqual(
            self._import(self._simple(currency_code="jpy", total=5)).currency_id, self.jpy
        )

    # --- prices and discounts ---

    def test_price_keeps_all_decimals(self):
        order = self._import(self._simple(lines=[self._line("A-1", 1, "5.125")], total="5.125"))
        self.assertEqual(order.order_line.price_unit, 5.125)
        self.assertEqual(order.amount_total, 5.125)

    def test_price_stays_when_the_quantity_changes(self):
        self.backend.auto_confirm = False
        free = self._line("B-2", 1, "0")
        order = self._import(
            self._simple(lines=[self._line("A-1", 1, "5.125"), free], total="5.125")
        )
        order.order_line.product_uom_qty = 2
        self.assertEqual(order.order_line.mapped("price_unit"), [5.125, 0.0])

    def test_quantity_with_too_many_decimals(self):
        self.env["decimal.precision"].search([("name", "=", "Product Unit")]).digits = 2
        result = self._import(self._simple(lines=[self._line("A-1", "0.125", 8)], total=1))
        self.assertRejected(result, "not_configured", "0.125", "Product Unit")

    def test_line_discount_as_percentage(self):
        line = self._line("A-1", 2, "5.000", discount_amount=Decimal("2.5"))
        order = self._import(self._simple(lines=[line], total="7.500"))
        self.assertEqual(order.order_line.discount, 25.0)

    def test_line_discount_as_line(self):
        line = self._line("A-1", 3, "3.333", discount_amount=Decimal("1.000"))
        order = self._import(self._simple(lines=[line], total="8.999"))
        self.assertEqual(order.order_line.mapped("discount"), [0.0, 0.0])
        self.assertEqual(self._lines(order)[1], ("Discount", 1, -1.0))
        self.assertEqual(self.backend.discount_product_id, order.order_line[1].product_id)
        self.assertIn("Title of A-1", order.order_line[1].name)

    def test_order_discount(self):
        order = self._import(self._order(discount_total=Decimal("0.750"), total="15.250"))
        self.assertEqual(self._lines(order)[2], ("Discount", 1, -0.75))
        self.assertEqual(order.amount_total, 15.25)

    def test_service_products_are_made_once(self):
        first, second = self._import(
            self._order(external_id="o1"), self._order(external_id="o2", discount_total=1, total=15)
        )
        third = self._import(self._order(external_id="o3", discount_total=1, total=15))
        self.assertEqual(
            (first | second | third).order_line.product_id - self.products,
            self.backend.shipping_product_id | self.backend.discount_product_id,
        )
        self.assertEqual(self.backend.shipping_product_id.type, "service")

    # --- shipping ---

    def test_carrier(self):
        service = self.env["product.product"].create(
            {"name": "Aramex", "type": "service", "taxes_id": False}
        )
        carrier = self.env["delivery.carrier"].create(
            {"name": "Aramex Express", "product_id": service.id, "fixed_price": 9.0}
        )
        order = self._import(self._order(shipping={"amount": "1.000", "method": "ARAMEX express"}))
        self.assertEqual(order.carrier_id, carrier)
        delivery = order.order_line.filtered("is_delivery")
        self.assertEqual((delivery.product_id, delivery.price_unit), (service, 1.0))
        self.assertEqual(order.picking_ids.carrier_id, carrier)
        free = self._import(
            self._simple(shipping={"amount": 0, "method": "Aramex Express"}),
        )
        self.assertEqual(free.carrier_id, carrier)
        self.assertTrue(free.delivery_set)

    def test_shipping_without_carrier(self):
        order = self._import(self._order(shipping={"amount": "1.000", "method": "Pigeon"}))
        self.assertFalse(order.carrier_id)
        delivery = order.order_line.filtered("is_delivery")
        self.assertEqual((delivery.name, delivery.price_unit), ("Pigeon", 1.0))
        self.assertEqual(delivery.product_id, self.backend.shipping_product_id)

    def test_no_shipping_line_for_nothing(self):
        order = self._import(self._simple(shipping={"amount": 0, "method": "Pick up"}))
        self.assertEqual(len(order.order_line), 1)

    # --- what Odoo itself would add ---

    def test_fiscal_position_is_not_applied(self):
        tax, mapped = self._create_tax(5), self._create_tax(10, name="10 % mapped")
        position = self.env["account.fiscal.position"].create(
            {"name": "Abroad", "company_id": self.company.id, "tax_ids": [Command.link(mapped.id)]}
        )
        mapped.original_tax_ids = tax
        partner = self.env["res.partner"].create({"name": "Ahmed", "email": "ahmed@example.com"})
        partner.with_company(self.company).property_account_position_id = position
        line = self._line("A-1", 1, "10.000", taxes=[{"rate": 5}])
        order = self._import(self._simple(lines=[line], total="10.500"))
        self.assertEqual(order.order_line.tax_ids, tax)

    def test_number_of_queries_does_not_grow_with_lookups(self):
        """Checking ten orders costs hardly more queries than checking one."""
        backend = self._work_backend()
        Import = backend.env["connector.hub.order.import"]
        Lookup = backend.env["connector.hub.order.lookup"]

        def check(count):
            orders = [self._order(external_id=f"q{count}-{number}") for number in range(count)]
            backend.env.invalidate_all()
            before = backend.env.cr.sql_log_count
            plans = Import._plan_orders(Lookup._load(backend, orders), orders)
            self.assertEqual([plan.total for plan in plans], [Decimal("16.000")] * count)
            return backend.env.cr.sql_log_count - before

        check(1)
        self.assertLessEqual(check(10) - check(1), 2)
