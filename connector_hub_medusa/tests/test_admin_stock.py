# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Quantities to a stock Medusa v2 in few requests."""

import unittest
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.connector_hub.models.connector_hub_pace import SENDS_PER_CLAIM

from ..const_admin import STOCK_BATCH
from ..models import connector_hub_adapter_admin as adapter_module
from ..models import connector_hub_stock_admin as stock_module
from .admin_case import SECRET_KEY, AdminCase

try:
    from tests.peers.medusa_admin import MedusaAdminServer
except ImportError:
    MedusaAdminServer = None

LEVELS = "/admin/inventory-items/location-levels/batch"
MANY, SMALL_BATCH = 1500, 100


@unittest.skipUnless(
    MedusaAdminServer,
    "the Medusa server is in the repository's folder tests/peers, not in the addon",
)
@tagged("post_install", "-at_install")
class TestAdminStock(AdminCase):
    def setUp(self):
        super().setUp()
        self.peer = MedusaAdminServer(api_key=SECRET_KEY).start()
        self.addCleanup(self.peer.stop)
        self.backend.write({"base_url": self.peer.url, "api_key": SECRET_KEY})

    def stock(self, count):
        """Products that the shop has, linked, each with another quantity -> recordset."""
        products = self.env["product.product"].create(
            [
                {"name": f"M-{n}", "default_code": f"M-{n}", "is_storable": True}
                for n in range(count)
            ]
        )
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO stock_quant (product_id, location_id, company_id, quantity, reserved_quantity, in_date) "
            "SELECT id, %s, %s, row_number() OVER (ORDER BY id), 0, now() FROM product_product WHERE id = ANY(%s)",
            (self.warehouse.lot_stock_id.id, self.company.id, products.ids),
        )
        self.env.invalidate_all()
        links = []
        for product in products:
            variant = self.peer.add_product(product.default_code, stock=0)
            (link,) = self.peer.variants[variant["id"]]["inventory_links"]
            links.append(
                {
                    "res_model": "product.product",
                    "res_id": product.id,
                    "external_id": link["inventory_item_id"],
                    "reference": product.default_code,
                }
            )
        self.env["connector.hub.binding"]._record_synced(self.backend, "stock", links)
        # Only these quantities are due, not the products themselves.
        self.commit()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.enqueue(products)
        return products

    def enqueue(self, products):
        self.env["connector.hub.delivery"]._enqueue_states(
            self.backend, "stock", "product.product", products.ids
        )
        self.peer.clear_log()

    def test_location_is_asked_for_once_for_many_batches(self):
        products = self.stock(MANY)
        self.backend.batch_sizes = {"stock": SMALL_BATCH}
        with patch.object(adapter_module, "STOCK_BATCH", SMALL_BATCH):
            self.run_lane()
        self.assertEqual(self.peer.stocked(products[-1].default_code), MANY)
        batches = self.peer.sent(LEVELS, "POST")
        self.assertEqual(len(batches), MANY // SMALL_BATCH)
        claims = MANY // (SMALL_BATCH * SENDS_PER_CLAIM)
        self.assertEqual(len(self.peer.sent("/admin/stock-locations")), claims)

    def test_ten_thousand_quantities_take_25_requests_at_most(self):
        requests = 10_000 / STOCK_BATCH + 10_000 / (STOCK_BATCH * SENDS_PER_CLAIM)
        self.assertLessEqual(requests, 25)

    def test_location_is_asked_for_again_once_it_is_refused(self):
        """It was deleted in the shop while a batch was sent."""
        products = self.stock(4)
        moved = []

        def move(request):
            if request.path == LEVELS and len(self.peer.sent(LEVELS)) == 2 and not moved:
                moved.append(self.peer.add_location("New"))
                former = self.peer.main_location
                self.peer.locations.pop(former)
                for key in [key for key in self.peer.levels if key[1] == former]:
                    del self.peer.levels[key]

        self.peer.before = move
        with patch.object(adapter_module, "STOCK_BATCH", 1):
            self.run_lane()
        self.assertEqual(
            [self.peer.stocked(product.default_code, moved[0]) for product in products[1:]],
            [2, 3, 4],
        )

    def test_figure_changed_in_the_shop(self):
        """Compared once a day, page by page, and corrected."""
        products = self.stock(5)
        self.run_lane()
        sku = products[2].default_code
        (link,) = self.peer.variants[self.peer.by_sku(sku)["id"]]["inventory_links"]
        level = self.peer.levels[link["inventory_item_id"], self.peer.main_location]
        self.assertEqual(level["stocked_quantity"], 3)
        level["stocked_quantity"] = 77
        self.peer.clear_log()
        for _look in range(2):
            self.backend._cursor("stock").polled_at = False
            with patch.object(stock_module, "LEVEL_PAGE", 2):
                self.run_lane()
        self.assertEqual(self.peer.stocked(sku), 3)
        (batch,) = self.peer.sent(LEVELS, "POST")
        self.assertEqual(len(batch.payload["update"]), 1)
        self.assertEqual(len(self.peer.sent("/admin/inventory-items", "GET")), 6)
        self.assertIn(f"{sku} (77 there, 3 here)", self.backend.message_ids[0].body)
