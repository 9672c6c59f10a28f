# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Remote paths: ``variants[0].barcode``, ``metadata.odoo_id``. Parsed once, used for every record of a batch."""

import re

_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,3})\]")


class PathError(ValueError):
    """The path cannot be read."""


def parse_path(path):
    """Split a remote path into its steps.

    :param str path: names separated by dots, list positions in brackets
    :return: tuple of str (keys) and int (list positions), never empty
    :raises PathError: if it is not such a path
    """
    steps, position = [], 0
    text = (path or "").strip()
    while position < len(text):
        if steps and text[position] == ".":
            position += 1
        match = _STEP.match(text, position)
        if not match or (not steps and match.group(2)):
            raise PathError(path)
        steps.append(match.group(1) if match.group(1) is not None else int(match.group(2)))
        position = match.end()
    if not steps or text.endswith("."):
        raise PathError(path)
    return tuple(steps)


def set_path(payload, steps, value):
    """Put a value into nested dicts and lists, which are made on the way.

    A dict joins one that stands there already, so that a whole and its parts may be set in any order.
    """
    node = payload
    for step, following in zip(steps, steps[1:], strict=False):
        fresh = [] if isinstance(following, int) else {}
        if isinstance(step, int):
            _lengthen(node, step)
            if node[step] is None:
                node[step] = fresh
            node = node[step]
        else:
            if node.get(step) is None:
                node[step] = fresh
            node = node[step]
    last = steps[-1]
    if isinstance(last, int):
        _lengthen(node, last)
    elif isinstance(node.get(last), dict) and (value is None or isinstance(value, dict)):
        node[last].update(value or {})
        return
    node[last] = value


def _lengthen(items, position):
    """Have a list reach to a position; what nothing is put into stays None."""
    items.extend([None] * (position + 1 - len(items)))


def get_path(payload, steps, default=None):
    """The value at a path, or the default where the path does not lead anywhere."""
    node = payload
    for step in steps:
        if isinstance(step, int):
            if not isinstance(node, list) or len(node) <= step:
                return default
        elif not isinstance(node, dict) or step not in node:
            return default
        node = node[step]
    return node
