# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""For which backends, and of which records, a save is noted; whatever ails a backend, it fails no save."""

from odoo.tests import tagged

from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestNoting(ShopCase):
    def setUp(self):
        super().setUp()
        self.commit()
        self._forget()

    def _forget(self):
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.env.cr.precommit.data.pop("connector_hub_notes", None)

    def test_partner_whose_addon_is_not_loaded(self):
        """After an upgrade that went wrong, people go on working, and the other backends too."""
        other = self.add_backend()
        self.env.cr.execute(
            "UPDATE connector_hub_backend SET code = 'gone' WHERE id = %s", (self.backend.id,)
        )
        self.env.invalidate_all()
        self.registry.clear_cache()
        self.commit()
        self._forget()
        template = self.products[0].product_tmpl_id
        template.name = "Renamed"
        self.env["product.product"].create({"name": "New"})
        self.env["res.partner"].create({"name": "Customer", "ref": "SHOP-1"})
        self.sale_order().action_confirm()
        self.products[1].product_tmpl_id.active = False
        self.assertIn(template.id, self.noted("product.template", other))
        self.assertEqual(self.changes(), [])

    def test_deleted_template_notes_its_variants(self):
        """The database deletes them with it, so that nobody could say afterwards which they were."""
        attribute = self.env["product.attribute"].create(
            {"name": "Size", "value_ids": [(0, 0, {"name": name}) for name in ("S", "M", "L")]}
        )
        line = {"attribute_id": attribute.id, "value_ids": [(6, 0, attribute.value_ids.ids)]}
        template = self.env["product.template"].create(
            {"name": "Shirt", "attribute_line_ids": [(0, 0, line)]}
        )
        variants = template.product_variant_ids
        self.assertEqual(len(variants), 3)
        ids = variants.ids
        variants[0].active = False
        self.commit()
        self._forget()
        template.unlink()
        self.assertEqual(self.noted("product.product"), sorted(ids))

    def test_push_by_hand_reaches_paused_backends(self):
        """As the noting of changes does."""
        self.backend.action_pause()
        self._forget()
        self.env["connector.hub.backend"]._push_records(
            self.products, self.env["connector.hub.backend"]
        )
        self.assertEqual(self.noted("product.product"), sorted(self.products.ids))
