# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A user's saves with three active backends, beside the same saves on a database without the addons."""

import statistics

from .result import of_rounds

TARGET = 1.10
BACKENDS = 3
#: (what, task, how many in one round)
KINDS = (
    ("ms for a product write and its commit", "save_products", 40),
    ("ms for a stock quantity update and its commit", "save_quantities", 40),
    ("ms to validate a delivery and commit", "validate_deliveries", 4),
)


def run(setting, options):
    bare = setting.database("bare", addons=())
    hub = setting.database("hub")
    with setting.worker(bare) as floor, setting.worker(hub) as ours:
        for worker in (floor, ours):
            worker.call("make_company")
            worker.call("make_products", count=100, quantity=100_000)
        ours.call("make_backends", count=BACKENDS, url="http://127.0.0.1:9", frequency="realtime")
        for what, task, count in KINDS:
            for worker in (floor, ours):
                worker.call(task, count=count)
            rounds = []
            for number in range(options.save_rounds):
                # The one that comes second finds the processor's caches and the disk in another state: take turns.
                pair = (floor, ours) if number % 2 else (ours, floor)
                times = {
                    worker: statistics.median(worker.call(task, count=count)) for worker in pair
                }
                rounds.append((times[floor] * 1000, times[ours] * 1000))
            yield of_rounds("save", what, rounds, TARGET, at_least=False)
