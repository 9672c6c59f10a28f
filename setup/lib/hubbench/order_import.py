# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Waiting orders imported by the lane, beside creating and confirming them one by one with the ORM."""

from .accept import order_body
from .result import of_rounds

TARGET = 1.5


def run(setting, options):
    database = setting.database("import")
    numbers = iter(range(10**9))
    share = max(1, options.orders // options.import_rounds)
    with setting.worker(database) as worker:
        worker.call("make_company")
        worker.call("make_products", count=20, quantity=100_000)
        worker.call("make_backends", count=1, url="http://127.0.0.1:9", frequency="15")
        import_both(worker, numbers, 4)
        rounds = [import_both(worker, numbers, share) for _round in range(options.import_rounds)]
    what = f"orders per second, {share * options.import_rounds} of them"
    yield of_rounds("import", what, rounds, TARGET, at_least=True)


def import_both(worker, numbers, count):
    """The same number of orders by both ways -> orders/s of both."""
    rates = []
    for task in ("order_one_by_one", "import_waiting"):
        bodies = [
            order_body(number, (f"BENCH-{number % 20}", f"BENCH-{(number + 7) % 20}")).decode()
            for number in (next(numbers) for _order in range(count))
        ]
        rates.append(count / worker.call(task, bodies=bodies))
    return rates
