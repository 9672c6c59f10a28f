# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from dataclasses import dataclass, field
from typing import Any

from odoo import api, models
from odoo.tools import email_normalize

from ..address_book import is_place
from ..exceptions import HubError, RejectedError
from ..schemas import CanonicalAddress, CanonicalPartner

#: The import subscribes nobody by itself and sends no mail; it logs once, on the order.
QUIET: dict[str, bool] = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
}

#: Contacts that are only an address of somebody: the customer is the one above them.
ADDRESS_TYPES: frozenset[str] = frozenset({"delivery", "invoice", "other"})


@dataclass
class PartnerPlan:
    """What is wanted for one customer, and what became of it.

    :ivar values: further res.partner values of the partner addon
    :ivar partner: the customer in Odoo, empty until ``_apply_plans`` has created it
    :ivar contacts: {contact type: res.partner} of the given addresses, set by ``_apply_plans``
    :ivar told: (res.partner, the partner's id of the address, its name as the first one, fingerprint), set likewise
    """

    customer: CanonicalPartner
    billing: CanonicalAddress | None = None
    shipping: CanonicalAddress | None = None
    others: list[CanonicalAddress] = field(default_factory=list)
    values: dict = field(default_factory=dict)
    partner: Any = None
    contacts: dict = field(default_factory=dict)
    told: list = field(default_factory=list)

    @property
    def addresses(self):
        """(contact type, address) of every address that says where, the most important first."""
        typed = [("invoice", self.billing), ("delivery", self.shipping)]
        typed += [("other", address) for address in self.others]
        return [(kind, address) for kind, address in typed if address and is_place(address)]


