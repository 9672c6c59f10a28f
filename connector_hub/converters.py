# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The closed table of converters: how one value becomes what the partner wants, and back.

Going out, a converter gets what ``record[path]`` gives (False where it is empty) and returns what
JSON can hold; going in, it gets what JSON held (None where it was empty) and returns what
``write()`` takes. Amounts of money are Decimal in between: a float of Odoo's is read through its
currency's rounding, and no float is ever calculated with.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .conversions import moments, numbers, records, texts
from .exceptions import ConfigurationError


def _minor_factor(currency) -> int:
    """Return how many of its smallest units make one: KWD 1000, EUR 100, JPY 1."""
    return 10**currency.decimal_places


@dataclass(frozen=True)
class ConverterContext:
    """What a conversion may depend on.

    :ivar env: the backend's work environment, or None for converters that look nothing up
    :ivar backend: the ``connector.hub.backend`` record
    :ivar currency: the ``res.currency`` of the amounts; the environment's company's if None
    :ivar minor_factor: function of a currency: how many minor units make one; 1 sends major units
    :ivar lang: language code of translated values
    :ivar field_type: the Odoo field's type, which tells an empty text (False) from the boolean
        False
    :ivar country: the ``res.country`` of the record at hand, for phone numbers and states; else the
        company's
    :ivar cache: what was looked up already in this batch
    """

    env: Any = None
    backend: Any = None
    currency: Any = None
    minor_factor: Callable[[Any], int] = _minor_factor
    lang: str | None = None
    field_type: str | None = None
    country: Any = None
    cache: dict = field(default_factory=dict, compare=False, repr=False)

    def get_currency(self):
        """Return the currency of the amounts.

        :raises ConfigurationError: there is none
        """
        currency = self.currency or (self.env is not None and self.env.company.currency_id)
        if not currency:
            raise ConfigurationError(
                "An amount cannot be converted without a currency: set it on the company."
            )
        return currency

    def get_country(self):
        """Return the country to read numbers by, or None."""
        return self.country or (self.env is not None and self.env.company.country_id) or None

    def look_up(self, key, search):
        """Return the result of ``search()``, which is called once per key and batch."""
        if key not in self.cache:
            self.cache[key] = search()
        return self.cache[key]


@dataclass(frozen=True)
class Converter:
    """One row of the table.

    :ivar name: the key, stored on field mappings
    :ivar to_external: function of (value, context)
    :ivar to_odoo: function of (value, context), or None if there is no way back
    :ivar field_types: types of Odoo fields it fits; any if empty
    """

    name: str
    label: str
    to_external: Callable[[Any, ConverterContext], Any]
    to_odoo: Callable[[Any, ConverterContext], Any] | None = None
    field_types: frozenset = frozenset()
    help: str = ""

    @property
    def two_way(self) -> bool:
        return self.to_odoo is not None


_CHARS = frozenset({"char", "text", "selection"})
_TEXTS = _CHARS | {"html"}
_NUMBERS = frozenset({"float", "monetary", "integer"})
_DATES = frozenset({"date", "datetime"})
_MANY2ONE = frozenset({"many2one"})
_X2MANY = frozenset({"many2many", "one2many"})

