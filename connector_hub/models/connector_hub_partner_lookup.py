# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import email_normalize

from ..exceptions import RejectedError

#: Contacts that are only an address of somebody: the customer is the one above them.
ADDRESS_TYPES: frozenset[str] = frozenset({"delivery", "invoice", "other"})


class ConnectorHubPartnerLookup(models.AbstractModel):
    """Finds who a customer is in Odoo: by binding, then by e-mail. Writes nothing."""

    _name = "connector.hub.partner.lookup"
    _description = "Connector Hub Customer Lookup"

    @api.model
    def _match_customers(self, backend, customers):
        """Existing partners of the customers, by binding and by e-mail, in two queries.

        :return: list of res.partner (empty: to be created) or RejectedError (ambiguous_match)
        """
        Partner = self.env["res.partner"]
        bound_ids = self.env["connector.hub.binding"]._find(
            backend,
            "partner",
            {customer.external_id for customer in customers if customer.external_id},
        )
        existing = Partner.browse(bound_ids.values()).exists()
        bound = {
            external_id: Partner.browse(res_id)
            for external_id, res_id in bound_ids.items()
            # A contact that was given to another company since is no longer the customer of this one.
            if res_id in existing._ids
            and Partner.browse(res_id).company_id.id in (False, backend.company_id.id)
        }
        by_email = self._find_by_email(
            backend,
            {
                email_normalize(customer.email)
                for customer in customers
                if customer.external_id not in bound
            },
        )
        linked = self.env["connector.hub.binding"]._of_records(
            backend, "partner", Partner.union(*by_email.values())
        )
        results = []
        for customer in customers:
            partner = bound.get(customer.external_id)
            if partner is None:
                candidates = by_email.get(email_normalize(customer.email), Partner)
                try:
                    partner = self._choose_candidate(candidates, linked, customer)
                except RejectedError as error:
                    partner = error
            results.append(partner)
        return results

    @api.model
    def _find_by_email(self, backend, emails):
        """Customers of the backend's company, or shared, by normalized e-mail address.

        The address book of one customer identifies no other: what an outsider says there may be anybody's e-mail.

        :return: {e-mail: res.partner}
        """
        emails.discard(False)
        if not emails:
            return {}
        partners = self.env["res.partner"].search(
            [
                ("email_normalized", "in", list(emails)),
                ("company_id", "in", [False, backend.company_id.id]),
            ],
            order="id",
        )
        found = {}
        for partner in partners:
            customer = partner
            if partner.type in ADDRESS_TYPES and partner.parent_id:
                customer = partner.parent_id
                foreign = customer.company_id.id not in (False, backend.company_id.id)
                if foreign or partner.create_uid == self.env.user:
                    continue
            email = partner.email_normalized
            found[email] = found.get(email, self.env["res.partner"]) | customer
        return found

    @api.model
    def _choose_candidate(self, candidates, linked, customer):
        """The one partner that is meant, or RejectedError (ambiguous_match)."""
        if len(candidates) <= 1:
            return candidates
        for preferred in (
            candidates.filtered(lambda partner: partner.id in linked),
            candidates.filtered(lambda partner: not partner.parent_id),
            candidates & candidates.commercial_partner_id,
        ):
            if len(preferred) == 1:
                return preferred
        if len(candidates.commercial_partner_id) == 1:
            return candidates[:1]
        raise RejectedError(
            self.env._(
                "%(count)s contacts have the e-mail address %(email)s: %(names)s. Merge them, or "
                "correct the address of all but one, then requeue.",
                count=len(candidates),
                email=email_normalize(customer.email),
                names=", ".join(
                    f"{partner.display_name} (ID {partner.id})" for partner in candidates
                ),
            ),
            reason="ambiguous_match",
            details={"partner_ids": candidates.ids},
        )
