# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Posts prepared requests from several threads, as fast as they are answered, in a process of its own.

``python -m hubbench.client PORT THREADS`` reads one JSON line (a list of requests as text) and prints
one: seconds, and how often each status came.
"""

import collections
import itertools
import json
import socket
import subprocess
import sys
import threading
import time

from hubenv import VENV, SetupError, clean_environment


def post_all(port, requests, threads):
    """Post all requests from a process of its own, so that it shares no interpreter with anything.

    :param requests: list of whole HTTP requests as text
    :return: (seconds, {status: count})
    """
    done = subprocess.run(
        [VENV / "bin" / "python", "-m", "hubbench.client", str(port), str(threads)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        env=clean_environment(),
        check=False,
    )
    if done.returncode:
        raise SetupError(f"the bench's client failed:\n{done.stderr}")
    answer = json.loads(done.stdout)
    return answer["seconds"], {int(status): count for status, count in answer["statuses"].items()}


def http_request(path, body, headers):
    """A whole request as text; Odoo's workers answer one per connection."""
    lines = [
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + body.decode()


def _post(port, data):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(data)
        head = connection.recv(65536)
        rest = head
        while rest:
            rest = connection.recv(65536)
    return head.split(b" ", 2)[1].decode()


def _main(port, threads):
    waiting = [request.encode() for request in json.load(sys.stdin)]
    next_number = itertools.count().__next__
    statuses = collections.Counter()

    def work():
        while (number := next_number()) < len(waiting):
            statuses[_post(port, waiting[number])] += 1

    workers = [threading.Thread(target=work) for _thread in range(threads)]
    begin = time.monotonic()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print(json.dumps({"seconds": time.monotonic() - begin, "statuses": statuses}))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
