# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What happens to the orders of a stock Medusa v2: checkout, stock, payment."""

from ..values import iso
from . import totals
from .orders_rendering import AdminOrdersRendering, item_totals

DETAIL = (
    "fulfilled_quantity",
    "shipped_quantity",
    "delivered_quantity",
    "return_requested_quantity",
    "return_received_quantity",
    "return_dismissed_quantity",
    "written_off_quantity",
)
SAMPLE_ADDRESS = {
    "first_name": "Ahmed",
    "last_name": "Al-Rashid",
    "phone": "+965-12345678",
    "company": None,
    "address_1": "Block 5, Street 10, House 25",
    "address_2": None,
    "city": "Kuwait City",
    "country_code": "kw",
    "province": None,
    "postal_code": "12345",
}


class AdminOrdersState(AdminOrdersRendering):
    """State: ``orders`` {id: order}; amounts in major units of the order's currency."""

    def _init_orders(self):
        self.orders = {}
        self._next_display_id = 1

    # -- for tests ----------------------------------------------------------------------------

    def place_order(
        self,
        lines,
        email="customer@example.com",
        customer=None,
        currency="kwd",
        shipping=0,
        tax_rate=0,
        tax_inclusive=False,
        discount=0,
        shipping_address=None,
        billing_address=None,
        payment="authorized",
        created_at=None,
        **values,
    ):
        """A guest's checkout (or that of ``customer``, an id) -> the order.

        lines: (sku, quantity), (sku, quantity, unit price) or a dict of an item's keys and
        ``tax_rate``; the price is the variant's in ``currency``. shipping: amount without tax
        (with it, if ``tax_inclusive``). discount: amount off all items, spread by their subtotals.
        payment: ``authorized`` or ``not_paid``. values replace keys of the finished order.
        """
        with self.lock:
            buyer = self.customers[customer] if customer else self.add_customer(email, False)
            order = self.new_record(
                "order",
                display_id=self._next_display_id,
                custom_display_id=None,
                status="pending",
                version=1,
                locale=None,
                email=buyer["email"],
                currency_code=currency,
                customer_id=buyer["id"],
                region_id=next(iter(self.regions)),
                sales_channel_id=next(iter(self.sales_channels)),
                canceled_at=None,
                items=[],
                shipping_methods=[self._shipping_method(shipping, tax_rate, tax_inclusive)],
                fulfillments=[],
                credit_lines=[],
                shipping_address=self._address(shipping_address),
                billing_address=self._address(billing_address or shipping_address),
                history=[],
            )
            order["items"] = [
                self._order_item(line, currency, tax_rate, tax_inclusive) for line in lines
            ]
            self._spread(order["items"], discount)
            order["created_at"] = order["updated_at"] = iso(created_at)
            order["payment"] = self._payment(order, payment)
            order.update(values)
            self._next_display_id = order["display_id"] + 1
            self.orders[order["id"]] = order
            for item in order["items"]:
                self._reserve(item)
            return order

    def capture(self, order_id, amount=None):
        """The payment is captured. The order's updated_at does not move."""
        with self.lock:
            payment = self.orders[order_id]["payment"]
            payment["captured_amount"] += totals.exact(
                payment["amount"] if amount is None else amount
            )

    def refund(self, order_id, amount):
        """Money back: a credit line that lowers the total."""
        with self.lock:
            order = self.orders[order_id]
            order["payment"]["refunded_amount"] += totals.exact(amount)
            order["credit_lines"].append(
                self.new_record("ordcl", order_id=order_id, amount=totals.exact(amount))
            )
            self.touch_order(order, "refunded")

    def edit_order(self, order_id, lines):
        """A confirmed order edit: the order has these lines now, as in ``place_order``.

        An item of the same SKU stays the same item; one that is not named is gone.
        """
        with self.lock:
            order = self.orders[order_id]
            known = {item["variant_sku"]: item for item in order["items"]}
            items = []
            for line in lines:
                item = self._order_item(line, order["currency_code"], 0, False)
                old = known.get(item["variant_sku"])
                if old:
                    old.update(quantity=item["quantity"], unit_price=item["unit_price"])
                    old["detail"]["quantity"] = item["quantity"]
                    item = old
                items.append(item)
            for item in (*order["items"], *items):
                reservation = self.reservation_of(item["id"])
                if reservation:
                    self.change_reservation(reservation, 0)
            order["items"] = items
            for item in items:
                self._reserve(item)
            self.touch_order(order, "edited")

    def request_return(self, order_id, quantities, exchange=(), claim=False):
        """Items are to come back: {SKU: quantity}; others are sent for them, or it is a claim."""
        with self.lock:
            order = self.orders[order_id]
            for item in order["items"]:
                quantity = quantities.get(item["variant_sku"], 0)
                item["detail"]["return_requested_quantity"] += quantity
                item["detail"]["written_off_quantity"] += quantity if claim else 0
            for line in exchange:
                item = self._order_item(line, order["currency_code"], 0, False)
                order["items"].append(item)
                self._reserve(item)
            self.touch_order(order, "return_requested")

    def receive_return(self, order_id, quantities):
        """Items came back: they are not paid any more."""
        with self.lock:
            order = self.orders[order_id]
            for item in order["items"]:
                quantity = quantities.get(item["variant_sku"], 0)
                item["detail"]["return_requested_quantity"] -= quantity
                item["detail"]["return_received_quantity"] += quantity
            self.touch_order(order, "return_received")

    # -- changes ------------------------------------------------------------------------------

    def touch_order(self, order, event, version=1):
        order["updated_at"] = iso()
        order["version"] += version
        order["history"].append({"event": event, "time": order["updated_at"]})

    def fulfill(self, order, planned, location_id, metadata):
        """Goods leave the shelf: planned is [(item, quantity, reservation or None)]."""
        fulfillment = self.new_record(
            "ful",
            location_id=location_id,
            provider_id="manual_manual",
            shipping_option_id="so_standard",
            packed_at=iso(),
            shipped_at=None,
            delivered_at=None,
            canceled_at=None,
            requires_shipping=True,
            labels=[],
            items=[],
        )
        fulfillment["metadata"] = metadata
        for item, quantity, reservation in planned:
            item["detail"]["fulfilled_quantity"] += quantity
            item_id = reservation and reservation["inventory_item_id"]
            if reservation:
                self.levels[item_id, location_id]["stocked_quantity"] -= quantity
                self.change_reservation(reservation, reservation["quantity"] - quantity)
            fulfillment["items"].append(
                self.new_record(
                    "fulit",
                    fulfillment_id=fulfillment["id"],
                    line_item_id=item["id"],
                    inventory_item_id=item_id,
                    quantity=quantity,
                    title=item["title"],
                    sku=item["variant_sku"] or "",
                    barcode=item["variant_barcode"] or "",
                )
            )
        order["fulfillments"].append(fulfillment)
        self.touch_order(order, "fulfillment_created")

    def cancel_fulfillment(self, order, fulfillment):
        """The goods are back on the shelf, and reserved again."""
        fulfillment["canceled_at"] = iso()
        for entry in fulfillment["items"]:
            item = next(line for line in order["items"] if line["id"] == entry["line_item_id"])
            item["detail"]["fulfilled_quantity"] -= entry["quantity"]
            if not entry["inventory_item_id"]:
                continue
            key = (entry["inventory_item_id"], fulfillment["location_id"])
            self.levels[key]["stocked_quantity"] += entry["quantity"]
            reservation = self.reservation_of(item["id"])
            if reservation:
                self.change_reservation(reservation, reservation["quantity"] + entry["quantity"])
            else:
                self.reserve(item["id"], entry["inventory_item_id"], entry["quantity"])
        self.touch_order(order, "fulfillment_canceled")

    def cancel_order(self, order):
        order["status"] = "canceled"
        order["canceled_at"] = iso()
        for item in order["items"]:
            reservation = self.reservation_of(item["id"])
            if reservation:
                self.change_reservation(reservation, 0)
        payment = order["payment"]
        payment["refunded_amount"] = payment["captured_amount"]
        payment["canceled"] = not payment["captured_amount"]
        self.touch_order(order, "canceled")

    def reservation_of(self, line_item_id):
        return next(
            (
                entry
                for entry in self.reservations.values()
                if entry["line_item_id"] == line_item_id
            ),
            None,
        )

    def is_managed(self, item):
        variant = self.variants.get(item["variant_id"])
        return bool(variant and variant["manage_inventory"])

    # -- making an order ----------------------------------------------------------------------

    def _order_item(self, line, currency, tax_rate, tax_inclusive):
        names = ("sku", "quantity", "unit_price")
        values = dict(line) if isinstance(line, dict) else dict(zip(names, line, strict=False))
        sku = values.pop("sku", None)
        variant = self.by_sku(sku)
        if variant is None and "unit_price" not in values:
            raise ValueError(f"No variant with SKU {sku!r}: give its unit price")
        if "unit_price" not in values:
            prices = self.prices(sku)
            if currency not in prices:
                raise ValueError(f"{sku!r} has no price in {currency}")
            values["unit_price"] = prices[currency]
        product = self.products[variant["product_id"]] if variant else None
        item = self.new_record(
            "ordli",
            title=product["title"] if product else str(sku),
            subtitle=None,
            thumbnail=product and product["thumbnail"],
            quantity=1,
            variant_id=variant and variant["id"],
            variant_sku=sku,
            variant_title=variant and variant["title"],
            variant_barcode=variant and variant["barcode"],
            product_id=product and product["id"],
            product_title=product and product["title"],
            product_handle=product and product["handle"],
            requires_shipping=True,
            is_discountable=True,
            is_tax_inclusive=tax_inclusive,
            compare_at_unit_price=None,
            tax_rate=tax_rate,
            discount=0,
            detail=dict.fromkeys(DETAIL, 0),
        )
        item.update(values)
        item["detail"]["quantity"] = item["quantity"]
        return item

    def _shipping_method(self, amount, tax_rate, tax_inclusive):
        return self.new_record(
            "ordsm",
            name="Standard Shipping",
            description=None,
            amount=amount,
            is_tax_inclusive=tax_inclusive,
            shipping_option_id="so_standard",
            data={},
            tax_rate=tax_rate,
        )

    def _address(self, values):
        return self.new_record("ordaddr", **{**SAMPLE_ADDRESS, **(values or {})}, customer_id=None)

    @staticmethod
    def _spread(items, discount):
        subtotals = [item_totals(item)["subtotal"] for item in items]
        for item, subtotal in zip(items, subtotals, strict=True):
            if discount:
                item["discount"] = totals.exact(discount) * subtotal / sum(subtotals)

    def _payment(self, order, status):
        return {
            "id": self.new_id("pay_col"),
            "payment_id": self.new_id("pay"),
            "status": status,
            "amount": self._totals(order)["total"],
            "captured_amount": totals.ZERO,
            "refunded_amount": totals.ZERO,
            "canceled": False,
        }

    def _reserve(self, item):
        variant = self.variants.get(item["variant_id"])
        for link in variant["inventory_links"] if variant and self.is_managed(item) else ():
            self.reserve(item["id"], link["inventory_item_id"], item["quantity"])
