# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shop that answers: the Medusa server of the repository's ``tests/peers``, in this process."""

import unittest

from odoo.addons.connector_hub.exact_json import load_json
from odoo.addons.connector_hub.tests.lane_runner import LaneRunner

from .common import SeedCase

try:
    from tests.peers.medusa import MedusaServer
except ImportError:
    MedusaServer = None

API_KEY = "seed-api-key-0123456789"
CASE, POWER_BANK = "CASE-IP15PRO-001", "PB-20000-BLK"


@unittest.skipUnless(
    MedusaServer, "the Medusa server is in the repository's folder tests/peers, not in the addon"
)
class PeerCase(LaneRunner, SeedCase):
    """``self.backend`` is connected with ``self.peer``; nothing has been sent yet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.peer = MedusaServer(api_key=API_KEY).start()
        cls.addClassCleanup(cls.peer.stop)
        cls.backend = cls.shop
        cls.backend.write({"base_url": cls.peer.url, "api_key": API_KEY})
        for product in cls.goods:
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.warehouse.lot_stock_id, 150
            )
        cls.case, cls.power_bank = cls.goods
        # The company's other products are none of this shop's.
        cls.products.sale_ok = False
        cls.env.cr.flush()
        cls.env.cr.execute("DELETE FROM connector_hub_change")

    def setUp(self):
        super().setUp()
        self.peer.clear_faults()
        self.peer.clear_log()
        for state in (self.peer.products, self.peer.inventory, self.peer.orders):
            state.clear()

    def send(self, *products, entity="product"):
        """Queue products, run the lane, and return (method, path) of each request."""
        for product in products:
            self.deliver(product, entity=entity)
        self.peer.clear_log()
        self.run_lane()
        return [
            (request.method, request.path)
            for request in self.peer.requests
            if request.method != "GET"
        ]

    def in_the_shop(self, *skus):
        """Products that the shop has and Odoo knows it has."""
        for sku in skus:
            self.peer.add_product(sku)
            product = self.goods.filtered(lambda p, sku=sku: p.default_code == sku)
            for entity in ("product", "stock"):
                self.bind(product, sku, entity, reference=sku)

    def of(self, product, entity="product"):
        """The last delivery of a product."""
        return self.deliveries(("res_id", "=", product.id), ("entity", "=", entity))[-1:]

    def order(self, *lines, **options):
        """An order of the shop, and the sale order it has become."""
        placed = self.peer.place_order(list(lines), **options)
        body = self.peer.webhook_body("order.created", self.peer.order_data(placed["id"]))
        model = self.env["connector.hub.event"]
        payload = body.decode()
        work = self.work()
        event = model.create(model._describe(work, {}, load_json(payload), payload))
        work.env["connector.hub.event"]._process(work, event.with_env(work.env))
        self.env.invalidate_all()
        self.assertEqual(event.state, "done", event.error)
        return placed, self.env["sale.order"].browse(event.res_id)

    def ship(self, picking, quantity=None, **values):
        picking.write(values)
        for move in picking.move_ids:
            move.write({"quantity": quantity or move.product_uom_qty, "picked": True})
        result = picking.with_context(skip_sms=True).button_validate()
        if isinstance(result, dict) and result.get("res_model") == "stock.backorder.confirmation":
            self.env[result["res_model"]].with_context(**result["context"]).create({}).process()
