# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.exceptions import UserError
from odoo.tests import tagged

from .shop_case import ShopCase

#: Ready rules -> model. They are shipped archived: tracking needs none of them.
RULES = {
    "rule_product_template": "product.template",
    "rule_product_product": "product.product",
    "rule_stock_quant": "stock.quant",
    "rule_product_category": "product.category",
}


@tagged("post_install", "-at_install")
class TestServerAction(ShopCase):
    def setUp(self):
        super().setUp()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.woken.clear()

    def _action(self, model, **values):
        return self.env["ir.actions.server"].create(
            {
                "name": "Push",
                "model_id": self.env["ir.model"]._get_id(model),
                "state": "connector_hub_push",
                **values,
            }
        )

    def _run(self, action, records):
        action.with_context(
            active_model=records._name, active_ids=records.ids, active_id=records[:1].id
        ).run()

    def test_pushes(self):
        for records in (self.products[:2], self.products.product_tmpl_id[:2]):
            self._run(self._action(records._name), records)
            self.assertEqual(self.noted(records._name), sorted(records.ids))
        self.assertEqual(self.shop.requests, [], "the lane sends, not the action")

    def test_stock_of_the_quants(self):
        quants = self.env["stock.quant"].search([("product_id", "in", self.products.ids)])
        self._run(self._action("stock.quant"), quants)
        self.assertEqual(self.noted("stock.quant"), sorted(self.products.ids))

    def test_category(self):
        category = self.env["product.category"].create({"name": "Cases"})
        self.products[0].categ_id = category
        self.commit()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self._run(self._action("product.category"), category)
        self.run_lane()
        self.assertEqual(self.shop.products["A-1"]["category"], "Cases")

    def test_all_or_chosen_backends(self):
        other = self.add_backend()
        draft = self.backend.copy({"name": "Draft"})
        self._run(self._action("product.product"), self.products[0])
        for backend, noted in ((self.backend, True), (other, True), (draft, False)):
            self.assertEqual(bool(self.noted("product.product", backend)), noted)
        self.env.cr.execute("DELETE FROM connector_hub_change")
        chosen = self._action("product.product", connector_hub_backend_ids=(other | draft).ids)
        self._run(chosen, self.products[0])
        for backend, noted in ((self.backend, False), (other, True), (draft, False)):
            self.assertEqual(bool(self.noted("product.product", backend)), noted)

    def test_wakes_the_lane(self):
        self._run(self._action("product.product"), self.products[0])
        self.assertTrue(self.is_woken())

    def test_sends_what_the_action_names(self):
        self._run(self._action("product.product"), self.products[:2])
        self.run_lane()
        self.assertEqual(set(self.shop.products), {"A-1", "B-2"})

    def test_model_that_nobody_is_sent(self):
        action = self._action("res.country")
        self.assertIn("product.product", action.warning)
        with self.assertRaises(UserError):
            self._run(action, self.kuwait)
        self.assertFalse(self._action("product.product").warning)

    def test_name(self):
        action = self._action("product.product", connector_hub_backend_ids=self.backend.ids)
        self.assertEqual(action._generate_action_name(), "Push to Probe Shop")
        action.connector_hub_backend_ids = False
        self.assertEqual(action._generate_action_name(), "Push to all backends")

    def test_nothing_selected(self):
        action = self._action("product.product")
        self._run(action, self.products.browse())
        self.assertEqual(self.noted("product.product"), [])

    # --- the ready rules ---

    def test_rules_are_shipped_archived(self):
        for xmlid, model in RULES.items():
            rule = self.env.ref(f"connector_hub.{xmlid}")
            self.assertFalse(rule.active, xmlid)
            self.assertEqual(rule.model_name, model)
            [action] = rule.action_server_ids
            self.assertEqual(action.state, "connector_hub_push")
            self.assertFalse(action.warning)

    def test_actions_of_the_rules_work(self):
        for xmlid, records in (
            ("rule_product_template", self.products.product_tmpl_id),
            ("rule_product_product", self.products),
        ):
            self._run(self.env.ref(f"connector_hub.{xmlid}").action_server_ids, records)
            self.assertEqual(self.noted(records._name), sorted(records.ids))