class ConnectorHubPartnerImport(models.AbstractModel):
    """Customers of any partner -> res.partner: matched by binding, then by e-mail, then created."""

    _name = "connector.hub.partner.import"
    _description = "Connector Hub Customer Import"

    # --- what others call ---

    @api.model
    def _import_partners(self, backend, customers, values=None):
        """Create or update the customers of a batch, for customer events.

        Non-empty values of the partner replace Odoo's; empty ones never do.

        :param customers: list of CanonicalPartner
        :param values: list of dicts of further res.partner values, in the same order
        :return: list of res.partner or RejectedError, in the same order
        """
        values = values or [{}] * len(customers)
        plans = self._plan_customers(
            backend,
            [
                self._plan_of_addresses(customer, extra)
                for customer, extra in zip(customers, values, strict=True)
            ],
        )
        accepted = [plan for plan in plans if not isinstance(plan, HubError)]
        self._apply_plans(backend, accepted, overwrite=True)
        return [
            plan if isinstance(plan, HubError) else plan.partner.with_env(self.env)
            for plan in plans
        ]

    @api.model
    def _plan_of_addresses(self, customer, values):
        """The plan of a customer who brings an address book, in which one address may be for two purposes."""
        addresses = customer.addresses
        billing = next((address for address in addresses if address.is_default_billing), None)
        shipping = next((address for address in addresses if address.is_default_shipping), None)
        return PartnerPlan(
            customer=customer,
            billing=billing,
            shipping=shipping,
            others=[address for address in addresses if address not in (billing, shipping)],
            values=values,
        )

    @api.model
    def _plan_customers(self, backend, plans):
        """Match the customers of a batch without writing anything.

        :param plans: list of PartnerPlan
        :return: the same plans, with ``partner`` set where there is one; in the place of a plan
            that cannot be carried out RejectedError (country_unknown, ambiguous_match)
        """
        Address = self.env["connector.hub.address.import"]
        places = Address._load_places(
            address for plan in plans for _kind, address in plan.addresses
        )
        matches = self._match_customers(backend, [plan.customer for plan in plans])
        results = []
        for plan, match in zip(plans, matches, strict=True):
            try:
                for _kind, address in plan.addresses:
                    Address._check_country(address, places)
                if isinstance(match, HubError):
                    raise match
                plan.partner = match
                results.append(plan)
            except RejectedError as error:
                results.append(error)
        return results

    @api.model
    def _apply_plans(self, backend, plans, overwrite=False):
        """Create and update customers and their addresses, and link them.

        :param plans: accepted plans of ``_plan_customers``; their record fields are filled
        :param bool overwrite: whether non-empty values replace Odoo's, or only fill gaps
        """
        if not plans:
            return
        # What the partner told us need not be sent back to it.
        self = self.with_context(
            **QUIET,
            connector_hub_origin=backend.id,
            connector_hub_origin_fields=tuple(self.env["res.partner"]._fields),
        )
        for plan in plans:
            plan.partner = plan.partner and plan.partner.with_env(self.env)
        Address = self.env["connector.hub.address.import"]
        book = Address._open_book(backend, plans, overwrite)
        self._create_customers(backend, plans, book)
        for plan in plans:
            values = self._missing_values(plan, overwrite)
            if values:
                plan.partner.write(values)
        book.resolve(plans)
        if overwrite:
            Address._settle_books(backend, plans)
        self._link_customers(backend, plans, overwrite)

    # --- matching ---

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
            if res_id in existing._ids
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

    # --- writing ---

    @api.model
    def _create_customers(self, backend, plans, address_book):
        """Create the customers nobody matched, each person once in the batch."""
        values_list, wanted_by, seen = [], [], {}
        for plan in plans:
            if plan.partner:
                continue
            identities = self._identities(plan.customer)
            position = next((seen[key] for key in identities if key in seen), None)
            if position is None:
                position = len(values_list)
                values_list.append(self._prepare_customer(backend, plan, address_book))
                wanted_by.append([])
            seen.update(dict.fromkeys(identities, position))
            wanted_by[position].append(plan)
        for partner, owners in zip(
            self.env["res.partner"].create(values_list), wanted_by, strict=True
        ):
            for plan in owners:
                plan.partner = partner
            address_book.add_customer(partner)

    @api.model
    def _identities(self, customer):
        """What makes two customers of one batch the same person."""
        email = email_normalize(customer.email)
        identities = []
        if customer.external_id:
            identities.append(("external_id", customer.external_id))
        if email:
            identities.append(("email", email))
        return identities

    @api.model
    def _prepare_customer(self, backend, plan, address_book):
        """res.partner values of a new customer, with the first address of their own."""
        customer = plan.customer
        name = (
            self._customer_name(customer)
            or next((address.name for _kind, address in plan.addresses if address.name), "")
            or customer.company_name
            or customer.email
            or self.env._(
                "Customer %(id)s of %(backend)s", id=customer.external_id, backend=backend.name
            )
        )
        values = {
            "name": name,
            "is_company": customer.is_company,
            "type": "contact",
            "customer_rank": 1,
            **self._prepare_contact_values(plan),
        }
        lang = self._installed_lang(customer.lang)
        if lang:
            values["lang"] = lang
        company = customer.company_name
        for _kind, address in plan.addresses:
            if address_book.is_for(address, name, company or address.company_name):
                values.update(address_book.postal_values(address))
                values.setdefault("phone", address_book.phone(address))
                values.setdefault("email", address.email)
                company = company or address.company_name
                break
        if not customer.is_company:
            values["company_name"] = company
        return values

    @api.model
    def _customer_name(self, customer):
        return (customer.is_company and customer.company_name) or customer.name

    @api.model
    def _prepare_contact_values(self, plan):
        """Non-empty e-mail, phone, tax number and the addon's own values of a customer."""
        customer = plan.customer
        Address = self.env["connector.hub.address.import"]
        region = next((address.country_code for _kind, address in plan.addresses), "")
        values = {
            "email": customer.email,
            "phone": Address._format_phone(customer.phone, region),
            **plan.values,
        }
        if customer.vat:
            values.update(Address._prepare_vat(customer.vat, region))
        return {name: value for name, value in values.items() if value not in (None, "", False)}

    @api.model
    def _missing_values(self, plan, overwrite):
        """What a customer's record lacks. Never an empty value, hence nothing is ever blanked."""
        partner = plan.partner
        wanted = self._prepare_contact_values(plan)
        name = self._customer_name(plan.customer)
        if plan.customer.name_part:
            name = "" if partner.is_company else plan.customer.complete_name(partner.name)
        if overwrite and name:
            wanted["name"] = name
        missing = {}
        for name, value in wanted.items():
            current = partner._fields[name].convert_to_write(partner[name], partner)
            replaceable = not current or (overwrite and name != "comment")
            if replaceable and current != value and not self._is_same_text(name, current, value):
                missing[name] = value
        return missing

    @api.model
    def _is_same_text(self, name, current, value):
        """Whether an e-mail or phone differs only in its spelling."""
        if name == "email":
            return email_normalize(current) == email_normalize(value)
        if name == "phone":
            Address = self.env["connector.hub.address.import"]
            return bool(current) and Address._phone_key(current) == Address._phone_key(value)
        return False

    @api.model
    def _installed_lang(self, code):
        """Code of the installed language that fits ``ar`` or ``ar-KW``; empty if there is none."""
        code = (code or "").replace("-", "_")
        if not code:
            return ""
        installed = [lang for lang, _name in self.env["res.lang"].get_installed()]
        exact = [lang for lang in installed if lang.lower() == code.lower()]
        same_language = [
            lang for lang in installed if lang.split("_")[0] == code.split("_")[0].lower()
        ]
        return (exact or same_language or [""])[0]

    @api.model
    def _link_customers(self, backend, plans, overwrite):
        """Bind the customers to their external ids, one id per customer.

        A shop may know one person by several ids (a guest's and an account's). An order keeps the
        first; an event of the account itself takes over.
        """
        Binding = self.env["connector.hub.binding"]
        partners = self.env["res.partner"].union(*(plan.partner for plan in plans))
        linked = Binding._of_records(backend, "partner", partners)
        links = {}
        for plan in plans:
            external_id = plan.customer.external_id
            current = linked.get(plan.partner.id)
            if not external_id or (
                current and (not overwrite or current.external_id == external_id)
            ):
                continue
            if overwrite or plan.partner.id not in links:
                links[plan.partner.id] = (plan.partner, external_id, plan.customer.email or None)
        Binding._link_many(backend, "partner", list(links.values()))
