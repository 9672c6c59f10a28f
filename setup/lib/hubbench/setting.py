# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The bench's databases and processes."""

import contextlib
import os
import subprocess
from pathlib import Path

from hubdemo.shop import ShopProcess

from hubenv import STATE, VENV, Cluster, SetupError, clean_environment, ensure_template

from .setting_values import API_KEY
from .worker import Worker

ADDONS = Path(__file__).parent / "addons"


class Setting:
    """Databases of one run, dropped at its end.

    :param cluster: ``main`` (commits reach the disk, as in production) or ``test`` (they do not)
    """

    def __init__(self, cluster="main"):
        self.cluster = Cluster(cluster).start()
        self._databases = []
        self.addons_path = f"{self.cluster.options()['addons_path']},{ADDONS}"
        self.conf = self.cluster.write_conf(
            STATE / f"bench-{cluster}.conf", addons_path=self.addons_path, log_level="warn"
        )

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        for database in self._databases:
            self.cluster.drop(database)

    def database(self, purpose, addons=("connector_hub_medusa",), extra=()):
        """A new database with addons of this checkout, and of the bench's own (``extra``).

        :return: its name
        """
        database = f"hub_bench_{purpose}_{os.getpid()}"
        self._databases.append(database)
        self.cluster.clone(ensure_template(addons, self.cluster), database)
        if extra:
            done = subprocess.run(
                [
                    *(VENV / "bin" / "odoo", "server", "-c", self.conf, "-d", database),
                    *("-i", ",".join(extra), "--stop-after-init", "--no-http"),
                ],
                cwd=STATE,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                raise SetupError(f"the bench's addon cannot be installed:\n{done.stderr[-2000:]}")
        return database

    def worker(self, database):
        return Worker(database, self.conf)

    @contextlib.contextmanager
    def shop(self):
        """A local shop, which keeps no log of requests."""
        shop = ShopProcess(
            API_KEY, STATE / "servers" / f"bench-{os.getpid()}-shop.log", keep_log=False
        )
        try:
            yield shop
        finally:
            shop.stop()
