# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading and writing of values as JavaScript shops do: ISO times, strict JSON."""

import json
import time
from datetime import datetime, timezone


def iso(moment=None):
    """Unix time, datetime or text -> ``2026-02-28T10:30:00.000Z``; None is now."""
    if isinstance(moment, str):
        return moment
    if not isinstance(moment, datetime):
        moment = datetime.fromtimestamp(time.time() if moment is None else moment, timezone.utc)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    text = moment.astimezone(timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def parse_iso(text):
    """ISO date or date and time -> aware datetime (UTC unless it says otherwise); ValueError."""
    moment = datetime.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") else text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def strict_json(body):
    """Parse as JavaScript does: no NaN, no Infinity; ValueError otherwise."""

    def refuse(token):
        raise ValueError(f"Unexpected token {token}")

    try:
        return json.loads(body, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("Nested too deeply") from error
