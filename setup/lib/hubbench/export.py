# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Changed products to the local shop, beside reading the same fields with the ORM and writing them as JSON."""

from .result import Result, of_rounds

RATE_TARGET, MEMORY_TARGET, LINEAR_TARGET, REQUESTS_TARGET = 0.6, 1.2, 1.25, 1.0
SMALL_SHARE = 10


def run(setting, options):
    database = setting.database("export")
    total = max(options.products, options.memory_products)
    with setting.shop() as shop:
        with setting.worker(database) as worker:
            worker.call("make_company")
            worker.call("make_products", count=total)
            worker.call("make_backends", count=1, url=shop.url, frequency="15")
            worker.call("export_changed", count=options.products)  # the shop creates them
            requests_before = bulk_requests(shop)
            rounds = []
            for _round in range(options.export_rounds):
                floor = worker.call("read_as_json", count=options.products)
                ours = worker.call("export_changed", count=options.products)
                rounds.append((options.products / floor, options.products / ours))
            requests = (bulk_requests(shop) - requests_before) / options.export_rounds
        yield of_rounds(
            "export", f"products per second, {options.products} of them", rounds, RATE_TARGET, True
        )
        yield Result(
            "export",
            "requests to the shop, and one per 100 products",
            options.products / 100,
            requests,
            requests / (options.products / 100),
            REQUESTS_TARGET,
            at_least=False,
        )
        small, large = options.memory_products // SMALL_SHARE, options.memory_products
        peaks, times = [], []
        for count in (small, large):
            with setting.worker(database) as worker:
                worker.call("export_changed", count=count)  # the shop has them all afterwards
                times.append(worker.call("export_changed", count=count) / count * 1000)
                peaks.append(peak_memory(worker.pid))
        sizes = f"{small} and {large} products"
        yield of_rounds("export", f"MB at the peak, {sizes}", [peaks], MEMORY_TARGET, False)
        yield of_rounds("export", f"ms per product, {sizes}", [times], LINEAR_TARGET, False)


def bulk_requests(shop):
    return sum(shop.control("counts")["counts"].values())


def peak_memory(pid):
    """The most memory a process has had at a time, in MB."""
    with open(f"/proc/{pid}/status") as status:
        (line,) = [line for line in status if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024
