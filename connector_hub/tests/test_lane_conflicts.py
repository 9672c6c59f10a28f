# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Others write the same rows as the lane, again and again: that is no fault of the partner, nor of a message."""

from unittest.mock import patch

import psycopg2

from odoo.tests import tagged

from .lane_case import LaneCase
from .shop_case import HANDLED


def conflict(*_arguments, **_options):
    raise psycopg2.errors.SerializationFailure("somebody was faster")


@tagged("post_install", "-at_install")
class TestLaneConflicts(LaneCase):
    def assertUnharmed(self):
        """Nothing rests, nobody is called, no message has lost an attempt."""
        backend = self.backend
        self.assertEqual(backend.state, "active")
        self.assertFalse(backend.cooldown_until or backend.cooldown_count or backend.last_error)
        self.assertFalse(backend.activity_ids)
        messages = (
            self.deliveries(),
            self.env["connector.hub.event"].search([("backend_id", "=", backend.id)]),
        )
        for model in messages:
            self.assertFalse(sum(model.mapped("attempts")))
            self.assertNotIn("dead", model.mapped("state"))

    def conflicting_on(self, order):
        """The events of this order cannot be processed, alone or together with others."""
        adapter = type(self.backend._get_adapter())
        handle = adapter._handle

        def handle_others(adapter, backend, events):
            if order in events.mapped("external_id"):
                conflict()
            return handle(adapter, backend, events)

        return patch.object(adapter, "_handle", handle_others)

    def test_one_event(self):
        """It is left to the next round, and so is what follows it; all the others go on, and what is sent too."""
        events = [self.add_event(order=f"O-{number}") for number in range(6)]
        update = self.add_event("order.changed", "O-3", id="update")
        with self.conflicting_on("O-3"):
            self.assertEqual(self.send(self.products[0]), [["A-1"]])
        self.assertUnharmed()
        self.assertEqual(
            [event.state for event in events], ["done"] * 3 + ["pending"] + ["done"] * 2
        )
        self.assertEqual(update.state, "pending")
        self.assertIn(events[3].next_attempt_at, self.wakes().mapped("call_at"))
        self.let_time_pass()
        self.run_lane()
        self.assertEqual((events[3].state, update.state), ("done", "done"))
        self.assertLess(HANDLED.index([events[3].event_id]), HANDLED.index(["update"]), "in order")

    def test_what_was_sent(self):
        """All is recorded but what conflicts by itself; that is sent again once the lease is over, not before."""
        export = type(self.env["connector.hub.export"])
        record, sku = export._record, "B-2"

        def record_others(export, backend, batch):
            if sku in [item.external_id for item in batch.items]:
                conflict()
            return record(export, backend, batch)

        with patch.object(export, "_record", record_others):
            self.assertEqual(self.send(*self.products), [["A-1", "B-2", "C-3"]])
        self.assertUnharmed()
        self.assertStates("done", "sending", "done")
        self.assertEqual(self.send(), [])
        self.env.cr.execute(
            "UPDATE connector_hub_delivery SET lease_until = lease_until - interval '1 hour'"
        )
        self.env.invalidate_all()
        self.assertEqual(self.send(), [["B-2"]])
        self.assertStates("done", "done", "done")

    def test_what_was_sent_and_must_not_be_sent_again(self):
        self.set_options(idempotent=False)
        contact = self.env["res.partner"].create({"name": "P", "ref": "SHOP-1"})
        with patch.object(type(self.env["connector.hub.export"]), "_record", conflict):
            self.send()
        self.assertEqual(self.of(contact, "partner").state, "done")
        self.assertEqual(len(self.shop.partners), 1)
        self.assertUnharmed()

    def test_any_step(self):
        """The others do their work, and the lane comes back for it at once."""
        backend = type(self.backend)
        deliveries = type(self.env["connector.hub.delivery"])
        for model, step in (
            (backend, "_fold_changes"),
            (backend, "_end_pass"),
            (backend, "_lane_poll"),
            (backend, "_lane_fetch_missing"),
            (deliveries, "_claim"),
            (deliveries, "_return_expired"),
        ):
            with self.subTest(step):
                event = self.add_event(order=step)
                product = self.products[0]
                product.name = f"Renamed before {step}"
                self.woken.clear()
                with patch.object(model, step, conflict):
                    self.run_lane()
                self.assertUnharmed()
                self.assertTrue(self.is_woken())
                self.run_lane()
                self.assertEqual(event.state, "done")
                self.assertEqual(self.shop.products["A-1"]["title"], product.name)
