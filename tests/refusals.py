# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a refused request must look like, and what it must leave as it was."""

#: Tables that a refused request must leave as they are.
KEPT = ("connector_hub_event", "sale_order", "res_partner", "connector_hub_binding")


class Untouched:
    """Nothing is stored, nothing is half-made."""

    def __init__(self, hub):
        self.hub = hub

    def _counts(self):
        return {table: self.hub.count(table) for table in KEPT}

    def __enter__(self):
        self.before = self._counts()

    def __exit__(self, kind, *_rest):
        if kind is None:
            assert self._counts() == self.before


def assert_refused(answer, status, code=None):
    """The error format of the seed, and no more than that."""
    assert answer.status in (status if isinstance(status, tuple) else (status,)), answer
    content = answer.json()
    assert set(content) == {"success", "error"}
    assert content["success"] is False
    assert set(content["error"]) == {"code", "message", "details"}
    assert code in (None, content["error"]["code"])
    assert b"Traceback" not in answer.body
    return content["error"]
