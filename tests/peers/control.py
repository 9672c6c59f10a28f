# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A partner server as a process, and the JSON under /_control/ that drives it from another."""

import argparse
import json
import os
import signal
import threading

from .wire import Answer

CONTROL_ERRORS = (ValueError, TypeError, KeyError, AttributeError)


class Controlled:
    """Part of PeerServer: GET and POST /_control/<name>; not logged, no key, no faults."""

    #: (method, name, function(self, arguments) -> payload); partners add theirs
    CONTROLS = ()

    def _control(self, request):
        name = request.path.removeprefix("/_control/")
        functions = {row[:2]: row[2] for row in (*BASE_CONTROLS, *self.CONTROLS)}
        function = functions.get((request.method, name))
        if function is None:
            known = ", ".join(" ".join(key) for key in sorted(functions))
            return Answer.json(404, {"error": f"Unknown control {name!r}; known: {known}"})
        try:
            arguments = json.loads(request.body) if request.body else {}
            arguments |= {key: values[0] for key, values in request.query.items()}
            payload = function(self, arguments)
            with self.lock:
                return Answer.json(200, payload)
        except CONTROL_ERRORS as error:
            return Answer.json(400, {"error": f"{type(error).__name__}: {error}"})

    def _control_requests(self, arguments):
        since = int(arguments.get("since", 0))
        with self.lock:
            return [request.as_dict() for request in self.requests if request.number > since]

    def _control_down(self, arguments):
        """Away for so many seconds: while down nobody could ask for the return."""
        seconds = float(arguments["seconds"])
        threading.Timer(0.05, self.down).start()
        threading.Timer(0.05 + seconds, self.up).start()
        return {"down": seconds}

    def _control_counts(self, _arguments):
        with self.lock:
            return {"counts": dict(self.counts), "items": dict(self.items)}


def _fault(server, arguments):
    return server.fault(**arguments).as_dict()


def _faults(server, _arguments):
    return [fault.as_dict() for fault in server.faults]


def _clear_faults(server, _arguments):
    server.clear_faults()
    return {}


def _clear_log(server, _arguments):
    server.clear_log()
    return {}


def _state(server, _arguments):
    with server.lock:
        return server.state()


BASE_CONTROLS = (
    ("POST", "fault", _fault),
    ("GET", "faults", _faults),
    ("POST", "clear_faults", _clear_faults),
    ("POST", "clear_log", _clear_log),
    ("GET", "state", _state),
    ("GET", "requests", Controlled._control_requests),
    ("GET", "counts", Controlled._control_counts),
    ("POST", "down", Controlled._control_down),
)


def serve_process(server_class, description, key_option="--api-key", key_argument="api_key"):
    """Run a server as a process until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    parser.add_argument(
        key_option,
        dest="key",
        default=os.environ.get("PEER_API_KEY"),
        help="key that callers must send (default: the environment's PEER_API_KEY)",
    )
    parser.add_argument("--no-log", action="store_true", help="keep no requests in memory")
    options = parser.parse_args()
    if not options.key:
        parser.error(f"{key_option} or the environment variable PEER_API_KEY is needed")
    server = server_class(port=options.port, log=not options.no_log, **{key_argument: options.key})
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with server:
        print(f"READY {server.url}", flush=True)
        ended.wait()
