# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A small HTTP client for asking a partner server directly, and what its answers must be."""

import http.client
import json


class Caller:
    """A keep-alive connection to a peer."""

    def __init__(self, port, headers=None, timeout=5):
        self.headers = headers or {}
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def __call__(self, method, path, payload=None, body=None, headers=None):
        sent = {"Content-Type": "application/json", **self.headers, **(headers or {})}
        body = json.dumps(payload).encode() if payload is not None else body
        self.connection.request(method, path, body=body, headers=sent)
        response = self.connection.getresponse()
        text = response.read()
        self.answer_headers = {name.lower(): value for name, value in response.getheaders()}
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(text) if is_json else text


def ok(answer):
    assert answer[0] == 200, answer
    return answer[1]


def assert_admin_error(answer, status=400, kind="invalid_data", text=""):
    assert answer[0] == status, answer
    assert answer[1]["type"] == kind and text in answer[1]["message"], answer


def assert_seed_error(answer, status, code):
    assert answer[0] == status, answer
    assert answer[1]["success"] is False
    assert set(answer[1]["error"]) == {"code", "message", "details"}
    assert answer[1]["error"]["code"] == code
