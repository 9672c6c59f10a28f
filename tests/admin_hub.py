# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A stock Medusa v2 and an Odoo of several processes, connected by the Admin API alone."""

import pytest

from hubenv import OdooClient, OdooServer, test_database
from tests.hub import Hub, assert_clean
from tests.lane import SLOW_CALLERS
from tests.peers.medusa_admin import MedusaAdminServer
from tests.scenario import CASE, POWER_BANK, WEBHOOK_SECRET, Scenario

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

    def on_hand(self, sku):
        product_id = self.product_ids[sku]
        return self.call("product.product", "read", [product_id], ["qty_available"])[0][
            "qty_available"
        ]

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
        self.webhook_uuid = self.scenario.backend("webhook_uuid")["webhook_uuid"]

    def variant(self, sku):
        """The shop's variant of a SKU, or None."""
        return self.shop.by_sku(sku)

    def product(self, sku):
        """The shop's product of a SKU, or None."""
        variant = self.shop.by_sku(sku)
        return variant and self.shop.products[variant["product_id"]]

    def is_idle(self):
        """Override: an event behind an order that could not be imported waits for a person."""
        return not self.value(
            "SELECT EXISTS (SELECT 1 FROM connector_hub_change)"
            " OR EXISTS (SELECT 1 FROM connector_hub_delivery WHERE state = 'sending'"
            "     OR state = 'pending' AND next_attempt_at IS NULL)"
            " OR EXISTS (SELECT 1 FROM connector_hub_event e WHERE state = 'pending'"
            "     AND (next_attempt_at IS NULL OR is_missing) AND NOT EXISTS ("
            "         SELECT 1 FROM connector_hub_event dead WHERE dead.external_id = e.external_id"
            "         AND dead.state = 'dead' AND dead.creates))"
        )

    def last(self, record_id, event_type="updated", entity="product"):
        """(state, reason, error) of the newest message about a record; Nones without one."""
        rows = self.sql(
            "SELECT state, reason, error FROM connector_hub_delivery WHERE backend_id = %s AND res_id = %s "
            "AND event_type = %s AND entity = %s ORDER BY id DESC LIMIT 1",
            self.backend_id,
            record_id,
            event_type,
            entity,
        )
        return rows[0] if rows else (None, None, None)

    def requeue(self, record_id, event_type="updated", entity="product"):
        ids = self.sql(
            "SELECT id FROM connector_hub_delivery WHERE res_id = %s AND event_type = %s AND entity = %s "
            "ORDER BY id DESC LIMIT 1",
            record_id,
            event_type,
            entity,
        )[0]
        self.scenario.call("connector.hub.delivery", "action_requeue", list(ids))

    def order_of(self, shop_order):
        """The one sale order of a shop's order, or None."""
        orders = self.scenario.orders(("x_medusa_order_id", "=", shop_order["id"]))
        if len(orders) > 1:
            raise AssertionError(f"{shop_order['id']} became {len(orders)} orders")
        return orders[0] if orders else None

    def notify(self, event, data, secret=WEBHOOK_SECRET, **options):
        """What the subscriber posts -> WebhookResult."""
        body = self.shop.webhook_body(event, data)
        path = f"/connector_hub/medusa/{self.webhook_uuid}"
        return self.post(body, scheme="standard", secret=secret, path=path, **options)


def place(admin, lines=((CASE, 2), (POWER_BANK, 1)), **options):
    """A customer orders, and Odoo asks the shop -> (the shop's order, Odoo's)."""
    order = admin.shop.place_order(list(lines), **options)
    admin.poll()
    return admin.shop.orders[order["id"]], admin.order_of(order)


@pytest.fixture(scope="session")
def admin_installation():
    """Started once; its products are in the shop."""
    with (
        test_database() as database,
        MedusaAdminServer(api_key=SECRET_KEY) as shop,
        OdooServer(database, workers=3, max_cron_threads=1, environment=SLOW_CALLERS) as server,
    ):
        hub = AdminHub(server, shop)
        hub.scenario.call("connector.hub.backend", "action_export_all", [hub.backend_id])
        hub.settle()
        try:
            yield hub
        finally:
            hub.close()


@pytest.fixture
def admin(admin_installation, request):
    """A stock Medusa v2 and Odoo, with nothing broken and nothing waiting; afterwards the log must be clean."""
    admin_installation.reset()
    seen = len(admin_installation.server.log_text())
    yield admin_installation
    log = admin_installation.server.log_text()[seen:]
    expected = [text for mark in request.node.iter_markers("logs") for text in mark.args]
    assert_clean(log, expected)
    assert SECRET_KEY not in log
    assert WEBHOOK_SECRET not in log
