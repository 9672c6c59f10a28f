# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from contextlib import contextmanager
from unittest.mock import patch

import psycopg2

import odoo.sql_db
from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import config, mute_logger

from .common import HubCase
from .shop_case import API_KEY, VAULT_KEY, WEBHOOK_SECRET, ShopAdapter


@tagged("post_install", "-at_install")
class TestBackend(HubCase):
    adapter_class = ShopAdapter

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(config.options, {"connector_hub_key": VAULT_KEY}))
        cls.ready = {
            "base_url": "https://shop.example.com",
            "api_key": API_KEY,
            "webhook_secret": WEBHOOK_SECRET,
        }

    def _create(self, **values):
        return self.env["connector.hub.backend"].create(
            {"name": "Shop", "code": "probe", "company_id": self.company.id, **values}
        )

    # --- creating ---

    def test_create_makes_the_lane(self):
        backend = self._create(name="Marqa", frequency="5")
        cron = backend.cron_id
        self.assertEqual(cron.name, "Connector Hub: Marqa")
        self.assertEqual((cron.interval_number, cron.interval_type), (5, "minutes"))
        self.assertEqual(cron.model_id.model, "connector.hub.backend")
        self.assertEqual(cron.code, f"model.browse({backend.id})._run_lane()")
        self.assertTrue(cron.active)
        self.assertEqual(cron.user_id, self.env.ref("base.user_root"))

    def test_every_backend_has_its_own_lane(self):
        first, second = self._create(), self._create()
        self.assertNotEqual(first.cron_id, second.cron_id)
        self.assertNotEqual(first.webhook_uuid, second.webhook_uuid)

    def test_scheduled_action_runs_the_lane(self):
        backend = self._create(**self.ready)
        with patch.object(type(backend), "_run_lane", autospec=True) as run_lane:
            backend.cron_id.ir_actions_server_id.run()
        self.assertEqual(run_lane.call_args.args[0], backend)

    def test_create_copies_the_default_mappings(self):
        backend = self._create()
        mappings = backend.field_mapping_ids
        self.assertEqual(
            [(m.entity, m.odoo_field, m.external_field) for m in mappings.sorted("id")],
            [
                (values["entity"], values["odoo_field"], values["external_field"])
                for values in backend._get_adapter()._default_mappings()
            ],
        )
        self.assertEqual(len(set(mappings.mapped("sequence"))), len(mappings))

    def test_create_keeps_given_mappings(self):
        mapping = {"entity": "product", "odoo_field": "name", "external_field": "title"}
        backend = self._create(field_mapping_ids=[fields.Command.create(mapping)])
        self.assertEqual(backend.field_mapping_ids.mapped("odoo_field"), ["name"])

    def test_defaults(self):
        backend = self._create()
        self.assertEqual(backend.state, "draft")
        self.assertEqual(backend.frequency, "realtime")
        self.assertTrue(backend.auto_confirm)
        self.assertEqual(backend.total_policy, "hold")
        self.assertEqual(backend.quantity_source, "on_hand")
        self.assertEqual(backend.minor_units, "currency")
        self.assertEqual(backend.retention_days, 30)
        self.assertEqual(backend.user_id, self.env.user)

    def test_retention_default_from_the_settings(self):
        self.env["ir.config_parameter"].set_param("connector_hub.retention_days", "7")
        self.assertEqual(self._create().retention_days, 7)

    def test_webhook_url(self):
        backend = self._create()
        self.assertEqual(
            backend.webhook_url,
            f"{backend.get_base_url()}/connector_hub/probe/{backend.webhook_uuid}",
        )

    # --- values ---

    def test_base_url(self):
        for url in (
            "shop.example.com",
            "ftp://shop.example.com",
            "https://",
            "http://u:p@shop/",
            "https://:hidden@shop.example.com",
            "https://@shop.example.com",
            "http://[::1",
            "http://shop.example.com:port",
            "https://shop.example.com/api?token=hidden",
            "https://shop.example.com/#part",
        ):
            with self.subTest(url), self.assertRaises(ValidationError) as caught:
                self.backend.base_url = url
            self.assertNotIn("hidden", str(caught.exception), "this text is logged")
        for url in ("http://localhost:9000", "https://shop.example.com/api", "http://[::1]:9000"):
            self.backend.base_url = url

    def test_figures_have_limits(self):
        for values in (
            {"retention_days": 0},
            {"minor_units_factor": 0},
            {"stock_buffer": -1},
            {"poll_minutes": -1},
        ):
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(psycopg2.errors.CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.backend.write(values)

    def test_warehouse_is_of_the_company(self):
        main = self.env.ref("base.main_company")
        foreign = self.env["stock.warehouse"].search([("company_id", "=", main.id)], limit=1)
        self.assertTrue(foreign)
        with self.assertRaises(UserError):
            self.backend.warehouse_id = foreign
        self.backend.company_id = main
        self.assertEqual(self.backend.warehouse_id.company_id, main)

    def test_warehouse_is_not_taken_away(self):
        """Without one the stock of all warehouses would be told, and sold."""
        self.backend.write(self.ready)
        self.backend.action_activate()
        for state in ("active", "paused"):
            self.backend.state = state
            with self.subTest(state), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.backend.warehouse_id = False
        self.backend.state = "draft"
        self.backend.warehouse_id = False

    def test_minor_factor(self):
        backend = self.backend
        self.assertEqual(
            [backend._minor_factor(c) for c in (self.kwd, self.eur, self.jpy)], [1000, 100, 1]
        )
        backend.minor_units = "major"
        self.assertEqual(backend._minor_factor(self.kwd), 1)
        backend.write({"minor_units": "factor", "minor_units_factor": 10})
        self.assertEqual(backend._minor_factor(self.kwd), 10)

    def test_currency_of_the_prices(self):
        self.assertEqual(self.backend._currency(), self.kwd)
        self.backend.pricelist_id = self.env["product.pricelist"].create(
            {"name": "EUR", "currency_id": self.eur.id, "company_id": self.company.id}
        )
        self.assertEqual(self.backend._currency(), self.eur)

    def test_frequency_sets_the_interval(self):
        for frequency, minutes in (("5", 5), ("15", 15), ("manual", 60), ("realtime", 1)):
            self.backend.frequency = frequency
            self.assertEqual(self.backend.cron_id.interval_number, minutes)
            self.assertEqual(self.backend.cron_id.interval_type, "minutes")
            delay = self.backend.cron_id.nextcall - fields.Datetime.now()
            self.assertAlmostEqual(delay.total_seconds(), minutes * 60, delta=30)

    def test_name_of_the_lane_follows(self):
        self.backend.name = "New name"
        self.assertEqual(self.backend.cron_id.name, "Connector Hub: New name")

    @contextmanager
    def _lane_at_work(self, backend):
        """A scheduled action holds its row while it runs: here one that another connection can see."""
        cron = self.env.ref("base.autovacuum_job")
        backend.sudo().cron_id = cron
        self.env.flush_all()
        with odoo.sql_db.db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute("SELECT id FROM ir_cron WHERE id = %s FOR NO KEY UPDATE", (cron.id,))
            yield cron

    def test_rename_while_the_lane_is_at_work(self):
        with self._lane_at_work(self.backend) as cron:
            name = cron.name
            self.backend.write({"name": "New name", "frequency": "15"})
            self.assertEqual(self.backend.name, "New name")
            self.assertEqual(cron.name, name)
        self.backend._align_cron()
        self.assertEqual(
            (cron.name, cron.interval_number), ("Connector Hub: New name", 15), "at night, then"
        )

    def test_delete_while_the_lane_is_at_work(self):
        with self._lane_at_work(self.backend), self.assertRaises(UserError) as caught:
            self.backend.unlink()
        self.assertIn("Pause it", str(caught.exception))

    def test_work_env(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.backend.write({"lang": "ar_001", "tz": "Asia/Kuwait"})
        public = self.backend.with_user(self.env.ref("base.public_user")).sudo()
        env = public.with_context(
            allowed_company_ids=[1], lang="en_US", secret_of_caller=1
        )._work_env()
        self.assertTrue(env.su)
        self.assertEqual(env.user, self.env.ref("connector_hub.user_hub"))
        self.assertFalse(env.user.active)
        self.assertEqual(env.company, self.company)
        self.assertEqual(env.companies, self.company)
        self.assertEqual((env.lang, env.context["tz"]), ("ar_001", "Asia/Kuwait"))
        self.assertEqual(env.context["connector_hub_backend_id"], self.backend.id)
        self.assertNotIn("secret_of_caller", env.context)

    # --- states ---

    def test_activation_names_what_is_missing(self):
        backend = self._create()
        with self.assertRaises(UserError) as caught:
            backend.action_activate()
        for word in ("the URL", "the API key", "the webhook secret"):
            self.assertIn(word, str(caught.exception))
        self.assertNotIn("warehouse", str(caught.exception))
        for name, value in self.ready.items():
            self.assertEqual(backend.state, "draft")
            with self.assertRaises(UserError):
                backend.action_activate()
            backend[name] = value
        backend.action_activate()
        self.assertEqual(backend.state, "active")

    def test_activation_wants_a_warehouse(self):
        backend = self._create(**self.ready, warehouse_id=False)
        with self.assertRaises(UserError) as caught:
            backend.action_activate()
        self.assertIn("the warehouse", str(caught.exception))

    def test_no_activation_in_a_neutralized_copy(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        backend = self._create(**self.ready)
        with self.assertRaises(UserError):
            backend.action_activate()
        self.assertEqual(backend.state, "draft")

    def test_same_webhook_secret_is_refused(self):
        first, second = self._create(**self.ready), self._create(**self.ready, name="Other")
        first.action_activate()
        with self.assertRaises(ValidationError) as caught:
            second.action_activate()
        self.assertIn("Shop", str(caught.exception))
        self.assertIn("Other", str(caught.exception))
        self.assertNotIn(WEBHOOK_SECRET, str(caught.exception))
        second.webhook_secret = "different-0123456789"
        second.action_activate()
        with self.assertRaises(ValidationError):
            second.webhook_secret = WEBHOOK_SECRET

    def test_same_webhook_secret_is_refused_while_paused(self):
        """A paused backend receives too."""
        first, second = self._create(**self.ready), self._create(**self.ready)
        second.webhook_secret = "different-0123456789"
        (first | second).action_activate()
        second.action_pause()
        with self.assertRaises(ValidationError):
            second.webhook_secret = WEBHOOK_SECRET

    def test_same_webhook_secret_is_refused_after_the_archive(self):
        first, second = self._create(**self.ready), self._create(**self.ready)
        first.action_activate()
        first.active = False
        second.action_activate()
        with self.assertRaises(ValidationError):
            first.active = True

    def test_pause_and_resume(self):
        backend = self._create(**self.ready)
        backend.action_activate()
        backend.action_pause()
        self.assertEqual(backend.state, "paused")
        backend.write(
            {"cooldown_until": fields.Datetime.now(), "cooldown_count": 3, "last_error": "x"}
        )
        backend.action_activate()
        self.assertEqual(backend.state, "active")
        self.assertFalse(backend.cooldown_until or backend.cooldown_count or backend.last_error)

    def test_run_now(self):
        backend = self._create(**self.ready, frequency="manual")
        with self.assertRaises(UserError):
            backend.action_run_now()
        backend.action_activate()
        before = self._triggers(backend)
        backend.action_run_now()
        self.assertTrue(backend.run_requested)
        self.assertEqual(self._triggers(backend), before + 1)

    def test_export_all_of_a_draft(self):
        with self.assertRaises(UserError):
            self._create(**self.ready).action_export_all()

    def test_export_all_notes_everything(self):
        backend = self._create(**self.ready)
        backend.action_activate()
        backend.action_export_all()
        self.env.cr.execute(
            "SELECT model, res_ids FROM connector_hub_change WHERE backend_id = %s", (backend.id,)
        )
        noted = {}
        for model, ids in self.env.cr.fetchall():
            noted.setdefault(model, set()).update(ids)
        self.assertLessEqual(set(self.products.ids), noted["product.product"])
        self.assertLessEqual(set(self.products.ids), noted["stock.quant"])

    def test_import_all(self):
        backend = self._create(**self.ready)
        for state in ("draft", "active"):
            with self.subTest(state), self.assertRaises(UserError):
                backend.action_import_all()
            backend.action_activate()

    def _triggers(self, backend):
        self.env.flush_all()
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", backend.cron_id.id)])

    # --- copy and delete ---

    def test_copy(self):
        original = self._create(**self.ready)
        original.field_mapping_ids[:2].unlink()
        original.action_activate()
        copy = original.copy()
        self.assertEqual(copy.state, "draft")
        self.assertNotEqual(copy.webhook_uuid, original.webhook_uuid)
        self.assertTrue(copy.cron_id)
        self.assertNotEqual(copy.cron_id, original.cron_id)
        self.assertFalse(copy.has_api_key or copy.has_webhook_secret)
        self.assertFalse(copy.sudo().api_key_sealed or copy.sudo().webhook_secret_sealed)
        self.assertEqual(
            copy.field_mapping_ids.sorted("sequence").mapped("external_field"),
            original.field_mapping_ids.sorted("sequence").mapped("external_field"),
        )
        self.assertFalse(copy.field_mapping_ids & original.field_mapping_ids)

    def test_unlink(self):
        backend = self._create(**self.ready)
        backend.action_activate()
        cron = backend.cron_id
        messages = self.env["connector.hub.event"].create(
            {"backend_id": backend.id, "event_id": "e", "event_type": "order.created"}
        )
        mappings = backend.field_mapping_ids
        changes = self.env["connector.hub.change"]
        changes._append([(backend.id, "product.product", self.products.ids)])
        noted = [("backend_id", "=", backend.id)]
        self.assertTrue(changes.search(noted))
        backend.unlink()
        for records in (cron, messages, mappings, changes.search(noted)):
            self.assertFalse(records.exists())
        self.products[0].name = "Renamed"
        self.env.cr.flush()

    def test_what_was_noted_while_a_backend_was_deleted_is_cleared_away(self):
        changes = self.env["connector.hub.change"]
        backend = self._create(**self.ready)
        gone = self._create(**self.ready)
        gone_id = gone.id
        gone.unlink()
        changes._append(
            (number, "product.product", self.products.ids) for number in (backend.id, gone_id)
        )
        changes._gc_orphans()
        self.assertFalse(changes.search([("backend_id", "=", gone_id)]))
        self.assertTrue(changes.search([("backend_id", "=", backend.id)]))

    def test_unlink_in_the_transaction_of_a_change(self):
        backend = self._create(**self.ready)
        backend.action_activate()
        self.products[0].name = "Renamed"
        backend.unlink()
        self.env.cr.flush()
