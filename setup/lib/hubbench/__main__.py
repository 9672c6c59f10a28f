# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``python -m hubbench``: see setup/bench."""

import argparse
import signal
import sys

from hubdemo.report import ticking

from hubenv import SetupError

from . import accept, export, order_import, save, stock
from .result import HEADER
from .setting import Setting

BENCHES = {
    "accept": accept.run,
    "export": export.run,
    "stock": stock.run,
    "import": order_import.run,
    "save": save.run,
}


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="setup/bench",
        description="The hub's speed against a floor measured in the same run.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("name", nargs="*", help=f"{', '.join(BENCHES)}; none: all")
    sizes = (
        ("requests", 400, "accept: webhooks per round"),
        ("threads", 8, "accept: client threads"),
        ("rounds", 7, "accept: rounds"),
        ("products", 5000, "export: changed products"),
        ("export-rounds", 3, "export: rounds"),
        (
            "memory-products",
            20000,
            "export: products of the larger of the two runs for memory and linear time (the other has a tenth); "
            "a whole catalogue: 50000",
        ),
        ("changes", 10000, "stock: changed quantities"),
        ("stock-rounds", 9, "stock: rounds"),
        ("orders", 200, "import: waiting orders"),
        ("import-rounds", 5, "import: rounds the orders are spread over"),
        ("save-rounds", 15, "save: rounds"),
    )
    for name, default, text in sizes:
        parser.add_argument(f"--{name}", type=int, default=default, help=text)
    parser.add_argument(
        "--cluster",
        choices=("main", "test"),
        default="main",
        help="main: commits reach the disk, as in production; test: they do not",
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.name) - set(BENCHES):
        parser.error(
            f"there is no benchmark {', '.join(sorted(unknown))}: take {', '.join(BENCHES)}"
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    passed = True
    print(HEADER, flush=True)
    with Setting(options.cluster) as setting:
        for name in options.name or BENCHES:
            results = BENCHES[name](setting, options)
            while True:
                with ticking(name):
                    result = next(results, None)
                if result is None:
                    break
                print(result.line(), flush=True)
                passed = passed and result.passed
    return 0 if passed else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(f"Error: {error}")
