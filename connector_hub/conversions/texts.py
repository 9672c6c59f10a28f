# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Texts, names, and numbers that are texts: phone, barcode, tax number."""

import html
import re

import phonenumbers
from stdnum import ean as stdnum_ean
from stdnum.exceptions import ValidationError as InvalidNumber
from stdnum.util import clean, get_cc_module

from odoo.tools import html2plaintext

from .common import invalid, to_text


def text_out(value, _ctx):
    return to_text(value)


def text_in(value, _ctx):
    return to_text(value) or False


def lowercase_out(value, _ctx):
    return to_text(value).lower()


def lowercase_in(value, _ctx):
    return to_text(value).lower() or False


def slug_out(value, ctx):
    return ctx.env["ir.http"]._slugify(to_text(value))


def html_text_out(value, _ctx):
    # Control characters are no XML: the parser would refuse the whole text for one of them.
    source = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", to_text(value))
    # A text without any element is none to the parser.
    return (
        html2plaintext(f"<div>{source}</div>", include_references=False).strip()
        if source.strip()
        else ""
    )


def html_text_in(value, _ctx):
    return html.escape(to_text(value), quote=False).replace("\n", "<br>") or False


def first_name_out(value, _ctx):
    return to_text(value).strip().partition(" ")[0]


def last_name_out(value, _ctx):
    return to_text(value).strip().partition(" ")[2].strip()


def _phone(value, ctx) -> str:
    text = to_text(value)
    country = ctx.get_country()
    try:
        number = phonenumbers.parse(text, country.code if country else None)
    except phonenumbers.NumberParseException:
        return text
    if number.extension or not phonenumbers.is_possible_number(number):
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_out(value, ctx):
    return _phone(value, ctx)


def phone_in(value, ctx):
    return _phone(value, ctx) or False


def ean_out(value, _ctx):
    text = to_text(value)
    return stdnum_ean.compact(text) if stdnum_ean.is_valid(text) else None


def ean_in(value, _ctx):
    text = to_text(value).strip()
    if not text:
        return False
    try:
        return stdnum_ean.validate(text)
    except InvalidNumber:
        raise invalid(value, "a valid EAN or UPC barcode") from None


def _vat(value, ctx) -> str:
    """Return a tax number as its country writes it compactly; others just without separators."""
    text = clean(to_text(value), " -./").upper().strip()
    country = ctx.get_country()
    module = text and country and get_cc_module(country.code.lower(), "vat")
    if module and module.is_valid(text) and not text.startswith(country.code.upper()):
        return module.compact(text)
    return text


def vat_out(value, ctx):
    return _vat(value, ctx) or None


def vat_in(value, ctx):
    return _vat(value, ctx) or False
