# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Changed quantities to the local shop, beside reading them with the ORM and posting them in bulk."""

from .export import bulk_requests
from .result import Result, of_rounds

TIME_TARGET, REQUESTS_TARGET = 1.25, 1.0
#: Changes that may go into one request on average: 25 requests for 10,000.
CHANGES_PER_REQUEST = 400


def run(setting, options):
    database, count = setting.database("stock"), options.changes
    with setting.shop() as shop, setting.worker(database) as worker:
        worker.call("make_company")
        worker.call("make_products", count=count)
        worker.call("make_backends", count=1, url=shop.url, frequency="15")
        worker.call("export_changed", count=count)  # the shop creates the products
        worker.call("export_stock", count=count)
        rounds, requests = [], 0
        for number in range(options.stock_rounds):
            # Take turns: the second one finds warmer caches.
            if number % 2:
                floor = worker.call("post_quantities", count=count, url=shop.url)
            before = bulk_requests(shop)
            ours = worker.call("export_stock", count=count)
            requests += bulk_requests(shop) - before
            if not number % 2:
                floor = worker.call("post_quantities", count=count, url=shop.url)
            rounds.append((floor, ours))
    yield of_rounds("stock", f"seconds for {count} changed quantities", rounds, TIME_TARGET, False)
    allowed = count / CHANGES_PER_REQUEST
    requests /= options.stock_rounds
    yield Result(
        "stock",
        f"requests to the shop, and one per {CHANGES_PER_REQUEST} changes",
        allowed,
        requests,
        requests / allowed,
        REQUESTS_TARGET,
        at_least=False,
    )
