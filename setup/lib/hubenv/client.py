# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Calling a running Odoo's models over HTTP, as its web client does."""

import http.cookiejar
import json
import urllib.request


class OdooError(Exception):
    """Odoo answered with an error; ``data`` is what it said (name, message, debug)."""

    def __init__(self, message, data):
        super().__init__(message)
        self.data = data


class OdooClient:
    """A logged-in session.

    :param url: address of the server, e.g. ``http://127.0.0.1:8069``
    :param database: its database
    """

    def __init__(self, url, database, login="admin", password="admin", timeout=120):
        self.url = url
        self.timeout = timeout
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )
        session = self.request(
            "/web/session/authenticate", {"db": database, "login": login, "password": password}
        )
        self.uid = session["uid"]

    def request(self, path, params):
        """Post one JSON-RPC request, answer its result.

        :raise OdooError: if Odoo answers with an error
        """
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, body, headers)
        with self._opener.open(request, timeout=self.timeout) as response:
            answer = json.load(response)
        if "error" in answer:
            data = answer["error"].get("data") or {}
            raise OdooError(data.get("message") or answer["error"]["message"], data)
        return answer.get("result")

    def call(self, model, method, args=(), kwargs=None):
        """Call a public method: ``call("res.partner", "write", [[7], {"name": "Ann"}])``."""
        params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs or {}}
        return self.request(f"/web/dataset/call_kw/{model}/{method}", params)

    def search_read(self, model, domain, fields, **kwargs):
        return self.call(model, "search_read", [domain, fields], kwargs)
