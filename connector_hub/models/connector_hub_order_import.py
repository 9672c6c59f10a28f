# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import plaintext2html

from ..const import SENDER_AHEAD_MINUTES
from ..exceptions import HubError, RejectedError
from ..partner_plan import PartnerPlan
from .connector_hub_contention import naming_stock
from .connector_hub_event import Applied
from .connector_hub_partner_import import QUIET, vat_key


class ConnectorHubOrderImport(models.AbstractModel):
    """Canonical orders -> sale orders: whole or not at all, once, with the remote's total."""

    _name = "connector.hub.order.import"
    _description = "Connector Hub Order Import"

    @api.model
    def _import_orders(self, backend, orders, history=()):
        """Import a batch of orders; what can be known beforehand is checked before any is written.

        :param backend: connector.hub.backend; ``self.env`` is its work environment
        :param orders: list of CanonicalOrder
        :param history: external ids of the orders of the past (``connector.hub.event.is_history``)
        :return: list of Applied (with the sale.order) or RejectedError, in the same order; an order imported before
            is returned as is
        """
        lookup = self.env["connector.hub.order.lookup"]._load(backend, orders)
        lookup.history = frozenset(history)
        results = {external_id: Applied(order) for external_id, order in lookup.orders.items()}
        new = {order.external_id: order for order in orders if order.external_id not in results}
        outcomes = self._plan_orders(lookup, list(new.values()))
        plans = [plan for plan in outcomes if not isinstance(plan, HubError)]
        self._create_orders(lookup, plans)
        for external_id, outcome in zip(new, outcomes, strict=True):
            results[external_id] = (
                outcome
                if isinstance(outcome, HubError)
                else Applied(outcome.sale_order, outcome.customer.note)
            )
        return [results[order.external_id] for order in orders]

    # --- checking ---

    @api.model
    def _plan_orders(self, lookup, orders):
        """Plans of the orders that can be imported, RejectedError in the place of the others."""
        customers = self.env["connector.hub.partner.import"]._plan_customers(
            lookup.backend,
            [
                PartnerPlan(
                    customer=order.customer,
                    billing=order.billing_address,
                    shipping=order.shipping_address,
                    values=order.partner_values,
                )
                for order in orders
            ],
        )
        outcomes = []
        for order, customer in zip(orders, customers, strict=True):
            try:
                plan = self.env["connector.hub.order.lines"]._plan_order(lookup, order)
                if isinstance(customer, HubError):
                    raise customer
                plan.customer = customer
                outcomes.append(plan)
            except RejectedError as error:
                outcomes.append(error)
        return outcomes

    # --- writing ---

    @api.model
    def _create_orders(self, lookup, plans):
        """Create, link and confirm (or cancel) the planned orders; each plan learns its own."""
        if not plans:
            return
        backend = lookup.backend
        self.env["connector.hub.partner.import"]._apply_plans(
            backend, [plan.customer for plan in plans]
        )
        services = self._service_products(
            backend, {line.role for plan in plans for line in plan.lines}
        )
        SaleOrder = self.env["sale.order"].with_context(**QUIET)
        created = SaleOrder.create([self._prepare_order(lookup, plan, services) for plan in plans])
        for plan, sale_order in zip(plans, created, strict=True):
            self._check_created(plan, sale_order)
            plan.sale_order = sale_order.with_env(self.env)
        self.env["connector.hub.binding"]._link_many(
            backend,
            "order",
            [(p.sale_order, p.order.external_id, p.order.reference or None) for p in plans],
        )
        self._log_import(lookup, plans)
        self._settle_state(backend, plans)
        self._ask_people(backend, plans)
        self.env["connector.hub.order.revision"]._remember(
            backend, [(plan.sale_order, plan.order) for plan in plans]
        )

    @api.model
    def _prepare_order(self, lookup, plan, services):
        """sale.order values of one plan, lines included."""
        backend, order, customer = lookup.backend, plan.order, plan.customer
        Lines = self.env["connector.hub.order.lines"]
        values = {
            "connector_hub_is_history": self._is_history(lookup, plan),
            "company_id": lookup.company.id,
            "connector_hub_backend_id": backend.id,
            "partner_id": customer.partner.id,
            "client_order_ref": order.reference,
            "pricelist_id": self._pricelist(lookup, plan.currency).id,
            "user_id": backend.salesperson_id.id,
            "carrier_id": plan.carrier.id if plan.carrier else False,
            "order_line": [
                Command.create(Lines._prepare_line_values(line, services, 10 * number))
                for number, line in enumerate(plan.lines, start=1)
            ],
        }
        if "invoice" in customer.contacts:
            values["partner_invoice_id"] = customer.contacts["invoice"].id
        if "delivery" in customer.contacts:
            values["partner_shipping_id"] = customer.contacts["delivery"].id
        if backend.warehouse_id:
            values["warehouse_id"] = backend.warehouse_id.id
        if backend.team_id:
            values["team_id"] = backend.team_id.id
        if order.date_order:
            # The shop's clock may be wrong, and deliveries are planned from this date.
            latest = fields.Datetime.now() + timedelta(minutes=SENDER_AHEAD_MINUTES)
            values["date_order"] = min(self._naive_utc(order.date_order), latest)
        if order.note:
            values["note"] = plaintext2html(order.note)
        return values | order.values

    @api.model
    def _pricelist(self, lookup, currency):
        """The pricelist that gives an order its currency; none where that is the company's own."""
        pricelist = lookup.pricelists.get(currency.id)
        if pricelist is None and currency != lookup.company.currency_id:
            pricelist = self.env["product.pricelist"].create(
                {
                    "name": f"{lookup.backend.name} {currency.name}",
                    "currency_id": currency.id,
                    "company_id": lookup.company.id,
                }
            )
            lookup.pricelists[currency.id] = pricelist
        return pricelist or self.env["product.pricelist"]

    @api.model
    def _service_products(self, backend, roles):
        """{role: product.product} of the used roles, created on the backend where missing."""
        products = {}
        for role, fname, name in (
            ("shipping", "shipping_product_id", self.env._("Shipping")),
            ("discount", "discount_product_id", self.env._("Discount")),
        ):
            if role not in roles:
                continue
            if not backend[fname]:
                backend[fname] = self.env["product.product"].create(
                    {
                        "name": name,
                        "type": "service",
                        "invoice_policy": "order",
                        "list_price": 0.0,
                        "taxes_id": False,
                        # Nobody orders it for itself, as Odoo's own products of delivery methods.
                        "sale_ok": False,
                        "purchase_ok": False,
                        "company_id": backend.company_id.id,
                        "responsible_id": False,
                    }
                )
            products[role] = backend[fname]
        return products

    @api.model
    def _check_created(self, plan, sale_order):
        """Other addons may have changed lines or totals: then nothing of the batch is kept."""
        Lines = self.env["connector.hub.order.lines"]
        total = Lines._round(sale_order.amount_total, plan.currency)
        if total != plan.total or sale_order.currency_id != plan.currency:
            difference = Lines._describe_difference(plan, self.env._("total"), total, plan.total)
            raise Lines._total_mismatch(difference, total, plan.total)

    @api.model
    def _log_import(self, lookup, plans):
        """One note per order: where it comes from, and what is to know about its figures."""
        backend = lookup.backend
        orders = self.env["sale.order"].union(*(plan.sale_order for plan in plans))
        bodies = {}
        for plan in plans:
            origin = self.env._(
                "Imported from %(backend)s: order %(external_id)s.",
                backend=backend.name,
                external_id=plan.order.external_id,
            )
            notes = [origin, *plan.notes]
            if plan.order.state == "done":
                notes.append(
                    self.env._(
                        "It has been shipped there already, and is therefore not confirmed here."
                    )
                )
            elif plan.sale_order.connector_hub_is_history:
                notes.append(
                    self.env._(
                        "It was imported as history: it is on record here, but is not confirmed, and reserves nothing."
                    )
                )
            bodies[plan.sale_order.id] = plaintext2html("\n".join(notes))
        orders._message_log_batch(bodies=bodies)
        if backend.salesperson_id:
            orders.message_subscribe(backend.salesperson_id.partner_id.ids)

    @api.model
    def _is_history(self, lookup, plan):
        """What is past, or was shipped elsewhere, is on record, but must not take stock from the shelf once more."""
        return plan.order.external_id in lookup.history or plan.order.state == "done"

    @api.model
    def _settle_state(self, backend, plans):
        """Cancel what the remote cancelled; confirm the rest in one go if the backend says so."""
        orders = self.env["sale.order"].with_context(**QUIET, connector_hub_keep_date_order=True)
        cancelled = orders.union(*(p.sale_order for p in plans if p.order.state == "cancelled"))
        if cancelled:
            # The remote need not be told what it has told.
            cancelled.with_context(
                connector_hub_origin=backend.id, connector_hub_origin_facts=("order.cancelled",)
            ).action_cancel()
        unclear = orders.union(*(p.sale_order for p in plans if self._is_to_ourselves(p)))
        confirmed = orders.union(*(plan.sale_order for plan in plans)) - cancelled - unclear
        confirmed = confirmed.filtered(lambda order: not order.connector_hub_is_history)
        if backend.auto_confirm and confirmed:
            with naming_stock(confirmed):
                confirmed.action_confirm()

    @api.model
    def _is_to_ourselves(self, plan):
        """Whether the goods would go to a company of one's own, for want of an address: Odoo has no way there."""
        partner = plan.sale_order.partner_shipping_id
        return plan.customer.protection == "company" and bool(
            self.env["res.company"].sudo().search_count([("partner_id", "=", partner.id)], limit=1)
        )

    @api.model
    def _ask_people(self, backend, plans):
        """Call a person where goods or invoice would go wrong because the customer's contact stays as it is.

        Else it does not matter to an order: it has its own addresses, with their own names and phones.
        """
        Status = self.env["connector.hub.order.status"]
        for plan in plans:
            if plan.order.state == "cancelled":
                continue
            if vat := plan.customer.left.get("vat"):
                Status._ask(
                    backend,
                    plan.sale_order,
                    self.env._("Other tax number in %(backend)s", backend=backend.name),
                    self.env._(
                        "The customer gives the tax number %(vat)s, which the contact in Odoo does not have. Check "
                        "whose it is before you invoice, and correct the contact.",
                        vat=vat_key(vat),
                    ),
                )
            if self._is_to_ourselves(plan):
                Status._ask(
                    backend,
                    plan.sale_order,
                    self.env._("No delivery address in %(backend)s", backend=backend.name),
                    self.env._(
                        "The customer has the e-mail address of one of your own companies, and the order says no "
                        "other address. Enter where the goods go, then confirm the order."
                    ),
                )

    @api.model
    def _naive_utc(self, moment):
        if moment.tzinfo:
            moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        return moment.replace(microsecond=0)
