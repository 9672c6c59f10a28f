# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The addresses of the customers of one batch: plain classes, no model."""

import hashlib
import unicodedata

from odoo import models
from odoo.tools import email_normalize

#: What two addresses have to agree in to be the same one (and in the phone, where both have one).
COMPARED_FIELDS: tuple[str, ...] = ("street", "street2", "city", "zip", "state_id", "country_id")

#: Stands before a customer's id where their first address has no id of its own.
FIRST_ADDRESS = "first:"

#: What does not make another address of one.
FINGERPRINT_LEFT_OUT: frozenset[str] = frozenset(
    {"external_id", "is_default_shipping", "is_default_billing"}
)


def comparable(text):
    """Text without the differences that do not make another address: case, width, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def only_email(text):
    """What an e-mail field holds, if it does not name several addresses.

    Odoo takes the first for the contact's, whosever it is, and writes to all of them.
    """
    return text if email_normalize(text) or not email_normalize(text, strict=False) else ""


def is_place(address):
    """Whether the address says where, and not only who."""
    return any((address.street, address.street2, address.city, address.zip, address.country_code))


def has_place(contact):
    """Whether a contact in Odoo says where, and not only in which country."""
    return any(contact[fname] for fname in ("street", "street2", "city", "zip"))


def fingerprint(address):
    """What two tellings of one address have in common while nobody has changed it at the partner."""
    told = address.model_dump_json(exclude=FINGERPRINT_LEFT_OUT)
    return hashlib.sha256(told.encode()).hexdigest()


class Places:
    """Countries by code, and states by (country id, code or name), of one batch."""

    def __init__(self, countries, states):
        self.countries = {country.code: country for country in countries}
        self.states = {}
        for state in states:
            self.states.setdefault((state.country_id.id, comparable(state.name)), state)
        for state in states:
            self.states[state.country_id.id, comparable(state.code)] = state

    def country(self, address):
        return self.countries.get(address.country_code.upper())

    def state(self, address):
        country = self.country(address)
        for text in (address.state_code, address.state_code.rpartition("-")[2], address.state_name):
            if country and text and (country.id, comparable(text)) in self.states:
                return self.states[country.id, comparable(text)]
        return None


class AddressBook:
    """The addresses of the customers of one batch: those in Odoo, and those about to be created.

    ``entries`` holds, by customer id, dicts of contact (None while it is only planned), name,
    company, phone and the compared values; the customer's own entry comes first.

    :param company: the backend's company
    :ivar protected: ids of contacts that nothing from outside may write
    :ivar bound: {what the partner knows an address by: (contact's id, fingerprint when it was last told)}, of those
        that it may have corrected
    """

    def __init__(self, importer, places, plans, company):
        self.importer = importer
        self.places = places
        self.company = company
        self.protected = importer.env.context.get("connector_hub_protected", frozenset())
        self.bound = {}
        self.entries = {}
        customers = importer.env["res.partner"].union(
            *(plan.partner for plan in plans if plan.partner)
        )
        families = {}
        for customer in customers:
            self.add_customer(customer)
            for parent in customer | customer.commercial_partner_id:
                families.setdefault(parent.id, []).append(customer)
        for child in importer.env["res.partner"].search(
            [
                ("parent_id", "in", list(families)),
                ("company_id", "in", [False, company.id]),
            ],
            order="id",
        ):
            for customer in families[child.parent_id.id]:
                if child != customer:
                    self.entries[customer.id].append(self._entry(child))

    def add_customer(self, partner):
        self.entries[partner.id] = [self._entry(partner)]

    def refresh_customer(self, partner):
        self.entries[partner.id][0].update(self._entry(partner))

    def contact_ids(self):
        """Ids of all contacts that are there already."""
        return {entry["contact"].id for entries in self.entries.values() for entry in entries}

    def resolve(self, plans):
        """Find or create the contacts of all plans' addresses; each plan learns its own."""
        wanted, to_create = [], []
        for plan in plans:
            # First those that are known: what is corrected is no longer what another one is compared with.
            for kind, address in sorted(
                plan.addresses, key=lambda told: self._known_entry(plan, told[1])[0] is None
            ):
                entry = self._find_or_prepare(plan, kind, address, to_create)
                wanted.append((plan, kind, address, entry))
        created = self.importer.env["res.partner"].create([entry["values"] for entry in to_create])
        for entry, contact in zip(to_create, created, strict=True):
            entry["contact"] = contact
        for plan, kind, address, entry in wanted:
            plan.contacts[kind] = entry["contact"]
            if self._is_ours(plan, entry["contact"]):
                names = (address.external_id, self._first_name(plan, address))
                plan.told.append((entry["contact"], *names, fingerprint(address)))

    def settle_invoices(self, plans):
        """Without a billing address, and with no address of the customer's own, the invoice goes where they live.

        That may be a contact below them: because of its own phone, or because the customer's must not be written.
        """
        for plan in plans:
            partner, contact = plan.partner, plan.contacts.get("delivery")
            if (
                not contact
                or contact == partner
                or "invoice" in plan.contacts
                or has_place(partner)
            ):
                continue
            usual = partner.browse(partner.address_get(["invoice"])["invoice"])
            names = (plan.customer.name, plan.customer.company_name, partner.name)
            company = plan.customer.company_name or plan.shipping.company_name
            if not has_place(usual) and any(
                self.is_for(plan.shipping, name, company) for name in names if name
            ):
                plan.contacts["invoice"] = contact

    def _first_name(self, plan, address):
        """What the first address of a customer is known by even without an id of its own; empty for the others."""
        is_first = plan.customer.external_id and plan.customer.addresses[:1] == [address]
        return f"{FIRST_ADDRESS}{plan.customer.external_id}" if is_first else ""

    def _is_ours(self, plan, contact):
        """Whether a contact is an address of this customer that the hub has made, and nobody else uses."""
        partner = plan.partner
        if contact.create_uid != self.importer.env.user or contact.id in self.protected:
            return False
        if not plan.is_own and not plan.is_linked:
            return False
        if contact.company_id and contact.company_id != self.company:
            return False
        # Odoo gives a contact of the type "contact" the address of the one above it, and the other way round.
        if contact == partner:
            return plan.may_replace and not partner.parent_id
        return contact.parent_id == partner and contact.type != "contact"

    def postal_values(self, address):
        """res.partner values of the postal part; an unknown state stays readable in the text."""
        country, state = self.places.country(address), self.places.state(address)
        street2 = address.street2
        state_text = address.state_name or address.state_code
        if not state and comparable(state_text) not in ("", comparable(address.city)):
            street2 = ", ".join(filter(None, (street2, state_text)))
        return {
            "street": address.street,
            "street2": street2,
            "city": address.city,
            "zip": address.zip,
            "state_id": state.id if state else False,
            "country_id": country.id if country else False,
        }

    def phone(self, address):
        return self.importer._format_phone(address.phone, address.country_code)

    def is_same_phone(self, address, phone):
        """Whether the address has this phone, or one of the two has none."""
        if not address.phone or not phone:
            return True
        region = address.country_code
        return self.importer._phone_key(phone, region) == self.importer._phone_key(
            address.phone, region
        )

    def is_for(self, address, name, company):
        """Whether the address is that of this person or company, and not of another recipient."""
        same_company = comparable(address.company_name) in ("", comparable(company))
        same_name = comparable(address.name) in ("", comparable(name))
        return (same_company and same_name) or comparable(self._recipient(address)) == comparable(
            name
        )

    def _recipient(self, address, company=""):
        other_company = (
            address.company_name if comparable(address.company_name) != comparable(company) else ""
        )
        return ", ".join(filter(None, (other_company, address.name)))

    def _entry(self, contact):
        return {
            "contact": contact,
            "name": contact.name or contact.parent_id.name,
            "company": contact.commercial_company_name,
            "phone": contact.phone,
            "values": {fname: self._plain(contact[fname]) for fname in COMPARED_FIELDS},
        }

    def _plain(self, value):
        return value.id if isinstance(value, models.BaseModel) else value

    def _find_or_prepare(self, plan, kind, address, to_create):
        """The entry of the same address, of the one it corrects, of the customer it fills, or of a new contact."""
        partner = plan.partner
        entries = self.entries[partner.id]
        values = self.postal_values(address)
        known, last_told = self._known_entry(plan, address)
        if known and last_told == fingerprint(address):
            # Not changed there: what somebody has changed here stays.
            return known
        same = [
            entry
            for entry in ([known, *entries] if known else entries)
            if self._is_same(entry, address, values)
        ]
        for entry in same:
            if entry["phone"] or not address.phone:
                return entry
        if known and self._correct(known, plan, address, values):
            return known
        for entry in same:
            if self._add_phone(entry, partner, address):
                return entry
        if self._fill_customer(partner, address, values):
            self.refresh_customer(partner)
            return entries[0]
        company = partner.commercial_company_name
        child_values = {
            **values,
            "parent_id": partner.id,
            "company_id": partner.company_id.id,
            # Whoever is found by an e-mail address alone must not turn the goods of others to theirs.
            "type": kind if plan.may_set_defaults else "other",
            "name": self._recipient(address, company) or partner.name,
            "phone": self.phone(address),
            "email": only_email(address.email)
            if comparable(address.email) != comparable(partner.email)
            else "",
        }
        entry = {
            "contact": None,
            "name": child_values["name"],
            "company": company,
            "phone": child_values["phone"],
            "values": child_values,
        }
        entries.append(entry)
        to_create.append(entry)
        return entry

    def _known_entry(self, plan, address):
        """The entry of an address that the partner tells of again, and its fingerprint of last time; else Nones."""
        name = address.external_id or self._first_name(plan, address)
        contact_id, last_told = self.bound.get(name or None, (None, None))
        for entry in self.entries[plan.partner.id]:
            if contact_id and entry["contact"] and entry["contact"].id == contact_id:
                return entry, last_told
        return None, None

    def _correct(self, entry, plan, address, values):
        """Correct a contact in Odoo, unless goods are on their way there: say whether it was."""
        contact, partner = entry["contact"], plan.partner
        company = partner.commercial_company_name or address.company_name
        if not self._is_ours(plan, contact):
            return False
        if contact == partner and not self.is_for(address, partner.name, company):
            return False
        if self.importer._is_expecting_goods(contact):
            return False
        corrected = dict(values) if values["street"] else {k: v for k, v in values.items() if v}
        if phone := self.phone(address):
            corrected["phone"] = phone
        if contact != partner and (name := self._recipient(address, company)):
            corrected["name"] = name
        contact.write(corrected)
        entry.update(self._entry(contact))
        return True

    def _add_phone(self, entry, partner, address):
        """Give the customer's contact at the address its phone; say whether it was."""
        contact, phone = entry["contact"], self.phone(address)
        if contact:
            is_theirs = contact == partner or contact.parent_id == partner
            if not is_theirs or contact.id in self.protected:
                return False
            contact.phone = phone
        else:
            entry["values"]["phone"] = phone
        entry["phone"] = phone
        return True

    def _fill_customer(self, partner, address, values):
        """Give a customer without an address this one, if it is their own; say whether it was.

        With another phone it is a contact of its own: the goods go with the address's phone, the customer keeps theirs.
        """
        company = partner.commercial_company_name or address.company_name
        if partner.id in self.protected or partner.parent_id or has_place(partner):
            return False
        if not self.is_for(address, partner.name, company):
            return False
        if not self.is_same_phone(address, partner.phone):
            return False
        filled = {fname: value for fname, value in values.items() if value}
        if not partner.phone and address.phone:
            filled["phone"] = self.phone(address)
        if address.company_name and not partner.is_company:
            filled["company_name"] = address.company_name
        partner.write(filled)
        return True

    def _is_same(self, entry, address, values):
        if not self.is_for(address, entry["name"], entry["company"]):
            return False
        if any(
            not self._is_same_value(entry["values"][fname], values[fname])
            for fname in COMPARED_FIELDS
        ):
            return False
        return self.is_same_phone(address, entry["phone"])

    def _is_same_value(self, mine, theirs):
        if isinstance(mine, int) and isinstance(theirs, int):
            return mine == theirs
        return comparable(mine) == comparable(theirs)
