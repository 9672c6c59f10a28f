# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError, ValidationError

from .connector_hub_partner_import import QUIET


class ConnectorHubPaymentPolicy(models.Model):
    _inherit = "connector.hub.backend"

    payment_policy = fields.Selection(
        [
            ("nothing", "Only show it on the order"),
            ("invoice", "Invoice the order"),
            ("payment", "Invoice the order and register the payment"),
        ],
        string="When the customer has paid",
        required=True,
        default="nothing",
        help="What Odoo does when the partner says that it has received the customer's money.",
    )
    payment_journal_id = fields.Many2one(
        "account.journal",
        check_company=True,
        domain="[('type', 'in', ('bank', 'cash', 'credit'))]",
        help="Where the payments that the partner receives are registered: its payment provider's journal.",
    )

    @api.constrains("payment_policy", "payment_journal_id")
    def _check_payment_journal(self):
        for backend in self:
            if backend.payment_policy == "payment" and not backend.payment_journal_id:
                raise ValidationError(
                    self.env._(
                        "Choose the journal in which the payments of %(backend)s are registered.",
                        backend=backend.name,
                    )
                )


class ConnectorHubPayment(models.AbstractModel):
    """Orders that the customer has paid at the partner -> invoices and payments, as the backend says."""

    _name = "connector.hub.payment"
    _description = "Connector Hub Payment"

    @api.model
    def _settle_orders(self, backend, orders):
        """Invoice paid orders and register their payments. Doing it again changes nothing.

        What Odoo refuses becomes an activity on the order: the partner's news is received all the same. A quotation is
        settled when it is confirmed.
        """
        news = orders.filtered(lambda order: not order.connector_hub_is_paid)
        news.with_context(**QUIET).connector_hub_is_paid = True
        if backend.payment_policy == "nothing":
            return
        for order in orders:
            if order.state == "cancel" and order in news and not order.connector_hub_is_history:
                self._ask_for_refund(backend, order)
            if order.state != "sale":
                continue
            try:
                with self.env.cr.savepoint():
                    self._settle_order(backend, order)
            except (UserError, RedirectWarning) as error:
                self.env["connector.hub.order.status"]._ask(
                    backend,
                    order,
                    self.env._("Paid in %(backend)s, but not invoiced", backend=backend.name),
                    self.env._(
                        "The customer has paid. Invoice the order and register the payment by hand; Odoo could not "
                        "do it: %(error)s",
                        error=error.args[0],
                    ),
                )

    @api.model
    def _settle_confirmed(self, orders):
        """Settle the orders that were paid before somebody confirmed them."""
        for payment, backend, paid in self._by_backend(orders):
            payment._settle_orders(backend, paid)

    @api.model
    def _settle_cancelled(self, orders):
        """Call a person for each order that was paid before somebody cancelled it in Odoo."""
        for payment, backend, paid in self._by_backend(orders):
            if backend.payment_policy != "nothing":
                for order in paid:
                    payment._ask_for_refund(backend, order)

    @api.model
    def _by_backend(self, orders):
        """(this model, backend, its orders) in the environment in which the hub works, whoever has saved them."""
        for backend, own in orders.grouped("connector_hub_backend_id").items():
            if backend:
                env = backend._work_env()
                yield self.with_env(env), backend.with_env(env), own.with_env(env)

    @api.model
    def _ask_for_refund(self, backend, order):
        self.env["connector.hub.order.status"]._ask(
            backend,
            order,
            self.env._("Paid in %(backend)s, but cancelled here", backend=backend.name),
            self.env._(
                "The customer has paid for an order that is cancelled in Odoo. Return the money, or set the order to "
                "quotation and confirm it again."
            ),
        )

    @api.model
    def _settle_order(self, backend, order):
        # That the money has come is the partner's own news; the invoice is not.
        order = order.with_context(
            **QUIET, connector_hub_origin=backend.id, connector_hub_origin_facts=("order.paid",)
        )
        if order.invoice_status == "to invoice" or not order.invoice_ids:
            order._create_invoices()
        invoices = order.invoice_ids.filtered(
            lambda move: move.move_type == "out_invoice" and move.state != "cancel"
        )
        invoices.filtered(lambda move: move.state == "draft").action_post()
        unpaid = invoices.filtered(lambda move: move.payment_state in ("not_paid", "partial"))
        if backend.payment_policy == "payment" and unpaid:
            register = self.env["account.payment.register"].with_context(
                order.env.context, active_model="account.move", active_ids=unpaid.ids
            )
            register.create(
                {"journal_id": backend.payment_journal_id.id, "group_payment": True}
            )._create_payments()
