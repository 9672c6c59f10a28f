# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The subscriber of a stock Medusa v2, compiled and run in node, and a front through which it reaches Odoo."""

import http.client
import json
import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

from hubenv import ROOT
from tests.peers.base import PeerServer
from tests.peers.wire import Answer

HERE = Path(__file__).parent
SOURCE = ROOT / "connector_hub_medusa" / "static" / "subscriber" / "connector-hub.ts"


def compile_subscriber(folder):
    """Build the subscriber as a shop does, into a folder laid out like a shop -> path of the JavaScript."""
    framework = folder / "node_modules" / "@medusajs" / "framework"
    framework.mkdir(parents=True)
    shutil.copy(HERE / "framework_utils.js", framework / "utils.js")
    compiled = folder / "src" / "subscribers" / "connector-hub.js"
    options = ["--platform=node", "--target=node18", "--format=cjs", "--log-level=warning"]
    subprocess.run(["esbuild", SOURCE, *options, f"--outfile={compiled}"], check=True)
    return compiled


class Subscriber:
    """The subscriber in a node process of its own. A context manager: it must end by itself, and well.

    :param compiled: see :func:`compile_subscriber`
    :param shop: the ``MedusaAdminServer`` whose records it may ask for
    :param environment: the settings ODOO_WEBHOOK_URL and ODOO_WEBHOOK_SECRET, as far as they are set
    """

    def __init__(self, compiled, shop, **environment):
        self.process = subprocess.Popen(
            ["node", HERE / "shop.js", compiled],
            env={
                "PATH": os.environ["PATH"],
                "MEDUSA_URL": shop.url,
                "MEDUSA_KEY": shop.api_key,
                **environment,
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self):
        return self

    def __exit__(self, exc_type, *exc_info):
        self.process.stdin.close()
        try:
            status = self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        self.process.stdout.close()
        if status and not exc_type:
            raise AssertionError(f"The shop's process ended with status {status}")

    def ask(self, **command):
        """One command of shop.js -> its answer."""
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"The shop's process ended with status {self.process.wait(15)}")
        return json.loads(line)

    def emit(self, *events):
        """Events (name, data) that happen at the same time -> [[level, text]] that were logged.

        :raises AssertionError: if one threw, which is never to be the shop's concern
        """
        answer = self.ask(events=[{"name": name, "data": data} for name, data in events])
        if answer["thrown"]:
            raise AssertionError("\n".join(answer["thrown"]))
        return answer["logs"]


class Front(PeerServer):
    """What stands before Odoo: passes everything on, keeps a log of it, and breaks as a test wants.

    :ivar moved_to: an address to which it sends everybody instead
    """

    def __init__(self, odoo_url):
        super().__init__()
        self.odoo = urlsplit(odoo_url)
        self.moved_to = None

    def unknown_route(self, request):
        if self.moved_to:
            return Answer(308, headers=[("Location", self.moved_to + request.target)])
        connection = http.client.HTTPConnection(self.odoo.hostname, self.odoo.port, timeout=30)
        kept = {
            name: value
            for name, value in request.headers.items()
            if name not in ("connection", "host", "content-length")
        }
        try:
            connection.request(request.method, request.target, request.body, kept)
            response = connection.getresponse()
            return Answer(response.status, response.read())
        finally:
            connection.close()
