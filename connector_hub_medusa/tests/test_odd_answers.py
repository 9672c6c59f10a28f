# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shop that answers with what nobody foresaw, on every route that is read, in both dialects."""

import copy
from dataclasses import replace

from odoo.tests import tagged

from odoo.addons.connector_hub.batch import Item
from odoo.addons.connector_hub.tests.twisted import TwistedCase

from .admin_case import SECRET_KEY, AdminCase
from .peer_case import CASE, PeerCase

try:
    from tests.peers.medusa_admin import MedusaAdminServer
except ImportError:
    MedusaAdminServer = None


class OddAnswers(TwistedCase):
    """What a lane does with a shop: ``self.backend`` and its ``self.peer``."""

    def setUp(self):
        super().setUp()
        self.work_backend = self.backend._work_env()["connector.hub.backend"].browse(
            self.backend.id
        )
        self.adapter = self.work_backend._get_adapter()
        self.client = self.adapter._make_client(self.work_backend)
        self.addCleanup(self.client.close)

    def fetched(self, entity, fetch, full=False):
        """Fetching a page and storing it."""
        cursor = self.work_backend._cursor(entity)
        cursor._start(full=full)

        def run(client):
            request = self.adapter._poll_request(self.work_backend, cursor)
            cursor._store_page(fetch(self.work_backend, client, request), cursor.started_at)

        self.assertFailsWell(self.client, run)

    def checked(self):
        def run(client):
            for _label, step in self.adapter._check_connection(self.work_backend, client):
                step()

        self.assertFailsWell(self.client, run)

    def sent(self, records, entity):
        """Sending a batch and recording what became of it: an odd answer is no reason for a rest."""
        export = self.work_backend.env["connector.hub.export"]
        for record in records:
            self.deliver(record, entity=entity)
        self.commit()
        claimed = self.work_backend.env["connector.hub.delivery"]._claim(
            self.work_backend, lambda *_of: 10
        )
        prepared = export._prepare(self.work_backend, claimed)
        self.assertEqual(len(prepared.waiting()), len(records))

        def run(client):
            batch = replace(
                prepared,
                items=copy.deepcopy(prepared.items),
                context=copy.deepcopy(prepared.context),
            )
            export._send(self.adapter, self.work_backend, client, batch, lambda: None)
            self.assertFalse(batch.waiting())
            export._record(self.work_backend, batch)

        self.assertFailsWell(self.client, run)
        claimed.unlink()

    def told(self, send, payload, **values):
        """Telling of a fact."""

        def run(client):
            item = Item(
                delivery_id=1,
                attempts=0,
                res_model="sale.order",
                res_id=1,
                entity="order",
                payload=copy.deepcopy(payload),
                idempotency_key="key",
                **values,
            )
            send(client, [item], None)

        self.assertFailsWell(self.client, run)


@tagged("post_install", "-at_install")
class TestOddAnswersOfRoutes(OddAnswers, PeerCase):
    def setUp(self):
        super().setUp()
        self.peer.add_product(CASE, stock=5)
        self.placed = self.peer.place_order([(CASE, 1)])

    def test_fetching(self):
        self.fetched("order", self.adapter._poll_routes()["order"])
        self.fetched("order", self.adapter._poll_routes()["order"], full=True)
        self.fetched("partner", self.adapter._poll_routes()["partner"], full=True)
        self.in_the_shop(CASE)
        self.fetched("stock", self.adapter._compare_routes()["stock"])
        fetch = self.adapter._fetch_routes()["order"]

        def run(client):
            payloads = fetch(self.work_backend, client, self.placed["id"])
            self.env["connector.hub.event"]._store_payloads(self.work_backend, payloads)

        self.assertFailsWell(self.client, run)

    def test_connection(self):
        self.checked()

    def test_sending(self):
        for count in (1, 2):
            self.sent(self.goods[:count], "product")
            self.sent(self.goods[:count], "stock")
        self.backend.medusa_stock_route = "webhook"
        self.backend.medusa_product_route = "webhook"
        self.sent(self.goods[:1], "product")
        self.sent(self.goods, "stock")

    def test_facts(self):
        order_id = self.placed["id"]
        status = {"event_type": "order.confirmed", "order": {"medusa_order_id": order_id}}
        self.told(self.adapter._send_status, status)
        self.told(self.adapter._send_status, status, sent_before=True)
        self.told(
            self.adapter._send_reduction,
            {"order_id": order_id, "items": [{"sku": CASE, "quantity": 1}]},
        )


@tagged("post_install", "-at_install")
class TestOddAnswersOfAdmin(OddAnswers, AdminCase):
    def setUp(self):
        if MedusaAdminServer is None:
            self.skipTest("the Medusa server is in the repository's folder tests/peers")
        self.peer = MedusaAdminServer(api_key=SECRET_KEY).start()
        self.addCleanup(self.peer.stop)
        self.backend.write({"base_url": self.peer.url, "api_key": SECRET_KEY})
        super().setUp()
        self.products.sale_ok = False
        self.variant = self.peer.add_product(CASE, stock=5)
        self.placed = self.peer.place_order([(CASE, 1)])

    def test_fetching(self):
        self.peer.add_customer("a@example.com")
        routes = self.adapter._poll_routes()
        self.fetched("order", routes["order"], full=True)
        self.fetched("partner", routes["partner"], full=True)
        self.fetched("stock", self.adapter._compare_routes()["stock"])
        for entity, external_id in (
            ("order", self.placed["id"]),
            ("partner", next(iter(self.peer.customers))),
        ):
            fetch = self.adapter._fetch_routes()[entity]

            def run(client, fetch=fetch, external_id=external_id):
                payloads = fetch(self.work_backend, client, external_id)
                self.env["connector.hub.event"]._store_payloads(self.work_backend, payloads)

            self.assertFailsWell(self.client, run)

    def test_connection(self):
        self.checked()

    def test_sending(self):
        """One product is in the shop, with a category and a size that it has not there; the other one is new."""
        case, _bank = self.goods
        size = self.env["product.attribute"].create({"name": "Size"})
        values = self.env["product.attribute.value"].create(
            [{"name": name, "attribute_id": size.id} for name in ("S", "M")]
        )
        case.product_tmpl_id.attribute_line_ids = [
            (0, 0, {"attribute_id": size.id, "value_ids": [(6, 0, values.ids)]})
        ]
        for number, variant in enumerate(case.product_tmpl_id.product_variant_ids):
            variant.default_code = f"{CASE}-{number}" if number else CASE
        self.sent(self.goods.product_tmpl_id, "product")
        self.sent(case, "stock")

    def test_facts(self):
        order = self.peer.orders[self.placed["id"]]
        item = next(iter(self.peer.full_order(order["id"])["items"]))
        content = {
            "order_id": order["id"],
            "items": [{"id": item["id"], "quantity": 1}],
            "labels": [{"tracking_number": "T-1", "tracking_url": "#", "label_url": "#"}],
            "location_id": None,
            "picking": {"id": 1, "name": "WH/OUT/1", "fulfillment_id": None, "others": []},
            "metadata": {"odoo_order_id": 1},
        }
        send = self.adapter._send_fact
        for fact in ("order.shipped", "order.delivered", "order.confirmed"):
            self.told(send, {"fact": fact, **content})
        other = self.peer.place_order([(CASE, 1)])
        self.told(send, {"fact": "order.cancelled", **content, "order_id": other["id"]})
