# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``setup/demo`` as a process: the main job, a second demo beside the first, its end, and its failures."""

import contextlib
import json
import os
import queue
import signal
import socket
import subprocess
import threading
import time
import urllib.request

import pytest
from hubdemo.report import Mismatch, Report, compare, wait_for
from hubdemo.shop import Shop

from hubenv import ROOT, STATE, Cluster, OdooClient

DATABASE = f"hub_demo_test_{os.getpid()}"
STEPS = 15


class Demo:
    """A running ``setup/demo``; ``lines`` is what it printed so far."""

    def __init__(self, *options, cwd="/"):
        self.process = subprocess.Popen(
            [ROOT / "setup" / "demo", "--database", DATABASE, *options],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines = []
        self._queue = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self._queue.put(line)
        self._queue.put(None)

    def wait_for(self, text, timeout=400):
        """Read on until a line has the text (None: to the end)."""
        deadline = time.monotonic() + timeout
        while True:
            line = self._queue.get(timeout=max(0, deadline - time.monotonic()))
            if line is None:
                assert text is None, f"{text!r} was not printed:\n{self.output}"
                return self.process.wait(30)
            self.lines.append(line)
            if text is not None and text in line:
                return line

    @property
    def output(self):
        return "".join(self.lines)

    @property
    def oks(self):
        return sum(line.startswith("  ok ") for line in self.lines)


def memory():
    return json.loads((STATE / f"demo-{DATABASE}.json").read_text())


def is_running(pid):
    return os.path.exists(f"/proc/{pid}")


@pytest.fixture(scope="module", autouse=True)
def clean():
    yield
    Cluster("main").start().drop(DATABASE)
    for path in STATE.glob(f"demo-{DATABASE}*"):
        path.unlink()


@pytest.fixture
def demos():
    """Starts demos, and ends those that are still there."""
    started = []

    def start(*options, **arguments):
        started.append(Demo(*options, **arguments))
        return started[-1]

    yield start
    for demo in started:
        if demo.process.poll() is None:
            demo.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                demo.process.wait(40)
        demo.process.stdout.close()


def test_it_shows_the_job_shares_its_servers_and_ends_with_ctrl_c(demos, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        first = demos("--port", str(port), cwd=tmp_path)
        url = first.wait_for("Odoo:      http").split()[1]
        assert not url.endswith(f":{port}")
    first.wait_for("Stays up until Ctrl-C")
    assert first.oks == STEPS, first.output
    assert "S00001, MEDUSA-1001, Ahmed Al-Rashid, 16.000 KWD" in first.output
    assert "CASE-IP15PRO-001 198" in first.output

    odoo = OdooClient(url, DATABASE)
    (backend,) = odoo.search_read("connector.hub.backend", [], ["webhook_url", "state"])
    assert backend["state"] == "active"
    assert backend["webhook_url"].startswith(f"{url}/connector_hub/medusa/")
    with urllib.request.urlopen(f"{backend['webhook_url']}/ping", timeout=10) as answer:
        assert json.load(answer)["success"] is True

    second = demos("--exit")
    assert second.wait_for(None) == 0, second.output
    assert f"A demo is running at {url} already" in second.output
    assert "MEDUSA-1002" in second.output and second.oks == STEPS - 5

    # A shop that does not take what it is told: the step says what was expected, and what was seen.
    known = memory()
    Shop(known["shop_url"]).control(
        "fault", {"path_prefix": "/odoo/webhooks/order-status", "status": 503}
    )
    third = demos("--exit", "--patience", "3")
    assert third.wait_for(None) == 1, third.output
    assert "FAILED  The shop hears it is confirmed" in third.output
    assert "odoo_confirmed: expected True, seen None" in third.output
    assert "not run" in third.output

    first.process.send_signal(signal.SIGINT)
    assert first.wait_for(None) == 0, first.output
    assert not is_running(known["odoo_pid"]) and not is_running(known["shop_pid"])
    with pytest.raises(OSError):
        urllib.request.urlopen(url, timeout=5)


def test_a_demo_after_a_killed_one_ends_what_that_left_and_replaces_its_database(demos):
    killed = demos("--exit")
    killed.wait_for("  ok      Odoo  ")
    known = memory()
    killed.process.kill()
    killed.process.wait()
    assert is_running(known["odoo_pid"]) and is_running(known["shop_pid"])

    waited = demos("--exit")
    waited.wait_for("  ok      Database")
    other = demos("--exit")
    other.wait_for("Another demo is at work")
    assert waited.wait_for(None) == 0, waited.output
    assert "replacing an earlier demo" in waited.output
    assert not is_running(known["odoo_pid"]) and not is_running(known["shop_pid"])
    assert other.wait_for(None) == 0, other.output
    assert waited.oks == other.oks == STEPS


def test_a_name_that_is_no_database_is_refused(demos):
    demo = demos("--database", "Robert'); --")
    assert demo.wait_for(None) == 2
    assert "small letters" in demo.output


@pytest.mark.parametrize("port", ["99999", "0", "-1", "http"])
def test_what_is_no_port_is_refused(demos, port):
    demo = demos(f"--port={port}")
    assert demo.wait_for(None) == 2
    assert "argument --port" in demo.output
    assert "Traceback" not in demo.output


# -- the report --


def test_a_failed_step_says_what_was_expected_and_stops_the_rest(capsys):
    report = Report()
    assert report.step("First", lambda: "S00001")
    assert not report.step("Second", lambda: compare({"total": 16}, {"total": 15, "other": 1}))
    assert not report.step("Third", lambda: pytest.fail("must not run"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("  ok      First") and "S00001" in lines[0]
    assert lines[1].startswith("  FAILED") and "Second" in lines[1]
    assert lines[2].strip() == "total: expected 16, seen 15"
    assert lines[3].endswith("not run")
    assert report.failed == "Second"


def test_waiting_ends_when_it_is_there_or_over():
    seen = iter([{"stock": 1}, {"stock": 2}])
    assert wait_for({"stock": 2}, lambda: next(seen), 5) == {"stock": 2}
    with pytest.raises(Mismatch, match="stock: expected 2, seen None"):
        wait_for({"stock": 2}, dict, 0.1)
