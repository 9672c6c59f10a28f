# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import tagged

from .shop_case import ShopCase

RECHECK = "odoo.addons.connector_hub.models.connector_hub_recheck"


@tagged("post_install", "-at_install")
class TestRecheck(ShopCase):
    """The shop has everything; then a setting changes what it is sent, and is not to wait for the night."""

    def setUp(self):
        super().setUp()
        for product, quantity in zip(self.products, (10, 20, 30), strict=True):
            self.env["stock.quant"]._update_available_quantity(
                product, self.warehouse.lot_stock_id, quantity
            )
        self.backend.action_export_all()
        self.run_lane()
        self._forget()

    def _forget(self):
        self.commit()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.deliveries().unlink()
        self.woken.clear()
        self.shop.requests.clear()

    def _noted(self, backend=None):
        """Entities that the lane is to compare, one for each note."""
        self.commit()
        self.env.cr.execute(
            "SELECT entity FROM connector_hub_change WHERE backend_id = %s AND entity IS NOT NULL ORDER BY entity",
            ((backend or self.backend).id,),
        )
        return [entity for (entity,) in self.env.cr.fetchall()]

    def _mapping(self, external_field="title"):
        return self.backend.field_mapping_ids.filtered(
            lambda mapping: mapping.external_field == external_field
        )

    # --- what is sent ---

    def test_safety_stock(self):
        before = dict(self.shop.stock)
        self.backend.stock_buffer = 4
        self.run_lane()
        self.assertEqual(
            {sku: before[sku] - self.shop.stock[sku] for sku in ("A-1", "B-2", "C-3")},
            dict.fromkeys(("A-1", "B-2", "C-3"), 4),
        )
        self.assertEqual({d.entity for d in self.deliveries()}, {"stock"})
        self.assertEqual(self._noted(), [])

    def test_pricelist(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Shop", "company_id": self.company.id}
        )
        self._mapping("price").odoo_field = "connector_hub_price"
        self.run_lane()
        self._forget()
        self.env["product.pricelist.item"].create(
            {
                "pricelist_id": pricelist.id,
                "applied_on": "0_product_variant",
                "product_id": self.products[1].id,
                "compute_price": "fixed",
                "fixed_price": 4,
            }
        )
        self.backend.pricelist_id = pricelist
        self.run_lane()
        self.assertEqual(self.shop.products["B-2"]["price"], 4000)
        self.assertEqual(
            self.deliveries().mapped("res_id"), self.products[1].ids, "no other price has changed"
        )

    def test_mapping(self):
        self._mapping().odoo_field = "default_code"
        self.run_lane()
        self.assertEqual(self.shop.products["A-1"]["title"], "A-1")

    def test_what_makes_no_difference_sends_nothing(self):
        self.backend.lang = self.backend.lang
        self._mapping().sequence = 99
        self.assertEqual(self._noted(), ["partner", "product", "stock"])
        self.run_lane()
        self.assertFalse(self.deliveries() or self.shop.requests)

    def test_in_batches(self):
        """However many records: what is left is noted with the batch, and what is changed meanwhile begins anew."""
        self.backend.stock_buffer = 1
        self.commit()
        work, sizes = self._work_backend(), []
        with patch(f"{RECHECK}.SWEEP_BATCH", 2):
            while work._recheck_next():
                sizes.append(sum(len(ids) for _model, ids in self.changes()))
                self.assertLessEqual(len(sizes), 100)
        self.assertLessEqual(sizes[0], 2)
        self.assertEqual(set(self.products.ids) - set(self.noted("stock.quant")), set())
        self.assertEqual(self._noted(), [])

    def test_two_notes_of_one_entity_begin_at_the_lower_one(self):
        changes, backend = self.env["connector.hub.change"], self.backend
        changes._append_entities([(backend.id, "stock", 900), (backend.id, "product", 5)])
        changes._append_entities([(backend.id, "stock", 0)])
        self.assertEqual(changes._waiting_entities(backend), {"stock", "product"})
        self.assertEqual(changes._take_entity(backend), ("stock", 0))
        self.assertEqual(changes._take_entity(backend), ("product", 5))
        self.assertEqual(changes._take_entity(backend), (None, None))

    # --- what is noted ---

    def test_every_setting_that_is_declared(self):
        routes = self.backend._get_adapter()._export_routes()
        for name, entities in self.backend._get_adapter()._sent_settings(self.backend).items():
            with self.subTest(name):
                self._forget()
                self.assertLessEqual(entities, routes.keys())
                field = self.backend._fields[name]
                self.backend.write({name: field.convert_to_write(self.backend[name], self.backend)})
                self.assertEqual(set(self._noted()), entities)
                self.assertTrue(self.is_woken())

    def test_what_changes_nothing_that_is_sent(self):
        self.backend.write({"name": "Other", "retention_days": 5, "auto_confirm": False})
        self.assertEqual(self._noted(), [])

    def test_mappings_saved_together(self):
        """One note, which costs the same however many products there are."""
        self.backend.write(
            {
                "field_mapping_ids": [
                    (1, self._mapping("title").id, {"converter": "none"}),
                    (2, self._mapping("category").id, 0),
                    (
                        0,
                        0,
                        {
                            "entity": "product",
                            "odoo_field": "weight",
                            "external_field": "weight",
                        },
                    ),
                ]
            }
        )
        products = self.registry["product.product"]
        with patch.object(products, "search", side_effect=AssertionError):
            self.assertEqual(self._noted(), ["product"])

    def test_direction_of_a_mapping(self):
        mapping = self.env["connector.hub.field.mapping"].create(
            {
                "backend_id": self.backend.id,
                "entity": "partner",
                "odoo_field": "phone",
                "external_field": "phone",
                "direction": "import",
            }
        )
        self.assertEqual(self._noted(), [], "nothing is sent by it")
        for direction in ("export", "import"):
            mapping.direction = direction
            self.assertEqual(self._noted(), ["partner"], "sent, or sent no longer")
            self._forget()

    def test_location(self):
        location = self.env["connector.hub.location"].create(
            {
                "backend_id": self.backend.id,
                "warehouse_id": self.warehouse.id,
                "external_id": "loc_1",
            }
        )
        self.assertEqual(self._noted(), ["stock"])
        for change in (lambda: location.write({"external_id": "loc_2"}), location.unlink):
            self._forget()
            change()
            self.assertEqual(self._noted(), ["stock"])

    def test_draft_notes_nothing(self):
        draft = self.env["connector.hub.backend"].create(
            {"name": "Draft", "code": "probe", "company_id": self.company.id}
        )
        draft.stock_buffer = 3
        draft.field_mapping_ids[0].sequence = 3
        self.assertEqual(self._noted(draft), [])

    def test_paused(self):
        """What was set meanwhile is sent once it goes on."""
        self.backend.action_pause()
        before = self.shop.stock["A-1"]
        self.backend.stock_buffer = 3
        self.run_lane()
        self.assertEqual(self.shop.stock["A-1"], before)
        self.backend.action_activate()
        self.run_lane()
        self.assertEqual(self.shop.stock["A-1"], before - 3)

    def test_deleted_in_the_same_transaction(self):
        other = self.add_backend()
        other.stock_buffer = 3
        other.unlink()
        self.assertEqual(self._noted(other), [])
