# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Template databases: Odoo's modules and the addons are installed once, a test run gets a copy."""

import ast
import contextlib
import itertools
import os
import re
import subprocess

from .cluster import Cluster
from .paths import (
    ROOT,
    STATE,
    VENV,
    SetupError,
    addons,
    clean_environment,
    digest,
    locked,
    odoo_home,
)

# The modules nearly every installation has; what the addons' manifests name besides is added.
BASE_MODULES = frozenset(
    ["account", "base_automation", "mail", "sale_management", "sale_stock", "stock_delivery"]
)
KEPT_TEMPLATES = 6
_serial = itertools.count(1)


def manifest(addon):
    """The manifest of an addon of this checkout, as a dict."""
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())


def with_dependencies(names):
    """The given addons and those of this checkout they depend on, sorted."""
    known, found, open_names = set(addons()), set(), list(names)
    while open_names:
        name = open_names.pop()
        if name not in found:
            found.add(name)
            open_names += known.intersection(manifest(name)["depends"])
    return sorted(found)


def ensure_template(extra_addons=None, cluster="test"):
    """Name of a template database in which the addons are installed, as their files are now.

    Built if there is none yet: about a minute for Odoo's own modules, then seconds for the addons.

    :param extra_addons: addons of this checkout to install, with their dependencies; default: all
    :raise SetupError: if the installation fails; the text has the errors
    """
    cluster = (cluster if isinstance(cluster, Cluster) else Cluster(cluster)).start()
    names = with_dependencies(addons() if extra_addons is None else extra_addons)
    foreign = {module for name in names for module in manifest(name)["depends"]} - set(names)
    modules = sorted(BASE_MODULES | foreign)
    with locked("template"):
        base = f"hub_base_{digest(_build(), *modules)}"
        _build_once(cluster, base, "template0", modules)
        if not names:
            return base
        template = f"hub_addons_{digest(base, *names, *_sources(names))}"
        _build_once(cluster, template, base, names)
        _drop_old(cluster, keep=template)
    return template


@contextlib.contextmanager
def test_database(extra_addons=None, cluster="test"):
    """A fresh copy of the template under a name of its own, dropped at the end; gives its name."""
    cluster = (cluster if isinstance(cluster, Cluster) else Cluster(cluster)).start()
    drop_stale(cluster)
    database = f"hub_test_{os.getpid()}_{next(_serial)}"
    cluster.drop(database)
    cluster.clone(ensure_template(extra_addons, cluster), database)
    try:
        yield database
    finally:
        cluster.drop(database)


# pytest would otherwise take the name for a test.
test_database.__test__ = False


def drop_stale(cluster):
    """Remove the databases of test runs that were killed before they could."""
    for database in cluster.databases():
        found = re.fullmatch(r"hub_(?:test|building)_(\d+)(?:_\d+)?", database)
        if found and not os.path.exists(f"/proc/{found[1]}"):
            cluster.drop(database)


def _build():
    """What identifies the Odoo in use."""
    home = odoo_home()
    stamp = STATE / "odoo" / "BUILD"
    if stamp.exists() and home.is_relative_to(STATE / "odoo"):
        return stamp.read_text()
    release = home / "odoo" / "release.py"
    return f"{home} {release.stat().st_mtime_ns} {release.read_text()}"


def _sources(names):
    """Path and digest of every file of the addons that an installation reads."""
    for name in names:
        for path in sorted((ROOT / name).rglob("*")):
            inside = path.relative_to(ROOT)
            if path.is_file() and not {"tests", "__pycache__", "readme"}.intersection(inside.parts):
                yield f"{inside} {digest(path.read_bytes().hex())}"


def _build_once(cluster, target, source, modules):
    """Make the template unless it is there; named only when it is whole."""
    if cluster.exists(target):
        return
    drop_stale(cluster)
    building = f"hub_building_{os.getpid()}"
    print(
        f"Installing {len(modules)} modules into a template database: {', '.join(modules)}",
        flush=True,
    )
    if source == "template0":
        cluster.drop(building)
    else:
        cluster.clone(source, building)
    try:
        _install(cluster, building, modules)
        cluster.rename(building, target)
    finally:
        cluster.drop(building)


def _install(cluster, database, modules):
    log_path = STATE / "template.log"
    command = [
        VENV / "bin" / "odoo",
        "server",
        "-c",
        cluster.write_conf(),
        "-d",
        database,
        "-i",
        ",".join(modules),
    ]
    with log_path.open("w") as log:
        done = subprocess.run(
            [*command, "--stop-after-init", "--no-http", "--max-cron-threads=0"],
            cwd=STATE,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            check=False,
        )
    rows = cluster.psql("SELECT name FROM ir_module_module WHERE state = 'installed'", database)
    missing = sorted(set(modules) - {row[0] for row in rows})
    if done.returncode or missing:
        raise SetupError(
            f"these modules could not be installed: {', '.join(missing or modules)}.\n"
            f"{_errors(log_path.read_text(errors='replace'))}\nThe full log is {log_path}"
        )


def _errors(log, lines=40):
    """The first error of an Odoo log with what follows it, else its end."""
    everything = log.splitlines()
    for number, line in enumerate(everything):
        if re.search(r" (ERROR|CRITICAL|WARNING) \w+ odoo\.(modules|registry|service)", line):
            return "\n".join(everything[number : number + lines])
    return "\n".join(everything[-15:])


def _drop_old(cluster, keep):
    """Keep the newest few addon templates (their files were changed since, or will be again)."""
    rows = cluster.psql(
        "SELECT datname FROM pg_database WHERE datname LIKE 'hub\\_addons\\_%' ORDER BY oid DESC"
    )
    for (database,) in rows[KEPT_TEMPLATES:]:
        if database != keep:
            cluster.drop(database)
