# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What every partner server shares: HTTP server, routes, request log, faults, control, process.

In a test::

    with MedusaServer(api_key="key") as shop:
        shop.fault(path_prefix="/odoo/products", times=1, status=503, retry_after=2)
        ...
        assert shop.requests[-1].status == 503

As a process (prints ``READY http://127.0.0.1:PORT``), driven by JSON under ``/_control/``::

    python -m tests.peers.medusa --port 0 --api-key key
"""

import secrets
import socket
import threading
import time
from collections import Counter
from urllib.parse import unquote

from .control import Controlled
from .faults import SERVED_KINDS, Fault
from .wire import Answer, WireError, abort, drip, read_request

HTML_PAGE = "<!DOCTYPE html><html><body><h1>Bad gateway</h1><hr>nginx</body></html>"
ULID_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Refused(Exception):
    """Raised by a handler: the answer that refuses the request."""

    def __init__(self, status, payload):
        super().__init__(f"{status}: {payload}")
        self.status = status
        self.payload = payload


class PeerServer(Controlled):
    """A partner's server on 127.0.0.1; subclasses give ROUTES, authentication and error shape.

    Attributes for tests: ``url``, ``port``, ``requests`` (list of wire.Request), ``counts``
    (requests per route), ``items`` (items received per route), ``before`` (called with the request
    before it is served: raise nothing, wait or look as you like), ``lock`` (held while a handler
    runs), ``item_seconds`` (for each item of a request; a real shop takes 0.1 s for a product. It goes on
    with what it has begun, whether anybody waits for the answer or not).
    """

    #: (method, path with {variable} segments, function(self, request, *variables)); the function
    #: returns a JSON-able payload or an Answer
    ROUTES = ()

    def __init__(self, port=0, log=True, max_body=10 * 1024 * 1024):
        self._wanted_port = port
        self.keep_log = log
        self.max_body = max_body
        self.lock = threading.RLock()
        self.requests = []
        self.counts = Counter()
        self.items = Counter()
        self.faults = []
        self.before = None
        self.item_seconds = 0.0
        self._id_prefix = "".join(secrets.choice(ULID_ALPHABET) for _ in range(10))
        self._last_id = 0
        self._received = 0
        self._connections = set()
        self._stopped = threading.Event()
        self._listener = self._placeholder = None
        self._exact, self._patterns = {}, {}
        for method, path, function in self.ROUTES:
            self._add_route(method, path, function)

    # -- life ---------------------------------------------------------------------------------

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.stop()

    def start(self):
        self._stopped.clear()
        if self._wanted_port:
            # SO_REUSEPORT below would silently share a port that is taken: ask without it first.
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", self._wanted_port))
        # A bound socket that never listens keeps the port ours, and refuses while we are down.
        self._placeholder = self._bind(self._wanted_port)
        self.port = self._placeholder.getsockname()[1]
        self.up()
        return self

    def stop(self):
        self._stopped.set()
        self.down()
        self._placeholder.close()

    def up(self):
        """Listen (again), on the same port."""
        if self._listener:
            return
        self._listener = self._bind(self.port)
        self._listener.listen(512)
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def down(self):
        """Refuse connections, and cut the open ones, until ``up()``."""
        listener, self._listener = self._listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                self._connections.discard(connection)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @staticmethod
    def _bind(port):
        bound = socket.socket()
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(("127.0.0.1", port))
        return bound

    def _accept(self, listener):
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._connections.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        reader = connection.makefile("rb", 65536)
        try:
            while self._serve_one(connection, reader):
                continue
        except OSError:
            return  # the caller went away; what was processed stays processed
        finally:
            self._connections.discard(connection)
            reader.close()
            connection.close()

    def _serve_one(self, connection, reader):
        try:
            request = read_request(reader, connection)
        except WireError as error:
            answer = self.error_answer(error.status, str(error))
            connection.sendall(answer.head(keep_alive=False) + answer.body)
            return False
        if request is None:
            return False
        keep_alive = request.headers.get("connection", "").lower() != "close"
        if request.path.startswith("/_control/"):
            answer = self._control(request)
            connection.sendall(answer.head(keep_alive) + answer.body)
            return keep_alive
        fault = self._note(request)
        answer = self._answer(request, fault)
        request.seconds = time.time() - request.time
        return self._send(connection, request, answer, fault, keep_alive) and keep_alive

    # -- one request --------------------------------------------------------------------------

    def _note(self, request):
        """Log the request and choose the fault that hits it, if any."""
        with self.lock:
            self._received += 1
            request.number = self._received
            if self.keep_log:
                self.requests.append(request)
            for fault in self.faults:
                if fault.kind != "item" and fault.matches(request) and fault.take(request):
                    request.fault = fault.kind
                    return fault
        return None

    def _answer(self, request, fault):
        if self.before:
            self.before(request)
        late = fault is not None and fault.kind == "delay"
        if late and not fault.after_processing:
            self._stopped.wait(fault.delay)
        if fault is None or fault.kind in SERVED_KINDS or fault.after_processing:
            answer = self._process(request)
        else:
            answer = None
        if late and fault.after_processing:
            self._stopped.wait(fault.delay)
        if fault is None or fault.kind in SERVED_KINDS:
            return answer
        if fault.kind == "status":
            headers = () if fault.retry_after is None else (("Retry-After", fault.retry_after),)
            answer = self.error_answer(fault.status or 500, "Fault injected by the test")
            answer.headers = headers
        elif fault.kind == "html":
            answer = Answer.html(fault.status or 200, HTML_PAGE)
        elif fault.kind == "bad_json":
            answer = Answer(fault.status or 200, b'{"success": true, "results": {"total": ')
        elif answer is None:
            answer = Answer.json(200, {"success": True, "results": {"total": 1, "errors": []}})
        return answer

    def _process(self, request):
        try:
            function = self._find_route(request)
            with self.lock:
                self.counts[request.route or "unknown"] += 1
                self.check_request(request)
                if function is None:
                    return self.unknown_route(request)
                before = self.items[request.route]
                payload = function(self, request, *request.params)
                # Written while the lock is held: another request may change what it refers to.
                answer = payload if isinstance(payload, Answer) else Answer.json(200, payload)
                seconds = self.item_seconds * (self.items[request.route] - before)
            self._stopped.wait(seconds)
            return answer
        except Refused as refusal:
            return Answer.json(refusal.status, refusal.payload)
        except Exception as error:  # a peer's bug must be seen as such, not as a hanging request
            return self.error_answer(500, f"Bug in the partner server: {error!r}")

    def _send(self, connection, request, answer, fault, keep_alive):
        kind = fault.kind if fault else None
        if kind == "reset":
            abort(connection)
            return False
        if kind == "close_before_answer":
            return False
        request.answer_body = answer.body
        if kind == "truncate":
            connection.sendall(answer.head(False) + answer.body[: len(answer.body) // 2])
            return False
        request.status = answer.status
        if kind == "drip":
            drip(connection, answer.head(keep_alive), answer.body, fault, self._stopped)
            return not self._stopped.is_set()
        connection.sendall(answer.head(keep_alive) + answer.body)
        return True

    # -- for subclasses -----------------------------------------------------------------------

    def check_request(self, request):
        """Authenticate; raise Refused."""

    def unknown_route(self, request):
        return self.error_answer(404, f"Cannot {request.method} {request.path}")

    def error_answer(self, status, message):
        """The partner's way to say an error; override."""
        return Answer.json(status, {"error": message})

    def state(self):
        """What GET /_control/state answers, JSON-able; override."""
        return {}

    def new_id(self, prefix):
        """A new id such as ``order_01...``, sortable by creation."""
        with self.lock:
            self._last_id += 1
            number, digits = self._last_id, []
            for _digit in range(14):
                number, rest = divmod(number, 32)
                digits.append(ULID_ALPHABET[rest])
        return f"{prefix}_01{self._id_prefix}{''.join(reversed(digits))}"

    def item_error(self, request, sku):
        """(code, anonymous) if a fault makes this item fail, else None."""
        for fault in self.faults:
            named = fault.kind == "item" and sku in fault.bulk_item_error
            if named and fault.matches(request) and fault.take(request):
                request.fault = "item"
                return fault.bulk_item_error[sku], fault.anonymous
        return None

    def _add_route(self, method, path, function):
        if "{" not in path:
            self._exact[method, path] = (f"{method} {path}", function)
            return
        segments = path.split("/")
        self._patterns.setdefault((method, len(segments)), []).append(
            (segments, f"{method} {path}", function)
        )

    def _find_route(self, request):
        found = self._exact.get((request.method, request.path))
        if found:
            request.route, function = found
            return function
        segments = request.path.split("/")
        for pattern, name, function in self._patterns.get((request.method, len(segments)), ()):
            if all(
                part.startswith("{") or part == given
                for part, given in zip(pattern, segments, strict=True)
            ):
                request.route = name
                request.params = tuple(
                    unquote(given)
                    for part, given in zip(pattern, segments, strict=True)
                    if part.startswith("{")
                )
                return function
        return None

    # -- for tests ----------------------------------------------------------------------------

    def fault(self, path_prefix=None, method=None, **options):
        """Add a fault (options: see faults.Fault) and return it; the first match wins."""
        fault = Fault(path_prefix=path_prefix, method=method, **options)
        with self.lock:
            self.faults.append(fault)
        return fault

    def clear_faults(self):
        with self.lock:
            self.faults.clear()

    def clear_log(self):
        with self.lock:
            self.requests.clear()
            self.counts.clear()
            self.items.clear()

    def sent(self, path_prefix="/", method=None):
        """The logged requests to a path, oldest first."""
        return [
            request
            for request in list(self.requests)
            if request.path.startswith(path_prefix) and method in (None, request.method)
        ]

    def wait_for(self, condition, timeout=10.0, interval=0.02):
        """Wait until ``condition(self)`` is true and return it; AssertionError after timeout."""
        deadline = time.monotonic() + timeout
        while True:
            value = condition(self)
            if value:
                return value
            if time.monotonic() > deadline:
                raise AssertionError(f"Not reached within {timeout} s: {condition}")
            time.sleep(interval)
