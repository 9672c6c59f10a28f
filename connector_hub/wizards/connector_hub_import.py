# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timezone

from odoo import api, fields, models

from ..const import HISTORY_AGE
from ..exceptions import HubError

#: Seconds a person waits for the partner to count.
COUNT_DEADLINE = 5.0


class ConnectorHubImport(models.TransientModel):
    """Asks, before everything is imported, since when, and whether old orders are to be confirmed."""

    _name = "connector.hub.import"
    _description = "Import All"

    backend_id = fields.Many2one("connector.hub.backend", required=True, ondelete="cascade")
    auto_confirm = fields.Boolean(related="backend_id.auto_confirm")
    entity = fields.Char(help="The one kind of record to import; empty: all.")
    has_orders = fields.Boolean(compute="_compute_has_orders")
    made_since = fields.Datetime("Orders placed since", help="Empty: all orders the partner has.")
    count_text = fields.Char("Orders to fetch", readonly=True)
    is_old = fields.Boolean(compute="_compute_is_old")
    mode = fields.Selection(
        [("history", "As history"), ("live", "As new orders")],
        string="Old orders come in",
        required=True,
        compute="_compute_mode",
        store=True,
        readonly=False,
        precompute=True,
        help="As history: they are put on record as quotations; nothing is confirmed, reserved, invoiced or told to "
        "the partner. As new orders: they are treated like orders placed today.",
    )
    history_before = fields.Datetime(
        "Old means before",
        compute="_compute_history_before",
        store=True,
        readonly=False,
        precompute=True,
        help="Orders placed before this moment are history. Later ones are new business and come in as always. It is "
        "when new orders were last fetched: what was placed before then and is not here is older than this connection.",
    )

    @api.depends("backend_id", "entity")
    def _compute_has_orders(self):
        for wizard in self:
            wizard.has_orders = "order" in wizard._entities()

    @api.depends("made_since")
    def _compute_is_old(self):
        limit = fields.Datetime.now() - HISTORY_AGE
        for wizard in self:
            wizard.is_old = not wizard.made_since or wizard.made_since < limit

    @api.depends("is_old")
    def _compute_mode(self):
        for wizard in self:
            wizard.mode = "history" if wizard.is_old else "live"

    @api.depends("backend_id")
    def _compute_history_before(self):
        for wizard in self:
            cursor = wizard.backend_id.cursor_ids.filtered(lambda cursor: cursor.entity == "order")
            moment = cursor._usual_history_before() if cursor else False
            wizard.history_before = moment or fields.Datetime.now()

    @api.onchange("made_since")
    def _onchange_made_since(self):
        """Ask the partner how many orders that are. Whatever it says, or does not: the import may begin."""
        if self.backend_id and self.has_orders:
            self.count_text = self._count_orders()

    def _entities(self):
        if not self.backend_id:
            return []
        return [self.entity] if self.entity else list(self.backend_id._get_adapter()._poll_routes())

    def _count_orders(self):
        """How many orders there are, or why that is not known; for a person to read."""
        self.backend_id.check_access("write")
        backend = self.backend_id._work_env()["connector.hub.backend"].browse(self.backend_id.id)
        adapter = backend._get_adapter()
        count = adapter._count_routes().get("order")
        try:
            self.backend_id._refuse_if_neutralized()
            if count is None:
                number = None
            else:
                with adapter._make_client(backend) as client:
                    since = self.made_since and self.made_since.replace(tzinfo=timezone.utc)
                    number = count(client, since or None, COUNT_DEADLINE)
        except HubError as error:
            return self.env._("Not known: %(error)s", error=error.brief)
        if number is None:
            return self.env._("Not known: the partner does not say how many.")
        return (
            self.env._("1 order") if number == 1 else self.env._("%(count)s orders", count=number)
        )

    def action_import(self):
        """Button: begin, in the background."""
        self.ensure_one()
        backend = self.backend_id
        backend.check_access("write")
        backend._check_import()
        history = self.history_before if self.mode == "history" else self.made_since
        backend._import_all(
            self._entities(), made_since=self.made_since, history_before=history or False
        )
        return backend._notify_import()
