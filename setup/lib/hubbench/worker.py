# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""An Odoo process without HTTP and crons that runs ``tasks`` on command: JSON lines in, JSON lines out."""

import importlib
import json
import subprocess
import sys

from hubenv import ROOT, STATE, VENV, SetupError, clean_environment


class Worker:
    """One process on one database, with its registry loaded. Also a context manager.

    :param database: a database of the cluster
    :param conf: its Odoo configuration file
    """

    def __init__(self, database, conf):
        self.database = database
        self.log_path = STATE / "servers" / f"{database}-worker.log"
        self.log_path.parent.mkdir(exist_ok=True)
        with self.log_path.open("a") as log:
            self.process = subprocess.Popen(
                [VENV / "bin" / "python", "-m", "hubbench.worker", database, conf],
                cwd=ROOT,
                env=clean_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def call(self, task, **arguments):
        """Run a function of ``tasks`` there, answer its result."""
        self.process.stdin.write(json.dumps([task, arguments]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SetupError(f"the bench's Odoo ended; see {self.log_path}")
        answer = json.loads(line)
        if "error" in answer:
            raise SetupError(f"{task}: {answer['error']}; see {self.log_path}")
        return answer["result"]


def serve(database, conf):
    """What the process does: answer until its input ends."""
    # Whatever Odoo prints must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    tasks = importlib.import_module("hubbench.tasks")
    tasks.connect(database, conf)
    for line in sys.stdin:
        name, arguments = json.loads(line)
        try:
            answer = {"result": getattr(tasks, name)(**arguments)}
        except Exception as error:
            tasks.log_failure(name)
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    serve(*sys.argv[1:])
