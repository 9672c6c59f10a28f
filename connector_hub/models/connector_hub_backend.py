# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import uuid

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..client import check_base_url
from ..const import CONFLICT_POLICIES, RETENTION_DAYS
from ..exceptions import ConfigurationError


class ConnectorHubBackend(models.Model):
    """One configured remote system."""

    _name = "connector.hub.backend"
    _description = "Connector Hub Backend"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    code = fields.Selection(
        [], string="Partner system", required=True, default=lambda self: self._default_code()
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("paused", "Paused")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        help="Draft: nothing is noted, sent or received. Active: everything runs. Paused: changes and events are kept "
        "and wait until you resume.",
    )
    base_url = fields.Char(
        "URL",
        tracking=True,
        help="Address of the partner's API, for example https://shop.example.com",
    )
    webhook_uuid = fields.Char(
        "Webhook UUID",
        default=lambda self: str(uuid.uuid4()),
        required=True,
        copy=False,
        readonly=True,
    )
    webhook_url = fields.Char(
        "Webhook URL",
        compute="_compute_webhook_url",
        help="Enter this address at the partner's side.",
    )

    # what is written into Odoo, and how
    warehouse_id = fields.Many2one(
        "stock.warehouse",
        check_company=True,
        compute="_compute_warehouse_id",
        store=True,
        readonly=False,
        precompute=True,
        help="Orders are delivered from this warehouse, and its stock is what the partner is told.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        default=lambda self: self.env.user,
        tracking=True,
        help="Gets an activity when something needs attention.",
    )
    api_user_id = fields.Many2one(
        "res.users",
        "API user",
        copy=False,
        help="The user with which the partner itself writes into Odoo, if it does. What this user writes is not sent "
        "back to the partner.",
    )
    salesperson_id = fields.Many2one("res.users", help="Salesperson of the imported orders.")
    team_id = fields.Many2one("crm.team", "Sales team", check_company=True)
    pricelist_id = fields.Many2one(
        "product.pricelist",
        check_company=True,
        help="Pricelist of the imported orders. Empty: one with the order's currency.",
    )
    shipping_product_id = fields.Many2one(
        "product.product",
        "Shipping product",
        check_company=True,
        help="Product of the shipping line, where no delivery method matches the partner's.",
    )
    discount_product_id = fields.Many2one(
        "product.product",
        "Discount product",
        check_company=True,
        help="Product of discounts that are not part of a line.",
    )
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        default=lambda self: self.env.lang or "en_US",
        help="Texts are sent in this language, unless a field mapping names another.",
    )
    tz = fields.Selection(
        selection=lambda self: (
            self.env["res.users"]._fields["tz"].get_description(self.env)["selection"]
        ),
        string="Timezone",
        default=lambda self: self.env.user.tz or "UTC",
    )
    auto_confirm = fields.Boolean(
        "Confirm orders",
        default=True,
        help="Confirm imported orders at once, which reserves the stock.",
    )
    total_policy = fields.Selection(
        [
            ("hold", "Hold the order for a person"),
            ("adjust", "Import and add a rounding line"),
            ("accept", "Import with Odoo's total"),
        ],
        string="If the total differs",
        required=True,
        default="hold",
        help="What happens if Odoo comes to another total than the partner.",
    )

    # what is sent, and when
    frequency = fields.Selection(
        [
            ("realtime", "At once"),
            ("5", "Every 5 minutes"),
            ("15", "Every 15 minutes"),
            ("manual", "Only when asked"),
        ],
        required=True,
        default="realtime",
        help="How often waiting events are processed and changes are sent. “Only when asked” waits for Run now.",
    )
    cron_id = fields.Many2one("ir.cron", "Scheduled action", readonly=True, copy=False)
    run_requested = fields.Boolean("Run requested", readonly=True, copy=False)
    quantity_source = fields.Selection(
        [("on_hand", "On hand"), ("free", "On hand, less reserved")],
        string="Quantity sent",
        required=True,
        default="on_hand",
        help="Which quantity the partner is told. Choose “On hand” if the partner subtracts its own open orders.",
    )
    stock_buffer = fields.Float(
        "Safety stock",
        help="Pieces of every product that the partner is not told of, so that the last ones are not sold twice. Of "
        "several locations the first of the list hold them.",
    )
    minor_units = fields.Selection(
        [
            ("currency", "As the currency has decimals"),
            ("major", "Whole units with decimals"),
            ("factor", "Fixed factor"),
        ],
        string="Amounts",
        required=True,
        default="currency",
        help="How the partner writes money: 16.000 KWD is 16000 with the currency's decimals, 16.000 in whole units.",
    )
    minor_units_factor = fields.Integer("Factor", default=100)
    conflict_policy = fields.Selection(
        selection="_selection_conflict_policy",
        string="In case of conflict",
        required=True,
        default="odoo",
        help="Who wins if both sides changed the same field since they last agreed.",
    )
    retention_days = fields.Integer(
        "Keep finished messages (days)",
        default=lambda self: int(
            self.env["ir.config_parameter"].sudo().get_param("connector_hub.retention_days")
            or RETENTION_DAYS
        ),
    )

    # how it goes
    cooldown_until = fields.Datetime("Resting until", readonly=True, copy=False)
    cooldown_count = fields.Integer("Failed requests in a row", readonly=True, copy=False)
    last_error = fields.Text("Last error", readonly=True, copy=False)
    field_mapping_ids = fields.One2many("connector.hub.field.mapping", "backend_id", copy=True)
    event_ids = fields.One2many("connector.hub.event", "backend_id")
    delivery_ids = fields.One2many("connector.hub.delivery", "backend_id")
    binding_ids = fields.One2many("connector.hub.binding", "backend_id")

    _webhook_uuid_uniq = models.Constraint(
        "UNIQUE (webhook_uuid)", "The webhook address must be unique."
    )
    _retention_positive = models.Constraint(
        "CHECK (retention_days > 0)", "Keep finished messages for one day at least."
    )
    _factor_positive = models.Constraint(
        "CHECK (minor_units_factor > 0)", "The factor must be positive."
    )
    _buffer_positive = models.Constraint(
        "CHECK (stock_buffer >= 0)", "The safety stock cannot be negative."
    )

    @api.model
    def _default_code(self):
        """The partner system, if there is only one to choose."""
        codes = self._fields["code"].get_values(self.env)
        return codes[0] if len(codes) == 1 else False

    @api.model
    def _selection_conflict_policy(self):
        return [(policy, self.env._(label)) for policy, label in CONFLICT_POLICIES.items()]

    @api.depends("company_id")
    def _compute_warehouse_id(self):
        for backend in self:
            if backend.warehouse_id.company_id != backend.company_id:
                backend.warehouse_id = self.env["stock.warehouse"].search(
                    [("company_id", "=", backend.company_id.id)], limit=1
                )

    @api.depends("code", "webhook_uuid")
    def _compute_webhook_url(self):
        for backend in self:
            backend.webhook_url = (
                f"{backend.get_base_url()}/connector_hub/{backend.code}/{backend.webhook_uuid}"
            )

    @api.constrains("warehouse_id", "state")
    def _check_warehouse(self):
        for backend in self:
            if backend.state != "draft" and not backend.warehouse_id:
                raise ValidationError(
                    self.env._(
                        "%(backend)s needs a warehouse: its stock is what the partner is told.",
                        backend=backend.name,
                    )
                )

    @api.constrains("base_url")
    def _check_base_url(self):
        for backend in self.filtered("base_url"):
            try:
                check_base_url(backend.base_url)
            except ConfigurationError as error:
                # What was entered is not repeated: it may hold a password, and this text is logged.
                raise ValidationError(
                    self.env._(
                        "This is not an address of an API. Write it like https://shop.example.com, without a user, a "
                        "password or a query in it."
                    )
                ) from error

    # -- the seam -----------------------------------------------------------------------------------------------

    def _get_adapter(self):
        """The partner's side of the seam; nothing else dispatches on the code."""
        self.ensure_one()
        # A backend that is only being entered has no id to remember it by.
        name = self._adapter_name(self.id) if self.id else self._adapter_model()
        return self.env[name]

    @api.model
    @tools.ormcache("backend_id")
    def _adapter_name(self, backend_id):
        """Remembered, because every webhook and many a save ask, and would read the whole backend for it."""
        return self.sudo().browse(backend_id)._adapter_model()

    def _adapter_model(self):
        """Name of the adapter's model. Partners that speak several dialects override it."""
        return f"connector.hub.adapter.{self.code}"

    def _work_env(self):
        """The only way to the environment in which the hub reads and writes business records.

        Its user is the hub's own, whatever request or scheduled action we are in; company, language and timezone are
        the backend's.
        """
        self.ensure_one()
        backend = self.sudo()
        context = {
            key: value
            for key, value in self.env.context.items()
            if key in ("cron_id", "cron_end_time", "ir_cron_progress_id", "lastcall")
        }
        context.update(
            lang=backend._known_lang(backend.lang) or "en_US",
            tz=backend.tz or "UTC",
            allowed_company_ids=backend.company_id.ids,
            connector_hub_backend_id=backend.id,
            mail_create_nosubscribe=True,
            mail_auto_subscribe_no_notify=True,
        )
        user = self.env.ref("connector_hub.user_hub")
        return backend.with_user(user).sudo().with_context(context).env  # pylint: disable=context-overridden

    def _known_lang(self, code):
        """The language, if it is (still) installed; Odoo refuses to work in one that is not."""
        return code if code and self.env["res.lang"]._get_data(code=code) else None

    def _currency(self):
        """The currency in which prices are sent."""
        return self.pricelist_id.currency_id or self.company_id.currency_id

    def _minor_factor(self, currency):
        """How many of the partner's units make one of the currency: KWD 1000, EUR 100, JPY 1, or as configured."""
        if self.minor_units == "major":
            return 1
        if self.minor_units == "factor":
            return self.minor_units_factor
        return 10**currency.decimal_places

    def _add_default_mappings(self):
        """Map the partner's fields that are not mapped yet, as its table says."""
        self.ensure_one()
        mapped = {
            (mapping.entity, mapping.external_field, mapping.direction)
            for mapping in self.with_context(active_test=False).field_mapping_ids
        }
        # What the addon itself maps needs no permission of the person's.
        self.env["connector.hub.field.mapping"].sudo().create(
            [
                {"backend_id": self.id, "sequence": 10 * position, **values}
                for position, values in enumerate(self._get_adapter()._default_mappings(), start=1)
                if (
                    values["entity"],
                    values["external_field"],
                    values.get("direction", "export"),
                )
                not in mapped
            ]
        )
