# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The demo's database, Odoo and shop: started, remembered for a second demo, and stopped."""

import contextlib
import fcntl
import json
import os
import signal
from pathlib import Path

from hubenv import STATE, Cluster, OdooClient, OdooServer, ensure_template
from tests.scenario import API_KEY, Scenario

from .shop import Shop, ShopProcess

ADDONS = ("connector_hub_medusa",)
LOGIN = PASSWORD = "admin"
HTTP_PORT = 8069
#: Odoo's crons that would call the Odoo company's servers.
CALLS_HOME = ("ir_cron_module_update_notification",)


class DemoScenario(Scenario):
    """The tests' scenario: entered into a new database, or known from the demo that entered it."""

    KNOWN = ("company_id", "warehouse_id", "stock_location_id", "product_ids", "backend_id")

    def __init__(self, odoo, shop_url, known=None):
        if known:
            self.odoo, self.shop_url = odoo, shop_url
            self.__dict__.update(known)
        else:
            super().__init__(odoo, shop_url)
            self.call("res.company", "write", [self.company_id], {"name": "MarqaSouq Kuwait"})

    def known(self):
        return {name: getattr(self, name) for name in self.KNOWN}


class Memory:
    """``.odoo/demo-<database>.json`` tells a second demo of the first; a lock says that it runs."""

    def __init__(self, database):
        self.path = STATE / f"demo-{database}.json"
        self._lock = (STATE / f"demo-{database}.lock").open("a")
        self._job_lock = (STATE / f"demo-{database}-job.lock").open("a")

    def acquire(self):
        """Whether this is the only demo on the database now; it is then, until the process ends."""
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def read(self):
        """What the running (or the last) demo wrote down; {} if there is none."""
        try:
            return json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return {}

    def write(self, **values):
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.read() | values))
        new.replace(self.path)

    def forget(self):
        self.path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def one_job(self):
        """Two demos on the same servers run their jobs one after the other."""
        fcntl.flock(self._job_lock, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._job_lock, fcntl.LOCK_UN)


class World:
    """What one demo starts and, at its end, stops."""

    def __init__(self, database, port, memory, stays):
        self.database = database
        self.port = port
        self.memory = memory
        self.stays = stays
        self.cluster = Cluster("main")
        self.server = self.shop = self.odoo = self.scenario = None

    # -- steps of the preparation -------------------------------------------------------------

    def make_template(self):
        """Odoo's modules and the addons, installed once for all demos until their files change."""
        end_orphans(self.memory)
        self.memory.write(pid=os.getpid(), stays=self.stays)
        return ensure_template(ADDONS, self.cluster)

    def make_database(self):
        replaced = self.cluster.exists(self.database)
        self.cluster.drop(self.database)
        self.cluster.clone(ensure_template(ADDONS, self.cluster), self.database)
        for name in CALLS_HOME:
            self.cluster.psql(
                "UPDATE ir_cron SET active = FALSE WHERE id = "
                f"(SELECT res_id FROM ir_model_data WHERE model = 'ir.cron' AND name = '{name}')",
                self.database,
            )
        return f"{self.database}{', replacing an earlier demo' if replaced else ''}"

    def start_shop(self):
        self.shop = ShopProcess(API_KEY, STATE / "servers" / f"{self.database}-shop.log")
        self.memory.write(shop_pid=self.shop.process.pid, shop_url=self.shop.url)
        return self.shop.url

    def start_odoo(self):
        # One process of several threads: with workers, the browser's live connection would need a proxy before them.
        self.server = OdooServer(
            self.database, cluster=self.cluster, workers=0, max_cron_threads=2, port=self.port
        )
        try:
            self.server.start()
        finally:
            if self.server.process:
                self.memory.write(odoo_pid=self.server.process.pid)
        self.odoo = OdooClient(self.server.url, self.database)
        # The address that a webhook URL shows; frozen, or a login at another address changes it.
        for key, value in (
            ("web.base.url", self.server.url),
            ("web.base.url.freeze", "True"),
        ):
            self.odoo.call("ir.config_parameter", "set_param", [key, value])
        return f"{self.server.url}, one process, 2 threads for scheduled actions"

    def enter_scenario(self):
        self.scenario = DemoScenario(self.odoo, self.shop.url)
        self.memory.write(url=self.server.url, scenario=self.scenario.known(), ready=True)
        names = ", ".join(self.scenario.product_ids)
        return f"company in KWD; {names}; backend MarqaSouq"

    # -- the end ------------------------------------------------------------------------------

    def stop(self):
        """End both processes; the database stays, to be looked at."""
        if self.server:
            self.server.stop()
        if self.shop:
            self.shop.stop()
        self.memory.forget()


class BorrowedWorld:
    """The servers of a demo that is running already."""

    def __init__(self, known, database):
        self.shop = Shop(known["shop_url"])
        self.url = known["url"]
        self.odoo = OdooClient(self.url, database)
        self.scenario = DemoScenario(self.odoo, self.shop.url, known["scenario"])


def end_orphans(memory):
    """End the servers of a demo that was killed before it could."""
    known = memory.read()
    for key, mark in (("odoo_pid", "odoo"), ("shop_pid", "tests.peers.medusa")):
        pid = known.get(key)
        if pid and mark in _command_line(pid):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
    memory.forget()


def _command_line(pid):
    """The command line of a process that leads its group; empty if there is none."""
    try:
        text = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        return text if os.getpgid(pid) == pid else ""
    except OSError:
        return ""
