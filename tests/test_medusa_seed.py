# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a shop with the seed's routes tells Odoo: state of its orders, payments, customers."""

import json

import pytest

from tests.scenario import CABLE, CASE
from tests.seed_shop import SeedShop


@pytest.fixture
def seed(hub):
    return SeedShop(hub)


def buyer(name):
    return {"email": f"{name}@example.com", "first_name": name.capitalize(), "last_name": "Buyer"}


# -- state of orders --------------------------------------------------------------------------


def test_status_is_shown_on_the_order(hub, seed):
    order = hub.shop.place_order([(CASE, 1)])

    with hub.lane_held():
        hub.send(order)
        answer = seed.change_status(
            order, fulfillment_status="partially_fulfilled", payment_status="authorized"
        )

    assert answer.status == 200, answer.body
    shown = seed.sale_order(
        order,
        "connector_hub_status",
        "connector_hub_fulfillment_status",
        "connector_hub_payment_status",
    )
    assert answer.json()["odoo_order_id"] == shown["id"]
    assert shown["state"] == "sale"
    assert shown["connector_hub_status"] == "Pending"
    assert shown["connector_hub_fulfillment_status"] == "Partially fulfilled"
    assert shown["connector_hub_payment_status"] == "Authorized"


def test_cancelled_in_the_shop_cancels_the_sale_order_and_is_not_echoed(hub, seed):
    order = hub.shop.place_order([(CABLE, 4)])
    hub.import_order(order)
    seed.settle()

    assert seed.change_status(order, new_status="cancelled").status == 200

    assert seed.sale_order(order)["state"] == "cancel"
    seed.settle()
    assert seed.facts_sent(order) == ["order.confirmed", "order.status_updated"]


def test_cancelled_after_shipping_asks_a_person_once(hub, seed):
    order = hub.shop.place_order([(CABLE, 1)])
    hub.import_order(order)
    (picking_id,) = seed.sale_order(order, "picking_ids")["picking_ids"]
    hub.scenario.ship(picking_id, "TRK-LATE")

    with hub.lane_held():
        for minutes in (2, 1):
            answer = seed.change_status(order, seed.minutes_ago(minutes), new_status="cancelled")
            assert answer.status == 200

    sale_order = seed.sale_order(order, "connector_hub_status", "activity_ids")
    assert sale_order["state"] == "sale"
    assert sale_order["connector_hub_status"] == "Cancelled"
    (activity,) = seed.odoo.call(
        "mail.activity", "read", [sale_order["activity_ids"], ["summary", "note"]]
    )
    assert "shipped already" in activity["summary"]
    assert "Agree with the customer" in activity["note"]


def test_repeated_and_late_states_are_harmless(hub, seed):
    order = hub.shop.place_order([(CASE, 1)])
    newest = seed.minutes_ago(1)

    with hub.lane_held():
        hub.send(order)
        first = seed.change_status(order, newest, new_status="completed")
        again = seed.change_status(order, newest, new_status="completed")
        late = seed.change_status(order, seed.minutes_ago(30), new_status="pending")

    assert (first.status, again.status, late.status) == (200, 200, 200)
    assert again.json()["event_id"] == first.json()["event_id"]
    assert late.json()["status"] == "ignored"
    assert seed.sale_order(order, "connector_hub_status")["connector_hub_status"] == "Completed"


def test_order_whose_own_event_never_came_is_fetched(hub, seed):
    order = hub.shop.place_order([(CASE, 2)])

    answer = seed.change_status(order, payment_status="captured")

    assert answer.status == 202, "the order is not here yet"
    hub.wait(lambda: seed.sale_order(order))
    name = "connector_hub_payment_status"
    hub.wait(lambda: seed.sale_order(order, name)[name] == "Captured")
    assert seed.sale_order(order)["state"] == "sale"
    hub.wait(lambda: [event[1] for event in hub.events(order["id"])] == ["done", "done"])


def test_waiting_state_is_applied_as_soon_as_its_order_arrives(hub, seed):
    order = hub.shop.place_order([(CASE, 1)])
    hub.shop.fault(path_prefix="/odoo/orders/", method="GET", status=404)
    assert seed.change_status(order, new_status="cancelled").status == 202
    hub.wait(lambda: hub.events(order["id"])[0][1] == "dead")
    assert hub.events(order["id"])[0][2] == "not_found"

    hub.send(order)

    hub.wait(lambda: (seed.sale_order(order) or {}).get("state") == "cancel")


def test_order_from_before_the_backend_is_not_fetched_unasked(hub, seed):
    order = hub.shop.place_order([(CASE, 1)], created_at="2020-01-01T00:00:00Z")

    seed.change_status(order, payment_status="captured")

    hub.wait(lambda: hub.events(order["id"])[0][1] == "ignored")
    assert seed.sale_order(order) is None


