# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
from urllib.parse import urlsplit

from odoo import api, fields, models

from ..client import HubClient
from ..exceptions import HubError, RejectedError

_logger = logging.getLogger(__name__)

#: Seconds a step of the connection test may take.
CHECK_DEADLINE = 10.0

#: How a partner answers that speaks another dialect: it does not know the key, or the address.
DIALECT_STATUSES = frozenset({401, 403, 404})


class ConnectorHubCheck(models.TransientModel):
    """What "Test connection" found: one line per step."""

    _name = "connector.hub.check"
    _description = "Connection Test"

    backend_id = fields.Many2one("connector.hub.backend", required=True, ondelete="cascade")
    line_ids = fields.One2many("connector.hub.check.line", "check_id")
    passed = fields.Boolean(compute="_compute_passed")
    other_dialect = fields.Char(readonly=True)
    can_switch = fields.Boolean(compute="_compute_can_switch")

    @api.depends("line_ids.result")
    def _compute_passed(self):
        for check in self:
            check.passed = all(line.result != "failed" for line in check.line_ids)

    @api.depends("other_dialect", "backend_id.state")
    def _compute_can_switch(self):
        for check in self:
            check.can_switch = bool(check.other_dialect) and check.backend_id.state == "draft"

    def action_switch_dialect(self):
        """Button: speak the dialect in which the partner answered, and test anew."""
        for dialect in self.backend_id._get_adapter()._dialects(self.backend_id):
            if dialect.label == self.other_dialect:
                self.backend_id.write(dialect.values)
        return self.action_again()

    def action_again(self):
        """Button: run the test anew."""
        return self.backend_id.action_test_connection()


class ConnectorHubCheckLine(models.TransientModel):
    _name = "connector.hub.check.line"
    _description = "Connection Test Step"
    _order = "sequence, id"

    check_id = fields.Many2one("connector.hub.check", required=True, ondelete="cascade")
    sequence = fields.Integer()
    name = fields.Char(required=True)
    result = fields.Selection(
        [("passed", "OK"), ("failed", "Failed"), ("skipped", "Not tested")], required=True
    )
    message = fields.Char()


class ConnectorHubConnection(models.Model):
    _inherit = "connector.hub.backend"

    def action_test_connection(self):
        """Try step by step whether the partner can be reached and used, and show what worked."""
        self.ensure_one()
        self.check_access("write")
        self._refuse_if_neutralized()
        steps, dialect = self._check_steps()
        check = self.env["connector.hub.check"].create(
            {
                "backend_id": self.id,
                "other_dialect": dialect and dialect.label,
                "line_ids": [
                    fields.Command.create({"sequence": position, **values})
                    for position, values in enumerate(steps)
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Test connection"),
            "res_model": "connector.hub.check",
            "res_id": check.id,
            "view_mode": "form",
            "target": "new",
        }

    def _check_steps(self):
        """Results of the steps, in order; after a failure the ones that depend on it are not tested.

        :return: (results, the other dialect in which the partner answers where it refuses this one, or None)
        """
        # Who tests reads the results now; only the data has the backend's language.
        backend = self._work_env()[self._name].browse(self.id).with_context(lang=self.env.lang)
        adapter = backend._get_adapter()
        results, client, dialect = [], None, None
        try:
            client = adapter._make_client(backend)
            steps = list(adapter._check_connection(backend, client))
        except HubError as error:
            results.append(
                {"name": self.env._("Settings"), "result": "failed", "message": error.message}
            )
            steps = []
        failed = bool(results)
        for label, step in steps:
            if failed:
                results.append({"name": label, "result": "skipped"})
                continue
            result, error = self._check_step(label, step)
            results.append(result)
            failed = bool(error)
            if failed and error.details.get("status") in DIALECT_STATUSES:
                dialect = self._find_dialect(backend, adapter)
        if client:
            client.close()
        results.append(
            self._check_step(
                self.env._("This database can be reached at its public URL"), self._check_public_url
            )[0]
        )
        return results, dialect

    def _find_dialect(self, backend, adapter):
        """Another dialect that the partner answers in, at the same address and with the same key."""
        for dialect in adapter._dialects(backend):
            if dialect.adapter == adapter._name:
                continue
            other = backend.env[dialect.adapter]
            try:
                with other._make_client(backend) as client:
                    other._ping(client)
            except HubError:
                continue
            return dialect
        return None

    def _check_step(self, label, step):
        """:return: (result, the error if it failed)"""
        try:
            with self.env.cr.savepoint(flush=False):
                message = step()
        except HubError as failure:
            error = failure
        except Exception as failure:
            _logger.exception("%s: the step “%s” of the connection test failed", self.name, label)
            error = self._surprise(failure)
        else:
            return {"name": label, "result": "passed", "message": message or ""}, None
        return {"name": label, "result": "failed", "message": error.brief}, error

    def _check_public_url(self):
        """Ask our own public address for this backend, as the partner will."""
        url = self.get_base_url()
        try:
            with HubClient(url, deadline=CHECK_DEADLINE) as client:
                answer = client.request("GET", f"{urlsplit(self.webhook_url).path}/ping").data
        except RejectedError:
            # Odoo itself answers 404 while it does not know which database is meant.
            answer = None
        if not isinstance(answer, dict) or answer.get("backend") != self.webhook_uuid:
            raise HubError(
                self.env._(
                    "%(url)s answers, but it is not this database. With several databases on one server, set dbfilter, "
                    "or let the partner send the header X-Odoo-Database: %(database)s.",
                    url=url,
                    database=self.env.cr.dbname,
                )
            )
        return url
