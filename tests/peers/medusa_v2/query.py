# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Query strings of a stock Medusa v2: filters, order, paging and the choice of fields."""

import operator
import re

from ..values import parse_iso

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
COMPARISONS = {
    "$eq": operator.eq,
    "$ne": operator.ne,
    "$gt": operator.gt,
    "$gte": operator.ge,
    "$lt": operator.lt,
    "$lte": operator.le,
}
OPERATORS = frozenset({*COMPARISONS, "$in", "$nin", "$like", "$ilike"})
DATES = frozenset({"created_at", "updated_at", "deleted_at"})
PAGING = frozenset({"offset", "limit", "order", "fields", "with_deleted"})
#: More parameters than this the framework drops without a word.
MAX_PARAMETERS = 1000


class QueryError(Exception):
    """A query the shop refuses; becomes 400 invalid_data."""


def read_query(request):
    """{"sku": "A", "id": ["1", "2"], "updated_at": {"$gte": "..."}} from the bracket notation."""
    found = {}
    taken = 0
    for name, values in request.query.items():
        for value in values:
            taken += 1
            if taken > MAX_PARAMETERS:
                return found
            _put(found, name, value)
    for name, value in found.items():
        if isinstance(value, list) and len(value) == 1:
            found[name] = value[0].split(",")
    return found


def _put(found, name, value):
    match = KEY.fullmatch(name)
    if not match:
        raise QueryError(f"Invalid request: Unrecognized fields: '{name}'")
    base, keys = match[1], re.findall(r"\[([^\[\]]*)\]", match[2])
    if "." in base:
        base, _dot, child = base.partition(".")
        keys.insert(0, child)
    if keys and keys[0] and not keys[0].isdecimal():
        inner = found.setdefault(base, {})
        if len(keys) > 1:
            inner.setdefault(keys[0], []).append(value)
        else:
            inner[keys[0]] = value
    elif keys:
        found.setdefault(base, []).append(value)
    elif base in found:
        before = found[base]
        found[base] = [*(before if isinstance(before, list) else [before]), value]
    else:
        found[base] = value


def check_filters(query, filters, strict=True):
    """The filters of a query that the route knows; ``strict`` refuses the others.

    filters: {name: kind}; kinds: text, texts (one or many), many (a list only), boolean,
    operators, nested.
    """
    taken = {}
    for name, value in query.items():
        if name in PAGING:
            continue
        kind = filters.get(name)
        if kind is None:
            if strict:
                raise QueryError(f"Invalid request: Unrecognized fields: '{name}'")
            continue
        if not _fits(value, kind):
            raise QueryError(f"Invalid request: Expected {kind} for field '{name}', got: '{value}'")
        if kind == "boolean":
            value = value == "true"
        elif isinstance(value, dict) and kind == "operators":
            value = {key: part for key, part in value.items() if key in OPERATORS}
        taken[name] = value
    return taken


def _fits(value, kind):
    return {
        "text": isinstance(value, str),
        "texts": isinstance(value, str | list),
        "many": isinstance(value, list),
        "boolean": value in ("true", "false"),
        "operators": isinstance(value, str | list | dict),
        "nested": isinstance(value, dict),
    }[kind]


def matches(value, condition, name=""):
    """Whether a record's value (or one of its values) fits a filter's condition."""
    if isinstance(value, list):
        return any(matches(element, condition, name) for element in value)
    if isinstance(value, dict):
        return all(matches(value.get(key), given, key) for key, given in condition.items())
    if isinstance(condition, dict):
        return all(_compare(value, key, given, name) for key, given in condition.items())
    if isinstance(condition, list):
        return value in condition
    return value == condition


def _compare(value, sign, given, name):
    if sign in ("$in", "$nin"):
        return (value in given) == (sign == "$in")
    if sign in ("$like", "$ilike"):
        pattern = re.escape(given).replace("%", ".*")
        flags = re.IGNORECASE if sign == "$ilike" else 0
        return re.fullmatch(pattern, str(value or ""), flags) is not None
    if value is None or given is None:
        return sign == "$ne" or (sign == "$eq" and value == given)
    if name in DATES:
        try:
            value, given = parse_iso(value), parse_iso(given)
        except (TypeError, ValueError) as error:
            raise QueryError(f"invalid input syntax for type timestamp: '{given}'") from error
    return COMPARISONS[sign](value, given)


def ordered(records, query):
    """By id, or by the field of ``order`` (``-`` in front: descending)."""
    name = query.get("order") or "id"
    field = name.lstrip("-")
    if records and field not in records[0]:
        raise QueryError(f"Order field {field} is not valid")
    return sorted(
        records,
        key=lambda record: (record[field] is not None, record[field], record["id"]),
        reverse=name.startswith("-"),
    )


def paging(query, default_limit):
    """(offset, limit)."""
    numbers = []
    for name, default in (("offset", 0), ("limit", default_limit)):
        text = query.get(name)
        match = re.match(r"\s*-?\d+", text) if isinstance(text, str) else None
        if text is not None and not match:
            raise QueryError(f"Invalid request: Expected type: 'number' for field '{name}'")
        numbers.append(int(match[0]) if match else default)
    return tuple(numbers)


# -- choice of fields --------------------------------------------------------------------------


def field_tree(text, defaults):
    """``fields`` and the route's defaults -> {"id": {}, "items": {"*": {}, "detail": {"*": {}}}}.

    A name without + - or * in the list replaces the defaults; id is always there.
    """
    chosen = dict.fromkeys(defaults)
    if text is not None:
        names = [name for name in text.split(",") if name]
        modified = [name[0] in "+- *" or name.endswith(".*") for name in names]
        if not names or not all(modified):
            chosen = dict.fromkeys(name.lstrip("+- \t").strip() for name in names)
        else:
            _modify(chosen, names)
        chosen["id"] = None
    tree = {}
    for name in chosen:
        star = name.startswith("*") or name.endswith(".*")
        node = tree
        for part in name.removeprefix("*").removesuffix(".*").split("."):
            node = node.setdefault(part, {})
        if star:
            node["*"] = {}
    return tree


def _modify(chosen, names):
    for name in names:
        if name[0] in "+ ":
            chosen[name[1:].strip()] = None
        elif name[0] == "-":
            gone = name[1:]
            for known in list(chosen):
                bare = known.removeprefix("*")
                if bare == gone or bare.startswith(gone + "."):
                    del chosen[known]
        else:
            chosen[name] = None


def pick(record, tree, entity="record"):
    """The chosen part of a record, whose relations are functions without arguments."""
    shown = {}
    if "*" in tree:
        shown.update({key: value for key, value in record.items() if not callable(value)})
    for name, subtree in tree.items():
        if name == "*":
            continue
        if name not in record:
            raise QueryError(f"Entity '{entity}' does not have property '{name}'")
        value = record[name]
        if callable(value):
            shown[name] = _pick_relation(value(), subtree or {"*": {}}, name)
        elif subtree and isinstance(value, dict):
            shown[name] = {key: value.get(key) for key in subtree}
        else:
            shown[name] = value
    return shown


def _pick_relation(value, tree, name):
    if isinstance(value, list):
        return [pick(element, tree, name) for element in value]
    return None if value is None else pick(value, tree, name)
