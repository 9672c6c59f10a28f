# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..routes import PollPage
from .test_lane import LaneCase


@tagged("post_install", "-at_install")
class TestCursor(LaneCase):
    """What is fetched page by page, and who may interrupt it."""

    def setUp(self):
        super().setUp()
        self.requests, self.pages, self.meanwhile = [], [], None
        routes = {"order": self._fetch}
        self.startPatcher(
            patch.object(type(self.backend._get_adapter()), "_poll_routes", lambda adapter: routes)
        )
        self.cursor = self.backend._cursor("order")

    def _fetch(self, backend, client, request):
        self.requests.append((request.since, request.position))
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            with self.registry.cursor() as cr:
                meanwhile(api.Environment(cr, SUPERUSER_ID, {}))
                # Somebody else's transaction, in the middle of the lane's.
                cr.commit()  # pylint: disable=invalid-commit
        return self.pages.pop(0) if self.pages else PollPage(payloads=[], position=None)

    def _page(self, *orders, position=None, **values):
        payloads = [{"type": "order.created", "order": order} for order in orders]
        return PollPage(payloads=payloads, position=position, count=len(orders), **values)

    def _events(self):
        return self.env["connector.hub.event"].search([("backend_id", "=", self.backend.id)])

    def _due_now(self):
        self.cursor.polled_at = fields.Datetime.now() - timedelta(hours=1)

    def test_all_pages(self):
        self.pages = [self._page("O-1", "O-2", position={"offset": 2}, total=3), self._page("O-3")]
        self.send()
        self.assertEqual([position for _since, position in self.requests], [None, {"offset": 2}])
        self.assertEqual(len(self._events()), 3)
        self.assertEqual(set(self._events().mapped("state")), {"done"})
        self.assertEqual((self.cursor.state, self.cursor.fetched), ("idle", 3))
        self.assertEqual(self.cursor.progress, 100)

    def test_only_when_due(self):
        self.send()
        self.send()
        self.assertEqual(len(self.requests), 1)
        self._due_now()
        self.backend.poll_minutes = 0
        self.send()
        self.assertEqual(len(self.requests), 1, "never")
        self.backend.poll_minutes = 15
        self.send()
        self.assertEqual(len(self.requests), 2)

    def test_everything_is_asked_for_without_a_date(self):
        self.backend.action_import_all()
        self.send()
        self.assertEqual(self.requests, [(None, None)])
        self._due_now()
        self.send()
        self.assertTrue(self.requests[1][0], "from then on only what has changed")

    def test_import_all_while_a_page_is_fetched(self):
        """The page of the run before must not end the one that a person has just begun."""
        backend_id = self.backend.id

        def import_all(env):
            env["connector.hub.backend"].browse(backend_id).action_import_all()
            env.cr.execute(
                "UPDATE connector_hub_cursor SET started_at = started_at + interval '1 second'"
            )

        self.meanwhile = import_all
        self.pages = [self._page("O-1"), self._page("O-2", position={"offset": 1})]
        self.send()
        self.assertEqual(len(self._events()), 2)
        self.assertEqual(self.requests[0][1], None)
        self.assertTrue(self.requests[0][0])
        self.assertEqual(self.requests[1], (None, None), "everything, from the beginning")
        self.assertEqual(len(self.requests), 3)

    def test_stopped_while_a_page_is_fetched(self):
        cursor_id = self.cursor.id
        self.meanwhile = lambda env: env["connector.hub.cursor"].browse(cursor_id).action_stop()
        self.pages = [self._page("O-1", position={"offset": 1}), self._page("O-2")]
        self.send()
        self.assertEqual((self.cursor.state, len(self.requests)), ("stopped", 1))
        self.assertEqual(len(self._events()), 1, "what came is kept")
        self.send()
        self.assertEqual(len(self.requests), 1)
        self.cursor.action_resume()
        self.send()
        self.assertEqual(self.requests[1][1], {"offset": 1}, "it goes on where it was")
        with self.assertRaises(UserError):
            self.cursor.action_resume()

    def test_outage(self):
        """The page is asked for again, from where the run was."""
        self.pages = [self._page("O-1", position={"offset": 1})]
        fetch = self._fetch

        def fail_second(*arguments):
            page = fetch(*arguments)
            if len(self.requests) == 2:
                return arguments[1].request("GET", "/no-such-page")
            return page

        self.shop.fail(503, path="/no-such-page", times=1)
        with patch.object(
            type(self.backend._get_adapter()), "_poll_routes", lambda a: {"order": fail_second}
        ):
            self.send()
            self.assertResting(1)
            self.let_time_pass()
            self.send()
        self.assertEqual(
            [position for _since, position in self.requests],
            [None, {"offset": 1}, {"offset": 1}],
        )
        self.assertEqual(self.cursor.state, "idle")

    def test_what_is_no_news_makes_no_event(self):
        """Our own acknowledgement moves the time of the last change, and the partner's lists show the order again."""

        def show(minute, content, *types):
            self.pages = [
                PollPage(
                    payloads=[
                        {
                            "type": event_type,
                            "order": "O-1",
                            "at": f"2026-11-22T08:{minute:02}:00Z",
                            "content": content,
                        }
                        for event_type in types
                    ]
                )
            ]
            self._due_now()
            self.send()
            return len(self._events())

        self.assertEqual(show(1, "open", "order.created", "order.changed"), 1)
        self.assertEqual(show(2, "open", "order.created", "order.changed"), 1, "an echo")
        self.assertEqual(show(3, "paid", "order.created", "order.changed"), 2)
        self.assertEqual(show(3, "shipped", "order.changed"), 3, "in the same moment")
        self.assertEqual(show(4, "paid", "order.changed"), 4, "back again")
        self.assertEqual(show(5, "paid", "order.changed"), 4, "an echo")
        self.assertEqual(set(self._events().mapped("state")), {"done"})

    def test_goes_on_from_our_own_time(self):
        """Whatever moments the partner names: what changes later is asked for all the same."""
        future = {"type": "order.created", "order": "O-1", "at": "2099-01-01T00:00:00Z"}
        self.pages = [PollPage(payloads=[future])]
        self.send()
        self.assertEqual(self.cursor.state, "idle")
        self.assertLessEqual(self.cursor.since, fields.Datetime.now())

    def test_payload_that_is_not_valid(self):
        """It is kept for a person and does not keep the others from coming in."""
        page = self._page("O-1", "O-2")
        page.payloads[0]["type"] = 5
        self.pages = [page]
        self.send()
        self.assertEqual(sorted(self._events().mapped("state")), ["dead", "done"])
        self.assertEqual(self.cursor.state, "idle")
