# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading a shop's lists (seed, section 4): plain functions with a list in the place of the shop."""

from datetime import datetime, timezone

from odoo.tests import BaseCase

from odoo.addons.connector_hub.client import HubResponse
from odoo.addons.connector_hub.exceptions import RejectedError

from ..const import PAGE_SIZE, STATUS_PAGES
from ..poll import MedusaPollRequest, inventory_skus, poll_customers, poll_orders

SINCE = datetime(2026, 2, 1, tzinfo=timezone.utc)


class ListClient:
    """A shop whose lists are given; ``asked`` are the parameters of all requests."""

    def __init__(self, name, rows, total=None):
        self.name, self.rows, self.total = name, rows, total
        self.asked = []

    def request(self, _method, _path, params, deadline=None):
        self.asked.append(params)
        rows = self.rows[params["offset"] : params["offset"] + params["limit"]]
        total = {"total": len(self.rows) if self.total is None else self.total}
        if self.total is False:
            total = {}
        return HubResponse("GET /x", 200, {}, "", {self.name: rows, **total}, 0.1)


def orders(count, **values):
    return [{"id": f"order_{number}", "status": "pending", **values} for number in range(count)]


def read_all(fetch, client, between=lambda: None, **values):
    """All payloads of a run; ``between`` is called after each page."""
    payloads, position = [], None
    for _page in range(50):
        page = fetch(
            None, client, MedusaPollRequest(position=position, **{"since": SINCE, **values})
        )
        payloads += page.payloads
        position = page.position
        if position is None:
            return payloads
        between()
    raise AssertionError("The run does not end")


