# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the conversions share."""

from ..exceptions import RejectedError


def invalid(value, expected):
    return RejectedError(f"{str(value)[:80]!r} is not {expected}.", reason="invalid_payload")


def is_empty(value):
    return value is None or value is False or value == ""


def to_text(value) -> str:
    """Return the text of a scalar; PostgreSQL cannot store the NUL character."""
    if is_empty(value):
        return ""
    if value is True:
        return "true"
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, dict | list):
        raise invalid(value, "a text")
    return str(value).replace("\x00", "")
