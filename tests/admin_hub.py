# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A stock Medusa v2 and an Odoo of several processes, connected by the Admin API alone."""

from hubenv import OdooClient

from tests.hub import Hub
from tests.scenario import WEBHOOK_SECRET, Scenario

SECRET_KEY = "sk_0123456789abcdef"  # noqa: S105 - of the partner server in tests/peers


class AdminScenario(Scenario):
    """The same company and products; its backend speaks the dialect "Medusa v2 Admin API"."""

    def add_backend(self, name, shop_url, **values):
        return super().add_backend(
            name, shop_url, **{"api_key": SECRET_KEY, "medusa_dialect": "admin", **values}
        )

    def add_shirt(self, name, sizes, skus, price=4.0):
        """A template with the attribute Size -> (its id, {size: product.product id})."""
        attribute = self.call("product.attribute", "create", {"name": f"Size of {name}"})
        values = self.call(
            "product.attribute.value",
            "create",
            [{"name": size, "attribute_id": attribute} for size in sizes],
        )
        template = self.call(
            "product.template",
            "create",
            {
                "name": name,
                "list_price": price,
                "type": "consu",
                "is_storable": True,
                "attribute_line_ids": [
                    (0, 0, {"attribute_id": attribute, "value_ids": [(6, 0, values)]})
                ],
            },
        )
        variants = self.odoo.search_read(
            "product.product", [("product_tmpl_id", "=", template)], ["id"], order="id"
        )
        ids = [variant["id"] for variant in variants]
        for product_id, sku in zip(ids, skus, strict=True):
            self.call("product.product", "write", [product_id], {"default_code": sku})
            self.product_ids[sku] = product_id
        return template, dict(zip(sizes, ids, strict=True))

    def template_of(self, sku):
        product_id = self.product_ids[sku]
        return self.call("product.product", "read", [product_id], ["product_tmpl_id"])[0][
            "product_tmpl_id"
        ][0]

    def ship_some(self, picking_id, quantities, tracking=None):
        """Validate part of a delivery order; the rest becomes a backorder.

        :param quantities: {product id: quantity}
        """
        if tracking:
            self.call("stock.picking", "write", [picking_id], {"carrier_tracking_ref": tracking})
        moves = self.odoo.search_read(
            "stock.move", [("picking_id", "=", picking_id)], ["product_id"]
        )
        for move in moves:
            quantity = quantities.get(move["product_id"][0], 0)
            self.call(
                "stock.move", "write", [move["id"]], {"quantity": quantity, "picked": quantity > 0}
            )
        context = {"skip_sms": True, "skip_backorder": True}
        done = self.call("stock.picking", "button_validate", [picking_id], context=context)
        if done is not True:
            raise AssertionError(f"Odoo asks back before it ships: {done}")


class AdminHub(Hub):
    """See ``Hub``; ``shop`` is a running ``MedusaAdminServer``."""

    def __init__(self, server, shop):
        self.server = server
        self.shop = shop
        self.database = server.database
        self._sql = None
        self.scenario = AdminScenario(OdooClient(server.url, self.database), shop.url)
        self.backend_id = self.scenario.backend_id
        self.webhook_url = self.scenario.backend("webhook_uuid")["webhook_uuid"]

    def variant(self, sku):
        """The shop's variant of a SKU, or None."""
        return self.shop.by_sku(sku)

    def product(self, sku):
        """The shop's product of a SKU, or None."""
        variant = self.shop.by_sku(sku)
        return variant and self.shop.products[variant["product_id"]]

    def stocked(self, sku):
        return self.shop.stocked(sku)

    def poll(self):
        """Have the shop asked now, whenever it was asked last, and wait until all of it is dealt with."""
        self.sql(
            "UPDATE connector_hub_cursor SET polled_at = NULL WHERE backend_id = %s",
            self.backend_id,
        )
        self.run_lane()

    def order_of(self, shop_order):
        """The one sale order of a shop's order, or None."""
        orders = self.scenario.orders(("x_medusa_order_id", "=", shop_order["id"]))
        if len(orders) > 1:
            raise AssertionError(f"{shop_order['id']} became {len(orders)} orders")
        return orders[0] if orders else None

    def notify(self, event, data, secret=WEBHOOK_SECRET, **options):
        """What the subscriber posts -> WebhookResult."""
        body = self.shop.webhook_body(event, data)
        path = f"/connector_hub/medusa/{self.webhook_url}"
        return self.post(body, scheme="standard", secret=secret, path=path, **options)