class TestSeedPoll(BaseCase):
    def ids(self, payloads):
        return [payload["data"]["order"]["id"] for payload in payloads]

    def test_new_orders(self):
        client = ListClient("orders", orders(250))
        self.assertEqual(len(set(self.ids(read_all(poll_orders, client)))), 250)
        self.assertEqual(
            client.asked[0],
            {"synced": "false", "date_from": "2026-02-01T00:00:00Z", "limit": 100, "offset": 0},
        )

    def test_list_gets_shorter_while_it_is_read(self):
        """What we acknowledge leaves the list of what is not synced: nothing may be skipped for it."""
        client = ListClient("orders", orders(350))
        seen = []

        def acknowledge():
            done = [row for row in client.rows if row["id"] in seen][:70]
            client.rows = [row for row in client.rows if row not in done]

        def fetch(backend, shop, request):
            page = poll_orders(backend, shop, request)
            seen.extend(self.ids(page.payloads))
            return page

        read_all(fetch, client, acknowledge)
        self.assertEqual(len(set(seen)), 350)

    def test_list_without_total(self):
        client = ListClient("orders", orders(230), total=False)
        self.assertEqual(len(read_all(poll_orders, client)), 230)

    def test_everything(self):
        client = ListClient("orders", orders(3) + orders(1, status="cancelled"))
        payloads = read_all(poll_orders, client, is_full=True, run="1")
        self.assertEqual([p["event"] for p in payloads].count("order.created"), 4)
        self.assertEqual([p["event"] for p in payloads].count("order.status_updated"), 1)
        self.assertEqual(client.asked, [{"limit": 100, "offset": 0}])

    def test_changed_states(self):
        client = ListClient("orders", orders(2, status="completed"))
        known = {
            "order_0": ("Pending", False, False, "1"),
            "order_1": ("Completed", False, False, "1"),
        }
        payloads = read_all(poll_orders, client, open_orders=known, oldest=SINCE, run="1")
        changed = [p["data"] for p in payloads if p["event"] == "order.status_updated"]
        self.assertEqual({data["order_id"] for data in changed}, {"order_0"})
        self.assertEqual(
            [params.get("status") for params in client.asked],
            [None, "pending", "cancelled", "completed"],
        )

    def _news(self, row, *shown, run="1"):
        client = ListClient("orders", [{"id": "order_0", "status": "pending", **row}])
        request = MedusaPollRequest(
            since=SINCE,
            position={"phase": "pending", "offset": 0},
            run=run,
            open_orders={"order_0": shown},
            oldest=SINCE,
        )
        return [payload["event_id"] for payload in poll_orders(None, client, request).payloads]

    def test_state_of_a_pending_order(self):
        """One event however many runs see it before Odoo has taken it; going back and forth makes new ones."""
        captured = {"payment_status": "captured", "fulfillment_status": "not_fulfilled"}
        first = self._news(captured, "Pending", False, False, "t0")
        self.assertEqual(len(first), 1)
        self.assertEqual(self._news(captured, "Pending", False, False, "t0", run="2"), first)
        shown = ("Pending", "Not fulfilled", "Captured", "t1")
        self.assertEqual(self._news(captured, *shown), [], "what is known is no news")
        again = self._news(captured, "Pending", "Not fulfilled", "Awaiting", "t2")
        self.assertEqual(len(again), 1)
        self.assertNotEqual(again, first)

    def test_nothing_has_happened_yet(self):
        row = {"payment_status": "awaiting", "fulfillment_status": "not_fulfilled"}
        self.assertEqual(self._news(row, "Pending", False, False, "t0"), [])
        self.assertEqual(len(self._news(row, "Pending", "Fulfilled", False, "t0")), 1)

    def test_pages_of_a_state_are_limited(self):
        client = ListClient("orders", orders(STATUS_PAGES * PAGE_SIZE + 150))
        known = {"order_0": ("Pending", False, False, "t0")}
        read_all(poll_orders, client, open_orders=known, oldest=SINCE)
        asked = [params for params in client.asked if params.get("status") == "pending"]
        self.assertEqual(len(asked), STATUS_PAGES)

    def test_same_news_is_one_event(self):
        client = ListClient(
            "customers", [{"id": "cus_1", "email": "a@example.com", "order_count": 1}]
        )
        (first,) = read_all(poll_customers, client)
        client.rows[0]["order_count"] = 2
        (again,) = read_all(poll_customers, client)
        self.assertEqual(first, again)
        client.rows[0]["email"] = "b@example.com"
        (other,) = read_all(poll_customers, client)
        self.assertNotEqual(first["event_id"], other["event_id"])
        (everything,) = read_all(poll_customers, client, is_full=True, run="2026-11-22")
        self.assertNotEqual(other["event_id"], everything["event_id"])

    def test_visitors_are_no_customers(self):
        rows = [
            {"id": "cus_1", "has_account": False, "order_count": 0},
            {"id": "cus_2", "has_account": False, "order_count": 1},
            {"id": "cus_3", "has_account": True},
            {"id": "cus_4"},
        ]
        payloads = read_all(poll_customers, ListClient("customers", rows))
        ids = [payload["data"]["customer"]["id"] for payload in payloads]
        self.assertEqual(ids, ["cus_2", "cus_3", "cus_4"])

    def test_nonsense_instead_of_a_list(self):
        """It is an error that says so; of single entries it is told as of what a webhook brought."""
        for total in ([], "many", -1, 10**12):
            client = ListClient("orders", orders(2), total=total)
            with self.subTest(total=total), self.assertRaises(RejectedError) as caught:
                read_all(poll_orders, client)
            self.assertEqual(caught.exception.reason, "invalid_payload")
            self.assertIn("total", caught.exception.message)
        with self.assertRaises(RejectedError):
            read_all(poll_orders, ListClient("orders", "nonsense"))
        payloads = read_all(poll_orders, ListClient("orders", [None, 3, "x"]))
        self.assertEqual([payload["data"]["order"] for payload in payloads], [None, 3, "x"])
        self.assertEqual(len(read_all(poll_orders, ListClient("orders", orders(3), total="3"))), 3)

    def test_inventory(self):
        rows = [{"sku": f"SKU-{number % 900}"} for number in range(1200)]
        skus, complete = inventory_skus(ListClient("inventory", rows))
        self.assertEqual((len(skus), complete), (900, True))
