# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``check_files.py FILE...``: the house rules that no linter knows.

Prints every offence and fails if there is one.
"""

import ast
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

MAX_LINES = 400
CODE_SUFFIXES = frozenset([".py", ".xml", ".js", ".scss", ".sh"])
HEADER = "# Copyright 2026 Connector Hub contributors\n# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl)."
# Spelled in halves, so that this file does not hold what it looks for.
REGISTRY_HOST = re.compile(
    r"(pypi|pythonhosted|npmjs|debian|ubuntu|crates|docker|ghcr|quay|rubygems|nodesource|yarnpkg)"
    r"\.(org|com|net|io|dev)\b"
)
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")


def check(path, text):
    """Offences of one file, as (line number, what is wrong)."""
    is_script = path.parts[0] == "setup" and text.startswith("#!")
    if path.suffix in CODE_SUFFIXES or is_script:
        yield from check_code(path, text)
    if path.suffix in (".xml", ".svg"):
        yield from check_xml(text)
    if path.suffix == ".py":
        yield from check_imports(path, ast.parse(text))
    for number, line in enumerate(text.splitlines(), 1):
        if found := REGISTRY_HOST.search(line):
            yield number, f"names the registry host {found[0]}: the machine's own settings decide"


def check_code(path, text):
    lines = text.count("\n")
    if lines > MAX_LINES:
        yield 1, f"{lines} lines: split it, {MAX_LINES} are the limit"
    if path.suffix == ".py" and path.name != "__init__.py" and HEADER not in text[:300]:
        yield 1, "the copyright and license lines are missing at the top"
    for number, line in enumerate(text.splitlines(), 1):
        if found := UNFINISHED.search(line):
            yield number, f"{found[0]}: finish it or file it"


def check_xml(text):
    try:
        ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        yield error.position[0], f"not well-formed: {error}"


def check_imports(path, tree):
    """Only connector_hub/client.py talks HTTP, and no partner addon knows another."""
    addon = path.parts[0]
    if not addon.startswith("connector_hub") or "tests" in path.parts:
        return
    for node in ast.walk(tree):
        for module in imported_modules(node):
            if module.split(".")[0] == "requests" and str(path) != "connector_hub/client.py":
                yield node.lineno, "imports requests: only connector_hub/client.py may"
            other = re.match(r"odoo\.addons\.(connector_hub\w*)", module)
            if other and other[1] not in (addon, "connector_hub"):
                yield node.lineno, f"imports {other[1]}: a partner addon knows only connector_hub"
    if path.name == "__manifest__.py":
        yield from check_dependencies(addon, ast.literal_eval(tree.body[-1].value))


def imported_modules(node):
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def check_dependencies(addon, manifest):
    for other in manifest.get("depends", []):
        if other.startswith("connector_hub") and other not in (addon, "connector_hub"):
            yield 1, f"depends on {other}: a partner addon knows only connector_hub"


def main(names):
    count = 0
    for name in names:
        for line, offence in check(Path(name), Path(name).read_text(encoding="utf-8")):
            print(f"{name}:{line}: {offence}")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
