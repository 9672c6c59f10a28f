# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What can be called from outside with an API key: every model of the hub, every method that has no underscore."""

import json
from datetime import datetime, timedelta

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_security import SecurityCase


@tagged("post_install", "-at_install")
class TestJson2(SecurityCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.records = {record._name: record for record in self.foreign_records()}
        for name in sorted(self.registry):
            if not name.startswith("connector.hub.") or not self.env[name]._transient:
                continue
            parent = {"backend_id": self.records["connector.hub.backend"].id}
            if "check_id" in self.env[name]._fields:
                check = self.records["connector.hub.check"]
                parent = {"check_id": check.id, "name": "Reachable", "result": "passed"}
            self.records[name] = self.env[name].sudo().create(parent)
        self.keys = {group: self._key(user) for group, user in self.users.items()}
        self.env.flush_all()

    def _key(self, user):
        soon = datetime.now() + timedelta(days=1)
        return self.env["res.users.apikeys"].with_user(user)._generate("rpc", "test", soon)

    def call(self, group, model, method, **arguments):
        answer = self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(arguments, default=str),
            headers={
                "Authorization": f"Bearer {self.keys[group]}",
                "Content-Type": "application/json",
            },
        )
        return answer.status_code, answer.text

    def _methods(self, model):
        """Names of the hub's own public methods of a model."""
        return sorted(
            {
                name
                for cls in type(model).mro()
                if cls.__module__.startswith("odoo.addons.connector_hub")
                for name, value in vars(cls).items()
                if not name.startswith("_") and callable(value)
            }
            - {"create", "write", "unlink", "web_save"}
        )

    @mute_logger("odoo.http", "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_nothing_of_another_company_is_reached(self):
        for name in sorted(self.registry):
            model = self.env[name]
            if not name.startswith("connector.hub.") or (
                model._abstract and not self._methods(model)
            ):
                continue
            ids = self.records[name].ids if name in self.records else [1]
            values = self.records[name].sudo().copy_data() if name in self.records else [{}]
            calls = [
                ("read", {"ids": ids, "fields": ["id"]}),
                ("write", {"ids": ids, "vals": {}}),
                ("unlink", {"ids": ids}),
                ("create", {"vals_list": values}),
                *((method, {"ids": ids}) for method in self._methods(model)),
            ]
            count = 0 if model._abstract else model.sudo().search_count([])
            for group in self.users:
                status, text = self.call(
                    group, name, "search_read", domain=[["id", "in", ids]], fields=["id"]
                )
                self.assertIn((status, text if status == 200 else ""), ((200, "[]"), (403, "")))
                for method, arguments in calls:
                    with self.subTest(group, model=name, method=method):
                        status, text = self.call(group, name, method, **arguments)
                        self.assertIn(status, (403, 422), text[:300])
            if not model._abstract:
                self.assertEqual(model.sudo().search_count([]), count, name)
