# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Checking of JSON bodies: a schema is {name: rule}, a rule says what is wrong, or None."""

import math
import re

from .values import parse_iso

HTTP_URL = re.compile(r"https?://[^\s/]+", re.IGNORECASE)


def text(value):
    return None if isinstance(value, str) else "must be a string"


def filled_text(value):
    return None if isinstance(value, str) and value.strip() else "must be a string, not empty"


def boolean(value):
    return None if isinstance(value, bool) else "must be true or false"


def integer(value):
    ok = isinstance(value, int) and not isinstance(value, bool)
    return None if ok else "must be an integer"


def count(value):
    return integer(value) or (None if value >= 0 else "must not be negative")


def positive_integer(value):
    return integer(value) or (None if value > 0 else "must be greater than 0")


def number(value):
    ok = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return None if ok else "must be a number"


def amount(value):
    return number(value) or (None if value >= 0 else "must not be negative")


def whole_number(value):
    """An integer, also written as 50.0: JavaScript cannot tell them apart."""
    return number(value) or (None if value == int(value) else "must be a whole number")


def mapping(value):
    return None if isinstance(value, dict) else "must be an object"


def http_url(value):
    ok = isinstance(value, str) and HTTP_URL.match(value)
    return None if ok else "must be an http or https URL"


def nullable(rule):
    return lambda value: None if value is None else rule(value)


def one_of(*values):
    def rule(value):
        return None if value in values else f"must be one of {', '.join(map(str, values))}"

    return rule


def record(schema, required=(), strict=False):
    """Rule for an object; the error is a {path: message} of everything wrong in it."""

    def rule(value):
        if not isinstance(value, dict):
            return "must be an object"
        return problems(value, schema, required, strict) or None

    return rule


def listing(rule, minimum=0):
    """Rule for a list whose every element keeps ``rule``."""

    def check(value):
        if not isinstance(value, list):
            return "must be a list"
        if len(value) < minimum:
            return f"must have at least {minimum} element(s)"
        found = {}
        for position, element in enumerate(value):
            _collect(found, str(position), rule(element))
        return found or None

    return check


def problems(payload, schema, required=(), strict=False):
    """Everything wrong with a JSON object: {"inventory.quantity": "must be an integer"}."""
    if not isinstance(payload, dict):
        return {"body": "must be an object"}
    found = {}
    for name in required:
        if name not in payload:
            found[name] = "is required"
    for name, value in payload.items():
        rule = schema.get(name)
        if rule is not None:
            _collect(found, name, rule(value))
        elif strict:
            found[name] = "is not a known field"
    return found


def _collect(found, name, problem):
    if isinstance(problem, dict):
        for path, message in problem.items():
            found[f"{name}.{path}"] = message
    elif problem:
        found[name] = problem


def iso_date(value):
    try:
        parse_iso(value)
    except (TypeError, ValueError):
        return "must be an ISO date"
    return None
