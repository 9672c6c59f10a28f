# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Customers and their addresses of a stock Medusa v2."""

from ..values import iso
from . import schemas

CUSTOMER_FIELDS = (
    "id",
    "company_name",
    "first_name",
    "last_name",
    "email",
    "phone",
    "metadata",
    "has_account",
    "created_by",
    "created_at",
    "updated_at",
    "deleted_at",
)
ADDRESS_FIELDS = (
    "id",
    "address_name",
    "company",
    "customer_id",
    "first_name",
    "last_name",
    "address_1",
    "address_2",
    "city",
    "province",
    "postal_code",
    "country_code",
    "phone",
    "metadata",
    "created_at",
    "updated_at",
)
CUSTOMER_FILTERS = {
    "id": "operators",
    "email": "texts",
    "company_name": "texts",
    "first_name": "texts",
    "last_name": "texts",
    "created_by": "texts",
    "has_account": "boolean",
    "created_at": "operators",
    "updated_at": "operators",
    "deleted_at": "operators",
}
ADDRESS_FILTERS = dict.fromkeys(
    ("company", "city", "country_code", "province", "postal_code"), "texts"
)


class AdminCustomers:
    """State: ``customers`` {id: customer with its addresses}."""

    def _init_customers(self):
        self.customers = {}

    # -- for tests ----------------------------------------------------------------------------

    def add_customer(self, email, has_account=True, addresses=(), **values):
        """A customer registers, or (``has_account`` false) buys as a guest -> the customer.

        The shop keeps a guest and an account of the same e-mail as two customers.
        """
        with self.lock:
            for customer in self.customers.values():
                if (customer["email"], customer["has_account"]) == (email, has_account):
                    return customer
            customer = self._create_customer({"email": email, **values}, has_account)
            for address in addresses:
                self._create_address(customer, address)
            return customer

    # -- requests -----------------------------------------------------------------------------

    def get_customers(self, request):
        return self.listed(
            request,
            "customers",
            list(self.customers.values()),
            CUSTOMER_FILTERS,
            CUSTOMER_FIELDS,
            50,
            render=render_customer,
            search=("email", "first_name", "last_name", "company_name", "phone"),
        )

    def get_customer(self, request, customer_id):
        return self._customer_answer(request, self._known_customer(customer_id))

    def post_customers(self, request):
        payload = self.body(request, {**schemas.CUSTOMER, **schemas.ADDITIONAL})
        for customer in self.customers.values():
            if (customer["email"], customer["has_account"]) == (payload.get("email"), False):
                raise self.exists_already(
                    "Customer", email=payload.get("email"), has_account="false"
                )
        return self._customer_answer(request, self._create_customer(payload, False))

    def post_customer(self, request, customer_id):
        payload = self.body(request, {**schemas.CUSTOMER, **schemas.ADDITIONAL})
        customer = self._known_customer(customer_id)
        given = {key: value for key, value in payload.items() if key != "additional_data"}
        if "metadata" in given:
            given["metadata"] = self.merged(customer["metadata"], given["metadata"])
        customer.update(given, updated_at=iso())
        return self._customer_answer(request, customer)

    def delete_customer(self, _request, customer_id):
        self.customers.pop(customer_id, None)
        return {"id": customer_id, "object": "customer", "deleted": True}

    def get_addresses(self, request, customer_id):
        customer = self.customers.get(customer_id)
        return self.listed(
            request,
            "addresses",
            list(customer["addresses"]) if customer else [],
            ADDRESS_FILTERS,
            ADDRESS_FIELDS,
            50,
            search=("address_1", "city", "company"),
        )

    def post_addresses(self, request, customer_id):
        payload = self.body(request, {**schemas.CUSTOMER_ADDRESS, **schemas.ADDITIONAL})
        customer = self._known_customer(customer_id)
        self._create_address(customer, payload)
        return self._customer_answer(request, customer)

    def post_address(self, request, customer_id, address_id):
        payload = self.body(request, {**schemas.CUSTOMER_ADDRESS, **schemas.ADDITIONAL})
        customer = self._known_customer(customer_id)
        address = self._known_address(customer, address_id)
        self._clear_defaults(customer, payload)
        given = {key: value for key, value in payload.items() if key != "additional_data"}
        address.update(given, updated_at=iso())
        return self._customer_answer(request, customer)

    def delete_address(self, request, customer_id, address_id):
        customer = self._known_customer(customer_id)
        customer["addresses"].remove(self._known_address(customer, address_id))
        return {
            "id": address_id,
            "object": "customer_address",
            "deleted": True,
            "parent": self._customer_answer(request, customer)["customer"],
        }

    # -- writing ------------------------------------------------------------------------------

    def _create_customer(self, payload, has_account):
        given = {key: value for key, value in payload.items() if key != "additional_data"}
        customer = self.new_record(
            "cus",
            **{**dict.fromkeys(schemas.CUSTOMER), **given},
            has_account=has_account,
            created_by=None,
            addresses=[],
        )
        self.customers[customer["id"]] = customer
        return customer

    def _create_address(self, customer, payload):
        """An address; its customer's updated_at does not move."""
        self._clear_defaults(customer, payload)
        given = {key: value for key, value in payload.items() if key != "additional_data"}
        address = self.new_record(
            "cuaddr",
            **{
                **dict.fromkeys(schemas.CUSTOMER_ADDRESS),
                "is_default_shipping": False,
                "is_default_billing": False,
                **given,
            },
            customer_id=customer["id"],
        )
        customer["addresses"].append(address)
        return address

    @staticmethod
    def _clear_defaults(customer, payload):
        for name in ("is_default_shipping", "is_default_billing"):
            if payload.get(name):
                for address in customer["addresses"]:
                    address[name] = False

    def _known_customer(self, customer_id):
        customer = self.customers.get(customer_id)
        if customer is None:
            raise self.not_found(f"Customer with id: {customer_id} was not found")
        return customer

    def _known_address(self, customer, address_id):
        for address in customer["addresses"]:
            if address["id"] == address_id:
                return address
        raise self.not_found(f"Customer address with id: {address_id} was not found")

    def _customer_answer(self, request, customer):
        return {"customer": self.shown(request, render_customer(customer), CUSTOMER_FIELDS)}


def render_customer(customer):
    """A customer as the fields can choose from it; addresses only on demand."""
    return {**customer, "addresses": lambda: customer["addresses"], "groups": list}
