# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The set-up's Python half: servers, databases, the test runner, the house rules."""

import socket
import subprocess
from pathlib import Path

import check_files
import pytest
import run_tests

from hubenv import ROOT, Cluster, OdooClient, OdooError, OdooServer, free_port, test_database
from hubenv.template import drop_stale


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


# -- servers and databases --


def test_a_taken_port_is_avoided(taken_port):
    assert free_port(taken_port) != taken_port
    free = free_port()
    assert free_port(free) == free


def test_a_server_survives_sigkill_on_its_port(taken_port):
    with test_database([]) as database, OdooServer(database, port=taken_port) as server:
        port = server.port
        assert port != taken_port
        client = OdooClient(server.url, database)
        partner = client.call("res.partner", "create", [{"name": "Ann"}])
        server.kill()
        with pytest.raises(OSError):
            client.call("res.partner", "read", [[partner], ["name"]])
        server.start()
        assert server.port == port
        client = OdooClient(server.url, database)
        assert (
            client.search_read("res.partner", [["id", "=", partner]], ["name"])[0]["name"] == "Ann"
        )
        with pytest.raises(OdooError, match="does not exist"):
            client.call("res.partner", "write", [[10**8], {"name": "Bob"}])
    assert database not in Cluster("test").databases()


def test_what_a_killed_run_left_is_dropped_and_what_runs_is_not():
    cluster = Cluster("test").start()
    with test_database([]) as alive:
        cluster.psql('DROP DATABASE IF EXISTS "hub_test_999999999_1"')
        cluster.psql('CREATE DATABASE "hub_test_999999999_1"')
        drop_stale(cluster)
        assert "hub_test_999999999_1" not in cluster.databases()
        assert alive in cluster.databases()
        with test_database([]) as other:
            assert other != alive


def test_the_main_cluster_is_durable_and_the_test_cluster_is_not():
    assert Cluster("main").start().psql("SHOW fsync") == [["on"]]
    assert Cluster("test").start().psql("SHOW fsync") == [["off"]]


# -- the test runner --


def test_paths_go_to_the_part_they_belong_to():
    options, addon_paths, other_paths = run_tests.split_arguments(
        ["-k", "tests", "-x", "setup/../tests/test_setup.py::test_x", "connector_hub"], "/"
    )
    assert options == ["-k", "tests", "-x"]
    assert addon_paths == ["connector_hub"]
    assert other_paths == ["tests/test_setup.py::test_x"]


def test_paths_may_be_relative_to_the_callers_folder():
    assert run_tests.split_arguments(["test_setup.py"], ROOT / "tests")[2] == [
        "tests/test_setup.py"
    ]


def test_a_path_that_is_not_there_is_named():
    with pytest.raises(run_tests.SetupError, match="tests/test_nothing.py"):
        run_tests.split_arguments(["tests/test_nothing.py"], "/")


@pytest.mark.parametrize(
    ("addons", "others", "result"),
    [(0, 0, 0), (0, 5, 0), (5, 0, 0), (5, 5, 5), (1, 0, 1), (0, 1, 1), (1, 5, 1), (2, 1, 2)],
)
def test_the_run_fails_if_either_part_does(monkeypatch, addons, others, result):
    monkeypatch.setattr(run_tests, "run_addon_tests", lambda *arguments: addons)
    monkeypatch.setattr(run_tests, "run_pytest", lambda arguments: others)
    assert run_tests.main(["connector_hub", "tests"]) == result


# -- house rules --


def offences(name, text):
    return [offence for _line, offence in check_files.check(Path(name), text)]


def tracked_files():
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_no_tracked_file_names_a_registry_host():
    found = []
    for path in tracked_files():
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{path}: {match[0]}" for match in check_files.REGISTRY_HOST.finditer(text)]
    assert found == []


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("connector_hub/models/x.py", "import requests", "imports requests"),
        ("connector_hub_medusa/client.py", "from requests import Session", "imports requests"),
        ("connector_hub/client.py", "import requests", None),
        ("connector_hub/tests/test_x.py", "import requests", None),
        (
            "connector_hub_make/x.py",
            "from odoo.addons.connector_hub_medusa import y",
            "imports connector_hub_m",
        ),
        (
            "connector_hub_make/x.py",
            "from odoo.addons import connector_hub_medusa",
            "imports connector_hub_m",
        ),
        ("connector_hub_make/x.py", "from odoo.addons.connector_hub.const import y", None),
        (
            "connector_hub_make/__manifest__.py",
            "{'depends': ['connector_hub_medusa']}",
            "depends on",
        ),
        ("connector_hub_make/x.py", "x = 1  # TO" + "DO", "finish it"),
        ("connector_hub_make/x.py", "x = 1\n" * 401, "split it"),
    ],
)
def test_house_rules(name, code, expected):
    found = offences(name, f"{check_files.HEADER}\n{code}\n")
    assert len(found) == (1 if expected else 0), found
    if expected:
        assert expected in found[0]


def test_broken_xml_and_missing_license_are_offences():
    assert "not well-formed" in offences("connector_hub/views/x.xml", "<odoo><record></odoo>")[0]
    assert "copyright" in offences("connector_hub/x.py", "x = 1\n")[0]


def test_a_registry_host_is_an_offence():
    assert "registry host" in offences("README.rst", "from deb." + "debian" + ".org\n")[0]
