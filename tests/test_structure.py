# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The file tree is the architecture: what DESIGN says of files, tables and who may know whom."""

import ast
import re
from http import HTTPStatus

import pytest

from hubenv import ROOT, addons

BASE = "connector_hub"
PARTNERS = sorted(set(addons()) - {BASE, "connector_hub_queue"})
MAX_LINES = 400

#: What someone who has seen one partner addon expects to find in the next.
ROOMS = (
    "__init__.py",
    "__manifest__.py",
    "const.py",
    "schemas.py",
    "controllers/main.py",
    "i18n",
    "models/connector_hub_adapter.py",
    "models/connector_hub_backend.py",
    "readme/CONFIGURE.md",
    "readme/DESCRIPTION.md",
    "readme/USAGE.md",
    "static/description/icon.png",
    "tests/common.py",
    "tests/samples",
    "views/connector_hub_backend_views.xml",
)

#: What the seam leaves to the partner.
MUST_WRITE = frozenset(
    [
        "_make_client",
        "_verify_webhook",
        "_extract_event",
        "_event_routes",
        "_export_routes",
        "_ping",
    ]
)


def production_files(addon, pattern="*.py"):
    """Files of an addon without its tests."""
    for path in sorted((ROOT / addon).rglob(pattern)):
        if "tests" not in path.relative_to(ROOT).parts:
            yield path


def parse(path):
    return ast.parse(path.read_text())


def modules():
    """(path, tree) of all production modules."""
    return [(path, parse(path)) for addon in addons() for path in production_files(addon)]


def imported(tree):
    """Full names of what a module imports from outside of its addon."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def constant(tree, name):
    """The AST of the value of a module's constant."""
    for node in tree.body:
        targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            return node.value
    raise AssertionError(f"There is no {name}")


# -- who knows whom ----------------------------------------------------------------------------


def test_only_the_client_imports_requests():
    found = [
        path.relative_to(ROOT).as_posix()
        for path, tree in modules()
        if any(name.split(".")[0] == "requests" for name in imported(tree))
    ]
    assert found == ["connector_hub/client.py"]


def test_nobody_opens_connections_past_the_client():
    forbidden = {"httpx", "aiohttp", "http.client", "urllib.request", "xmlrpc", "ftplib", "smtplib"}
    for path, tree in modules():
        for name in imported(tree):
            assert not any(name == f or name.startswith(f + ".") for f in forbidden), (path, name)


def test_no_partner_knows_another():
    for addon in PARTNERS:
        others = set(addons()) - {addon, BASE}
        manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())
        assert others.isdisjoint(manifest["depends"])
        for path in production_files(addon):
            for name in imported(parse(path)):
                found = re.match(r"odoo\.addons\.(\w+)", name)
                assert not found or found[1] not in others, (path, name)


def test_the_base_knows_no_partner():
    """Neither by import nor by name: a new partner needs no change in it."""
    codes = [addon.removeprefix(f"{BASE}_") for addon in PARTNERS]
    for path in [*production_files(BASE), *production_files(BASE, "*.xml")]:
        text = path.read_text()
        for code in codes:
            assert not re.search(rf"[\"'.]{code}\b", text), (path, code)


# -- rooms -------------------------------------------------------------------------------------


@pytest.mark.parametrize("addon", PARTNERS)
def test_every_partner_has_the_same_rooms(addon):
    missing = [room for room in ROOMS if not list((ROOT / addon).glob(room))]
    assert missing == []


