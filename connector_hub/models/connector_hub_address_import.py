# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import unicodedata

import phonenumbers
from stdnum import get_cc_module

from odoo import api, models

from ..exceptions import RejectedError

#: What two addresses have to agree in to be the same one (the phone only where both have one).
COMPARED_FIELDS: tuple[str, ...] = ("street", "street2", "city", "zip", "state_id", "country_id")


def comparable(text):
    """Text without the differences that do not make another address: case, width, spaces."""
    return " ".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def is_place(address):
    """Whether the address says where, and not only who."""
    return any((address.street, address.street2, address.city, address.zip, address.country_code))


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
    """

    def __init__(self, importer, places, plans):
        self.importer = importer
        self.places = places
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
            [("parent_id", "in", list(families))], order="id"
        ):
            for customer in families[child.parent_id.id]:
                if child != customer:
                    self.entries[customer.id].append(self._entry(child))

    def add_customer(self, partner):
        self.entries[partner.id] = [self._entry(partner)]

    def resolve(self, plans):
        """Find or create the contacts of all plans' addresses; each plan learns its own."""
        wanted, to_create = [], []
        for plan in plans:
            for kind, address in plan.addresses:
                wanted.append(
                    (plan, kind, self._find_or_prepare(plan.partner, kind, address, to_create))
                )
        created = self.importer.env["res.partner"].create([entry["values"] for entry in to_create])
        for entry, contact in zip(to_create, created, strict=True):
            entry["contact"] = contact
        for plan, kind, entry in wanted:
            plan.contacts[kind] = entry["contact"]

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

    def _find_or_prepare(self, partner, kind, address, to_create):
        """The entry of the same address, of the customer it fills, or of a new child contact."""
        entries = self.entries[partner.id]
        values = self.postal_values(address)
        for entry in entries:
            if self._is_same(entry, address, values):
                return entry
        if self._fill_customer(partner, address, values):
            entries[0].update(self._entry(partner))
            return entries[0]
        company = partner.commercial_company_name
        child_values = {
            **values,
            "parent_id": partner.id,
            "company_id": partner.company_id.id,
            "type": kind,
            "name": self._recipient(address, company) or partner.name,
            "phone": self.phone(address),
            "email": address.email
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

    def _fill_customer(self, partner, address, values):
        """Give a customer without an address this one, if it is their own; say whether it was."""
        has_address = any(partner[fname] for fname in ("street", "street2", "city", "zip"))
        company = partner.commercial_company_name or address.company_name
        if partner.parent_id or has_address or not self.is_for(address, partner.name, company):
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
        if not entry["phone"] or not address.phone:
            return True
        region = address.country_code
        return self.importer._phone_key(entry["phone"], region) == self.importer._phone_key(
            address.phone, region
        )

    def _is_same_value(self, mine, theirs):
        if isinstance(mine, int) and isinstance(theirs, int):
            return mine == theirs
        return comparable(mine) == comparable(theirs)


class ConnectorHubAddressImport(models.AbstractModel):
    """Addresses of customers: places by code, readable phones, contacts without duplicates."""

    _name = "connector.hub.address.import"
    _description = "Connector Hub Address Import"

    @api.model
    def _open_book(self, plans):
        """The address book of a batch of plans whose customers are matched (or not yet created)."""
        places = self._load_places(address for plan in plans for _kind, address in plan.addresses)
        return AddressBook(self, places, plans)

    @api.model
    def _settle_defaults(self, plan):
        """Have Odoo propose the customer's default addresses: of two of a type it would take any."""
        for kind in ("invoice", "delivery"):
            chosen = plan.contacts.get(kind)
            if not chosen or chosen.parent_id != plan.partner:
                continue
            # Only what the hub made itself is changed: an address of somebody's own choice stays one.
            others = plan.partner.child_ids.filtered(
                lambda contact, kind=kind, chosen=chosen: (
                    contact.type == kind
                    and contact != chosen
                    and contact.create_uid == self.env.user
                )
            )
            others.type = "other"
            if chosen.type == "other":
                chosen.type = kind

    @api.model
    def _load_places(self, addresses):
        """Countries and states of many addresses, in one query each."""
        addresses = list(addresses)
        codes = {address.country_code.upper() for address in addresses if address.country_code}
        Country, State = self.env["res.country"], self.env["res.country.state"]
        countries = Country.search([("code", "in", list(codes))]) if codes else Country
        needs_states = any(address.state_code or address.state_name for address in addresses)
        states = (
            State.search([("country_id", "in", countries.ids)])
            if needs_states and countries
            else State
        )
        return Places(countries, states)

    @api.model
    def _check_country(self, address, places):
        """Raise RejectedError (country_unknown) for a code Odoo does not have; none is no error."""
        if address.country_code and not places.country(address):
            raise RejectedError(
                self.env._(
                    "The address of %(name)s has the country code %(code)s, which Odoo does not "
                    "know. Add the country under Contacts > Configuration > Countries, or correct "
                    "the address, then requeue.",
                    name=address.name or address.street or self.env._("the customer"),
                    code=address.country_code.upper(),
                ),
                reason="country_unknown",
                details={"country_code": address.country_code.upper()},
            )

    @api.model
    def _format_phone(self, number, country_code=""):
        """The number in international format if it is a valid one, else as it was given."""
        parsed = self._parse_phone(number, country_code)
        if parsed is None or not phonenumbers.is_valid_number(parsed):
            return number
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    @api.model
    def _phone_key(self, number, country_code=""):
        """What two spellings of one number have in common."""
        parsed = self._parse_phone(number, country_code)
        if parsed is None:
            return "".join(character for character in number if character.isdigit())
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

    @api.model
    def _parse_phone(self, number, country_code):
        try:
            return phonenumbers.parse(number or "", country_code.upper() or None)
        except phonenumbers.NumberParseException:
            return None

    @api.model
    def _prepare_vat(self, vat, country_code):
        """The tax number if it is valid or cannot be checked, else an internal note of it."""
        module = get_cc_module(country_code.lower(), "vat") if country_code else None
        if module is None or module.is_valid(vat):
            return {"vat": vat}
        return {
            "comment": self.env._("Tax number given by the customer, not valid: %(vat)s", vat=vat)
        }
