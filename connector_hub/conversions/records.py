# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Linked records by their codes and names, and values as they are."""

from datetime import date
from decimal import Decimal

from ..exceptions import ConfigurationError, RejectedError
from .common import to_text
from .moments import datetime_out
from .numbers import decimal, plain


def country_code_out(value, _ctx):
    return (value.code or None) if value else None


def country_code_in(value, ctx):
    code = to_text(value).strip().upper()
    if not code:
        return False
    country = _find_country(code, ctx)
    if not country:
        raise RejectedError(
            f"There is no country with the code {code[:80]!r} in Odoo.", reason="country_unknown"
        )
    return country.id


def _find_country(code, ctx):
    return ctx.look_up(
        ("country", code), lambda: ctx.env["res.country"].search([("code", "=", code)], limit=1)
    )


def state_code_out(value, _ctx):
    return (value.code or None) if value else None


def state_code_in(value, ctx):
    """Find a state by ``US-CA``, or by ``CA`` in the record's country."""
    code = to_text(value).strip().upper()
    if not code:
        return False
    country = ctx.get_country()
    country_code, dash, rest = code.partition("-")
    if dash and (found := _find_country(country_code, ctx)):
        country, code = found, rest
    key = ("state", country and country.id, code)
    domain = [
        ("code", "=ilike", code.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_"))
    ]
    if country:
        domain.append(("country_id", "=", country.id))
    states = ctx.look_up(key, lambda: ctx.env["res.country.state"].search(domain, limit=2))
    if len(states) != 1:
        raise RejectedError(
            f"The state {str(value)[:80]!r} was not found, or not only once.", reason="not_found"
        )
    return states.id


def currency_code_out(value, _ctx):
    return (value.name or None) if value else None


def currency_code_in(value, ctx):
    code = to_text(value).strip().upper()
    if not code:
        return False
    currency = ctx.look_up(
        ("currency", code), lambda: ctx.env["res.currency"].search([("name", "=", code)], limit=1)
    )
    if not currency:
        raise RejectedError(
            f"The currency {code[:80]!r} is not active in Odoo: activate it there.",
            reason="currency_inactive",
        )
    return currency.id


#: Odoo's script variants and what BCP 47 calls them.
_SCRIPTS = {"latin": "Latn", "cyrillic": "Cyrl"}


def _language_tag(code: str) -> str:
    """Return the BCP 47 tag of an Odoo language code: ``sr@latin`` is ``sr-Latn``."""
    code, _at, variant = code.partition("@")
    language, _underscore, region = code.partition("_")
    return "-".join(filter(None, (language, _SCRIPTS.get(variant, variant), region)))


def language_code_out(value, _ctx):
    return _language_tag(to_text(value)) or None


def language_code_in(value, ctx):
    """Return the installed language that fits best, or False: a language is no obstacle."""
    wanted = to_text(value).strip().replace("_", "-").lower()
    installed = ctx.look_up(
        "languages", lambda: [code for code, _name in ctx.env["res.lang"].get_installed()]
    )
    tags = {_language_tag(code).lower(): code for code in installed}
    if wanted in tags:
        return tags[wanted]
    language = wanted.partition("-")[0]
    return next(
        (code for tag, code in tags.items() if language and tag.partition("-")[0] == language),
        False,
    )


def many2one_name_out(value, _ctx):
    return (value.display_name or None) if value else None


def list_names_out(value, _ctx):
    return [record.display_name or "" for record in value] if value else []


def as_is_out(value, ctx):
    """Leave the value alone, as far as JSON can hold it."""
    if value is None or (value is False and ctx.field_type not in (None, "boolean")):
        return None
    if isinstance(value, bool | int | dict | list):
        return value
    if isinstance(value, float | Decimal):
        return plain(decimal(value))
    if isinstance(value, date):
        return datetime_out(value, ctx)
    if isinstance(value, str | bytes):
        return to_text(value)
    raise ConfigurationError(
        f"A record ({value}) cannot be sent as it is: choose a converter, or a path to a field."
    )


def as_is_in(value, _ctx):
    if value is None:
        return False
    return float(decimal(value)) if isinstance(value, Decimal) else value
