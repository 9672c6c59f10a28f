# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Partner servers for tests and the demo: stateful, on 127.0.0.1, speaking the partners' contracts.

``base`` is the HTTP server with request log and fault injection, ``sender`` the partner's own
HTTP client for webhooks to Odoo; one module per partner dialect builds on both. Nothing here
imports Odoo or anything outside the standard library.
"""
