# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the tests of the seed's dialect do with the installation: settings, events, looks at Odoo."""

import contextlib
from datetime import datetime, timedelta, timezone

from tests.peers import sender

EVENTS_URL = "/api/medusa/webhooks"


class SeedShop:
    """Short ways to do and see what the tests of the seed's dialect are about.

    :param hub: ``tests.hub.Hub``
    """

    def __init__(self, hub):
        self.hub = hub
        self.shop = hub.shop
        self.odoo = hub.scenario.odoo

    @contextlib.contextmanager
    def settings(self, **values):
        """The backend with other settings; afterwards as it was."""
        backend_id = self.hub.backend_id
        (before,) = self.odoo.call("connector.hub.backend", "read", [[backend_id], list(values)])
        before = {
            name: before[name][0] if isinstance(before[name], list | tuple) else before[name]
            for name in values
        }
        self.odoo.call("connector.hub.backend", "write", [[backend_id], values])
        try:
            yield
        finally:
            self.odoo.call("connector.hub.backend", "write", [[backend_id], before])

    # -- events -------------------------------------------------------------------------------

    def post(self, event, data, occurred_at=None, **options):
        """An event of the shop -> WebhookResult. Without a time it happened now."""
        occurred_at = occurred_at or datetime.now(timezone.utc)
        body = sender.WebhookSender.webhook_body(event, data, occurred_at)
        return self.hub.post(body, path=EVENTS_URL, **options)

    def change_status(self, order, occurred_at=None, **values):
        """Something happens to an order in the shop, and Odoo is told -> WebhookResult."""
        data = self.shop.change_status(order["id"], **values)
        return self.post("order.status_updated", data, occurred_at)

    def tell_customer(self, customer, event="customer.created", occurred_at=None):
        return self.post(event, self.shop.customer_data(customer["id"]), occurred_at)

    @staticmethod
    def minutes_ago(minutes):
        return datetime.now(timezone.utc) - timedelta(minutes=minutes)

    # -- looks --------------------------------------------------------------------------------

    def sale_order(self, order, *names):
        """Fields of the one sale order made from an order of the shop, or None if there is none."""
        ids = self.hub.orders_of(order["id"])
        assert len(ids) <= 1, f"The order is there {len(ids)} times"
        if not ids:
            return None
        return self.odoo.call("sale.order", "read", [ids, ["state", *names]])[0]

    def partners(self, email, *names):
        domain = [("email", "=ilike", email), ("parent_id", "=", False)]
        return self.odoo.search_read("res.partner", domain, ["name", *names])

    def facts_sent(self, order):
        """Events the shop has been told of an order, oldest first."""
        history = self.shop.orders[order["id"]]["history"]
        return [entry["event"] for entry in history if entry["event"].startswith("order.")][1:]

    def bodies(self, path):
        """JSON bodies the shop has got at a path, oldest first."""
        return [request.payload for request in self.shop.sent(path, "POST") if request.path == path]

    def settle(self):
        self.hub.settle()

    def poll(self):
        self.hub.poll()
