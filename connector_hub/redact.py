# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Masking secrets in whatever is shown or kept."""

import base64
import json
import re
from urllib.parse import quote, quote_plus

from .exact_json import dump_json

MASK = "***"

_SECRET_HEADER = re.compile(
    r"auth|token|secret|signature|cookie|password|(?<!idempotency-)key", re.IGNORECASE
)

#: Shorter header values are no secrets, and masking them would mask half of any text.
_SECRET_CHARS = 6


def header_secrets(headers):
    """Return the values of headers with telling names, and their part after a scheme word."""
    for name, value in (headers or {}).items():
        if value and len(value) >= _SECRET_CHARS and _SECRET_HEADER.search(name):
            yield value
            yield value.rpartition(" ")[2]


def masker(secrets):
    """Return a function that masks secrets in a text: plain, quoted, escaped, in base64."""
    forms = set()
    for secret in filter(None, secrets):
        escaped = {dump_json(secret).decode()[1:-1], json.dumps(secret)[1:-1]}
        forms |= {secret, quote(secret, safe=""), quote_plus(secret), *escaped}
        forms |= {text.replace("/", r"\/") for text in escaped}
        for credentials in (secret, f"{secret}:", f":{secret}"):
            forms.add(base64.b64encode(credentials.encode()).decode())
    if not forms:
        return str
    pattern = re.compile("|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))
    return lambda text: pattern.sub(MASK, text)


def mask_data(value, mask):
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [mask_data(item, mask) for item in value]
    if isinstance(value, dict):
        return {mask(name): mask_data(item, mask) for name, item in value.items()}
    return value
