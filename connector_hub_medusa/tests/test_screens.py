# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from lxml import etree

from odoo import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

MENU_ACTIONS = (
    "action_backend_dashboard",
    "action_event",
    "action_delivery",
    "action_binding",
    "action_backend",
    "action_field_mapping",
)


def create_backend(env, name, **values):
    return env["connector.hub.backend"].create(
        {
            "name": name,
            "code": "medusa",
            "base_url": "https://shop.example.com",
            "api_key": f"key of {name}",
            "webhook_secret": f"webhook secret of {name}",
            **values,
        }
    )


def create_dead_event(backend, number, sku):
    return backend.env["connector.hub.event"].create(
        {
            "backend_id": backend.id,
            "event_id": f"order.created:order_{number}",
            "event_type": "order.created",
            "external_id": f"order_{number}",
            "state": "dead",
            "reason": "unknown_sku",
            "error": f"No product has the SKU {sku}.",
            "payload": f'{{"data": {{"sku": "{sku}"}}}}',
        }
    )


@tagged("post_install", "-at_install")
class TestScreensInBrowser(HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        new_test_user(
            cls.env,
            "hub_manager",
            groups="base.group_user,connector_hub.group_manager",
            password="hub_manager",
        )

    def test_requeue_from_the_dashboard(self):
        backend = create_backend(self.env, "Tour shop")
        backend.action_activate()
        events = self.env["connector.hub.event"]
        for number in (1, 2):
            events |= create_dead_event(backend, number, "NO-SUCH-SKU")
        self.start_tour("/odoo/connector-hub", "connector_hub_medusa_requeue", login="hub_manager")
        events.invalidate_recordset()
        self.assertEqual(sorted(events.mapped("state")), ["dead", "pending"])
        self.assertTrue(events.filtered(lambda event: event.state == "pending").requeued)

    def test_configure_a_backend(self):
        self.start_tour(
            "/odoo/connector-hub", "connector_hub_medusa_configure", login="hub_manager"
        )
        backend = self.env["connector.hub.backend"].search([("name", "=", "Second shop")])
        self.assertEqual(backend.state, "active")
        self.assertEqual(backend._open_secret("api_key"), "tour-api-key-1")
        self.assertEqual(backend._open_secret("webhook_secret"), "tour-secret-0123456789")

    def test_public_url_of_a_draft(self):
        """The connection is tested before the activation."""
        backend = create_backend(self.env, "Draft shop")
        path = f"/connector_hub/medusa/{backend.webhook_uuid}/ping"
        self.assertEqual(
            self.url_open(path).json(), {"success": True, "backend": backend.webhook_uuid}
        )
        self.assertEqual(self.url_open(path.replace("medusa", "other")).status_code, 404)


@tagged("post_install", "-at_install")
class TestScreens(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_user,connector_hub.group_"
        cls.reader = new_test_user(cls.env, "hub_reader", groups=f"{groups}user")
        cls.manager = new_test_user(cls.env, "hub_manager", groups=f"{groups}manager")
        cls.backend = create_backend(cls.env, "Shop")
        cls.event = create_dead_event(cls.backend, 1, "A-1")
        cls.other_event = create_dead_event(cls.backend, 2, "A-2")

    def read_screen(self, user, action, view_type):
        """Read records the way the web client does: through the fields of the view."""
        model = self.env[action.res_model].with_user(user)
        view = model.get_views([(False, view_type), (False, "search")])["views"][view_type]
        # The fields of a list within a form are of another model.
        names = etree.fromstring(view["arch"]).xpath("//field[not(ancestor::field)]/@name")
        return view["arch"], model.web_search_read([], {name: {} for name in names}, limit=10)

    def test_every_menu_opens_for_reader_and_manager(self):
        for user in (self.reader, self.manager):
            for name in MENU_ACTIONS:
                action = self.env.ref(f"connector_hub.{name}")
                for view_type in action.view_mode.split(","):
                    with self.subTest(user=user.login, action=name, view=view_type):
                        self.read_screen(user, action, view_type)

    def test_a_reader_is_offered_nothing_that_changes_something(self):
        action = self.env.ref("connector_hub.action_backend")
        arch, _records = self.read_screen(self.reader, action, "form")
        for button in ("action_activate", "action_export_all", "action_clear_api_key"):
            self.assertNotIn(button, arch)
        self.assertNotIn('name="api_key"', arch)
        arch, _records = self.read_screen(
            self.reader, self.env.ref("connector_hub.action_event"), "list"
        )
        self.assertNotIn("action_requeue", arch)

    def test_dashboard_figures(self):
        _arch, result = self.read_screen(
            self.reader, self.env.ref("connector_hub.action_backend_dashboard"), "kanban"
        )
        card = next(card for card in result["records"] if card["id"] == self.backend.id)
        self.assertEqual((card["event_dead_count"], card["dead_count"]), (2, 2))
        action = self.backend.with_user(self.reader).action_view_dead()
        self.assertEqual(action["res_model"], "connector.hub.event")
        self.assertEqual(
            action["context"],
            {"search_default_backend_id": self.backend.id, "search_default_dead": 1},
        )

    def test_the_form_says_which_quantity_a_shop_needs(self):
        """One text for each combination of the quantity sent and the report of what was shipped."""
        arch, _records = self.read_screen(
            self.manager, self.env.ref("connector_hub.action_backend"), "form"
        )
        hints = etree.fromstring(arch).xpath("//div[starts-with(@name, 'stock_')]")
        shown = [
            [
                hint.get("name")
                for hint in hints
                if not safe_eval(
                    hint.get("invisible"),
                    {"quantity_source": source, "medusa_reduce_stock": is_reported},
                )
            ]
            for source in ("on_hand", "free")
            for is_reported in (False, True)
        ]
        self.assertEqual([len(names) for names in shown], [1] * 4)
        self.assertEqual(len({name for (name,) in shown}), 4)

    def test_requeue_all_of_a_reason(self):
        self.other_event.flush_recordset()
        self.event.with_user(self.manager).action_requeue_reason()
        self.assertEqual((self.event | self.other_event).mapped("state"), ["pending"] * 2)

    def test_a_shop_without_webhooks_needs_no_secret(self):
        """Both dialects are polled."""
        for dialect in ("odoo_routes", "admin"):
            backend = create_backend(self.env, dialect)
            backend.medusa_dialect = dialect
            backend.action_clear_webhook_secret()
            view = self.read_screen(
                self.manager, self.env.ref("connector_hub.action_backend"), "form"
            )[1]
            (shown,) = [record for record in view["records"] if record["id"] == backend.id]
            self.assertFalse(shown["needs_webhook_secret"] or shown["has_webhook_secret"])
            backend.action_activate()
            self.assertEqual(backend.state, "active")

    def test_linking_by_hand_finds_the_model(self):
        binding = self.env["connector.hub.binding"].new(
            {"backend_id": self.backend.id, "entity": "order"}
        )
        binding._onchange_entity()
        self.assertEqual(binding.res_model, "sale.order")


@tagged("post_install", "-at_install")
class TestReadyRules(TransactionCase):
    """The automated actions that are shipped archived work once they are switched on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = (
            cls.env["base.automation"]
            .with_context(active_test=False)
            .search([("action_server_ids.state", "=", "connector_hub_push")])
        )
        cls.backend = create_backend(cls.env, "Shop")
        cls.product = cls.env["product.product"].create(
            {"name": "Dates", "default_code": "DATES", "is_storable": True}
        )
        cls.backend.action_activate()
        cls.env.flush_all()

    def switch_on(self, name):
        rule = self.env.ref(f"connector_hub.{name}")
        rule.active = True
        self.addCleanup(self.env["base.automation"]._unregister_hook)
        return rule

    def queued(self):
        """What the lane would send now, as {(entity, record id)}."""
        self.env.cr.precommit.run()
        self.env["connector.hub.delivery"].search([]).unlink()
        self.backend._fold_changes()
        deliveries = self.env["connector.hub.delivery"].search(
            [("backend_id", "=", self.backend.id), ("is_fact", "=", False)]
        )
        return {(delivery.entity, delivery.res_id) for delivery in deliveries}

    def test_all_are_archived_and_sound(self):
        self.assertEqual(len(self.rules), 4)
        self.assertFalse(any(self.rules.mapped("active")))
        self.assertTrue(
            all("optional" in rule.name for rule in self.rules),
            "an archived rule does not mean that nothing is sent",
        )
        self.assertFalse(any(self.rules.action_server_ids.mapped("warning")))

    def test_product_with_an_unmapped_field(self):
        self.queued()
        self.product.product_tmpl_id.description_purchase = "Not mapped"
        self.assertNotIn(("product", self.product.id), self.queued())
        self.switch_on("rule_product_template")
        self.product.product_tmpl_id.description_purchase = "Not mapped either"
        self.assertIn(("product", self.product.id), self.queued())

    def test_variant(self):
        self.queued()
        self.switch_on("rule_product_product")
        self.product.volume = 2
        self.assertIn(("product", self.product.id), self.queued())

    def test_stock_that_is_reserved(self):
        location = self.backend.warehouse_id.lot_stock_id
        self.env["stock.quant"]._update_available_quantity(self.product, location, 5)
        self.queued()
        self.switch_on("rule_stock_quant")
        self.env["stock.quant"]._update_reserved_quantity(self.product, location, 2)
        self.assertIn(("stock", self.product.id), self.queued())

    def test_products_of_a_category(self):
        self.queued()
        self.switch_on("rule_product_category")
        self.product.categ_id = self.env["product.category"].create({"name": "Sweets"})
        self.queued()
        self.product.categ_id.name = "Sweets and dates"
        self.assertIn(("product", self.product.id), self.queued())

    def test_only_the_chosen_backends(self):
        other = create_backend(self.env, "Other shop")
        other.action_activate()
        rule = self.switch_on("rule_product_template")
        rule.action_server_ids.connector_hub_backend_ids = [Command.set(other.ids)]
        self.queued()
        self.product.product_tmpl_id.description_purchase = "For the other shop"
        self.assertNotIn(("product", self.product.id), self.queued())
        other._fold_changes()
        self.assertTrue(
            self.env["connector.hub.delivery"].search(
                [("backend_id", "=", other.id), ("res_id", "=", self.product.id)]
            )
        )
