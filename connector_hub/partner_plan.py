# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass, field
from typing import Any

from .address_book import is_place
from .schemas import CanonicalAddress, CanonicalPartner


@dataclass
class PartnerPlan:
    """What is wanted for one customer, and what became of it.

    :ivar values: further res.partner values of the partner addon
    :ivar partner: the customer in Odoo, empty until ``_apply_plans`` has created it, which sets all that follows
    :ivar contacts: {contact type: res.partner} of the given addresses
    :ivar told: (res.partner, the partner's id of the address, its name as the first one, fingerprint)
    :ivar is_linked: whether the customer's external id stands for just this contact, and no e-mail address alone
    :ivar is_own: whether the contact was created for this very customer
    :ivar is_shared: whether another customer was found by the contact's e-mail address, which therefore stays
    :ivar protection: why nothing from outside may write the contact, empty if it may
    :ivar is_below: whether a contact above this one is protected
    :ivar left: {field: the partner's value} of what was not written
    :ivar note: the same in words
    """

    customer: CanonicalPartner
    billing: CanonicalAddress | None = None
    shipping: CanonicalAddress | None = None
    others: list[CanonicalAddress] = field(default_factory=list)
    values: dict = field(default_factory=dict)
    partner: Any = None
    contacts: dict = field(default_factory=dict)
    told: list = field(default_factory=list)
    is_linked: bool = False
    is_own: bool = False
    is_shared: bool = False
    protection: str = ""
    is_below: bool = False
    left: dict = field(default_factory=dict)
    note: str = ""

    @property
    def may_replace(self):
        """Whether what the partner says of the customer replaces what is in Odoo, and does not only fill gaps."""
        return self.is_own and not self.protection

    @property
    def may_set_defaults(self):
        """Whether the partner says where goods and invoices usually go.

        Odoo also takes that for those above the contact, if they have no such address of their own.
        """
        return self.may_replace and not self.is_below

    @property
    def addresses(self):
        """(contact type, address) of every address that says where, the most important first."""
        typed = [("invoice", self.billing), ("delivery", self.shipping)]
        typed += [("other", address) for address in self.others]
        return [(kind, address) for kind, address in typed if address and is_place(address)]
