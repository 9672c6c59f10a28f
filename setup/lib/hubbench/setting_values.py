# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the bench's backends and its shop agree on."""

API_KEY = "bench-api-key-0123456789"
WEBHOOK_SECRET = "bench-webhook-secret-0123456789"  # noqa: S105 - of the bench's own shop
