# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A partner's server on localhost: keeps what it is sent, and fails as it is told to."""

import contextlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


@dataclass
class Request:
    """One request as it came; ``skus`` are those of the items in it."""

    method: str
    path: str
    headers: dict
    body: object
    skus: list = field(default_factory=list)


@dataclass
class Fault:
    """What happens to the next ``times`` requests whose path begins with ``path``.

    :ivar served: the request is served first, and only its answer is lost
    """

    path: str
    times: float
    status: int
    headers: dict
    delay: float
    served: bool = False


class ShopServer:
    """Routes: POST /products, /stock, /partners, /facts, DELETE /products/<sku>, GET /ping.

    :ivar requests: list of :class:`Request`, pings left out
    :ivar products: sku -> payload
    :ivar stock: sku -> quantity
    :ivar facts: list of (idempotency key, payload)
    :ivar partners: list of payloads
    :ivar refuse: sku -> code; such items are refused in a bulk's answer
    :ivar crash: skus for which the server answers 500, whatever else is in the request
    :ivar gateway: the same with 502
    :ivar anonymous: a bulk's answer does not say which item was refused
    :ivar all_or_nothing: one refused item makes the answer to a whole bulk 400
    :ivar pace: seconds it takes for each item of a request
    :ivar alive: whether pings are answered
    :ivar on_request: called with each request before it is served
    """

    def __init__(self):
        shop = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length)
                status, headers, payload = shop._serve(
                    self.command, self.path, dict(self.headers.items()), body
                )
                content = json.dumps(payload).encode()
                self.send_response(status)
                headers = {"Content-Type": "application/json", **headers}
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                # A client that has given up is part of the plan.
                with contextlib.suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(content)

            do_GET = do_POST = do_DELETE = serve

            def log_message(self, *_arguments):
                """Keep the tests' output clean."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.reset()
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def reset(self):
        self.requests, self.facts, self.partners, self._faults = [], [], [], []
        self.products, self.stock, self.refuse = {}, {}, {}
        self.crash, self.gateway = set(), set()
        self.anonymous = self.all_or_nothing = False
        self.alive = True
        self.pace = 0.0
        self.on_request = None

    def fail(self, status, path="/", times=float("inf"), delay=0.0, **headers):
        """Answer the next requests with this status; header names with _ for -."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self._faults.append(Fault(path, times, status, headers, delay))

    def fail_after(self, status, **options):
        """As :meth:`fail`, but what was sent is taken all the same."""
        self.fail(status, **options)
        self._faults[-1].served = True

    def recover(self):
        self._faults.clear()
        self.alive = True

    def sent(self, path):
        return [request for request in self.requests if request.path.startswith(path)]

    # -- serving --------------------------------------------------------------------------------

    def _serve(self, method, path, headers, body):
        if path == "/ping":
            return (200 if self.alive else 503), {}, {}
        payload = json.loads(body) if body else None
        items = payload.get("items", []) if isinstance(payload, dict) else []
        request = Request(method, path, headers, payload, [item.get("sku") for item in items])
        self.requests.append(request)
        if self.on_request:
            self.on_request(request)
        for fault in self._faults:
            if path.startswith(fault.path) and fault.times > 0:
                fault.times -= 1
                time.sleep(fault.delay)
                if fault.served:
                    self._route(request)
                return fault.status, fault.headers, {"message": "as told"}
        for skus, status in ((self.crash, 500), (self.gateway, 502)):
            if skus.intersection(request.skus):
                return status, {}, {"message": "as told"}
        return self._route(request)

    def _route(self, request):
        if request.method == "GET":
            return 404, {}, {}
        if request.method == "DELETE":
            known = self.products.pop(unquote(request.path.rpartition("/")[2]), None)
            return (200 if known else 404), {}, {}
        if request.path == "/facts":
            self.facts.append((request.headers.get("Idempotency-Key"), request.body))
            return 200, {}, {}
        if request.path == "/partners":
            self.partners.append(request.body["items"][0])
            return 200, {}, {"id": f"cus_{len(self.partners)}"}
        return self._store_items(request)

    def _store_items(self, request):
        time.sleep(self.pace * len(request.skus))
        refused = [sku for sku in request.skus if sku in self.refuse]
        if refused and self.all_or_nothing:
            return 400, {}, {"message": "One of the items is not valid"}
        for item in request.body["items"]:
            if item["sku"] not in refused:
                if request.path == "/stock":
                    self.stock[item["sku"]] = item["quantity"]
                else:
                    self.products[item["sku"]] = item
        errors = [
            {"code": self.refuse[sku]} | ({} if self.anonymous else {"sku": sku}) for sku in refused
        ]
        return 200, {}, {"errors": errors}