def test_shipped_order_is_imported_without_taking_stock(hub, seed):
    order = hub.shop.place_order([(CASE, 1)], extra={"status": "completed"})

    hub.import_order(order)

    assert seed.sale_order(order, "picking_ids") == {
        "id": seed.sale_order(order)["id"],
        "state": "draft",
        "picking_ids": [],
    }


# -- payments ---------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["nothing", "invoice", "payment"])
def test_captured_payment(hub, seed, policy):
    journals = seed.odoo.search_read(
        "account.journal",
        [("type", "=", "bank"), ("company_id", "=", hub.scenario.company_id)],
        ["id"],
    )
    order = hub.shop.place_order([(CASE, 1)], shipping_total=500)
    with seed.settings(payment_policy=policy, payment_journal_id=journals[0]["id"]):
        hub.import_order(order)
        seed.change_status(order, seed.minutes_ago(1), payment_status="captured")
        seed.change_status(order, payment_status="captured", fulfillment_status="fulfilled")
        seed.settle()

    sale_order = seed.sale_order(order, "invoice_ids", "activity_ids")
    assert not sale_order["activity_ids"]
    invoices = seed.odoo.call(
        "account.move",
        "read",
        [sale_order["invoice_ids"], ["state", "amount_total", "payment_state"]],
    )
    if policy == "nothing":
        assert invoices == []
        return
    (invoice,) = invoices
    assert (invoice["state"], invoice["amount_total"]) == ("posted", 5.5)
    assert "order.invoiced" in seed.facts_sent(order)
    assert "order.paid" not in seed.facts_sent(order), "the shop knows"
    paid = invoice["payment_state"] in ("paid", "in_payment")
    assert paid == (policy == "payment")


# -- customers --------------------------------------------------------------------------------


def test_guest_who_registers_later_is_one_person(hub, seed):
    order = hub.shop.place_order([(CASE, 1)], customer=buyer("noor"))
    hub.import_order(order)
    seed.settle()
    account = dict(hub.shop.customers[order["customer"]["id"]], id="cus_ACCOUNT", has_account=True)
    account["email"] = "Noor@Example.com"
    hub.shop.customers["cus_ACCOUNT"] = account

    answer = seed.tell_customer({"id": "cus_ACCOUNT"})

    assert answer.status == 200, answer.body
    (partner,) = seed.partners("noor@example.com", "x_medusa_customer_id")
    assert partner["x_medusa_customer_id"] == "cus_ACCOUNT"
    later = hub.shop.place_order([(CASE, 1)], customer="cus_ACCOUNT")
    hub.import_order(later)
    assert seed.sale_order(later, "partner_id")["partner_id"][0] == partner["id"]


def test_customer_with_default_addresses(hub, seed):
    home = {
        "first_name": "Sara",
        "last_name": "Buyer",
        "address_1": "Block 1",
        "city": "Hawalli",
        "country_code": "kw",
    }
    office = {**home, "address_1": "Tower 9", "city": "Sharq", "is_default_shipping": True}
    billing = {**home, "address_1": "P.O. Box 7", "city": "Safat", "is_default_billing": True}
    customer = hub.shop.add_customer(
        "sara@example.com",
        first_name="Sara",
        last_name="Buyer",
        phone="+965 2233 4455",
        addresses=[{**home, "is_default_shipping": False}, office, billing],
    )

    seed.tell_customer(customer)

    (partner,) = seed.partners("sara@example.com", "phone", "child_ids")
    assert (partner["name"], partner["phone"]) == ("Sara Buyer", "+965 2233 4455")
    proposed = seed.odoo.call(
        "res.partner", "address_get", [[partner["id"]], ["delivery", "invoice"]]
    )
    streets = {
        kind: seed.odoo.call("res.partner", "read", [[partner_id], ["street"]])[0]["street"]
        for kind, partner_id in proposed.items()
    }
    assert streets["delivery"] == "Tower 9"
    assert streets["invoice"] == "P.O. Box 7"
    count = len(partner["child_ids"])

    customer["addresses"][0]["is_default_shipping"] = True
    customer["addresses"][1]["is_default_shipping"] = False
    seed.tell_customer(customer, "customer.updated")

    proposed = seed.odoo.call("res.partner", "address_get", [[partner["id"]], ["delivery"]])
    (delivery,) = seed.odoo.call("res.partner", "read", [[proposed["delivery"]], ["street"]])
    assert delivery["street"] == "Block 1"
    (partner,) = seed.partners("sara@example.com", "child_ids")
    assert len(partner["child_ids"]) == count, "no address twice"


def test_customer_events_out_of_order(hub, seed):
    customer = hub.shop.add_customer("omar@example.com", first_name="Omar", last_name="Old")
    created = hub.shop.customer_data(customer["id"])
    created = json.loads(json.dumps(created))
    customer["last_name"] = "New"

    seed.tell_customer(customer, "customer.updated", seed.minutes_ago(1))
    late = seed.post("customer.created", created, seed.minutes_ago(10))

    assert late.json()["status"] == "ignored"
    (partner,) = seed.partners("omar@example.com")
    assert partner["name"] == "Omar New"
