# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Where a secret could show: the log, answers, fields, exports, errors, a dump of the database."""

import base64
import json
import stat
import subprocess

import pytest

from hubenv import OdooError, clean_environment
from tests.scenario import API_KEY, CASE, WEBHOOK_SECRET

BACKEND = "connector.hub.backend"
NEW_SECRET = "entered-in-the-form-0123456789"  # noqa: S105 - of the partner server in tests/peers


def forms(secret):
    """How a secret could be written down."""
    raw = secret.encode()
    encoded = base64.b64encode(raw).decode().rstrip("=")
    return {secret, raw.hex(), encoded[:-2], secret[::-1]}


def assert_without_secrets(text, where):
    for secret in (API_KEY, WEBHOOK_SECRET, NEW_SECRET):
        for form in forms(secret):
            assert form not in text, where


@pytest.fixture
def used(hub):
    """An installation in which every secret was used, well and badly, in each direction."""
    for scheme in ("standard", "hmac", "bearer", "header"):
        hub.send(hub.shop.place_order([(CASE, 1)]), scheme=scheme)
    hub.send(hub.shop.place_order([(CASE, 1)]), scheme="bearer", secret=WEBHOOK_SECRET + "x")
    hub.rename(CASE, "Sent with the key")
    hub.wait(lambda: hub.title(CASE) == "Sent with the key")
    hub.scenario.call(BACKEND, "action_test_connection", [hub.backend_id])
    # What the orders have set off is not to use up the faults.
    hub.settle()
    hub.shop.fault(path_prefix="/odoo", status=500, times=3)
    hub.rename(CASE, "Sent in vain")
    hub.wait(lambda: hub.backend()["cooldown_count"])
    return hub


def test_log_has_no_secret(used):
    """All of it, since the server was started for the first of the tests."""
    log = used.server.log_text()
    assert "POST" in log and "/odoo/products" in log, "the exchanges are logged"
    assert_without_secrets(log, "the server's log")


def test_no_field_of_any_model_has_a_secret(used):
    """Read, form, export: as the administrator, with the developer mode's means."""
    scenario = used.scenario
    models = scenario.odoo.search_read(
        "ir.model", [("model", "=like", "connector.hub.%"), ("abstract", "=", False)], ["model"]
    )
    assert len(models) >= 6
    # The notes of changes are ids of records, and nobody may read them.
    for model in [row["model"] for row in models if row["model"] != "connector.hub.change"]:
        ids = scenario.call(model, "search", [], limit=200, order="id desc")
        fields = scenario.call(model, "fields_get", [], ["type", "exportable"])
        assert not {"api_key_sealed", "webhook_secret_sealed"} & fields.keys()
        values = scenario.call(model, "read", ids, list(fields)) if ids else []
        assert_without_secrets(json.dumps(values), f"{model}.read")
        exportable = [name for name, info in fields.items() if info.get("exportable", True)]
        exported = scenario.call(model, "export_data", ids, exportable) if ids else []
        assert_without_secrets(json.dumps(exported), f"{model}.export_data")
    messages = scenario.call("mail.message", "search_read", [("model", "=", BACKEND)], ["body"])
    assert_without_secrets(json.dumps(messages), "the chatter")


def test_sealed_columns_are_out_of_reach(hub):
    for name in ("api_key_sealed", "webhook_secret_sealed"):
        with pytest.raises(OdooError):
            hub.scenario.call(BACKEND, "read", [hub.backend_id], [name])
        with pytest.raises(OdooError):
            hub.scenario.call(BACKEND, "search", [(name, "like", "v1")])


def test_saving_a_form_does_not_answer_with_the_secret(hub):
    """The answer of the save that brings it, and of the next one; an error names no value either."""
    specification = {
        name: {}
        for name in hub.scenario.call(BACKEND, "fields_get", [], ["type"])
        if not name.endswith("_sealed")
    }
    try:
        entered = {"api_key": NEW_SECRET, "webhook_secret": NEW_SECRET}
        answer = hub.scenario.call(BACKEND, "web_save", [hub.backend_id], entered, specification)
        assert answer[0]["has_api_key"] is True
        assert_without_secrets(json.dumps(answer), "web_save")
        again = hub.scenario.call(
            BACKEND, "web_save", [hub.backend_id], {"color": 1}, specification
        )
        assert_without_secrets(json.dumps(again), "the next web_save")
        with pytest.raises(OdooError) as refused:
            wrong = {"api_key": NEW_SECRET, "base_url": "ftp://shop"}
            hub.scenario.call(BACKEND, "web_save", [hub.backend_id], wrong, specification)
        assert_without_secrets(json.dumps([str(refused.value), refused.value.data]), "an error")
    finally:
        kept = {"api_key": API_KEY, "webhook_secret": WEBHOOK_SECRET}
        hub.scenario.call(BACKEND, "write", [hub.backend_id], kept)
    hub.rename(CASE, "The right key again")
    hub.wait(lambda: hub.title(CASE) == "The right key again")


def test_importing_an_export_keeps_the_secrets(hub):
    """An exported file has empty columns where the secrets are; loading it must not wipe them."""
    names = [".id", "name", "api_key", "webhook_secret"]
    rows = hub.scenario.call(BACKEND, "export_data", [hub.backend_id], names)["datas"]
    result = hub.scenario.call(
        BACKEND, "load", names, [[str(c or "") for c in row] for row in rows]
    )
    assert not [m for m in result["messages"] if m["type"] == "error"], result
    assert hub.send(hub.shop.place_order([(CASE, 1)])).status == 200
    hub.rename(CASE, "After the import")
    hub.wait(lambda: hub.title(CASE) == "After the import")


def test_database_dump_has_no_secret(used):
    cluster = used.server.cluster
    command = [cluster.binary("pg_dump"), "-h", cluster.socket_dir, "-p", cluster.port]
    dump = subprocess.run(
        [*map(str, command), "-U", "odoo", "-a", used.database],
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=True,
    ).stdout
    assert "connector_hub_backend" in dump and used.shop.url in dump
    assert_without_secrets(dump, "the database")
    key_file = cluster.data_dir / "connector_hub.key"
    assert key_file.read_text().strip() not in dump, "nor the key that opens them"
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
