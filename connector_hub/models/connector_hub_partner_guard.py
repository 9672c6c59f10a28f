# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from textwrap import shorten
from typing import NamedTuple

from odoo import api, models


class Protecting(NamedTuple):
    """Records that make their contact, and those above it, one that no outside system may write.

    :ivar kind: key of the sentence that says why
    :ivar model: model of the records, of an addon that need not be there
    :ivar contact: its field with the contact
    :ivar domain: which of its records count, archived ones included
    :ivar is_family: whether the contacts below count too: they stand for the same company
    """

    kind: str
    model: str
    contact: str
    domain: tuple = ()
    is_family: bool = False


#: The first kind that fits is the one that is told.
PROTECTING: tuple[Protecting, ...] = (
    Protecting("user", "res.users", "partner_id"),
    Protecting("company", "res.company", "partner_id", is_family=True),
    Protecting("employee", "hr.employee", "work_contact_id"),
    Protecting("supplier", "res.partner", "id", (("supplier_rank", ">", 0),), is_family=True),
    Protecting("supplier", "product.supplierinfo", "partner_id", is_family=True),
    Protecting("bank", "res.partner.bank", "partner_id"),
)


class ConnectorHubPartnerGuard(models.AbstractModel):
    """Contacts that nothing from outside may write, by whatever they were matched.

    Whoever writes contacts for a partner asks ``_protections`` once per batch, and writes with the context key
    ``connector_hub_protected`` (their ids): then not even Odoo's own passing on of addresses and tax numbers to
    relatives reaches them.
    """

    _name = "connector.hub.partner.guard"
    _description = "Connector Hub Contact Guard"

    @api.model
    def _protections(self, partners):
        """Which contacts among these and their relatives are protected, in one query per kind.

        What is written on a contact may reach those below it, hence all above a protected one are protected as well.

        :return: {res.partner id: kind}
        """
        chains = self._chains(partners)
        protections = {}
        for row in PROTECTING if chains else ():
            if row.model not in self.env:
                continue
            found = (
                self.env[row.model]
                .sudo()
                .with_context(active_test=False)
                .search_fetch([*row.domain, (row.contact, "in", list(chains))], [row.contact])
            )
            contacts = set(
                found.mapped(row.contact) if row.contact == "id" else found[row.contact].ids
            )
            reached = {above for contact in contacts for above in chains[contact]}
            if row.is_family:
                reached |= {one for one, chain in chains.items() if contacts.intersection(chain)}
            for contact in reached:
                protections.setdefault(contact, row.kind)
        return protections

    @api.model
    def _chains(self, partners):
        """The contacts and all their relatives -> the ids of each and of those above it, archived ones included."""
        tops = parents = partners.sudo()
        while parents := parents.parent_id - tops:
            tops |= parents
        relatives = tops.with_context(active_test=False).search_fetch(
            [("id", "child_of", tops.ids)], ["parent_id"]
        )
        chains = {}
        for relative in relatives:
            chain, above = [], relative
            while above:
                chain.append(above.id)
                above = above.parent_id
            chains[relative.id] = chain
        return chains

    @api.model
    def _describe_left(self, backend, partner, kind, left):
        """Say what of a contact was left as it is, and why.

        :param str kind: of the protection; "found" for a contact that was not created for this customer; "shared" for
            an e-mail address by which others are found; "below" for what belongs to the company above the contact
        :param dict left: {res.partner field: the partner's value}
        """
        contact = f"{partner.display_name} (ID {partner.id})"
        reasons = {
            "user": self.env._(
                "%(contact)s belongs to a user, or to a user's company, and stays as it is.",
                contact=contact,
            ),
            "company": self.env._(
                "%(contact)s belongs to one of your own companies and stays as it is.",
                contact=contact,
            ),
            "employee": self.env._(
                "%(contact)s belongs to an employee and stays as it is.", contact=contact
            ),
            "supplier": self.env._(
                "%(contact)s belongs to a supplier and stays as it is.", contact=contact
            ),
            "bank": self.env._(
                "%(contact)s has a bank account in Odoo and stays as it is.", contact=contact
            ),
            "found": self.env._(
                "%(contact)s was not created for this customer: only what was missing is filled in.",
                contact=contact,
            ),
            "shared": self.env._(
                "Another customer was found by the e-mail address of %(contact)s, which therefore stays.",
                contact=contact,
            ),
            "below": self.env._(
                "%(contact)s belongs to a company, whose data stays as it is.", contact=contact
            ),
        }
        labels = partner.fields_get(list(left), ["string"])
        return self.env._(
            "%(reason)s %(backend)s says: %(values)s",
            reason=reasons[kind],
            backend=backend.name,
            values="; ".join(
                f"{labels[name]['string']}: {shorten(str(value), 100, placeholder='…')}"
                for name, value in left.items()
            ),
        )
