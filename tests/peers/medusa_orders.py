# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Orders and customers of the Medusa partner server (seed, sections 3, 4.1 to 4.4)."""

from . import checks
from .medusa_order_status import MedusaOrderStatus
from .values import iso, parse_iso

STATUSES = ("pending", "completed", "cancelled")

SAMPLE_CUSTOMER = {
    "email": "customer@example.com",
    "first_name": "Ahmed",
    "last_name": "Al-Rashid",
    "phone": "+965-12345678",
}
SAMPLE_ADDRESS = {
    "first_name": "Ahmed",
    "last_name": "Al-Rashid",
    "address_1": "Block 5, Street 10, House 25",
    "city": "Kuwait City",
    "country_code": "kw",
    "postal_code": "12345",
    "phone": "+965-12345678",
}
#: Kept with an order for the tests, or told only by GET /odoo/orders/{id}.
INTERNAL = frozenset({"history", "stock", "item_reservations"})
OWN = INTERNAL | {
    "synced",
    "synced_at",
    "odoo_order_id",
    "fulfillment_status",
    "payment_status",
    "metadata",
    "shipments",
    "updated_at",
}
CUSTOMER_KEYS = ("id", "email", "first_name", "last_name", "phone")


class MedusaOrders(MedusaOrderStatus):
    """State: ``orders`` {id: order as in the seed, and synced, synced_at, odoo_order_id, metadata,
    shipments, history, payment_status, fulfillment_status}, ``customers`` {id: customer}."""

    def _init_orders(self):
        self.orders = {}
        self.customers = {}
        self._customer_by_email = {}
        self._next_display_id = 1001

    # -- for tests ----------------------------------------------------------------------------

    def place_order(
        self,
        lines,
        customer=None,
        currency=None,
        shipping_total=0,
        tax_total=0,
        discount_total=None,
        shipping_address=None,
        billing_address=None,
        created_at=None,
        order_id=None,
        display_id=None,
        stock="reserve",
        extra=None,
    ):
        """A customer's checkout -> the new order.

        lines: (sku, quantity), (sku, quantity, unit price) or a dict of an item's keys; without a
        price the product's own. Amounts are minor units. customer: dict with email, names, phone
        (``has_account`` false unless given), a known customer's id, or None for the seed's sample.
        stock: ``reserve`` as a real shop, ``decrement`` at once, or ``none``. ``extra`` replaces or
        adds keys of the finished order, right or wrong.
        """
        with self.lock:
            items = [self._order_item(line) for line in lines]
            record = self._order_customer(customer)
            subtotal = sum(item["subtotal"] for item in items)
            order = {
                "id": order_id or self.new_id("order"),
                "display_id": display_id or self._next_display_id,
                "status": "pending",
                "email": record["email"],
                "currency_code": currency or self.currency,
                "subtotal": subtotal,
                "tax_total": tax_total,
                "shipping_total": shipping_total,
                "total": subtotal + tax_total + shipping_total - (discount_total or 0),
                "created_at": iso(created_at),
                "customer": {key: record[key] for key in CUSTOMER_KEYS},
                "shipping_address": shipping_address or dict(SAMPLE_ADDRESS),
                "items": items,
            }
            if discount_total is not None:
                order["discount_total"] = discount_total
            if billing_address:
                order["billing_address"] = billing_address
            order.update(extra or {})
            order.update(
                synced=False,
                synced_at=None,
                odoo_order_id=None,
                fulfillment_status="not_fulfilled",
                payment_status="awaiting",
                metadata={},
                shipments=[],
                updated_at=order["created_at"],
                history=[{"event": "order.created", "status": order["status"], "time": iso()}],
                item_reservations={},
            )
            self._next_display_id = max(self._next_display_id, order["display_id"]) + 1
            self.orders[order["id"]] = order
            record["order_count"] += 1
            record["total_spent"] += order["total"]
            for item in items:
                self._take_from_stock(order, item, stock)
            return order

    def add_customer(self, email, has_account=True, addresses=(), created_at=None, **values):
        """A customer registers (a guest of the same e-mail becomes one with an account)."""
        with self.lock:
            record = self._customer_by_email.get(email.lower())
            if record is None:
                record = {
                    "id": values.pop("id", None) or self.new_id("cus"),
                    "email": email,
                    "first_name": None,
                    "last_name": None,
                    "phone": None,
                    "has_account": has_account,
                    "created_at": iso(created_at),
                    "addresses": [],
                    "order_count": 0,
                    "total_spent": 0,
                }
                self.customers[record["id"]] = record
                self._customer_by_email[email.lower()] = record
            record["has_account"] = record["has_account"] or has_account
            record.update(values)
            for position, address in enumerate(addresses):
                first = not record["addresses"] and position == 0
                record["addresses"].append(
                    {"id": self.new_id("addr"), "is_default_shipping": first, **address}
                )
            return record

    def change_status(
        self, order_id, new_status=None, fulfillment_status=None, payment_status=None
    ):
        """Something happens to an order in the shop -> the data of order.status_updated."""
        with self.lock:
            order = self.orders[order_id]
            old_status = order["status"]
            if new_status:
                order["status"] = new_status
            order["fulfillment_status"] = fulfillment_status or order["fulfillment_status"]
            order["payment_status"] = payment_status or order["payment_status"]
            if new_status == "cancelled":
                self.release(order)
            self._remember(order, "order.status_updated")
            return {
                "order_id": order["id"],
                "display_id": order["display_id"],
                "old_status": old_status,
                "new_status": order["status"],
                "fulfillment_status": order["fulfillment_status"],
                "payment_status": order["payment_status"],
            }

    def order_data(self, order_id):
        """The data of order.created: the order exactly as the seed's section 3.1 shows it."""
        order = self.orders[order_id]
        return {"order": {key: value for key, value in order.items() if key not in OWN}}

    def customer_data(self, customer_id):
        """The data of customer.created and customer.updated."""
        record = self.customers[customer_id]
        computed = ("order_count", "total_spent")
        return {"customer": {key: value for key, value in record.items() if key not in computed}}

    def release(self, order, sku=None, quantity=None):
        """Give back what an order reserved, of one sku (at most ``quantity``) or all of it."""
        for key, reserved in list(order["item_reservations"].items()):
            if sku not in (None, key):
                continue
            freed = reserved if quantity is None else min(reserved, quantity)
            order["item_reservations"][key] = reserved - freed
            level = self.inventory.get(key, {}).get(self.main_location)
            if level:
                level["reserved_quantity"] -= freed

    def _order_item(self, line):
        values = dict(line) if isinstance(line, dict) else None
        if values is None:
            values = dict(zip(("sku", "quantity", "unit_price"), line, strict=False))
        product = self.products.get(values.get("sku"))
        if product is None and "unit_price" not in values:
            raise ValueError(f"No product with SKU {values.get('sku')!r}: give its unit price")
        unit_price = values.get("unit_price", product and product["price"])
        quantity = values.get("quantity", 1)
        return {
            "id": self.new_id("li"),
            "title": product["title"] if product else values["sku"],
            "quantity": quantity,
            "unit_price": unit_price,
            "subtotal": unit_price * quantity,
            "sku": values.get("sku"),
            "variant_id": product["variant_id"] if product else self.new_id("variant"),
            "product_id": product["id"] if product else self.new_id("prod"),
            **values,
        }

    def _order_customer(self, customer):
        if isinstance(customer, str):
            return self.customers[customer]
        values = {**SAMPLE_CUSTOMER, **(customer or {})}
        known = self._customer_by_email.get(values["email"].lower())
        return known or self.add_customer(**{"has_account": False, **values})

    def _take_from_stock(self, order, item, how):
        level = self.inventory.get(item["sku"], {}).get(self.main_location)
        if level is None or how == "none":
            return
        if how == "decrement":
            level["stocked_quantity"] -= item["quantity"]
            return
        level["reserved_quantity"] += item["quantity"]
        reservations = order["item_reservations"]
        reservations[item["sku"]] = reservations.get(item["sku"], 0) + item["quantity"]

    @staticmethod
    def _remember(order, event, **details):
        order["updated_at"] = iso()
        order["history"].append(
            {"event": event, "status": order["status"], "time": order["updated_at"], **details}
        )

    # -- orders -------------------------------------------------------------------------------

    def get_orders(self, request):
        status = request.first("status")
        if status is not None and status not in STATUSES:
            message = f"must be one of {', '.join(STATUSES)}"
            raise self.refusal("VALIDATION_ERROR", f"status {message}", {"status": message})
        synced = self.query_boolean(request, "synced")
        date_from = self.query_date(request, "date_from")
        date_to = self.query_date(request, "date_to")
        found = []
        for order in self.orders.values():
            if status not in (None, order["status"]) or synced not in (None, order["synced"]):
                continue
            if date_from or date_to:
                created = parse_iso(order["created_at"])
                if (date_from and created < date_from) or (date_to and created > date_to):
                    continue
            found.append(order)
        found.sort(key=lambda order: (order["created_at"], order["id"]), reverse=True)
        return self.page(request, "orders", found, default_limit=50, show=listed_order)

    def get_order(self, request, order_id):
        order = self.known_order(order_id)
        return {"order": {key: value for key, value in order.items() if key not in INTERNAL}}

    def post_order_synced(self, request, order_id):
        order = self.known_order(order_id)
        payload = self.body(request)
        schema = {"odoo_order_id": checks.positive_integer, "synced_at": checks.iso_date}
        self.refuse_problems(checks.problems(payload, schema, ("odoo_order_id",)))
        order["synced"] = True
        order["odoo_order_id"] = payload["odoo_order_id"]
        order["synced_at"] = payload.get("synced_at") or iso()
        order["metadata"]["odoo_order_id"] = payload["odoo_order_id"]
        self._remember(order, "synced", odoo_order_id=payload["odoo_order_id"])
        names = ("id", "display_id", "synced", "odoo_order_id", "synced_at")
        return {"success": True, "order": {name: order[name] for name in names}}

    def known_order(self, order_id):
        order = self.orders.get(order_id)
        if order is None:
            raise self.refusal("NOT_FOUND", f"Order {order_id} not found", {"order_id": order_id})
        return order

    # -- customers ----------------------------------------------------------------------------

    def get_customers(self, request):
        created_after = self.query_date(request, "created_after")
        email = (request.first("email") or "").lower()
        phone = digits(request.first("phone") or "")
        found = [
            record
            for record in self.customers.values()
            if email in (record["email"] or "").lower()
            and phone in digits(record["phone"] or "")
            and (not created_after or parse_iso(record["created_at"]) > created_after)
        ]
        found.sort(key=lambda record: (record["created_at"], record["id"]), reverse=True)
        return self.page(request, "customers", found, default_limit=50)


def listed_order(order):
    """An order as GET /odoo/orders shows it: its items without subtotal and product_id."""
    shown = {key: value for key, value in order.items() if key not in OWN}
    shown["items"] = [
        {key: value for key, value in item.items() if key not in ("subtotal", "product_id")}
        for item in order["items"]
    ]
    return shown


def digits(phone):
    return "".join(character for character in phone if character.isdecimal())
