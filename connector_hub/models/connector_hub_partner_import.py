# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models
from odoo.tools import email_normalize

from ..address_book import only_email
from ..exceptions import HubError, RejectedError
from ..partner_plan import PartnerPlan
from .connector_hub_event import Applied

#: The import subscribes nobody by itself and sends no mail; it logs once, on the order.
QUIET: dict[str, bool] = {
    "tracking_disable": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
}


def vat_key(vat):
    """What two spellings of one tax number have in common."""
    return "".join(character for character in vat or "" if character.isalnum()).upper()


class ConnectorHubPartnerImport(models.AbstractModel):
    """Customers of any partner -> res.partner.

    A contact that was created for a customer follows them. One that was found only gets what it lacks, and further
    addresses below it: an e-mail address may be anybody's. One that is protected gets the addresses alone.
    """

    _name = "connector.hub.partner.import"
    _description = "Connector Hub Customer Import"

    # --- what others call ---

    @api.model
    def _import_partners(self, backend, customers, values=None):
        """Create or update the customers of a batch, for customer events.

        Non-empty values of the partner replace Odoo's where the hub has created the contact; empty ones never do.

        :param customers: list of CanonicalPartner
        :param values: list of dicts of further res.partner values, in the same order
        :return: list of Applied or RejectedError, in the same order
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
            plan
            if isinstance(plan, HubError)
            else Applied(plan.partner.with_env(self.env), plan.note)
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
        matches = self.env["connector.hub.partner.lookup"]._match_customers(
            backend, [plan.customer for plan in plans]
        )
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
        matched = self.env["res.partner"].union(*(plan.partner for plan in plans if plan.partner))
        protections = self.env["connector.hub.partner.guard"]._protections(matched)
        # What the partner told us need not be sent back to it.
        self = self.with_context(
            **QUIET,
            connector_hub_origin=backend.id,
            connector_hub_origin_fields=tuple(self.env["res.partner"]._fields),
            connector_hub_protected=frozenset(protections),
        )
        for plan in plans:
            plan.partner = plan.partner and plan.partner.with_env(self.env)
            if plan.partner:
                plan.protection = protections.get(plan.partner.id, "")
                above = plan.partner.sudo().parent_id
                while above and not plan.is_below:
                    plan.is_below, above = above.id in protections, above.parent_id
        Address = self.env["connector.hub.address.import"]
        book = Address._open_book(backend, plans, overwrite)
        self._create_customers(backend, plans, book)
        self.env["connector.hub.partner.link"]._link_customers(backend, plans, overwrite)
        for plan in plans:
            if values := self._prepare_update(backend, plan, overwrite):
                plan.partner.write(values)
                book.refresh_customer(plan.partner)
        book.resolve(plans)
        if overwrite:
            Address._settle_books(backend, plans)
        else:
            book.settle_invoices(plans)

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
                # The others of the batch were found, if only by their e-mail address.
                creator = owners[0].customer.external_id
                plan.is_own = (
                    plan is owners[0] or bool(creator) and (plan.customer.external_id == creator)
                )
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
            if address_book.is_for(
                address, name, company or address.company_name
            ) and address_book.is_same_phone(address, customer.phone):
                values.update(address_book.postal_values(address))
                values.setdefault("phone", address_book.phone(address))
                values.setdefault("email", only_email(address.email))
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
            "email": only_email(customer.email),
            "phone": Address._format_phone(customer.phone, region),
            **plan.values,
        }
        if customer.vat:
            values.update(Address._prepare_vat(customer.vat, region))
        return {name: value for name, value in values.items() if value not in (None, "", False)}

    @api.model
    def _prepare_update(self, backend, plan, overwrite):
        """What to write on a customer's contact; the plan learns what is left as it is.

        Never an empty value, hence nothing is ever blanked.
        """
        partner, customer = plan.partner, plan.customer
        wanted = self._prepare_contact_values(plan)
        name = self._customer_name(customer)
        if customer.name_part:
            name = "" if partner.is_company else customer.complete_name(partner.name)
        if name:
            wanted["name"] = name
        # Odoo gives a contact's tax number and the like to the company above it.
        shared = partner._commercial_fields() if partner.parent_id else ()
        values = {}
        for name, value in wanted.items():
            field = partner._fields[name]
            current = field.convert_to_write(partner[name], partner)
            if current == value or self._is_same_text(name, current, value):
                continue
            # An addon's own field says with whom the contact is linked.
            follows = plan.is_linked if field.readonly else plan.may_replace and name != "comment"
            stays = name in shared or name == "email" and plan.is_shared
            replaces = overwrite and follows and not stays
            if not plan.protection and name not in shared and (not current or replaces):
                values[name] = value
            elif (not plan.may_replace or stays) and not field.readonly:
                plan.left[name] = value
        if plan.left:
            kind = plan.protection or ("found" if not plan.is_own else self._left_kind(plan))
            plan.note = self.env["connector.hub.partner.guard"]._describe_left(
                backend, partner, kind, plan.left
            )
        if customer.email and not only_email(customer.email):
            several = self.env._(
                "The e-mail address was left out, as it names several: %(email)s",
                email=customer.email,
            )
            plan.note = f"{plan.note} {several}".strip()
        return values

    @api.model
    def _left_kind(self, plan):
        """Why something of a contact of the customer's own is left as it is."""
        return "shared" if set(plan.left) == {"email"} and plan.is_shared else "below"

    @api.model
    def _is_same_text(self, name, current, value):
        """Whether an e-mail, phone or tax number differs only in its spelling."""
        if name == "email":
            return email_normalize(current) == email_normalize(value)
        if name == "phone":
            Address = self.env["connector.hub.address.import"]
            return bool(current) and Address._phone_key(current) == Address._phone_key(value)
        if name == "vat":
            return vat_key(current) == vat_key(value)
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
