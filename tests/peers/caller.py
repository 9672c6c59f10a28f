# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A small HTTP client for asking a partner server directly, as its own tests do."""

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
