# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Several companies of one database, each with a shop of its own, at one fixed address."""

from tests.hub import at_once
from tests.scenario import CABLE, CASE, WEBHOOK_SECRET

ORDERS = 6


def add_company(hub, name):
    """A company with a warehouse and an active backend -> (its id, its webhook secret)."""
    scenario = hub.scenario
    (company,) = scenario.odoo.search_read(
        "res.company", [("id", "=", scenario.company_id)], ["currency_id"]
    )
    # Without a country: Odoo would install the modules of that country.
    values = {"name": name, "currency_id": company["currency_id"][0]}
    company_id = scenario.call("res.company", "create", values)
    warehouse_id = scenario.call(
        "stock.warehouse", "create", {"name": name, "code": name[-5:], "company_id": company_id}
    )
    secret = f"webhook-secret-of-{name}"
    scenario.add_backend(
        name, hub.shop.url, secret=secret, company_id=company_id, warehouse_id=warehouse_id
    )
    return company_id, secret


def test_the_secret_says_whose_an_order_is(hub):
    """The shops number their orders alike, and all send at the same time."""
    secrets = {hub.scenario.company_id: WEBHOOK_SECRET}
    secrets.update(add_company(hub, f"company-{number}") for number in range(2))
    orders = [hub.shop.place_order([(CASE, 1), (CABLE, 2)]) for _number in range(ORDERS)]

    answers = at_once(
        [
            lambda order=order, secret=secret: hub.send(order, secret=secret)
            for order in orders
            for secret in secrets.values()
        ]
    )

    assert {answer.status for answer in answers} <= {200, 202}
    for order in orders:
        hub.wait(lambda order=order: len(hub.orders_of(order["id"])) >= len(secrets), 60)
        rows = hub.sql(
            "SELECT o.company_id, b.company_id, w.company_id, p.company_id FROM sale_order o "
            "JOIN connector_hub_backend b ON b.id = o.connector_hub_backend_id "
            "JOIN stock_warehouse w ON w.id = o.warehouse_id "
            "JOIN res_partner p ON p.id = o.partner_id WHERE o.x_medusa_order_id = %s",
            order["id"],
        )
        assert sorted(row[0] for row in rows) == sorted(secrets), "one for each company"
        for company, *others in rows:
            assert set(others) <= {company, None}
