# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""One item of a request: what is wrong with it, alone or inside a bulk."""


class ItemError(Exception):
    """One item cannot be taken: a 4xx of a single call, an entry of ``errors`` in a bulk."""

    def __init__(self, code, message, details=None, anonymous=False):
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details or {}
        self.anonymous = anonymous

    def entry(self, sku):
        error = {"code": self.code, "message": self.message}
        return {"error": error} if self.anonymous else {"sku": sku, "error": error}


def sku_of(item):
    return item.get("sku") if isinstance(item, dict) else None


def first_problem(found):
    path, message = next(iter(found.items()))
    return f"{path} {message}"
