# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Booleans, dates and times."""

import re
from datetime import date, datetime, timezone
from zoneinfo import ZoneInfo

from dateutil import parser as date_parser

from .common import invalid, is_empty

_TRUE = frozenset({"true", "yes", "1", "on"})
_FALSE = frozenset({"false", "no", "0", "off", ""})


def boolean_out(value, _ctx):
    return bool(value)


def boolean_in(value, _ctx):
    word = "" if value is None else str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise invalid(value, "true or false")
    return word in _TRUE


def _parse_moment(value, expected) -> datetime | date:
    if isinstance(value, date):
        return value
    try:
        return date_parser.isoparse(value.strip())
    except (AttributeError, ValueError, OverflowError):
        raise invalid(value, expected) from None


def datetime_out(value, _ctx):
    if is_empty(value):
        return None
    if isinstance(value, datetime):
        moment = value.astimezone(timezone.utc) if value.tzinfo else value
        return moment.replace(tzinfo=None).isoformat() + "Z"
    return value.isoformat()


def datetime_in(value, _ctx):
    """Return naive UTC, as Odoo keeps it; a text without an offset is UTC."""
    if is_empty(value):
        return False
    moment = _parse_moment(value, "a date and time like 2026-11-22T09:30:00Z")
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day)
    try:
        moment = moment.astimezone(timezone.utc) if moment.tzinfo else moment
    except OverflowError:
        raise invalid(value, "a date and time within the calendar") from None
    return moment.replace(tzinfo=None, microsecond=0)


def _local_date(moment, ctx):
    """Return the day a moment (naive is UTC) falls on in the environment's time zone."""
    zone = (ctx.env is not None and ctx.env.context.get("tz")) or "UTC"
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return aware.astimezone(ZoneInfo(zone)).date()


def date_out(value, ctx):
    if is_empty(value):
        return None
    return (_local_date(value, ctx) if isinstance(value, datetime) else value).isoformat()


def date_in(value, ctx):
    if is_empty(value):
        return False
    moment = _parse_moment(value, "a date like 2026-11-22")
    if not isinstance(moment, datetime):
        return moment
    # A bare date has no time zone: it must not become the day before.
    if isinstance(value, str) and not re.search(r"[T ]", value.strip()):
        return moment.date()
    try:
        return _local_date(moment, ctx)
    except OverflowError:
        raise invalid(value, "a date within the calendar") from None
