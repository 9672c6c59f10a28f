# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from unittest.mock import patch

from odoo.tests import Form, tagged

from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestActivation(ShopCase):
    """What was there before a backend noted changes is offered to be sent when it starts."""

    def setUp(self):
        super().setUp()
        self.backend.state = "draft"
        self.commit()
        self.env.cr.execute("DELETE FROM connector_hub_change")

    def _dialog(self):
        action = self.backend.action_activate()
        self.assertEqual(self.backend.state, "active")
        self.assertEqual(
            (action["res_model"], action["target"]), ("connector.hub.activation", "new")
        )
        return Form(self.env[action["res_model"]].with_context(**action["context"])).save()

    def test_send_all(self):
        self._dialog().action_send_all()
        self.assertLessEqual(set(self.products.ids), set(self.noted("product.product")))
        self.run_lane()
        self.assertLessEqual({"A-1", "B-2", "C-3"}, set(self.shop.products))
        self.assertEqual(self.shop.stock["A-1"], 100)

    def test_only_changes(self):
        self._dialog()
        self.assertEqual(self.noted("product.product"), [])
        self.run_lane()
        self.assertEqual(self.shop.requests, [])

    def test_not_offered_again(self):
        self.backend.action_activate()
        self.backend.action_pause()
        self.assertIs(self.backend.action_activate(), True)

    def test_not_for_several_at_once(self):
        other = self.add_backend()
        other.state = "draft"
        self.assertIs((self.backend | other).action_activate(), True)

    def test_not_of_a_partner_that_is_sent_nothing(self):
        with patch.object(type(self.backend._get_adapter()), "_export_routes", lambda a: {}):
            self.assertIs(self.backend.action_activate(), True)
