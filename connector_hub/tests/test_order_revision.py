# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import tagged

from ..exceptions import RejectedError
from ..models.connector_hub_event import Applied
from .common import HubCase


@tagged("post_install", "-at_install")
class TestOrderRevision(HubCase):
    """An order of A-1 (2 pieces of 5.000) that the partner changes after it was imported."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.company, install_demo=False
        )

    def setUp(self):
        super().setUp()
        self.order = self._import(self.changed([("l1", "A-1", 2, 5)], 1))
        self.assertEqual(self.order.state, "sale")

    def changed(self, lines, revision, total=None, **values):
        """The canonical order with these lines: (id, SKU, quantity, price, further values)."""
        built = [
            self._line(sku, quantity, price, external_id=line_id, **(more[0] if more else {}))
            for line_id, sku, quantity, price, *more in lines
        ]
        if total is None:
            total = sum(line["quantity"] * line["price_unit"] for line in built)
        return self._simple(
            values.pop("external_id", "o1"), lines=built, total=total, revision=revision, **values
        )

    def revise(self, *arguments, asked=(), **values):
        backend = self._work_backend()
        results = backend.env["connector.hub.order.revision"]._revise(
            backend, [self.changed(*arguments, **values)], asked
        )
        self.env.invalidate_all()
        return results["o1"]

    def lines(self):
        return sorted(
            (line.product_id.default_code, line.product_uom_qty, line.price_unit)
            for line in self.order.order_line
            if line.product_uom_qty
        )

    def demand(self):
        """{SKU: pieces} of the open delivery."""
        moves = self.order.picking_ids.move_ids.filtered(lambda move: move.state != "cancel")
        return {
            product.default_code: sum(of_product.mapped("product_uom_qty"))
            for product, of_product in moves.grouped("product_id").items()
            if sum(of_product.mapped("product_uom_qty"))
        }

    def assertChanged(self, result, *figures):
        self.assertIsInstance(result, RejectedError)
        self.assertEqual(result.reason, "order_changed")
        for figure in figures:
            self.assertIn(figure, result.message)

    # --- followed ---

    def test_lines_follow_and_the_delivery_with_them(self):
        for revision, (lines, demand) in enumerate(
            (
                ([("l1", "A-1", 1, 5)], {"A-1": 1}),
                ([("l1", "A-1", 4, 4.5), ("l2", "B-2", 2, 5)], {"A-1": 4, "B-2": 2}),
                ([("l2", "B-2", 3, 5)], {"B-2": 3}),
                ([("l1", "A-1", 2, 5), ("l3", "B-2", 1, 6)], {"A-1": 2, "B-2": 1}),
            ),
            start=2,
        ):
            with self.subTest(revision=revision):
                self.assertEqual(self.revise(lines, revision), self.order)
                self.assertEqual(
                    self.lines(),
                    sorted((sku, quantity, price) for _id, sku, quantity, price in lines),
                )
                self.assertEqual(self.demand(), demand)
                self.assertEqual(self.order.amount_total, sum(line[2] * line[3] for line in lines))
        self.assertFalse(self.order.picking_ids.activity_ids, "there is nothing for a person to do")

    def test_what_changed_stands_on_the_order(self):
        self.revise([("l1", "A-1", 3, 5)], 2)
        body = self.order.message_ids[0].body
        for figure in ("15.000", "10.000", "3 ×", "2 ×"):
            self.assertIn(figure, body)

    def test_quotation_follows_as_well(self):
        self.backend.auto_confirm = False
        order = self._import(self._simple("o2", lines=[self._line("A-1", 2, 5)], total=10))
        backend = self._work_backend()
        backend.env["connector.hub.order.revision"]._revise(
            backend, [self._simple("o2", lines=[self._line("B-2", 1, 5)], total=5)]
        )
        self.assertEqual(order.order_line.product_id.default_code, "B-2")
        self.assertEqual((order.state, order.amount_total), ("draft", 5))

    def test_the_same_again_changes_nothing(self):
        self.revise([("l1", "A-1", 3, 5)], 2)
        count = len(self.order.message_ids)
        self.revise([("l1", "A-1", 3, 5)], 3)
        self.assertEqual(len(self.order.message_ids), count)

    def test_older_revision_is_left(self):
        self.revise([("l1", "A-1", 3, 5)], 3)
        result = self.revise([("l1", "A-1", 1, 5)], 2, asked=["o1"])
        self.assertIsInstance(result, Applied)
        self.assertEqual(self.order.amount_total, 15)

    # --- not followed, and nothing applied in part ---

    def test_total_that_does_not_add_up(self):
        result = self.revise([("l1", "A-1", 3, 5), ("l2", "B-2", 1, 5)], 2, total="20.001")
        self.assertRejected(result, "total_mismatch", "20.001", "20.000", "10.000")
        self.assertEqual(self.lines(), [("A-1", 2, 5)])

    def test_unknown_product(self):
        result = self.revise([("l1", "A-1", 3, 5), ("l2", "NOPE", 1, 5)], 2)
        self.assertRejected(result, "unknown_sku", "NOPE", "20.000", "10.000")
        self.assertEqual(self.lines(), [("A-1", 2, 5)])

    def test_no_lines_left(self):
        self.assertRejected(self.revise([], 2, total=0), "invalid_payload", "10.000")
        self.assertEqual(self.lines(), [("A-1", 2, 5)])

    def test_shipped(self):
        picking = self.order.picking_ids
        picking.move_ids.write({"quantity": 2, "picked": True})
        picking.with_context(skip_sms=True).button_validate()
        self.assertChanged(self.revise([("l1", "A-1", 3, 5)], 2), "15.000", "10.000", picking.name)
        self.assertEqual(self.lines(), [("A-1", 2, 5)])

    def test_being_picked(self):
        """Somebody has it in their hands: what they are to ship does not change unseen."""
        picking = self.order.picking_ids
        picking.move_ids.write({"quantity": 2, "picked": True})
        self.assertChanged(self.revise([("l1", "A-1", 1, 5)], 2), "5.000", "10.000", picking.name)
        self.assertEqual(picking.move_ids.mapped("product_uom_qty"), [2])

    def test_invoiced(self):
        self.order._create_invoices()
        self.assertChanged(self.revise([("l1", "A-1", 3, 5)], 2), "15.000", "10.000")
        self.assertEqual(self.lines(), [("A-1", 2, 5)])

    def test_what_the_partner_did_not_change_stays_a_persons(self):
        """The text of a line, its place and the carrier are none of what the partner has changed."""
        product = self.products[2]
        product.type = "service"
        theirs, ours = self.env["delivery.carrier"].create(
            [
                {"name": name, "product_id": product.id, "company_id": self.company.id}
                for name in ("Theirs", "Ours")
            ]
        )
        shipping = {"amount": "1.000", "method": "Theirs"}
        lines = [("l1", "A-1", 2, 5)]
        order = self._import(self.changed(lines, 1, total=11, shipping=shipping, external_id="o4"))
        self.assertEqual(order.carrier_id, theirs)
        goods = order.order_line.filtered(lambda line: not line.is_delivery)
        order.carrier_id = ours
        goods.name = "Engraved: for Nura"
        backend = self._work_backend()
        lines.append(("l2", "B-2", 1, 5))
        revised = self.changed(lines, 2, total=16, shipping=shipping, external_id="o4")
        result = backend.env["connector.hub.order.revision"]._revise(backend, [revised])
        self.env.invalidate_all()
        self.assertEqual(result, {"o4": order})
        self.assertEqual(order.amount_total, 16)
        self.assertEqual(order.carrier_id, ours)
        self.assertEqual(goods.name, "Engraved: for Nura")

    def test_locked(self):
        self.order.action_lock()
        self.assertChanged(self.revise([("l1", "A-1", 3, 5)], 2), "15.000", "10.000")

    def test_a_persons_change_is_not_overwritten(self):
        self.order.order_line.product_uom_qty = 5
        self.assertEqual(
            self.revise([("l1", "A-1", 2, 5)], 2), self.order, "the partner's is as it was"
        )
        self.assertEqual(self.lines(), [("A-1", 5, 5)])
        self.assertChanged(self.revise([("l1", "A-1", 3, 5)], 3), "15.000", "25.000")
        self.assertEqual(self.lines(), [("A-1", 5, 5)])

    def test_told_once_and_again_when_asked(self):
        self.order.order_line.product_uom_qty = 5
        self.assertChanged(self.revise([("l1", "A-1", 3, 5)], 2))
        self.assertEqual(self.revise([("l1", "A-1", 3, 5)], 3), self.order, "told already")
        self.assertChanged(self.revise([("l1", "A-1", 3, 5)], 3, asked=["o1"]))
        self.order.order_line.product_uom_qty = 3
        self.assertEqual(self.revise([("l1", "A-1", 3, 5)], 3, asked=["o1"]), self.order)
        self.assertEqual(self.revise([("l1", "A-1", 4, 5)], 4), self.order)
        self.assertEqual(self.lines(), [("A-1", 4, 5)])

    # --- returns ---

    def test_returns_call_a_person_once_per_change(self):
        for revision, lines, figures in (
            (2, [("l1", "A-1", 2, 5, {"return_requested": 1})], ["1 ×", "10.000"]),
            (3, [("l1", "A-1", 2, 5, {"return_requested": 1})], ["1 ×", "10.000"]),
            (4, [("l1", "A-1", 1, 5, {"returned": 1})], ["1 ×", "5.000", "10.000"]),
            (
                5,
                [("l1", "A-1", 1, 5, {"returned": 1, "written_off": 1}), ("l2", "B-2", 3, 5)],
                ["3 ×", "20.000"],
            ),
        ):
            with self.subTest(revision=revision):
                self.revise(lines, revision)
                self.assertEqual(len(self.order.activity_ids), 1)
                for figure in figures:
                    self.assertIn(figure, self.order.activity_ids.note)
                self.assertEqual(self.lines(), [("A-1", 2, 5)])
        self.order.activity_ids.action_feedback()
        self.revise(lines, 6)
        self.assertFalse(self.order.activity_ids, "told already")

    def test_what_a_shop_says_of_returns_is_text(self):
        """At the first telling and at those after it: a SKU is what somebody outside has typed."""
        for revision in (2, 3):
            added = ("l2", '<img src="https://evil.example/p">', 1, 5)
            self.revise([("l1", "A-1", 2, 5, {"return_requested": revision}), added], revision)
            self.assertNotIn("<img", self.order.activity_ids.note)
            self.assertIn("&lt;img", self.order.activity_ids.note)

    def test_order_that_came_back_before_it_was_imported(self):
        order = self._import(
            self._simple(
                "o3",
                lines=[
                    self._line("A-1", 1, 5, returned=1),
                    self._line("B-2", 0, 5, returned=1),
                ],
                total=5,
                state="done",
            )
        )
        self.assertEqual(order.amount_total, 5)
