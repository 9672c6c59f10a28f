# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A partner whose answers are of the wrong shape: real ones, recorded, with one value after the other replaced."""

import copy
from dataclasses import replace
from decimal import Decimal

from odoo.addons.connector_hub.exceptions import HubError, RejectedError

#: What may stand where something else belongs.
ODDITIES = (
    None,
    "text",
    10**30,
    Decimal("-1E+400"),
    "9" * 3000,
    [],
    [None],
    {"id": ["text"]},
)


class Recorder:
    """A client that keeps what it was answered, in order."""

    def __init__(self, client):
        self._client = client
        self.exchanges = []

    def __getattr__(self, name):
        return getattr(self._client, name)

    def request(self, method, path, **options):
        response = self._client.request(method, path, **options)
        self.exchanges.append(((method, path), response))
        return response


class Replay:
    """The partner of a recording, one of whose answers is another one; it knows nothing else."""

    base_url = "http://shop.example.com"
    deadline = 20.0

    def __init__(self, exchanges, number, data):
        self._answers = {}
        for position, (call, response) in enumerate(exchanges):
            answer = replace(response, data=data) if position == number else response
            self._answers.setdefault(call, []).append(answer)

    def request(self, method, path, **_options):
        answers = self._answers.get((method, path))
        if not answers:
            raise RejectedError(f"{method} {path}: not found", details={"status": 404})
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return replace(answer, data=copy.deepcopy(answer.data))


def twisted(data):
    """Yield (where, what, the data with that one value replaced); of a list the first entry stands for all."""
    for steps in _places(data):
        for oddity in ODDITIES:
            changed = copy.deepcopy(data)
            if not steps:
                yield "answer", oddity, oddity
                continue
            holder = changed
            for step in steps[:-1]:
                holder = holder[step]
            holder[steps[-1]] = oddity
            yield ".".join(map(str, steps)), oddity, changed
        if steps and isinstance(steps[-1], str):
            changed = holder = copy.deepcopy(data)
            for step in steps[:-1]:
                holder = holder[step]
            del holder[steps[-1]]
            yield ".".join(map(str, steps)), "(missing)", changed


def _places(data, steps=()):
    yield steps
    entries = ()
    if isinstance(data, dict):
        entries = data.items()
    elif isinstance(data, list):
        entries = enumerate(data[:1])
    for step, value in entries:
        yield from _places(value, (*steps, step))


class TwistedCase:
    """Mixed into a test case with a database."""

    def assertFailsWell(self, client, run):
        """Whatever is answered, ``run`` ends, or raises one of the five errors: never what nobody foresaw.

        :param client: of a partner that answers as it should
        :param run: callable (client); what it writes is undone
        """
        recorder = Recorder(client)
        self._undone(run, recorder)
        self.assertTrue(recorder.exchanges)
        for number, ((method, path), response) in enumerate(recorder.exchanges):
            for where, oddity, data in twisted(response.data):
                shown = f"{method} {path}: {where} is {str(oddity)[:40]!r}"
                try:
                    self._undone(run, Replay(recorder.exchanges, number, data))
                except HubError as error:
                    self.assertTrue(error.message)
                except Exception as error:
                    raise AssertionError(f"{shown}: {error!r}") from error

    def _undone(self, run, client):
        savepoint = self.env.cr.savepoint()
        try:
            run(client)
            self.env.flush_all()
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
            self.env.invalidate_all(flush=False)
