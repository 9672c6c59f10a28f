# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``setup/test``: the addons' tests inside Odoo, then the tests across the addons.

The first part runs under pytest-odoo on a copy of a template database, the second without it: those
tests start Odoo as real processes.
"""

import os
import subprocess
import sys
from pathlib import Path

from hubenv import ROOT, VENV, Cluster, SetupError, addons, clean_environment, test_database

NO_TESTS = 5
# pytest's options whose value is the next argument, which is therefore no path.
VALUE_OPTIONS = frozenset(
    [
        "-k",
        "-m",
        "-p",
        "-c",
        "-W",
        "-o",
        "-r",
        "-n",
        "--ignore",
        "--deselect",
        "--tb",
        "--maxfail",
        "--durations",
    ]
)


def split_arguments(arguments, cwd):
    """Sort pytest's arguments into options and test paths relative to the checkout.

    :param cwd: the folder of the caller, which paths may be relative to
    :return: (options, addon paths, other paths)
    """
    options, addon_paths, other_paths, previous = [], [], [], ""
    for argument in arguments:
        path = (
            None
            if argument.startswith("-") or previous in VALUE_OPTIONS
            else _inside(argument, cwd)
        )
        if path is None:
            options.append(argument)
        elif path.startswith("connector_hub"):
            addon_paths.append(path)
        else:
            other_paths.append(path)
        previous = argument
    return options, addon_paths, other_paths


def _inside(argument, cwd):
    """The argument as a path relative to the checkout (``::test`` kept); None if it is no path."""
    name, separator, selection = argument.partition("::")
    for folder in (Path(cwd), ROOT):
        path = (folder / name).resolve()
        if path.exists() and path.is_relative_to(ROOT):
            return f"{path.relative_to(ROOT)}{separator}{selection}"
    if separator or name.endswith(".py"):
        raise SetupError(f"there is no test {argument}")
    return None


def run_pytest(arguments):
    print(f"$ pytest {' '.join(arguments)}", flush=True)
    command = [VENV / "bin" / "python", "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=clean_environment(), check=False).returncode


def run_addon_tests(options, paths, names):
    """pytest-odoo on a fresh database in which the named addons (None: all) are installed."""
    cluster = Cluster("test")
    with test_database(names, cluster) as database:
        odoo = [
            "--odoo-http",
            f"--odoo-database={database}",
            f"--odoo-config={cluster.write_conf()}",
        ]
        return run_pytest([*odoo, *options, *paths])


def main(arguments):
    options, addon_paths, other_paths = split_arguments(
        arguments, os.environ.get("HUB_CALLER_DIR", ".")
    )
    # A run of a few paths installs no more than these need; a run of everything tests the addons together.
    names = {path.partition("/")[0] for path in addon_paths}
    if not addon_paths and not other_paths:
        names = None
        addon_paths = [f"{name}/tests" for name in addons() if (ROOT / name / "tests").is_dir()]
        other_paths = ["tests"] if any((ROOT / "tests").glob("test_*.py")) else []
    results = []
    if addon_paths:
        try:
            results.append(run_addon_tests(options, addon_paths, names))
        except SetupError as error:
            # The other part may still have something to say.
            print(f"Error: {error}", file=sys.stderr)
            results.append(1)
    if other_paths:
        results.append(run_pytest(["-p", "no:odoo", *options, *other_paths]))
    failed = [code for code in results if code not in (0, NO_TESTS)]
    if failed:
        return failed[0]
    return 0 if 0 in results else NO_TESTS


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except SetupError as error:
        sys.exit(f"Error: {error}")
