# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A real ``odoo server`` process that can be started, stopped and killed."""

import contextlib
import http.client
import os
import signal
import subprocess
import time

from .cluster import Cluster
from .paths import STATE, VENV, SetupError, clean_environment, free_port


class OdooServer:
    """One Odoo on one database, on free ports of 127.0.0.1. Also a context manager.

    :param database: a database of the cluster
    :param cluster: ``test`` (default), ``main``, or a ``Cluster``
    :param workers: worker processes; 0 is the threaded server
    :param max_cron_threads: cron processes (or threads); 0 switches scheduled actions off
    :param extra_conf: more options of odoo.conf, e.g. ``{"connector_hub_key": "..."}``
    :param environment: more environment variables of the process
    :param port: preferred HTTP port; another one is taken if it is in use

    Attributes: ``url``, ``port``, ``log_path``, ``process`` (None while it is not running).
    """

    def __init__(
        self,
        database,
        *,
        cluster="test",
        workers=2,
        max_cron_threads=1,
        extra_conf=None,
        environment=None,
        port=None,
    ):
        self.database = database
        self.cluster = cluster if isinstance(cluster, Cluster) else Cluster(cluster)
        self.workers = workers
        self.max_cron_threads = max_cron_threads
        self.extra_conf = extra_conf or {}
        self.environment = environment or {}
        self.port = port
        self.process = None
        self._ended = False
        self._folder = STATE / "servers"
        self._name = f"{database}-{os.getpid()}"
        self.log_path = self._folder / f"{self._name}.log"

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.stop()

    def start(self, timeout=120):
        """Start the process and wait until it answers; again after stop() or kill(), on its port.

        :param timeout: seconds to wait for the first answer
        :raise SetupError: if it ends or does not answer in time; the text has the end of its log
        """
        self.cluster.start()
        self._folder.mkdir(exist_ok=True)
        for _attempt in range(3):
            self.port = self._own_port() if self._ended else free_port(self.port)
            self._launch()
            if self._wait(time.monotonic() + timeout):
                return self
            tail = self._log_tail()
            self.kill()
            if "Address already in use" not in tail:
                break
            self.port, self._ended = None, False
        raise SetupError(f"Odoo did not start on {self.database}:\n{tail}")

    def stop(self, timeout=30):
        """End the process as an administrator would (SIGTERM); kill it after ``timeout`` s."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
        self._reap()

    def kill(self):
        """SIGKILL to the server and all its workers at once: nothing gets to clean up."""
        self._reap()

    def log_text(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def _own_port(self):
        """The port of the process that ended; its workers hold it a moment longer than it lives."""
        for _attempt in range(50):
            if free_port(self.port) == self.port:
                return self.port
            time.sleep(0.1)
        raise SetupError(f"port {self.port} is still taken 5 seconds after Odoo on it ended")

    def _launch(self):
        options = {
            "http_port": self.port,
            "gevent_port": free_port(),
            "workers": self.workers,
            "max_cron_threads": self.max_cron_threads,
            "dbfilter": f"^{self.database}$",
            # They answer webhooks while the database is away, too.
            "server_wide_modules": "base,rpc,web,connector_hub,connector_hub_medusa",
            "limit_time_real": 600,
            "limit_time_cpu": 300,
        }
        conf = self.cluster.write_conf(
            self._folder / f"{self._name}.conf", **options | self.extra_conf
        )
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                [VENV / "bin" / "odoo", "server", "-c", conf, "-d", self.database],
                cwd=STATE,
                env=clean_environment(**self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _wait(self, deadline):
        """True once the server answers, False if it ended or the deadline passed."""
        while time.monotonic() < deadline and self.process.poll() is None:
            if self._healthy():
                return True
            time.sleep(0.1)
        return False

    def _healthy(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/web/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _reap(self):
        """End what is left of the process group (workers outlive a killed master for a moment)."""
        if not self.process:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        self._ended = True

    def _log_tail(self, lines=15):
        return "\n".join(self.log_text().splitlines()[-lines:])
