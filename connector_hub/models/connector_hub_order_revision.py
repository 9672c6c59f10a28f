# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..exceptions import HubError, RejectedError
from ..order_content import order_content, order_returns
from .connector_hub_event import Applied
from .connector_hub_partner_import import QUIET

#: What of a line that is here already is the partner's to change.
REVISED_FIELDS: tuple[str, ...] = (
    "product_uom_qty",
    "price_unit",
    "technical_price_unit",
    "discount",
    "tax_ids",
)


@dataclass
class Revision:
    """An order that the partner has changed, beside what is known of it.

    :ivar order: CanonicalOrder
    :ivar sale_order: the sale order it became
    :ivar seen: what both sides had when it was looked at last; see :meth:`ConnectorHubOrderRevision._remembered`
    :ivar is_asked: whether a person asked for it to be looked at again
    """

    order: object
    sale_order: models.BaseModel
    seen: dict
    is_asked: bool


class ConnectorHubOrderRevision(models.AbstractModel):
    """Orders that the partner changed after they were imported: followed, or told to a person.

    What is compared is what the partner says now with what it said last, so that a person's own changes in Odoo are
    neither taken for the partner's nor overwritten. Nothing is applied in part.
    """

    _name = "connector.hub.order.revision"
    _description = "Connector Hub Order Revision"

    @api.model
    def _revise(self, backend, orders, asked=()):
        """Follow what the partner changed in orders that are here. Doing it again changes nothing.

        :param backend: connector.hub.backend; ``self.env`` is its work environment
        :param orders: list of CanonicalOrder
        :param asked: external ids that a person wants to be looked at again
        :return: {external id: sale.order, Applied or RejectedError}; orders that are not here are left out
        """
        results, changed = {}, []
        for order, sale_order, seen in self._load_seen(backend, orders):
            results[order.external_id] = sale_order
            if order.revision < seen.get("revision", 0):
                note = self.env._("A newer state was already applied.")
                results[order.external_id] = Applied(sale_order, note)
                continue
            is_asked = order.external_id in asked
            is_news = is_asked or seen.get("content") != order_content(order)
            if is_news and order.state != "cancelled" and sale_order.state != "cancel":
                changed.append(Revision(order, sale_order, seen, is_asked))
        if changed:
            lookup = self.env["connector.hub.order.lookup"]._load(
                backend, [revision.order for revision in changed]
            )
            for revision in changed:
                results[revision.order.external_id] = self._settle(lookup, revision)
        return results

    @api.model
    def _load_seen(self, backend, orders):
        """(order, its sale order, what is remembered of it) of those that are here, in one query."""
        by_id = {order.external_id: order for order in orders}
        bindings = (
            self.env["connector.hub.binding"]
            .sudo()
            .search_fetch(
                [
                    ("backend_id", "=", backend.id),
                    ("entity", "=", "order"),
                    ("res_model", "=", "sale.order"),
                    ("external_id", "in", list(by_id)),
                ],
                ["external_id", "res_id", "synced_values"],
            )
        )
        existing = set(self.env["sale.order"].browse(bindings.mapped("res_id")).exists().ids)
        return [
            (
                by_id[binding.external_id],
                self.env["sale.order"].browse(binding.res_id),
                binding.synced_values or {},
            )
            for binding in bindings
            if binding.res_id in existing
        ]

    # -- what is remembered -------------------------------------------------------------------------------------

    @api.model
    def _remember(self, backend, pairs):
        """Note what both sides have now.

        :param pairs: list of (sale.order, CanonicalOrder)
        """
        self._store(
            backend,
            [
                (sale_order, order, self._remembered(order, self._own_lines(sale_order)))
                for sale_order, order in pairs
            ],
        )

    @api.model
    def _remembered(self, order, lines):
        """``content``: the partner's; ``lines``: those the hub wrote; ``revision``: the partner's number."""
        return {"revision": order.revision, "content": order_content(order), "lines": lines}

    @api.model
    def _store(self, backend, rows):
        self.env["connector.hub.binding"]._record_synced(
            backend,
            "order",
            [
                {
                    "res_model": "sale.order",
                    "res_id": sale_order.id,
                    "external_id": order.external_id,
                    "synced_values": values,
                }
                for sale_order, order, values in rows
            ],
            all_bound=True,
        )

    @api.model
    def _own_lines(self, sale_order):
        """The lines of a sale order that are for something, as texts that can be compared."""
        return sorted(
            self._line_key(
                line.product_id,
                line.product_uom_qty,
                line.price_unit,
                line.discount,
                line.tax_ids,
            )
            for line in sale_order.order_line
            if not line.display_type and line.product_uom_qty
        )

    @api.model
    def _line_key(self, product, quantity, price, discount, taxes):
        return [
            product.id,
            f"{quantity:.4f}",
            f"{price:.4f}",
            f"{discount:.4f}",
            ",".join(map(str, sorted(taxes.ids))),
        ]

    # -- one order ----------------------------------------------------------------------------------------------

    @api.model
    def _settle(self, lookup, revision):
        """Follow a change, or tell a person what has to be done; either way it is not told again."""
        sale_order, order = revision.sale_order, revision.order
        if order_returns(order) or revision.seen.get("content", {}).get("returns"):
            result = self._tell_returns(lookup.backend, revision)
        else:
            try:
                with self.env.cr.savepoint():
                    return self._follow(lookup, revision)
            except HubError as error:
                result = (
                    error
                    if error.reason == "order_changed"
                    else RejectedError(
                        f"{self._describe(lookup.backend, revision)} {error.message}",
                        reason=error.reason,
                        details=error.details,
                    )
                )
            except UserError as error:
                result = self._refusal(
                    lookup.backend, revision, self.env._("Odoo refused it: %(error)s", error=error)
                )
        values = self._remembered(order, revision.seen.get("lines"))
        self._store(lookup.backend, [(sale_order, order, values)])
        return result

    @api.model
    def _follow(self, lookup, revision):
        """Make the sale order what the partner's order is now, whole or not at all."""
        Lines = self.env["connector.hub.order.lines"]
        backend, sale_order, order = lookup.backend, revision.sale_order, revision.order
        plan = Lines._plan_order(lookup, order)
        services = self.env["connector.hub.order.import"]._service_products(
            backend, {line.role for line in plan.lines if not line.product}
        )
        for line in plan.lines:
            line.product = line.product or services[line.role]
        target = sorted(
            self._line_key(line.product, line.quantity, line.price, line.percent, line.taxes)
            for line in plan.lines
            if line.quantity
        )
        current = self._own_lines(sale_order)
        total = Lines._round(sale_order.amount_total, sale_order.currency_id)
        if target != current and not (revision.is_asked and total == plan.total):
            if obstacle := self._obstacle(revision, current):
                raise self._refusal(backend, revision, obstacle)
            self._write_lines(revision, plan)
            plan.sale_order = sale_order
            self.env["connector.hub.order.import"]._check_created(plan, sale_order)
            self._log(backend, revision, total, plan)
        self._remember(backend, [(sale_order, order)])
        return sale_order

    @api.model
    def _obstacle(self, revision, current):
        """Why a sale order is not the hub's to change, or ""."""
        sale_order = revision.sale_order
        moves = sale_order.picking_ids.filtered(lambda picking: picking.state == "done")
        picked = sale_order.picking_ids.move_ids.filtered(
            lambda move: move.picked and move.state not in ("done", "cancel")
        )
        invoices = sale_order.invoice_ids.filtered(lambda move: move.state != "cancel")
        if moves:
            return self.env._("Goods were moved for it: %(names)s.", names=_names(moves))
        if picked:
            return self.env._("It is being picked: %(names)s.", names=_names(picked.picking_id))
        if invoices:
            return self.env._("It is invoiced: %(names)s.", names=_names(invoices))
        if sale_order.locked:
            return self.env._("It is locked.")
        if any(line.qty_delivered or line.qty_invoiced for line in sale_order.order_line):
            return self.env._("A part of it is delivered or invoiced.")
        if revision.seen.get("lines") != current:
            return self.env._("Its lines were changed in Odoo meanwhile.")
        return ""

    @api.model
    def _describe(self, backend, revision):
        """Both figures, in a sentence."""
        sale_order, order = revision.sale_order, revision.order
        Lines = self.env["connector.hub.order.lines"]
        theirs = Lines._round(order.total, sale_order.currency_id)
        ours = Lines._round(sale_order.amount_total, sale_order.currency_id)
        names = {
            "order": sale_order.name,
            "backend": backend.name,
            "currency": sale_order.currency_id.name,
        }
        if theirs == ours:
            return self.env._(
                "%(order)s was changed in %(backend)s: it comes to %(total)s %(currency)s there, as in Odoo.",
                total=ours,
                **names,
            )
        return self.env._(
            "%(order)s was changed in %(backend)s: there it comes to %(theirs)s %(currency)s, in Odoo to %(ours)s "
            "%(currency)s.",
            theirs=theirs,
            ours=ours,
            **names,
        )

    @api.model
    def _refusal(self, backend, revision, obstacle):
        advice = self.env._(
            "Nothing was changed here. Agree on it with the customer, bring the order in line by hand, then requeue."
        )
        return RejectedError(
            f"{self._describe(backend, revision)} {obstacle} {advice}", reason="order_changed"
        )

    # -- writing ------------------------------------------------------------------------------------------------

    @api.model
    def _write_lines(self, revision, plan):
        """Change, add and take away lines; what is reserved follows.

        What the partner has not changed stays as a person may have made it: a line's text and place, the carrier.

        A line that is written by itself changes the open delivery without a warning activity on it: there is nothing
        for a person to do.
        """
        Lines = self.env["connector.hub.order.lines"]
        sale_order = revision.sale_order.with_context(**QUIET)
        left = sale_order.order_line.filtered(lambda line: not line.display_type)
        new = []
        for number, planned in enumerate(plan.lines, start=1):
            values = Lines._prepare_line_values(planned, {}, 10 * number)
            line = self._line_of(left, planned)
            if line:
                left -= line
                # A service of the hub's own is called as the partner calls it.
                names = (*REVISED_FIELDS, "name") if planned.role else REVISED_FIELDS
                line.write({name: values[name] for name in names if name in values})
            else:
                new.append({"order_id": sale_order.id, **values})
        if sale_order.state == "sale":
            # A confirmed line cannot be deleted.
            for line in left.filtered("product_uom_qty"):
                line.product_uom_qty = 0
        else:
            left.unlink()
        if new:
            self.env["sale.order.line"].with_context(**QUIET).create(new)
        shipping = order_content(revision.order)["shipping"]
        if plan.carrier and revision.seen.get("content", {}).get("shipping") != shipping:
            sale_order.carrier_id = plan.carrier

    @api.model
    def _line_of(self, lines, planned):
        """The line of a sale order that a planned one continues."""
        same = lines.filtered(
            lambda line: (
                line.product_id == planned.product
                and (line.connector_hub_external_id or "") == planned.external_id
                and line.is_delivery == planned.is_delivery
            )
        )
        return (same.filtered(lambda line: line.name == planned.name) or same)[:1]

    @api.model
    def _log(self, backend, revision, total, plan):
        """One note on the order that says what changed."""
        before = revision.seen["lines"]
        after = self._own_lines(revision.sale_order)
        names = {
            product.id: product.display_name
            for product in self.env["product.product"].browse(
                {line[0] for line in (*before, *after)}
            )
        }

        def texts(lines):
            return [
                f"{float(quantity):g} × {names[product_id]}: {float(price):g}"
                + (f" (-{float(discount):g} %)" if float(discount) else "")
                for product_id, quantity, price, discount, _taxes in lines
            ]

        gone = texts(line for line in before if line not in after)
        come = texts(line for line in after if line not in before)
        body = [
            self.env._(
                "Changed in %(backend)s: the total is %(new)s %(currency)s, and was %(old)s %(currency)s.",
                backend=backend.name,
                new=plan.total,
                old=total,
                currency=plan.currency.name,
            ),
            *(f"- {text}" for text in gone),
            *(f"+ {text}" for text in come),
            *plan.notes,
        ]
        revision.sale_order._message_log(body=plaintext2html("\n".join(body)))


def _names(records):
    return ", ".join(records.mapped("display_name"))
