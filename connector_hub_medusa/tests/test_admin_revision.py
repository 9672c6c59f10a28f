# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json

from odoo.tests import tagged

from .admin_case import AdminCase
from .common import SKUS


@tagged("post_install", "-at_install")
class TestAdminRevision(AdminCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company=cls.company, install_demo=False
        )
        cls.goods.invoice_policy = "order"

    def handle(self, event_type, quantity, version, state="done", **values):
        """The shop tells of an order of so many pieces at 5.000 -> sale.order."""
        item = {"id": "ordli_1", "variant_sku": SKUS[0], "quantity": quantity, "unit_price": 5}
        order = {
            "id": "order_1",
            "version": version,
            "status": "pending",
            "payment_status": "authorized",
            "currency_code": "kwd",
            "total": 5 * quantity,
            "email": "buyer@example.com",
            "shipping_address": {"first_name": "Ada", "address_1": "Street 1"},
            "items": [item],
            **values,
        }
        event = self.work_backend.env["connector.hub.event"].create(
            {
                "backend_id": self.backend.id,
                "event_id": f"{event_type}:{version}",
                "event_type": event_type,
                "external_id": "order_1",
                "creates": event_type == "order.imported",
                "payload": json.dumps({"data": order}),
            }
        )
        event._process(self.work_backend, event)
        self.env.invalidate_all()
        self.assertEqual(event.state, state, event.error)
        return self.env["sale.order"].browse(event.res_id)

    def test_edited_and_paid_at_once(self):
        """What was paid is the order as it is now: that is what is invoiced."""
        self.backend.payment_policy = "invoice"
        order = self.handle("order.imported", 1, 1)
        self.assertEqual((order.state, order.amount_total), ("sale", 5))
        self.handle("order.state", 3, 2, payment_status="captured")
        self.assertEqual(order.amount_total, 15)
        self.assertEqual(order.invoice_ids.mapped("amount_total"), [15])

    def test_edited_otherwise_here_and_paid(self):
        """Nobody knows yet what is to be invoiced: it is once a person has brought the order in line."""
        self.backend.payment_policy = "invoice"
        order = self.handle("order.imported", 1, 1)
        order.order_line.product_uom_qty = 2
        self.handle("order.state", 3, 2, "dead", payment_status="captured")
        self.assertFalse(order.invoice_ids)
        order.order_line.product_uom_qty = 3
        event = self.env["connector.hub.event"].search([("state", "=", "dead")])
        event.action_requeue()
        self.work_backend.env["connector.hub.event"]._process_next(self.work_backend, 10)
        self.env.invalidate_all()
        self.assertEqual(event.state, "done", event.error)
        self.assertEqual(order.invoice_ids.mapped("amount_total"), [15])
