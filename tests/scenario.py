# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A Kuwaiti company with products, stock and a Medusa backend, entered over HTTP as an administrator would."""

API_KEY = "shop-api-key-0123456789"
WEBHOOK_SECRET = "shop-webhook-secret-0123456789"  # noqa: S105 - of the partner server in tests/peers
CASE, POWER_BANK, CABLE = "CASE-IP15PRO-001", "PB-20000-BLK", "CABLE-USB-C"

#: sku -> (name, price in KWD, weight in kg, barcode, on hand)
PRODUCTS = {
    CASE: ("iPhone 15 Pro Case", 5.0, 0.05, "6291234567890", 150),
    POWER_BANK: ("Power Bank 20000mAh", 5.0, 0.4, "6291234567906", 75),
    CABLE: ("USB-C Cable", 1.25, 0.03, "6291234567913", 500),
}


class Scenario:
    """What was entered, with short ways to look at it and to act on it.

    :param odoo: an ``OdooClient`` logged in as administrator
    :param shop_url: address of the Medusa server
    :ivar backend_id: the active backend
    :ivar product_ids: SKU -> product.product id
    :ivar warehouse_id, stock_location_id: of the company
    """

    def __init__(self, odoo, shop_url, frequency="realtime", name="MarqaSouq"):
        self.odoo = odoo
        self.shop_url = shop_url
        self._enter_company()
        self.product_ids = {}
        for sku, (title, price, weight, barcode, quantity) in PRODUCTS.items():
            self.add_product(sku, title, price, weight=weight, barcode=barcode, quantity=quantity)
        self.backend_id = self.add_backend(name, shop_url, frequency=frequency)

    def call(self, model, method, *args, **kwargs):
        return self.odoo.call(model, method, args, kwargs)

    # -- enter --------------------------------------------------------------------------------

    def _enter_company(self):
        kuwait = self.call("res.country", "search", [("code", "=", "KW")])[0]
        dinar = self.call(
            "res.currency", "search", [("name", "=", "KWD"), ("active", "in", [True, False])]
        )[0]
        self.call("res.currency", "write", [dinar], {"active": True})
        self.company_id = self.call("res.company", "search", [])[0]
        self.call(
            "res.company", "write", [self.company_id], {"country_id": kuwait, "currency_id": dinar}
        )
        warehouse = self.odoo.search_read(
            "stock.warehouse", [("company_id", "=", self.company_id)], ["lot_stock_id"]
        )[0]
        self.warehouse_id, self.stock_location_id = warehouse["id"], warehouse["lot_stock_id"][0]

    def add_product(self, sku, name, price, quantity=0, **values):
        """A storable product with stock -> its product.product id."""
        template_id = self.call(
            "product.template",
            "create",
            {
                "name": name,
                "default_code": sku,
                "list_price": price,
                "type": "consu",
                "is_storable": True,
                **values,
            },
        )
        product_id = self.call(
            "product.product", "search", [("product_tmpl_id", "=", template_id)]
        )[0]
        self.product_ids[sku] = product_id
        if quantity:
            self.set_stock(sku, quantity)
        return product_id

    def set_stock(self, sku, quantity):
        """Count a product: the counted quantity becomes the quantity on hand."""
        context = {"inventory_mode": True}
        quant_id = self.call(
            "stock.quant",
            "create",
            {
                "product_id": self.product_ids[sku],
                "location_id": self.stock_location_id,
                "inventory_quantity": quantity,
            },
            context=context,
        )
        self.call("stock.quant", "action_apply_inventory", [quant_id], context=context)

    def add_backend(self, name, shop_url, frequency="realtime", secret=WEBHOOK_SECRET, **values):
        """An active Medusa backend -> its id."""
        backend_id = self.call(
            "connector.hub.backend",
            "create",
            {
                "name": name,
                "code": "medusa",
                "base_url": shop_url,
                "api_key": API_KEY,
                "webhook_secret": secret,
                "warehouse_id": self.warehouse_id,
                "frequency": frequency,
                **values,
            },
        )
        self.call("connector.hub.backend", "action_activate", [backend_id])
        return backend_id

    # -- look ---------------------------------------------------------------------------------

    def backend(self, *names):
        return self.odoo.call("connector.hub.backend", "read", [[self.backend_id], list(names)])[0]

    def events(self, *domain):
        return self.odoo.search_read(
            "connector.hub.event",
            [("backend_id", "=", self.backend_id), *domain],
            [
                "event_id",
                "event_type",
                "external_id",
                "state",
                "attempts",
                "reason",
                "error",
                "res_model",
                "res_id",
            ],
            order="id",
        )

    def deliveries(self, *domain):
        return self.odoo.search_read(
            "connector.hub.delivery",
            [("backend_id", "=", self.backend_id), *domain],
            [
                "entity",
                "event_type",
                "state",
                "attempts",
                "reason",
                "error",
                "res_model",
                "res_id",
                "next_attempt_at",
            ],
            order="id",
        )

    def orders(self, *domain):
        return self.odoo.search_read(
            "sale.order",
            [("connector_hub_backend_id", "=", self.backend_id), *domain],
            [
                "name",
                "state",
                "amount_total",
                "client_order_ref",
                "x_medusa_order_id",
                "partner_id",
                "picking_ids",
            ],
            order="id",
        )

    # -- act ----------------------------------------------------------------------------------

    def run_lane(self, backend_id=None):
        """Run the backend's scheduled action in this request, as the button on its form does."""
        cron_id = self.odoo.call(
            "connector.hub.backend", "read", [[backend_id or self.backend_id], ["cron_id"]]
        )[0]
        self.call("ir.cron", "method_direct_trigger", [cron_id["cron_id"][0]])

    def ship(self, picking_id, tracking=None):
        """Validate a delivery order, all of it."""
        if tracking:
            self.call("stock.picking", "write", [picking_id], {"carrier_tracking_ref": tracking})
        moves = self.odoo.search_read(
            "stock.move", [("picking_id", "=", picking_id)], ["product_uom_qty"]
        )
        for move in moves:
            self.call(
                "stock.move",
                "write",
                [move["id"]],
                {"quantity": move["product_uom_qty"], "picked": True},
            )
        # The wizard that offers a text message to the customer is not part of what is shown here.
        done = self.call(
            "stock.picking", "button_validate", [picking_id], context={"skip_sms": True}
        )
        if done is not True:
            raise AssertionError(f"Odoo asks back before it ships: {done}")
