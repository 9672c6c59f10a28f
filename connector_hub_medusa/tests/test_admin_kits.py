# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Kits, which leave as their components, told as what the customer ordered. Only where ``mrp`` is installed."""

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.connector_hub.exceptions import UnsupportedEventError

from .. import build
from .admin_case import AdminCase


@tagged("post_install", "-at_install")
class TestAdminKits(AdminCase):
    def setUp(self):
        super().setUp()
        if "mrp.bom" not in self.env:
            self.skipTest("mrp is not installed")
        self.kit = self.goods[0]
        self.screws, self.board = self.env["product.product"].create(
            [{"name": name, "is_storable": True} for name in ("Screw", "Board")]
        )
        for product in (self.screws, self.board):
            self.env["stock.quant"]._update_available_quantity(
                product, self.warehouse.lot_stock_id, 1000
            )

    def make_kit(self, product, *lines, **values):
        """lines: (component, quantity, unit or None)"""
        return self.env["mrp.bom"].create(
            {
                "product_tmpl_id": product.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create(
                        {
                            "product_id": component.id,
                            "product_qty": quantity,
                            **({"product_uom_id": unit.id} if unit else {}),
                        }
                    )
                    for component, quantity, unit in lines
                ],
                **values,
            }
        )

    def sell(self, quantity, product=None):
        line = {
            "product_id": (product or self.kit).id,
            "product_uom_qty": quantity,
            "connector_hub_external_id": "ordli_1",
        }
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Customer"}).id,
                "company_id": self.company.id,
                "warehouse_id": self.warehouse.id,
                "x_medusa_order_id": "order_1",
                "order_line": [Command.create(line)],
            }
        )
        order.action_confirm()
        return order

    def ship(self, order, *quantities):
        """Validate a picking with quantities of its components, in the order they were made in."""
        picking = order.picking_ids.filtered(lambda picking: picking.state == "assigned")
        self.assertEqual(len(picking), 1)
        moves = picking.move_ids.sorted(lambda move: move.product_id.id)
        for move, quantity in zip(moves, quantities, strict=True):
            move.write({"quantity": quantity, "picked": quantity > 0})
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        self.assertEqual(picking.state, "done")
        return picking

    def told(self, picking, fact="order.shipped"):
        """What the shop is told of a picking: in the Admin API, and by /odoo/inventory/reduce."""
        try:
            content = self.adapter._build_fact(
                self.work_backend, picking.with_env(self.work_backend.env), fact
            )
            quantities = [item["quantity"] for item in content["items"]]
        except UnsupportedEventError:
            quantities = []
        reduced = build.reduction(picking.sale_id, picking)["items"]
        self.assertEqual([item["quantity"] for item in reduced], quantities)
        return sum(quantities)

    def test_component_by_the_dozen(self):
        """The move of a component may be in another unit than the component."""
        dozen = self.env.ref("uom.product_uom_dozen")
        self.make_kit(self.kit, (self.screws, 2, dozen), (self.board, 1, None))
        order = self.sell(3)
        units = {move.product_id: move.product_uom for move in order.picking_ids.move_ids}
        quantity = 72 if units[self.screws] == self.screws.uom_id else 6
        self.assertEqual(self.told(self.ship(order, quantity, 3)), 3)

    def test_moves_in_dozens(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.make_kit(self.kit, (self.screws, 24, None), (self.board, 1, None))
        order = self.sell(3)
        move = order.picking_ids.move_ids.filtered(lambda move: move.product_id == self.screws)
        move.write({"product_uom": dozen.id, "product_uom_qty": 6})
        self.assertEqual(self.told(self.ship(order, 6, 3)), 3)

    def test_components_leave_one_after_the_other(self):
        self.make_kit(self.kit, (self.screws, 4, None), (self.board, 1, None))
        order = self.sell(5)
        pickings = [
            self.ship(order, 20, 0),  # no board: no kit yet
            self.ship(order, 2),
            self.ship(order, 3),
        ]
        self.assertEqual([self.told(picking) for picking in pickings], [0, 2, 3])
        self.assertEqual([self.told(picking, "order.delivered") for picking in pickings], [0, 2, 3])

    def test_half_a_kit_twice_is_one(self):
        self.make_kit(self.kit, (self.screws, 4, None))
        order = self.sell(1)
        self.assertEqual([self.told(self.ship(order, 2)), self.told(self.ship(order, 2))], [0, 1])

    def test_several_kits_of_one_bill(self):
        self.make_kit(self.kit, (self.screws, 6, None), product_qty=3)
        order = self.sell(4)
        self.assertEqual([self.told(self.ship(order, 5)), self.told(self.ship(order, 3))], [2, 2])

    def test_kit_of_kits(self):
        inner = self.goods[1]
        self.make_kit(inner, (self.screws, 4, None), (self.board, 1, None))
        self.make_kit(self.kit, (inner, 2, None))
        order = self.sell(3)
        pickings = [self.ship(order, 24, 3), self.ship(order, 3)]
        self.assertEqual([self.told(picking) for picking in pickings], [1, 2])

    def test_component_added_after_the_order(self):
        """It was never planned for the order, and is not waited for."""
        bom = self.make_kit(self.kit, (self.screws, 4, None), (self.board, 1, None))
        order = self.sell(2)
        manual = self.env["product.product"].create({"name": "Manual", "is_storable": True})
        bom.bom_line_ids = [Command.create({"product_id": manual.id, "product_qty": 1})]
        self.assertEqual(
            [self.told(self.ship(order, 4, 1)), self.told(self.ship(order, 4, 1))], [1, 1]
        )
