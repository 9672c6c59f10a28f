# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models


class ConnectorHubPartnerLink(models.AbstractModel):
    """Which contact is which of a partner's customers, and what follows from that for the contact."""

    _name = "connector.hub.partner.link"
    _description = "Connector Hub Customer Link"

    @api.model
    def _link_customers(self, backend, plans, overwrite):
        """Bind each customer to the first external id that they come with.

        A shop may know one person by several ids, such as a guest's and an account's. An order keeps the first; the
        first account that is told of takes over, and stays: no e-mail address moves its binding. Others go on being
        found by the e-mail address.
        """
        Binding = self.env["connector.hub.binding"].sudo()
        partners = self.env["res.partner"].union(*(plan.partner for plan in plans))
        bindings = Binding._of_records(backend, "partner", partners)
        bound = Binding._find(
            backend, "partner", {plan.customer.external_id for plan in plans} - {""}
        )
        living = self.env["res.partner"].browse(bound.values()).exists()._ids
        taken = {external_id for external_id, res_id in bound.items() if res_id in living}
        links = {}
        for plan in plans:
            external_id, current = plan.customer.external_id, bindings.get(plan.partner.id)
            is_free = not current or overwrite and not current.is_account
            if external_id and external_id not in taken and is_free:
                links.setdefault(plan.partner.id, plan)
                taken.add(external_id)
        if links:
            Binding._link_many(
                backend,
                "partner",
                [
                    (plan.partner, plan.customer.external_id, plan.customer.email or None)
                    for plan in links.values()
                ],
            )
            bindings = Binding._of_records(backend, "partner", partners)
            for is_own in (True, False):
                new = [bindings[key].id for key, plan in links.items() if plan.is_own is is_own]
                Binding.browse(new).is_imported = is_own
        for plan in plans:
            binding = bindings.get(plan.partner.id)
            plan.is_linked = bool(binding) and binding.external_id == plan.customer.external_id
            if plan.is_linked and binding.is_imported:
                plan.is_own = plan.partner.create_uid == self.env.user
        others = Binding.union(
            *(
                bindings[plan.partner.id]
                for plan in plans
                if plan.partner.id in bindings and not plan.is_linked
            )
        )
        others.filtered(lambda binding: not binding.is_shared).is_shared = True
        for plan in plans:
            binding = bindings.get(plan.partner.id)
            plan.is_shared = bool(binding) and binding.is_shared
        if overwrite:
            told = {plan.partner.id for plan in plans if plan.is_linked}
            accounts = Binding.union(*(bindings[partner_id] for partner_id in told))
            accounts.filtered(lambda binding: not binding.is_account).is_account = True
