# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A stock Medusa v2, connected by its secret key alone: connection, stock, customers, webhooks of the subscriber."""

import pytest

from hubenv import OdooError
from tests.scenario import CABLE, CASE


def check(admin):
    """The steps of "Test connection": {label: (result, message)}."""
    action = admin.scenario.call(
        "connector.hub.backend", "action_test_connection", [admin.backend_id]
    )
    lines = admin.scenario.odoo.search_read(
        "connector.hub.check.line",
        [("check_id", "=", action["res_id"])],
        ["name", "result", "message"],
    )
    return {line["name"]: (line["result"], line["message"] or "") for line in lines}


@pytest.fixture
def second_location(admin):
    location_id = admin.shop.add_location("Airport")
    yield location_id
    with admin.lane_held():
        for key in [key for key in admin.shop.levels if key[1] == location_id]:
            del admin.shop.levels[key]
        del admin.shop.locations[location_id]
        admin.scenario.call(
            "connector.hub.backend", "write", [admin.backend_id], {"location_ids": [(5,)]}
        )


# -- connection ----------------------------------------------------------------------------------


def test_connection_names_what_the_key_may_see(admin):
    steps = check(admin)
    assert {result for result, _message in steps.values()} == {"passed"}
    assert "products" in steps["Products are visible"][1]
    assert steps["Stock location"][1] == "Main Warehouse"
    assert steps["Currencies of the shop"][1] == "EUR, KWD"


def test_connection_without_a_place_for_the_stock(admin, second_location):
    result, message = check(admin)["Stock location"]
    assert result == "failed"
    assert second_location in message


def test_wrong_key_pauses_the_backend_and_nothing_is_lost(admin):
    admin.shop.api_key = "sk_another"
    try:
        admin.scenario.set_stock(CASE, 171)
        admin.wait(lambda: admin.backend()["state"] == "paused", 30)
        assert check(admin)["The secret API key is accepted"][0] == "failed"
    finally:
        admin.shop.api_key = "sk_0123456789abcdef"
    admin.scenario.call("connector.hub.backend", "action_activate", [admin.backend_id])
    admin.wait(lambda: admin.shop.stocked(CASE) == 171, 30)


def test_free_quantity_is_refused(admin):
    with pytest.raises(OdooError, match="subtracts the reserved quantities itself"):
        admin.scenario.call(
            "connector.hub.backend", "write", [admin.backend_id], {"quantity_source": "free"}
        )


def test_dialect_of_a_backend_in_use_stays(admin):
    with pytest.raises(OdooError):
        admin.scenario.call(
            "connector.hub.backend", "write", [admin.backend_id], {"medusa_dialect": "odoo_routes"}
        )


# -- stock ---------------------------------------------------------------------------------------


def test_stock_goes_out_in_one_request(admin):
    quantities = {CASE: 131, CABLE: 77}
    for sku, quantity in quantities.items():
        admin.scenario.set_stock(sku, quantity)
    admin.settle()
    assert {sku: admin.shop.stocked(sku) for sku in quantities} == quantities

    admin.scenario.call("connector.hub.backend", "action_export_all", [admin.backend_id])
    admin.settle()
    admin.shop.clear_log()
    admin.scenario.call("connector.hub.backend", "action_export_all", [admin.backend_id])
    admin.settle()
    written = admin.shop.sent("/admin/inventory-items/location-levels/batch")
    assert len(written) == 1
    assert set(written[0].payload) == {"update"}


def test_level_is_made_where_it_is_missing(admin):
    """A level deleted in the shop is made anew, though Odoo has linked the inventory item."""
    key = next(
        key
        for key, level in admin.shop.levels.items()
        if admin.shop.stocked(CABLE) and admin.shop.inventory_items[key[0]]["sku"] == CABLE
    )
    del admin.shop.levels[key]
    admin.scenario.set_stock(CABLE, 61)
    admin.settle()
    assert admin.shop.stocked(CABLE) == 61


