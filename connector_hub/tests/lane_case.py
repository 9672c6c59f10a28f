# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields

from .shop_case import ShopCase


class LaneCase(ShopCase):
    def setUp(self):
        super().setUp()
        self.commit()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.env.cr.execute("DELETE FROM ir_cron_trigger")

    def send(self, *products, entity="product"):
        """Queue products, run the lane, and return the SKUs of each request."""
        for product in products:
            self.deliver(product, entity=entity)
        self.shop.requests.clear()
        self.run_lane()
        return [request.skus for request in self.shop.requests]

    def of(self, record, entity="product"):
        """The last delivery of a record."""
        return self.deliveries(("res_id", "=", record.id), ("entity", "=", entity))[-1:]

    def assertStates(self, *states, attempts=None):
        deliveries = [self.of(product) for product in self.products]
        self.assertEqual([delivery.state for delivery in deliveries], list(states))
        if attempts is not None:
            self.assertEqual([delivery.attempts for delivery in deliveries], attempts)

    def assertResting(self, minutes):
        self.assertEqual(self.backend.state, "active")
        rest = (self.backend.cooldown_until - fields.Datetime.now()).total_seconds()
        self.assertAlmostEqual(rest, 60 * minutes, delta=10)

    def wakes(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "=", self.backend.cron_id.id)])
