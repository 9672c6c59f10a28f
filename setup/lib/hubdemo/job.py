# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The main job, step by step: an order in, stock, price and order status out.

Every step compares what is on the other side with what has to be there, so that it can be run again on
the same servers.
"""

import json
from decimal import Decimal

from tests.scenario import CASE, POWER_BANK, WEBHOOK_SECRET

from .report import PATIENCE, compare, wait_for

RECEIVED = 50
PRICE_STEP = 0.5
FILS = 1000
WEBHOOK_PATH = "/api/medusa/order-created"


class Job:
    """One run of the main job.

    :param scenario: what was entered into Odoo
    :param shop: the shop
    :param url: address of Odoo
    :param patience: seconds a change may take to reach the shop
    """

    def __init__(self, scenario, shop, url, patience=PATIENCE):
        self.scenario = scenario
        self.odoo = scenario.odoo
        self.shop = shop
        self.url = url
        self.patience = patience
        self.order_id = self.reference = self.sale_order = self.picking = None

    def steps(self):
        """(title, callable that answers the record to show)"""
        return (
            ("Connection tested", self.test_connection),
            ("Products and stock sent to the shop", self.export),
            ("The shop posts an order; Odoo answers", self.take_order),
            ("Stock is reserved for it", self.check_reserved),
            ("The shop hears it is confirmed", self.check_confirmed),
            (f"{RECEIVED} pieces arrive; the shop's stock rises", self.receive),
            ("The price changes; the shop has it", self.change_price),
            ("The order ships; the shop has the tracking", self.ship),
            ("The shop has the quantity that is left", self.check_left),
            ("Nothing waits, nothing failed", self.check_quiet),
        )

    # -- before -------------------------------------------------------------------------------

    def test_connection(self):
        """The button on the backend's form; every line of its list has to be OK."""
        action = self.scenario.call(
            "connector.hub.backend", "action_test_connection", [self.scenario.backend_id]
        )
        lines = self.odoo.search_read(
            "connector.hub.check.line",
            [("check_id", "=", action["res_id"])],
            ["name", "result", "message"],
        )
        compare(
            dict.fromkeys((line["name"] for line in lines), "passed"),
            {
                line["name"]: line["result"]
                if line["result"] == "passed"
                else f"{line['result']}: {line['message'] or ''}"
                for line in lines
            },
        )
        return f"{len(lines)} of {len(lines)} checks passed"

    def export(self):
        self.scenario.call("connector.hub.backend", "action_export_all", [self.scenario.backend_id])
        expected = {sku: self.on_hand(sku) for sku in self.scenario.product_ids}
        self._reaches(expected, lambda: {sku: self.shop_stock(sku) for sku in expected})
        # An order that comes while the first look at the shop's customers waits to be processed is answered 202.
        self._reaches({"kinds fetched": 2, "events waiting": 0}, self._look_for_inbound)
        return ", ".join(f"{sku} {quantity}" for sku, quantity in expected.items())

    def _look_for_inbound(self):
        count = {
            "kinds fetched": (
                "connector.hub.cursor",
                [["polled_at", "!=", False], ["entity", "in", ["order", "partner"]]],
            ),
            "events waiting": ("connector.hub.event", [["state", "=", "pending"]]),
        }
        return {
            what: self.odoo.call(model, "search_count", [domain])
            for what, (model, domain) in count.items()
        }

    # -- the order comes in -------------------------------------------------------------------

    def take_order(self):
        """The seed's order: 2 x 5.000 + 1 x 5.000 + shipping 1.000 = 16.000 KWD."""
        answer = self.shop.control(
            "place_order",
            {
                "lines": [[CASE, 2, 5 * FILS], [POWER_BANK, 1, 5 * FILS]],
                "shipping_total": 1 * FILS,
                "webhook": {
                    "url": self.url + WEBHOOK_PATH,
                    "secret": WEBHOOK_SECRET,
                    "scheme": "hmac",
                },
            },
        )
        order, webhook = answer["order"], answer["webhook"]
        self.order_id, self.reference = order["id"], f"MEDUSA-{order['display_id']}"
        compare({"status": 200, "error": ""}, webhook | _body_if_refused(webhook))
        body = json.loads(webhook["body"])
        sale_order = self._read_order(body.get("odoo_order_id"))
        compare(
            {
                "success": True,
                "odoo_order_name": sale_order["name"],
                "order state": "sale",
                "reference": self.reference,
                "shop's id": self.order_id,
                "total": "16.000 KWD",
                "lines": [(CASE, 2.0, 5.0), (POWER_BANK, 1.0, 5.0), ("Shipping", 1.0, 1.0)],
            },
            body
            | {
                "order state": sale_order["state"],
                "reference": sale_order["client_order_ref"],
                "shop's id": sale_order["x_medusa_order_id"],
                "total": f"{sale_order['amount_total']:.3f} {sale_order['currency_id'][1]}",
                "lines": self._read_lines(sale_order["id"]),
            },
        )
        self.sale_order = sale_order
        customer = sale_order["partner_id"][1]
        return f"{sale_order['name']}, {self.reference}, {customer}, 16.000 KWD ({webhook['seconds']:.2f} s)"

    def _read_order(self, order_id):
        compare({"odoo_order_id": True}, {"odoo_order_id": bool(order_id)})
        names = [
            "name", "state", "client_order_ref", "x_medusa_order_id", "amount_total", "currency_id",
            "partner_id", "picking_ids",
        ]  # fmt: skip
        return self.odoo.call("sale.order", "read", [[order_id], names])[0]

    def _read_lines(self, order_id):
        skus = {product_id: sku for sku, product_id in self.scenario.product_ids.items()}
        lines = self.odoo.search_read(
            "sale.order.line",
            [("order_id", "=", order_id)],
            ["product_id", "product_uom_qty", "price_unit"],
            order="id",
        )
        return [
            (
                skus.get(line["product_id"][0], line["product_id"][1]),
                line["product_uom_qty"],
                line["price_unit"],
            )
            for line in lines
        ]

    def check_reserved(self):
        (picking_id,) = self.sale_order["picking_ids"]
        self.picking = self.odoo.call("stock.picking", "read", [[picking_id], ["name", "state"]])[0]
        moves = self.odoo.search_read(
            "stock.move", [("picking_id", "=", picking_id)], ["product_id", "quantity"]
        )
        ids = self.scenario.product_ids
        reserved = {move["product_id"][0]: move["quantity"] for move in moves}
        compare(
            {"delivery": "assigned", CASE: 2.0, POWER_BANK: 1.0},
            {
                "delivery": self.picking["state"],
                CASE: reserved.get(ids[CASE]),
                POWER_BANK: reserved.get(ids[POWER_BANK]),
            },
        )
        return f"{self.picking['name']}: 2 x {CASE}, 1 x {POWER_BANK}"

    def check_confirmed(self):
        name = self.sale_order["name"]
        self._reaches(
            {"odoo_confirmed": True, "odoo_order_name": name},
            lambda: self.shop_order()["metadata"],
        )
        return f"{self.reference} is {name}"

    # -- stock and price go out ---------------------------------------------------------------

    def receive(self):
        """A receipt from a supplier, validated in Odoo."""
        left = self.on_hand(CASE) + RECEIVED
        type_id, source_id, target_id = self._receipt_places()
        picking_id = self.scenario.call(
            "stock.picking",
            "create",
            {
                "picking_type_id": type_id,
                "location_id": source_id,
                "location_dest_id": target_id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.scenario.product_ids[CASE],
                            "product_uom_qty": RECEIVED,
                            "location_id": source_id,
                            "location_dest_id": target_id,
                        },
                    )
                ],
            },
        )
        self.scenario.call("stock.picking", "action_confirm", [picking_id])
        self.scenario.ship(picking_id)
        name = self.odoo.call("stock.picking", "read", [[picking_id], ["name"]])[0]["name"]
        self._reaches({CASE: left}, lambda: {CASE: self.shop_stock(CASE)})
        return f"{name}: {CASE} {left - RECEIVED} -> {left}"

    def _receipt_places(self):
        warehouse = self.odoo.call(
            "stock.warehouse", "read", [[self.scenario.warehouse_id], ["in_type_id"]]
        )[0]
        kind = self.odoo.call(
            "stock.picking.type",
            "read",
            [
                [warehouse["in_type_id"][0]],
                ["default_location_src_id", "default_location_dest_id"],
            ],
        )[0]
        return (
            kind["id"],
            kind["default_location_src_id"][0],
            kind["default_location_dest_id"][0],
        )

    def change_price(self):
        product = [self.scenario.product_ids[CASE]]
        before = self.odoo.call("product.product", "read", [product, ["lst_price"]])[0]["lst_price"]
        price = before + PRICE_STEP
        self.scenario.call("product.product", "write", product, {"lst_price": price})
        self._reaches(
            {CASE: int(Decimal(str(price)) * FILS)},
            lambda: {CASE: self.shop.state()["products"].get(CASE, {}).get("price")},
        )
        return f"{CASE}: {before:.3f} -> {price:.3f} KWD"

    # -- the order goes out -------------------------------------------------------------------

    def ship(self):
        tracking = f"KW-{self.reference}"
        self.scenario.ship(self.picking["id"], tracking)
        self._reaches(
            {"tracking numbers": [tracking], "fulfillment": "shipped"},
            lambda: {
                "tracking numbers": [
                    shipment["tracking_number"] for shipment in self.shop_order()["shipments"]
                ],
                "fulfillment": self.shop_order()["fulfillment_status"],
            },
        )
        return f"{self.picking['name']}: {tracking}"

    def check_left(self):
        expected = {sku: self.on_hand(sku) for sku in (CASE, POWER_BANK)}
        self._reaches(expected, lambda: {sku: self.shop_stock(sku) for sku in expected})
        return ", ".join(f"{sku} {quantity}" for sku, quantity in expected.items())

    def check_quiet(self):
        names = ("waiting_count", "dead_count", "event_count", "delivery_count", "state")
        expected = {"state": "active", "waiting_count": 0, "dead_count": 0}
        seen = self._reaches(expected, lambda: self.scenario.backend(*names))
        return f"{seen['event_count']} events and {seen['delivery_count']} deliveries done"

    # -- both sides ---------------------------------------------------------------------------

    def _reaches(self, expected, look):
        return wait_for(expected, look, self.patience)

    def on_hand(self, sku):
        """Quantity in Odoo, in the backend's warehouse."""
        product = self.odoo.call(
            "product.product",
            "read",
            [[self.scenario.product_ids[sku]], ["qty_available"]],
            {"context": {"warehouse_id": self.scenario.warehouse_id}},
        )[0]
        return int(product["qty_available"])

    def shop_stock(self, sku):
        """Quantity in the shop, over its locations; None if it does not know the product."""
        levels = self.shop.state()["inventory"].get(sku)
        if levels is None:
            return None
        return sum(level["stocked_quantity"] for level in levels.values())

    def shop_order(self):
        return self.shop.state()["orders"][self.order_id]


def _body_if_refused(webhook):
    return {} if webhook["status"] == 200 else {"error": webhook["error"] or webhook["body"]}
