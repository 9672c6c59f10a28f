# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta

import phonenumbers
from stdnum import get_cc_module

from odoo import api, fields, models

from ..address_book import FIRST_ADDRESS, AddressBook, Places
from ..exceptions import RejectedError

#: How old a quotation may be that somebody may still confirm.
QUOTATION_AGE = timedelta(days=30)


class ConnectorHubAddressImport(models.AbstractModel):
    """Addresses of customers: places by code, readable phones, contacts without duplicates."""

    _name = "connector.hub.address.import"
    _description = "Connector Hub Address Import"

    @api.model
    def _open_book(self, backend, plans, overwrite):
        """The address book of a batch of plans whose customers are matched (or not yet created).

        :param bool overwrite: whether the plans bring the partner's address books, which may correct Odoo's. The
            address of an order is the one of that order alone.
        """
        addresses = [address for plan in plans for _kind, address in plan.addresses]
        book = AddressBook(self, self._load_places(addresses), plans, backend.company_id)
        if overwrite:
            for binding in self._told_addresses(backend, book.contact_ids()):
                told = (binding.res_id, binding.payload_hash)
                book.bound[binding.external_id] = told
                if binding.reference:
                    book.bound[binding.reference] = told
        return book

    @api.model
    def _told_addresses(self, backend, contact_ids):
        """Bindings of contacts to addresses of the partner, those told last at the end.

        The fingerprint is that of what was told, the reference says whose first address it is.
        """
        return self.env["connector.hub.binding"].search_fetch(
            [
                ("backend_id", "=", backend.id),
                ("entity", "=", "address"),
                ("res_model", "=", "res.partner"),
                ("res_id", "in", list(contact_ids)),
            ],
            ["external_id", "payload_hash", "reference", "res_id"],
            order="synced_at, id",
        )

    @api.model
    def _settle_books(self, backend, plans):
        """Settle each customer's default addresses; remember which contact is which address of the partner's.

        One contact is one address: where the partner has the same one twice, the one it was before.
        """
        for plan in plans:
            if plan.may_set_defaults:
                self._settle_defaults(plan)
        told = [telling for plan in plans for telling in plan.told]
        linked = {
            binding.res_id: binding.external_id
            for binding in self._told_addresses(backend, {contact.id for contact, *_ in told})
        }
        rows = {}
        for contact, address_id, first_name, content in told:
            current = linked.get(contact.id)
            if contact.id in rows and current != address_id:
                continue
            # An id is kept when the same address is told without.
            keeps = current and not address_id and not current.startswith(FIRST_ADDRESS)
            name = current if keeps else address_id or first_name
            if name:
                rows[contact.id] = {
                    "res_model": contact._name,
                    "res_id": contact.id,
                    "external_id": name,
                    "reference": first_name,
                    "payload_hash": content,
                }
        by_name = {row["external_id"]: row for row in rows.values()}
        self.env["connector.hub.binding"]._record_synced(backend, "address", list(by_name.values()))

    @api.model
    def _is_expecting_goods(self, contact):
        """Whether something is on its way, or may soon be sent, to this address as it is.

        Contacts below that have no address of their own go with it. Quotations of long ago wait for nothing.
        """
        places = contact | contact.child_ids.filtered(lambda child: child.type == "contact")
        pickings = [
            ("state", "not in", ("done", "cancel")),
            "|",
            ("partner_id", "in", places.ids),
            ("sale_id.partner_shipping_id", "in", places.ids),
        ]
        quotations = [
            ("partner_shipping_id", "in", places.ids),
            ("state", "in", ("draft", "sent")),
            ("date_order", ">=", fields.Datetime.now() - QUOTATION_AGE),
        ]
        return bool(
            self.env["stock.picking"].search_count(pickings, limit=1)
            or self.env["sale.order"].search_count(quotations, limit=1)
        )

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