def test_stock_below_nothing_is_none(admin):
    admin.scenario.add_product("MINUS-1", "Oversold", 1, quantity=3)
    admin.settle()
    assert admin.shop.stocked("MINUS-1") == 3
    admin.sql(
        "UPDATE stock_quant SET quantity = -4 WHERE product_id = %s AND location_id = %s",
        admin.scenario.product_ids["MINUS-1"],
        admin.scenario.stock_location_id,
    )
    admin.scenario.call("connector.hub.backend", "action_export_all", [admin.backend_id])
    admin.settle()
    assert admin.shop.stocked("MINUS-1") == 0


def test_stock_of_a_product_that_is_not_there_yet_waits(admin):
    admin.shop.fault("/admin/products", bulk_item_error={"LATE-1": "invalid_data"})
    admin.scenario.add_product("LATE-1", "Late", 1, quantity=8)
    admin.settle()
    product_id = admin.scenario.product_ids["LATE-1"]
    assert admin.last(product_id, entity="stock")[0] == "pending"

    admin.shop.clear_faults()
    admin.requeue(admin.scenario.template_of("LATE-1"))
    admin.wait(lambda: admin.shop.stocked("LATE-1") == 8, 30)


def test_stock_of_several_locations_is_not_guessed(admin, second_location):
    admin.scenario.set_stock(CASE, 120)
    admin.wait(lambda: admin.backend()["state"] == "paused", 30)
    assert second_location in admin.backend()["last_error"]

    admin.scenario.call(
        "connector.hub.backend",
        "write",
        [admin.backend_id],
        {
            "location_ids": [
                (
                    0,
                    0,
                    {"warehouse_id": admin.scenario.warehouse_id, "external_id": second_location},
                )
            ]
        },
    )
    admin.scenario.call("connector.hub.backend", "action_activate", [admin.backend_id])
    admin.wait(lambda: admin.shop.stocked(CASE, second_location) == 120, 30)


# -- customers -----------------------------------------------------------------------------------


def partner_of(admin, customer_id):
    return admin.scenario.odoo.search_read(
        "res.partner",
        [("x_medusa_customer_id", "=", customer_id)],
        ["name", "email", "phone", "city", "type", "child_ids"],
    )


def test_customers_are_polled_and_updated(admin):
    customer = admin.shop.add_customer(
        "mona@example.com",
        first_name="Mona",
        last_name="Saleh",
        addresses=[{"address_1": "Street 1", "city": "Hawalli", "country_code": "kw"}],
    )
    admin.shop.add_customer("guest@example.com", has_account=False, first_name="Guest")
    admin.poll()
    (partner,) = partner_of(admin, customer["id"])
    assert (partner["name"], partner["email"]) == ("Mona Saleh", "mona@example.com")
    assert not admin.scenario.call(
        "res.partner", "search", [("email", "=", "guest@example.com")]
    ), "guests come with their orders"

    customer["phone"] = "+96522223333"
    customer["updated_at"] = admin.shop.new_record("x")["updated_at"]
    admin.poll()
    (partner,) = partner_of(admin, customer["id"])
    assert "2222" in partner["phone"].replace(" ", "")


def test_guest_who_registers_later_is_one_person(admin):
    order = admin.shop.place_order([(CASE, 1)], email="noor@example.com")
    admin.poll()
    guest = admin.order_of(order)["partner_id"][0]
    account = admin.shop.add_customer("noor@example.com", first_name="Noor", last_name="Ali")
    admin.poll()
    (partner,) = partner_of(admin, account["id"])
    assert partner["id"] == guest


def test_webhook_names_a_customer_who_is_fetched(admin):
    customer = admin.shop.add_customer("hook@example.com", first_name="Hook")
    answer = admin.notify("customer.created", {"id": customer["id"]})
    assert answer.status == 202, answer.body
    admin.wait(lambda: partner_of(admin, customer["id"]), 30)
