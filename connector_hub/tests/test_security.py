# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Who may do what, over every model of the hub: one that is added is tested as well."""

from unittest.mock import patch

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from ..client import HubClient
from ..models.connector_hub_schedule import OWNED_FIELDS
from .shop_case import ShopCase

OPERATIONS = ("read", "write", "create", "unlink")

#: What managers may do beyond reading; models left out here they may only read.
MANAGED = {
    "connector.hub.backend": {"write", "create", "unlink"},
    "connector.hub.binding": {"write", "create", "unlink"},
    "connector.hub.field.mapping": {"write", "create", "unlink"},
    "connector.hub.location": {"write", "create", "unlink"},
    "connector.hub.cursor": {"write"},
}


class SecurityCase(ShopCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.main_company = cls.env.ref("base.main_company")
        cls.users = {
            group: new_test_user(
                cls.env,
                f"security_{group}",
                groups=f"base.group_user,connector_hub.{group}" if group else "base.group_user",
                company_id=cls.company.id,
                company_ids=cls.company.ids,
            )
            for group in ("", "group_user", "group_manager")
        }

    def _models(self, transient=False):
        return [
            self.env[name]
            for name in sorted(self.registry)
            if name.startswith("connector.hub.")
            and not self.env[name]._abstract
            and self.env[name]._transient == transient
            and name != "connector.hub.change"
        ]

    def foreign_records(self):
        """A record of every model with a backend, which belongs to the other company."""
        warehouse = self.env["stock.warehouse"].search(
            [("company_id", "=", self.main_company.id)], limit=1
        )
        backend = (
            self.env["connector.hub.backend"]
            .with_context(allowed_company_ids=self.main_company.ids)
            .create(
                {
                    "name": "Foreign",
                    "code": "probe",
                    "company_id": self.main_company.id,
                    "warehouse_id": warehouse.id,
                }
            )
        )
        values = {
            "connector.hub.event": {"event_id": "e", "event_type": "order.created"},
            "connector.hub.delivery": {
                "entity": "product",
                "res_model": "product.product",
                "res_id": self.products[0].id,
            },
            "connector.hub.binding": {
                "entity": "product",
                "res_model": "product.product",
                "res_id": self.products[0].id,
                "external_id": "A-1",
            },
            "connector.hub.field.mapping": {"odoo_field": "name", "external_field": "x"},
            "connector.hub.cursor": {"entity": "order"},
            "connector.hub.location": {"warehouse_id": warehouse.id, "external_id": "there"},
        }
        records = [backend]
        for model in self._models():
            if "backend_id" in model._fields:
                self.assertIn(model._name, values, "this test wants a record of each model")
                records.append(
                    model.sudo()
                    .with_context(allowed_company_ids=self.main_company.ids)
                    .create({"backend_id": backend.id, **values[model._name]})
                )
        return records


@tagged("post_install", "-at_install")
class TestSecurity(SecurityCase):
    def _allowed(self, model, group):
        return {
            operation
            for operation in OPERATIONS
            if model.with_user(self.users[group]).has_access(operation)
        }

    # --- groups ---

    def test_without_a_group_nothing(self):
        for transient in (False, True):
            for model in self._models(transient):
                self.assertEqual(self._allowed(model, ""), set(), model._name)

    def test_users_read(self):
        for model in self._models():
            self.assertEqual(self._allowed(model, "group_user"), {"read"}, model._name)
        for model in self._models(transient=True):
            self.assertEqual(self._allowed(model, "group_user"), set(), model._name)

    def test_nobody_reads_the_notes_of_changes(self):
        model = self.env["connector.hub.change"]
        for group in ("group_user", "group_manager"):
            self.assertEqual(self._allowed(model, group), set())

    def test_managers(self):
        for model in self._models():
            expected = {"read"} | MANAGED.get(model._name, set())
            self.assertEqual(self._allowed(model, "group_manager"), expected, model._name)
        for model in self._models(transient=True):
            self.assertEqual(self._allowed(model, "group_manager"), set(OPERATIONS), model._name)

    def test_groups_imply(self):
        manager = self.env.ref("connector_hub.group_manager")
        self.assertIn(self.env.ref("connector_hub.group_user"), manager.implied_ids)
        self.assertIn(manager, self.env.ref("base.user_admin").all_group_ids)

    def test_buttons_of_a_backend_are_for_managers(self):
        backend = self.backend.with_user(self.users["group_user"])
        backend = backend.with_context(allowed_company_ids=self.company.ids)
        self.commit()
        self.env.cr.execute("DELETE FROM connector_hub_change")
        for name in (
            "action_activate",
            "action_pause",
            "action_run_now",
            "action_export_all",
            "action_import_all",
            "action_test_connection",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(backend, name)()
        self.assertEqual(self.shop.requests, [])
        self.assertFalse(self.changes())

    def test_what_the_hub_owns_is_not_written(self):
        """By these fields a lane would run another scheduled action, or a backend without its checks."""
        backend = self.backend.with_user(self.users["group_manager"])
        backend = backend.with_context(allowed_company_ids=self.company.ids)
        foreign = self.env.ref("base.autovacuum_job")
        owned = {
            "cron_id": foreign.id,
            "state": "draft",
            "webhook_uuid": "00000000-0000-0000-0000-000000000000",
            "run_requested": True,
            "cooldown_until": "2026-11-22 12:00:00",
            "cooldown_count": 9,
            "last_error": "x",
            "needs_person": True,
            "paused_at": "2026-11-22 12:00:00",
            "attention": {"event": 5},
            "rests_at_least_until": "2026-11-22 12:00:00",
            "batch_sizes": {"product": 1},
            "stumbled_on": "product",
        }
        self.assertEqual(owned.keys(), OWNED_FIELDS)
        for name, value in owned.items():
            with self.subTest(name), self.assertRaises(AccessError):
                backend.write({name: value})
            with self.subTest(name), self.assertRaises(AccessError):
                backend.create(
                    {
                        "name": "New",
                        "code": "probe",
                        "company_id": self.company.id,
                        name: "active" if name == "state" else value,
                    }
                )
        with self.assertRaises(AccessError):
            backend.write({"cron_id": False})
        backend.write({"state": "active", "cron_id": self.backend.cron_id.id, "last_error": False})
        backend.create({"name": "New", "code": "probe", "company_id": self.company.id}).unlink()
        self.assertTrue(foreign.exists())

    def test_whoever_may_not_test_makes_no_request(self):
        """A portal user would keep our workers busy, and the shop."""
        portal = new_test_user(self.env, "security_portal", groups="base.group_portal")
        foreign = self.users["group_manager"].copy({"login": "security_foreign"})
        foreign.write({"company_ids": self.main_company.ids, "company_id": self.main_company.id})
        for user in (portal, foreign):
            with (
                self.subTest(user.login),
                patch.object(HubClient, "request", side_effect=AssertionError),
                self.assertRaises(AccessError),
            ):
                self.backend.with_user(user).with_context(
                    allowed_company_ids=user.company_id.ids
                ).action_test_connection()
        self.assertEqual(self.shop.requests, [])

    def test_binding_by_hand(self):
        """It shows the record's name to whoever sees the binding: only of what is exchanged."""
        bindings = self.env["connector.hub.binding"].with_user(self.users["group_manager"])
        bindings = bindings.with_context(allowed_company_ids=self.company.ids)
        values = {"backend_id": self.backend.id, "entity": "product", "external_id": "by-hand"}
        for model in ("ir.cron", "res.users", "connector.hub.adapter", "no.such.model"):
            with self.subTest(model), self.assertRaises(ValidationError):
                bindings.create({**values, "res_model": model, "res_id": 1})
        product = self.env["product.product"].create({"name": "By hand"})
        binding = bindings.create({**values, "res_model": "product.product", "res_id": product.id})
        self.assertEqual(binding.record_name, "By hand")
        with self.assertRaises(ValidationError):
            binding.res_model = "ir.cron"

    def test_binding_by_hand_of_another_companys_record(self):
        """What comes from the shop would change it, and the binding would show its name."""
        bindings = self.env["connector.hub.binding"].with_user(self.users["group_manager"])
        bindings = bindings.with_context(allowed_company_ids=self.company.ids)
        values = {"backend_id": self.backend.id, "external_id": "by-hand"}
        partner, own = self.env["res.partner"].create(
            [
                {"name": "Theirs", "company_id": self.main_company.id},
                {"name": "Ours", "company_id": self.company.id},
            ]
        )
        order = (
            self.env["sale.order"]
            .with_company(self.main_company)
            .create({"partner_id": partner.id, "company_id": self.main_company.id})
        )
        for entity, record in (("order", order), ("partner", partner)):
            with self.subTest(entity), self.assertRaises(AccessError):
                bindings.create(
                    {**values, "entity": entity, "res_model": record._name, "res_id": record.id}
                )
        binding = bindings.create(
            {**values, "entity": "partner", "res_model": "res.partner", "res_id": own.id}
        )
        with self.assertRaises(AccessError):
            binding.res_id = partner.id
        # Nor may whoever sees both companies.
        with self.assertRaises(ValidationError):
            binding.with_env(self.env).res_id = partner.id

    # --- companies ---

    def test_other_companies_records(self):
        records = self.foreign_records()
        self.env.flush_all()
        for group in ("group_user", "group_manager"):
            user = self.users[group]
            for record in records:
                mine = record.with_user(user).with_context(allowed_company_ids=self.company.ids)
                with self.subTest(model=record._name, group=group):
                    self.assertFalse(mine.search([("id", "=", record.id)]))
                    with self.assertRaises(AccessError):
                        mine.browse(record.id).read(["id", "display_name"])
        self.users["group_user"].company_ids |= self.main_company
        for record in records:
            both = record.with_user(self.users["group_user"]).with_context(
                allowed_company_ids=(self.company | self.main_company).ids
            )
            self.assertTrue(both.search([("id", "=", record.id)]), record._name)

    def test_every_model_belongs_to_a_backend(self):
        """Else nothing would say whose company's it is."""
        for model in self._models():
            if model._name != "connector.hub.backend":
                self.assertIn("backend_id", model._fields, model._name)

    def test_every_model_has_a_rule_of_companies(self):
        """Rules without groups hold for managers, too; a model without one would show every company's records."""
        for model in [*self._models(), *self._models(transient=True)]:
            rules = self.env["ir.rule"].search(
                [("model_id.model", "=", model._name), ("groups", "=", False)]
            )
            with self.subTest(model._name):
                self.assertTrue(
                    any("company_ids" in (rule.domain_force or "") for rule in rules)
                    and all(rule[f"perm_{operation}"] for rule in rules for operation in OPERATIONS)
                )

    def test_wizards_are_for_whoever_opened_them(self):
        """What another person's connection test found, or another company's, is nobody else's business."""
        manager = self.users["group_manager"]
        other = manager.copy({"login": "security_other_manager"})
        made = {"connector.hub.check.line": {"name": "Reachable", "result": "passed"}}
        records = {}
        for model in self._models(transient=True):
            parent = {"backend_id": self.backend.id} if "backend_id" in model._fields else {}
            if "check_id" in model._fields:
                parent = {"check_id": records["connector.hub.check"].id}
            records[model._name] = model.with_user(manager).create(
                {**parent, **made.get(model._name, {})}
            )
        self.env.flush_all()
        self.env.invalidate_all()
        for name, record in records.items():
            with self.subTest(name):
                self.assertTrue(record.read(["display_name"]))
                for stranger, companies in ((other, self.company), (manager, self.main_company)):
                    theirs = record.with_user(stranger).with_context(
                        allowed_company_ids=companies.ids
                    )
                    if companies == self.main_company:
                        manager.company_ids |= self.main_company
                    self.assertFalse(theirs.search([("id", "=", record.id)]))
                    with self.assertRaises(AccessError):
                        theirs.read(["display_name"])

    def test_foreign_messages_are_not_requeued(self):
        records = {record._name: record for record in self.foreign_records()}
        event = records["connector.hub.event"]
        event._settle({event.id: {"state": "dead", "reason": "unknown_sku"}})
        own = event.with_user(self.users["group_manager"]).with_context(
            allowed_company_ids=self.company.ids
        )
        with self.assertRaises(AccessError):
            own.action_requeue()
        mine = self.add_event()
        mine._settle({mine.id: {"state": "dead", "reason": "unknown_sku"}})
        mine.with_user(self.users["group_manager"]).action_requeue_reason()
        self.assertEqual((mine.state, event.state), ("pending", "dead"))