@pytest.mark.parametrize("addon", PARTNERS)
def test_every_partner_writes_what_the_seam_leaves_to_it(addon):
    code = addon.removeprefix(f"{BASE}_")
    written = set()
    for path in production_files(addon):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.ClassDef):
                written |= {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
    assert written >= MUST_WRITE
    adapter = parse(ROOT / addon / "models" / "connector_hub_adapter.py")
    names = [node.value for node in ast.walk(adapter) if isinstance(node, ast.Constant)]
    assert f"connector.hub.adapter.{code}" in names


def test_the_seam_raises_where_a_partner_must_write():
    """A forgotten override must not succeed."""
    tree = parse(ROOT / BASE / "models" / "connector_hub_adapter.py")
    raising = {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and isinstance(node.body[-1], ast.Raise)
        and "NotImplementedError" in ast.unparse(node.body[-1])
    }
    assert raising == MUST_WRITE


@pytest.mark.parametrize("addon", addons())
def test_no_file_is_longer_than_a_screen_can_take(addon):
    for suffix in ("*.py", "*.xml", "*.js"):
        for path in (ROOT / addon).rglob(suffix):
            assert len(path.read_text().splitlines()) <= MAX_LINES, path


def test_no_test_is_left_out():
    """An addon's test module that its tests/__init__.py does not name is never run by Odoo."""
    for addon in addons():
        folder = ROOT / addon / "tests"
        if folder.is_dir():
            named = (folder / "__init__.py").read_text()
            for path in folder.glob("test_*.py"):
                assert re.search(rf"\b{path.stem}\b", named), path


# -- tables ------------------------------------------------------------------------------------


def reasons_used(tree):
    """Reason codes written down in a module: in errors, outcomes, tables and comparisons."""
    errors = {"RejectedError", "RetryableError", "ConfigurationError", "HubError"}

    def text(node):
        if isinstance(node, ast.IfExp):
            return text(node.body) | text(node.orelse)
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        return {node.value} if is_text else set()

    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg == "reason":
                    yield from text(keyword.value)
            if isinstance(node.func, ast.Name) and node.func.id in errors and len(node.args) > 1:
                yield from text(node.args[1])
        elif isinstance(node, ast.Dict):
            names = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
            if "reason" in names and isinstance(node.values[0], ast.Constant | ast.IfExp):
                outcome = dict(zip(names, node.values, strict=True))
                if text(outcome.get("state", outcome["reason"])) & {"dead", "pending", "ignored"}:
                    yield from text(outcome["reason"])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            name = target.id if isinstance(target, ast.Name) else ""
            if name in ("reason", "default_reason"):
                yield from text(node.value)
            elif name.endswith("_REASONS") and isinstance(node.value, ast.Dict):
                for value in node.value.values:
                    yield from text(value)
        elif isinstance(node, ast.Compare) and ast.unparse(node.left).endswith(".reason"):
            for value in node.comparators:
                yield from text(value)


def test_reasons_are_known_and_used():
    known = {key.value for key in constant(parse(ROOT / BASE / "const.py"), "REASONS").keys}
    used = {}
    for path, tree in modules():
        for reason in reasons_used(tree):
            used.setdefault(reason, path)
    unknown = {reason: path for reason, path in used.items() if reason not in known}
    assert unknown == {}
    assert known - set(used) == set(), "a reason that nothing gives"
    promised = (
        "unknown_sku currency_inactive total_mismatch tax_unmapped country_unknown duplicate_sku "
        "ambiguous_match invalid_payload rejected_by_partner outcome_unknown"
    )
    assert known.issuperset(promised.split())


def test_error_table_has_real_statuses_and_the_five_errors():
    exceptions = parse(ROOT / BASE / "exceptions.py")
    errors = {node.name for node in exceptions.body if isinstance(node, ast.ClassDef)}
    assert len(errors - {"HubError"}) == 5
    table = constant(parse(ROOT / BASE / "const.py"), "ERROR_TABLE")
    rows = {key.value: value.id for key, value in zip(table.keys, table.values, strict=True)}
    assert len(rows) == len(table.keys), "no status twice"
    assert all(HTTPStatus(status) >= 400 for status in rows)
    assert set(rows.values()) <= errors
    assert {rows[status] for status in (401, 403)} == {"ConfigurationError"}
    assert {rows[status] for status in (408, 425, 429)} == {"RetryableError"}


def test_schedules_are_those_of_the_design():
    const = parse(ROOT / BASE / "const.py")

    def value(name):
        return ast.literal_eval(constant(const, name))

    assert value("RETRY_MINUTES") == (1, 5, 15)
    assert value("COOLDOWN_MINUTES") == (1, 5, 15, 60)
    assert value("HTTP_DEADLINE") == 20.0
    assert value("HTTP_DEADLINE_MAX") >= value("HTTP_DEADLINE")
    assert value("LOCK_INBOUND") != value("LOCK_LANE")


def test_tables_hold_functions_not_names_of_methods():
    """No name is looked up and called: neither directly, nor by way of operator."""
    for path, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                looked_up = isinstance(called, ast.Call) and ast.unparse(called.func) == "getattr"
                assert not looked_up, (path, node.lineno)
                assert "methodcaller" not in ast.unparse(called), (path, node.lineno)
