# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The Medusa partner server of ``tests/peers`` as a process of its own."""

import json
import os
import select
import signal
import subprocess
import time
import urllib.error
import urllib.request

from hubenv import ROOT, VENV, SetupError, clean_environment

START_SECONDS = 30


class Shop:
    """A shop that runs somewhere: what is asked of it, over its control interface.

    :param url: address of the partner server
    """

    def __init__(self, url):
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def control(self, name, arguments=None):
        """Ask the partner server to do, or to show, something (see tests/peers/control.py)."""
        body = None if arguments is None else json.dumps(arguments).encode()
        request = urllib.request.Request(f"{self.url}/_control/{name}", body)
        try:
            with self._opener.open(request, timeout=60) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"The shop refuses {name}: {error.read().decode()}") from error

    def state(self):
        """Everything the shop knows: products, inventory, orders, customers."""
        return self.control("state")


class ShopProcess(Shop):
    """A shop started here, on a free port of 127.0.0.1. Keeps its state in memory."""

    def __init__(self, api_key, log_path, keep_log=True):
        self.process = self._launch(api_key, log_path, keep_log)
        super().__init__(self._wait_ready(log_path))

    @staticmethod
    def _launch(api_key, log_path, keep_log):
        command = [VENV / "bin" / "python", "-m", "tests.peers.medusa", "--port", "0"]
        log_path.parent.mkdir(exist_ok=True)
        with log_path.open("w") as log:
            return subprocess.Popen(
                command if keep_log else [*command, "--no-log"],
                cwd=ROOT,
                env=clean_environment(PEER_API_KEY=api_key, PYTHONUNBUFFERED="1"),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )

    def _wait_ready(self, log_path):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if select.select([self.process.stdout], [], [], 0.2)[0]:
                line = self.process.stdout.readline()
                if line.startswith("READY "):
                    return line.split()[1]
        self.stop()
        raise SetupError(f"the shop's server did not start:\n{log_path.read_text()}")

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        self.process.stdout.close()