_TABLE = (
    Converter("none", "As it is", records.as_is_out, records.as_is_in, help="The value unchanged."),
    Converter(
        "text",
        "Text",
        texts.text_out,
        texts.text_in,
        help="The value as text; an empty one is an empty text.",
    ),
    Converter(
        "integer",
        "Whole number",
        numbers.integer_out,
        numbers.integer_in,
        _NUMBERS,
        "Fractions are refused on import.",
    ),
    Converter(
        "float",
        "Number",
        numbers.number_out,
        numbers.float_in,
        _NUMBERS,
        "A number with its decimals.",
    ),
    Converter(
        "boolean",
        "Yes or no",
        moments.boolean_out,
        moments.boolean_in,
        help="True if the value is not empty.",
    ),
    Converter(
        "date",
        "Date",
        moments.date_out,
        moments.date_in,
        _DATES,
        "Year, month and day: 2026-11-22.",
    ),
    Converter(
        "datetime_iso",
        "Date and time",
        moments.datetime_out,
        moments.datetime_in,
        _DATES,
        "In UTC: 2026-11-22T09:30:00Z.",
    ),
    Converter(
        "minor_units",
        "Amount in minor units",
        numbers.minor_units_out,
        numbers.minor_units_in,
        _NUMBERS,
        "12.345 KWD is 12345 and 12.34 EUR is 1234, unless the backend sets another factor.",
    ),
    Converter(
        "major_units",
        "Amount",
        numbers.major_units_out,
        numbers.major_units_in,
        _NUMBERS,
        "Rounded to the currency's decimals.",
    ),
    Converter(
        "grams",
        "Weight in grams",
        numbers.grams_out,
        numbers.grams_in,
        _NUMBERS,
        "From Odoo's weight, in kg or in lb.",
    ),
    Converter(
        "kilograms",
        "Weight in kilograms",
        numbers.kilograms_out,
        numbers.kilograms_in,
        _NUMBERS,
        "From Odoo's weight.",
    ),
    Converter(
        "html_text",
        "Text without formatting",
        texts.html_text_out,
        texts.html_text_in,
        _TEXTS,
        "Formatting is removed.",
    ),
    Converter(
        "country_code",
        "Country code",
        records.country_code_out,
        records.country_code_in,
        _MANY2ONE,
        "Two letters: KW.",
    ),
    Converter(
        "state_code",
        "State code",
        records.state_code_out,
        records.state_code_in,
        _MANY2ONE,
        "Without the country: CA for US-CA.",
    ),
    Converter(
        "phone_e164",
        "Phone number",
        texts.phone_out,
        texts.phone_in,
        _CHARS,
        "International form: +96522334455. What is no phone number stays as it is.",
    ),
    Converter(
        "currency_code",
        "Currency code",
        records.currency_code_out,
        records.currency_code_in,
        _MANY2ONE,
        "KWD, EUR.",
    ),
    Converter(
        "language_code",
        "Language code",
        records.language_code_out,
        records.language_code_in,
        _CHARS,
        "ar-KW for ar_KW.",
    ),
    Converter(
        "first_name", "First name", texts.first_name_out, None, _CHARS, "Up to the first space."
    ),
    Converter(
        "last_name", "Last name", texts.last_name_out, None, _CHARS, "After the first space."
    ),
    Converter(
        "lowercase",
        "Lower case",
        texts.lowercase_out,
        texts.lowercase_in,
        _CHARS,
        "For e-mail addresses and handles.",
    ),
    Converter(
        "slug",
        "Handle",
        texts.slug_out,
        None,
        _CHARS,
        "For addresses of pages: Mobile Accessories is mobile-accessories.",
    ),
    Converter(
        "ean",
        "EAN barcode",
        texts.ean_out,
        texts.ean_in,
        _CHARS,
        "Only valid EAN and UPC codes are sent.",
    ),
    Converter(
        "vat", "Tax number", texts.vat_out, texts.vat_in, _CHARS, "Without spaces, dots and dashes."
    ),
    Converter(
        "many2one_name",
        "Name of the record",
        records.many2one_name_out,
        None,
        _MANY2ONE,
        "As Odoo displays it.",
    ),
    Converter(
        "list_names",
        "List of names",
        records.list_names_out,
        None,
        _X2MANY,
        "Of all linked records.",
    ),
    Converter(
        "int_quantity",
        "Whole quantity",
        numbers.int_quantity_out,
        numbers.integer_in,
        _NUMBERS,
        "Rounded down, and never below zero.",
    ),
)

#: Name -> converter: all there are. Field mappings choose from them; no code is stored in records.
CONVERTERS: dict[str, Converter] = {converter.name: converter for converter in _TABLE}
