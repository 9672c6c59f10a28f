# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""JSON with exact numbers: what is no integer goes out and comes in as Decimal."""

import json
import math
import re
from decimal import Decimal
from json.encoder import encode_basestring

#: What PostgreSQL refuses in a text: NUL, and surrogates without their other half (an emoji cut in two).
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

#: How JSON escapes one; unescaped ones are no UTF-8, or no JSON.
_ESCAPED_UNSTORABLE = re.compile(r"\\u(?:0000|d[89a-f])", re.IGNORECASE)

#: Levels of nesting. No partner's data has more than a dozen; what walks through them must not run out of stack.
_MAX_DEPTH = 100

#: Numbers beyond this power of ten are written with an exponent instead of that many digits.
_PLAIN_EXPONENT = 30


def dump_json(value) -> bytes:
    """Return the value as compact UTF-8 JSON, its keys in the order given.

    :raises ValueError: NaN, infinity, or nesting too deep
    :raises TypeError: a type that JSON does not know
    """
    try:
        try:
            # The library's encoder is many times as fast, but knows no Decimal.
            return json.dumps(
                value,
                ensure_ascii=False,
                separators=(",", ":"),
                allow_nan=False,
                check_circular=False,
            ).encode("utf-8", errors="replace")
        except TypeError:
            parts = []
            _write(value, parts.append)
    except RecursionError:
        raise ValueError("nested too deeply for JSON") from None
    return "".join(parts).encode("utf-8", errors="replace")


def clean_value(value):
    """Return a value as JSON holds it, with every character that PostgreSQL refuses replaced by U+FFFD.

    Outside text, such as an error page or a name cut in the middle of an emoji, must not spoil what is kept of it.
    """
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {clean_value(name): clean_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean_value(item) for item in value]
    return value


def dump_storable(value) -> str:
    """Return the value as JSON text that PostgreSQL takes: see :func:`clean_value`. Dates and the like become text."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    if "\\u0000" in text or _UNSTORABLE.search(text):
        text = json.dumps(clean_value(value), ensure_ascii=False, default=str)
    return text


def load_json(content, parse_float=Decimal):
    """Parse JSON strictly. What no database takes, such as half an emoji, comes as U+FFFD.

    :param content: str or bytes
    :param parse_float: what a number that is no integer becomes
    :raises ValueError: no JSON, no UTF, NaN or infinity, or nesting too deep
    """
    try:
        if not isinstance(content, str):
            content = content.decode(json.detect_encoding(content))
        value = json.loads(content, parse_float=parse_float, parse_constant=_refuse_constant)
        _check_depth(value)
        return clean_value(value) if _ESCAPED_UNSTORABLE.search(content) else value
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ArithmeticError:
        raise ValueError("a number is out of range") from None


def _check_depth(value):
    level = [value]
    for _depth in range(_MAX_DEPTH):
        level = [
            item
            for holder in level
            if isinstance(holder, dict | list)
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, dict | list)
        ]
        if not level:
            return
    raise ValueError("nested too deeply")


def _refuse_constant(name):
    raise ValueError(f"{name} is not allowed in JSON")


def _write(value, write):
    if isinstance(value, str):
        write(encode_basestring(value))
    elif value is None:
        write("null")
    elif value is True:
        write("true")
    elif value is False:
        write("false")
    elif isinstance(value, int):
        write(int.__repr__(value))
    elif isinstance(value, Decimal):
        write(_number(value))
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("a number that is not finite cannot be sent")
        write(float.__repr__(value))
    elif isinstance(value, dict):
        _write_object(value, write)
    elif isinstance(value, list | tuple):
        _write_array(value, write)
    else:
        raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def _write_object(value, write):
    separator = "{"
    for name, item in value.items():
        if not isinstance(name, str | int):
            raise TypeError(f"a JSON object's key must be text, not {type(name).__name__}")
        write(separator)
        write(encode_basestring(str(name)))
        write(":")
        _write(item, write)
        separator = ","
    write("}" if value else "{}")


def _write_array(value, write):
    separator = "["
    for item in value:
        write(separator)
        _write(item, write)
        separator = ","
    write("]" if value else "[]")


def _number(value):
    if not value.is_finite():
        raise ValueError("a number that is not finite cannot be sent")
    plain = (
        abs(value.adjusted()) <= _PLAIN_EXPONENT and value.as_tuple().exponent >= -_PLAIN_EXPONENT
    )
    return format(value, "f") if plain else str(value)
