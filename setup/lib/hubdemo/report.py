# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Steps that print what came of them and how long they took."""

import contextlib
import sys
import threading
import time

from hubenv import OdooError, SetupError

TITLE_WIDTH = 44
RECORD_WIDTH = 62
#: Seconds a change may take to reach the other side, on a machine that has much else to do.
PATIENCE = 90
#: What a step may raise: it failed, and why can be read. Anything else is a bug of the demo.
FAILURES = (AssertionError, OdooError, SetupError, OSError)


class Mismatch(AssertionError):
    """A step ended with something else than it should.

    :param expected: dict of what should be
    :param seen: dict of what is, with the same keys at least
    """

    def __init__(self, expected, seen):
        self.different = {
            key: (value, seen.get(key)) for key, value in expected.items() if seen.get(key) != value
        }
        super().__init__(
            "; ".join(
                f"{key}: expected {value!r}, seen {found!r}"
                for key, (value, found) in self.different.items()
            )
        )


def compare(expected, seen):
    """Raise Mismatch unless everything expected is seen."""
    if any(seen.get(key) != value for key, value in expected.items()):
        raise Mismatch(expected, seen)


def wait_for(expected, look, patience):
    """Look again and again until everything expected is seen.

    :param look: callable that answers a dict
    :param patience: seconds to wait
    :return: what was seen at last
    :raise Mismatch: when they are over
    """
    deadline = time.monotonic() + patience
    while True:
        seen = look()
        if all(seen.get(key) == value for key, value in expected.items()):
            return seen
        if time.monotonic() > deadline:
            raise Mismatch(expected, seen)
        time.sleep(0.05)


class Report:
    """Prints steps as they end; after one that failed the others are not run.

    :ivar failed: title of the step that failed, or None
    """

    def __init__(self):
        self.failed = None

    def heading(self, text):
        print(f"\n{text}", flush=True)

    def step(self, title, function):
        """Run one step.

        :param function: callable that answers the record to show, or raises one of FAILURES
        :return: whether it succeeded
        """
        if self.failed:
            print(f"  {'--':8}{title:{TITLE_WIDTH}} not run", flush=True)
            return False
        begin = time.monotonic()
        try:
            with ticking(title):
                record = function()
        except FAILURES as error:
            self.failed = title
            self._line("FAILED", title, "", time.monotonic() - begin)
            self._explain(error)
            return False
        self._line("ok", title, record or "", time.monotonic() - begin)
        return True

    @staticmethod
    def _line(mark, title, record, seconds):
        line = f"  {mark:8}{title:{TITLE_WIDTH}} {record:{RECORD_WIDTH}} {seconds:6.2f} s"
        print(line, flush=True)

    @staticmethod
    def _explain(error):
        if isinstance(error, Mismatch):
            for key, (expected, seen) in error.different.items():
                print(f"          {key}: expected {expected!r}, seen {seen!r}", flush=True)
        else:
            lines = str(error).splitlines() or [type(error).__name__]
            print("".join(f"          {line}\n" for line in lines), end="", flush=True)


@contextlib.contextmanager
def ticking(what):
    """A line every ten seconds while something takes long; on a terminal one line, every second."""
    ended = threading.Event()
    ticker = threading.Thread(target=_tick, args=(what, ended), daemon=True)
    ticker.start()
    try:
        yield
    finally:
        ended.set()
        ticker.join()


def _tick(what, ended):
    terminal, begin, ticked = sys.stderr.isatty(), time.monotonic(), False
    while not ended.wait(1 if terminal else 10):
        ticked = True
        text = f"        {what} ... {time.monotonic() - begin:.0f} s"
        print(f"\r{text} " if terminal else text, end="" if terminal else "\n", file=sys.stderr)
        sys.stderr.flush()
    if terminal and ticked:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
