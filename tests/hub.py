# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shop and an Odoo of several processes that talk to each other, with ways to look underneath.

Nothing is patched: what a test does, an administrator, a customer, a broken network or a power cut
could do. Only time is helped along: ``time_passes`` moves what is due later, instead of waiting.
"""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2

from hubenv import OdooClient
from tests.lane import Lane
from tests.peers import sender
from tests.scenario import WEBHOOK_SECRET, Scenario

FIXED_URL = "/api/medusa/order-created"

#: Odoo's own account of two users saving the same row: it runs the second one's request again.
SERIALIZATION = re.compile(r"could not serialize access|concurrent update")


class Hub(Lane):
    """The whole installation.

    :param server: a running ``OdooServer``
    :param shop: a running ``MedusaServer``
    :ivar scenario: what an administrator entered
    """

    def __init__(self, server, shop):
        self.server = server
        self.shop = shop
        self.database = server.database
        self._sql = None
        self.scenario = Scenario(OdooClient(server.url, self.database), shop.url)
        self.backend_id = self.scenario.backend_id

    # -- the database underneath --------------------------------------------------------------

    def connect(self):
        """A PostgreSQL session of our own, with transactions of our own."""
        cluster = self.server.cluster
        return psycopg2.connect(
            host=str(cluster.socket_dir), port=cluster.port, user="odoo", dbname=self.database
        )

    def sql(self, query, *params):
        """Run one statement at once and answer its rows, if it has any.

        :param params: its parameters in order, or one dict of named ones
        """
        named = params[0] if params and isinstance(params[0], dict) else params
        if self._sql is None or self._sql.closed:
            self._sql = self.connect()
            self._sql.autocommit = True
        with self._sql.cursor() as cursor:
            cursor.execute(query, named)
            return cursor.fetchall() if cursor.description else []

    def value(self, query, *params):
        return self.sql(query, *params)[0][0]

    def count(self, table, condition="TRUE", *params):
        return self.value(f"SELECT count(*) FROM {table} WHERE {condition}", *params)

    def close(self):
        if self._sql:
            self._sql.close()

    # -- time ---------------------------------------------------------------------------------

    def wait(self, condition, timeout=45.0, interval=0.05):
        """Wait until ``condition()`` is true and answer what it gave."""
        deadline = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"Not reached within {timeout} s. {self.describe()}")
            time.sleep(interval)

    # -- the state of things ------------------------------------------------------------------

    def backend(self):
        """state, cooldown_until, cooldown_count and last_error of the backend, as a dict."""
        names = ("state", "cooldown_until", "cooldown_count", "last_error")
        row = self.sql(
            f"SELECT {', '.join(names)} FROM connector_hub_backend WHERE id = %s", self.backend_id
        )[0]
        return dict(zip(names, row, strict=True))

    def rest_minutes(self):
        """Minutes (a float) the backend will go on resting; None if it does not rest."""
        return self.value(
            "SELECT extract(epoch FROM cooldown_until - now() AT TIME ZONE 'UTC') / 60 "
            "FROM connector_hub_backend WHERE id = %s",
            self.backend_id,
        )

    def events(self, external_id):
        """(id, state, reason, res_id) of the events of one thing, oldest first."""
        return self.sql(
            "SELECT id, state, reason, res_id FROM connector_hub_event WHERE external_id = %s ORDER BY id",
            external_id,
        )

    def deliveries(self, sku, entity="product"):
        """(state, attempts, reason) of the messages about a product, oldest first."""
        return self.sql(
            "SELECT state, attempts, reason FROM connector_hub_delivery "
            "WHERE res_id = %s AND entity = %s AND backend_id = %s ORDER BY id",
            self.scenario.product_ids[sku],
            entity,
            self.backend_id,
        )

    def orders_of(self, external_id):
        """Ids of the sale orders made from one order of the shop."""
        return [
            row[0]
            for row in self.sql(
                "SELECT id FROM sale_order WHERE x_medusa_order_id = %s", external_id
            )
        ]

    def activities(self):
        """(user, summary) of the backend's open activities that ask for attention."""
        return self.sql(
            "SELECT a.user_id, a.summary FROM mail_activity a "
            "WHERE a.res_model = 'connector.hub.backend' AND a.res_id = %s AND a.active",
            self.backend_id,
        )

    def is_idle(self):
        """Nothing is noted, due, or on its way."""
        return not self.value(
            "SELECT EXISTS (SELECT 1 FROM connector_hub_change WHERE backend_id = %(backend)s)"
            " OR EXISTS (SELECT 1 FROM connector_hub_delivery WHERE backend_id = %(backend)s"
            "     AND (state = 'sending' OR state = 'pending' AND next_attempt_at IS NULL))"
            " OR EXISTS (SELECT 1 FROM connector_hub_event WHERE backend_id = %(backend)s"
            "     AND state = 'pending' AND next_attempt_at IS NULL)",
            {"backend": self.backend_id},
        )

    def describe(self):
        """What is left, for the message of a failed wait."""
        rows = self.sql(
            "SELECT entity, event_type, state, attempts, reason, left(error, 200) FROM connector_hub_delivery "
            "WHERE state NOT IN ('done', 'ignored') ORDER BY id LIMIT 5"
        )
        noted = self.count("connector_hub_change")
        return f"Backend: {self.backend()}; changes noted: {noted}; deliveries left: {rows}"

    def reset(self):
        """Nothing broken, nothing waiting: the state in which every test finds the installation."""
        self.shop.clear_faults()
        self.shop.before = None
        self.shop.down()  # cuts off an exchange that a fault holds up
        self.shop.up()
        sending = "backend_id = %s AND state = 'sending'"
        self.wait(lambda: not self.count("connector_hub_delivery", sending, self.backend_id), 60)
        # A pass under way would write what it has found out after we have wiped it away.
        with self.lane_held():
            for table in ("connector_hub_event", "connector_hub_delivery"):
                self.sql(f"DELETE FROM {table} WHERE state IN ('pending', 'dead')")
            self.sql(
                "UPDATE connector_hub_backend SET cooldown_until = NULL, cooldown_count = 0, last_error = NULL "
                "WHERE id = %s",
                self.backend_id,
            )
            # The shop is asked for news when a test wants it, not in the middle of another one.
            self.sql(
                "UPDATE connector_hub_cursor SET polled_at = now() AT TIME ZONE 'UTC' "
                "WHERE state = 'idle' AND polled_at IS NOT NULL"
            )
            if self.backend()["state"] != "active":
                self.scenario.call("connector.hub.backend", "action_activate", [self.backend_id])
        self.settle()
        self.shop.clear_log()

    # -- what people and shops do -------------------------------------------------------------

    def rename(self, sku, name, odoo=None):
        """A user saves a product -> seconds the save took."""
        started = time.monotonic()
        client = odoo or self.scenario.odoo
        client.call("product.product", "write", [[self.scenario.product_ids[sku]], {"name": name}])
        return time.monotonic() - started

    def title(self, sku):
        """The product's name in the shop."""
        return self.shop.products.get(sku, {}).get("title")

    def order_body(self, order, **changes):
        """The webhook of an order of the shop, with keys of the order replaced -> bytes."""
        data = json.loads(json.dumps(self.shop.order_data(order["id"])))
        data["order"].update(changes)
        return sender.WebhookSender.webhook_body("order.created", data, order["created_at"])

    def post(
        self, body, scheme="hmac", secret=WEBHOOK_SECRET, path=FIXED_URL, headers=None, **options
    ):
        """Post bytes to Odoo as a shop does -> WebhookResult."""
        given = {"Content-Type": "application/json"}
        given.update(sender.sign(body, secret, scheme))
        given.update(headers or {})
        given = {name: value for name, value in given.items() if value is not None}
        return sender.post(self.server.url + path, body, given, **options)

    def send(self, order, **options):
        """Post an order of the shop -> WebhookResult."""
        return self.post(self.order_body(order), **options)

    def import_order(self, order):
        """Post an order of the shop, and wait until it is in Odoo -> the sale order's id.

        It mostly is when the answer comes; where the lane is at the same rows, it comes in a moment later.
        """
        answer = self.send(order)
        assert answer.status in (200, 202), answer.body
        (sale_order_id,) = self.wait(lambda: self.orders_of(order["id"]), 60)
        return sale_order_id


def at_once(functions):
    """Call functions in threads, all at the same time -> their results, in order."""
    with ThreadPoolExecutor(len(functions)) as pool:
        return [future.result() for future in [pool.submit(function) for function in functions]]


def log_problems(text, expected=()):
    """Entries of a server log that an administrator would have to look into."""
    problems = []
    for entry in re.split(r"\n(?=\d{4}-\d\d-\d\d \d\d:)", text):
        bad = " ERROR " in entry or " CRITICAL " in entry or "Traceback" in entry
        if bad and not any(re.search(pattern, entry) for pattern in (SERIALIZATION, *expected)):
            problems.append(entry)
    return problems


def assert_clean(text, expected=()):
    """Fail with what a server log has that an administrator would have to look into; see ``log_problems``."""
    if problems := log_problems(text, expected):
        raise AssertionError("The server says: " + "\n".join(problems))
