# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import mute_logger

from .shop_case import ShopCase

SWEEP = "odoo.addons.connector_hub.models.connector_hub_sweep"


@tagged("post_install", "-at_install")
class TestSweep(ShopCase):
    """The shop has everything; then something changes that no save of a mapped field has told of."""

    def setUp(self):
        super().setUp()
        self.category = self.env["product.category"].create({"name": "Cases"})
        self.products.categ_id = self.category
        self.backend.action_export_all()
        self.run_lane()
        self._forget()

    def _forget(self):
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.woken.clear()
        self.shop.requests.clear()

    def _behind_odoos_back(self, table, record, **values):
        self.env.flush_all()
        for column, value in values.items():
            self.env.cr.execute(
                f"UPDATE {table} SET {column} = %s WHERE id = %s", (value, record.id)
            )
        self.env.invalidate_all()

    def _sweep(self):
        noted = self.backend._sweep()
        self.env.invalidate_all()
        return noted

    def test_nothing_has_changed(self):
        self.assertEqual(self._sweep(), 0)
        self.assertEqual(self.changes(), [])

    def test_finds_what_differs(self):
        self._behind_odoos_back("product_template", self.products[1].product_tmpl_id, list_price=3)
        self.assertEqual(self._sweep(), 1)
        self.assertEqual(self.changes(), [("product.product", self.products[1].ids)])
        self.run_lane()
        self.assertEqual(self.shop.products["B-2"]["price"], 3000)
        self.assertEqual(self._sweep(), 0)

    def test_finds_a_renamed_category(self):
        self._behind_odoos_back("product_category", self.category, name="Covers")
        self._sweep()
        self.assertEqual(self.noted("product.product"), sorted(self.products.ids))
        self.run_lane()
        self.assertEqual(self.shop.products["A-1"]["category"], "Covers")

    def test_finds_stock(self):
        quant = self.env["stock.quant"].search(
            [
                ("product_id", "=", self.products[2].id),
                ("location_id", "=", self.warehouse.lot_stock_id.id),
            ]
        )
        self._behind_odoos_back("stock_quant", quant, quantity=40)
        self._sweep()
        self.assertEqual(self.changes(), [("stock.quant", self.products[2].ids)])
        self.run_lane()
        self.assertEqual(self.shop.stock["C-3"], 40)

    def test_finds_what_was_never_sent(self):
        product = self.env["product.product"].create({"name": "New", "default_code": "N-1"})
        self.commit()
        self._forget()
        self._sweep()
        self.assertIn(product.id, self.noted("product.product"))
        self.run_lane()
        self.assertIn("N-1", self.shop.products)

    def test_what_has_no_sku_is_not_noted_each_night(self):
        """It cannot be told of; a list in Odoo names it."""
        self.env["product.product"].create({"name": "Nameless"})
        self.commit()
        self._forget()
        self.assertEqual(self._sweep(), 0)
        self.products[0].default_code = False
        self.commit()
        self._forget()
        self.assertEqual(self._sweep(), 2, "the partner has this one, and its stock")

    def test_what_shares_its_sku_is_not_noted_each_night(self):
        """It was refused when it was saved, and is sent by itself once each has its own."""
        first, second = self.products[:2]
        second.default_code = first.default_code
        first.name = "Another"
        self.run_lane()
        self._forget()
        self.assertEqual(self._sweep(), 0)

    def test_finds_what_is_gone(self):
        self._behind_odoos_back("product_product", self.products[0], active=False)
        self._behind_odoos_back("product_template", self.products[1].product_tmpl_id, sale_ok=False)
        self._sweep()
        self.assertEqual(self.changes(), [("product.product", self.products[:2].ids)])
        self.run_lane()
        self.assertEqual(set(self.shop.products) & {"A-1", "B-2", "C-3"}, {"C-3"})
        self.assertEqual(self._sweep(), 0)

    def test_in_batches(self):
        self.env.cr.execute("UPDATE connector_hub_binding SET payload_hash = NULL")
        self.env.invalidate_all()
        with patch(f"{SWEEP}.SWEEP_BATCH", 2):
            noted = self._sweep()
        sizes = [len(ids) for _model, ids in self.changes()]
        self.assertEqual(sum(sizes), noted)
        self.assertLessEqual(max(sizes), 2)
        self.assertLessEqual(set(self.products.ids), set(self.noted("product.product")))

    def test_wakes_the_lane(self):
        self._behind_odoos_back("product_template", self.products[1].product_tmpl_id, list_price=3)
        self._sweep()
        self.assertTrue(self.is_woken())

    # --- the scheduled action ---

    def _run_cron(self):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["connector.hub.backend"]._cron_sweep()
        self.env.invalidate_all()

    def test_scheduled_action(self):
        cron = self.env.ref("connector_hub.ir_cron_sweep")
        self.assertTrue(cron.active)
        self.assertEqual((cron.interval_number, cron.interval_type), (1, "days"))
        with patch.object(type(self.backend), "_cron_sweep", autospec=True) as run:
            cron.ir_actions_server_id.run()
        run.assert_called_once()

    def test_only_active_backends(self):
        self._behind_odoos_back("product_template", self.products[1].product_tmpl_id, list_price=3)
        for state, expected in (("draft", []), ("paused", []), ("active", self.products[1].ids)):
            self.backend.state = state
            self._run_cron()
            self.assertEqual(self.noted("product.product"), expected)

    def test_a_failing_backend_does_not_stop_the_others(self):
        other = self.add_backend()
        self.commit()
        self._forget()
        sweep = type(self.backend)._sweep

        def failing(backend):
            if backend.id == self.backend.id:
                raise ZeroDivisionError("as told")
            return sweep(backend)

        with patch.object(type(self.backend), "_sweep", failing), mute_logger(SWEEP):
            self._run_cron()
        self.assertTrue(self.changes(other))
