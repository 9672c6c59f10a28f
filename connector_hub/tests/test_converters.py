# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import fields
from odoo.tests.common import tagged
from odoo.tools import float_compare

from ..converters import CONVERTERS
from ..exact_json import dump_json, load_json
from ..exceptions import ConfigurationError, HubError, RejectedError
from .converter_case import DECIMALS, ConverterCase, quick, texts

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


@tagged("standard", "post_install", "-at_install")
class TestTable(ConverterCase):
    def test_names_are_the_closed_list(self):
        expected = """none text integer float boolean date datetime_iso minor_units major_units
            grams kilograms html_text country_code state_code phone_e164 currency_code language_code
            first_name last_name lowercase slug ean vat many2one_name list_names int_quantity"""
        self.assertEqual(set(CONVERTERS), set(expected.split()))

    def test_rows_are_complete(self):
        types = set(fields.Field._by_type__)
        for name, converter in CONVERTERS.items():
            with self.subTest(converter=name):
                self.assertEqual(converter.name, name)
                self.assertTrue(converter.label and converter.help)
                self.assertLessEqual(converter.field_types, types)
                self.assertEqual(converter.two_way, converter.to_odoo is not None)

    def test_empty_values_go_out_as_json(self):
        for name, converter in CONVERTERS.items():
            with self.subTest(converter=name):
                dump_json(converter.to_external(False, self.context("EUR", field_type="char")))

    def test_empty_values_come_in(self):
        for name, converter in CONVERTERS.items():
            if converter.two_way:
                with self.subTest(converter=name):
                    self.assertFalse(converter.to_odoo(None, self.context("EUR")))

    @given(anything)
    @settings(max_examples=150)
    def test_whatever_comes_in_is_converted_or_refused(self, value):
        for converter in CONVERTERS.values():
            if converter.two_way:
                try:
                    converter.to_odoo(value, self.context("KWD"))
                except HubError as error:
                    self.assertTrue(error.message)


@tagged("standard", "post_install", "-at_install")
class TestMoney(ConverterCase):
    def test_currencies_have_the_expected_decimals(self):
        self.assertEqual({name: c.decimal_places for name, c in self.currency.items()}, DECIMALS)

    @given(st.sampled_from(sorted(DECIMALS)), st.integers(-(10**12), 10**12))
    @quick
    def test_minor_units_round_trip(self, name, units):
        amount = self.back("minor_units", units, currency=name)
        self.assertEqual(self.out("minor_units", amount, currency=name), units)
        self.assertIs(type(self.out("minor_units", amount, currency=name)), int)

    @given(st.sampled_from(sorted(DECIMALS)), st.integers(-(10**12), 10**12))
    @quick
    def test_major_units_round_trip(self, name, units):
        amount = Decimal(units).scaleb(-DECIMALS[name])
        through = self.out(
            "major_units", self.back("major_units", amount, currency=name), currency=name
        )
        self.assertEqual(through, amount)
        self.assertIsInstance(through, Decimal)
        # To the last digit in JSON too.
        self.assertEqual(load_json(dump_json([through])), [amount])

    def test_known_amounts(self):
        for name, value, expected in (
            ("KWD", 5.0, 5000),
            ("KWD", 12.345, 12345),
            ("EUR", 19.99, 1999),
            ("EUR", 0.1 + 0.2, 30),
            ("EUR", 1.005, 101),
            ("EUR", 1.1 * 1.15 * 100, 12650),
            ("JPY", 1200.0, 1200),
            ("KWD", -0.0, 0),
        ):
            self.assertEqual(self.out("minor_units", value, currency=name), expected)
        self.assertEqual(str(self.out("major_units", 16.0, currency="KWD")), "16.000")
        self.assertEqual(str(self.out("major_units", -0.0, currency="KWD")), "0.000")

    def test_unrounded_amounts_are_rounded_to_the_currency(self):
        self.assertEqual(self.back("major_units", Decimal("20.0753"), currency="EUR"), 20.08)
        self.assertEqual(self.back("major_units", Decimal("20.0753"), currency="KWD"), 20.075)

    def test_backend_s_own_factor(self):
        context = {"currency": "KWD", "minor_factor": lambda currency: 100}
        self.assertEqual(self.out("minor_units", 5.25, **context), 525)
        self.assertEqual(self.back("minor_units", 525, **context), 5.25)
        context = {"currency": "KWD", "minor_factor": lambda currency: 1}
        self.assertEqual(self.out("minor_units", 5.125, **context), Decimal("5.125"))
        self.assertEqual(self.back("minor_units", Decimal("5.125"), **context), 5.125)

    def test_currency_of_the_company_is_the_fallback(self):
        places = self.env.company.currency_id.decimal_places
        self.assertEqual(self.out("minor_units", 2.0), 2 * 10**places)
        with self.assertRaises(ConfigurationError):
            self.out("minor_units", 2.0, env=None)

    def test_no_amounts(self):
        for value in ("abc", "NaN", "Infinity", True, {}, [1], "1e400", Decimal("NaN")):
            with self.subTest(value=value), self.assertRaises(RejectedError) as caught:
                self.back("minor_units", value, currency="KWD")
            self.assertEqual(caught.exception.reason, "invalid_payload")


@tagged("standard", "post_install", "-at_install")
class TestNumbers(ConverterCase):
    @given(st.integers(0, 10**9))
    @quick
    def test_grams_round_trip(self, grams):
        self.assertEqual(self.out("grams", self.back("grams", grams)), grams)

    @given(st.integers(0, 10**9))
    @quick
    def test_kilograms_round_trip(self, grams):
        kilograms = Decimal(grams) / 1000
        self.assertEqual(self.out("kilograms", self.back("kilograms", kilograms)), kilograms)

    def test_weights(self):
        self.assertEqual(self.out("grams", 0.25), 250)
        self.assertEqual(self.out("grams", 1.1), 1100)
        self.assertEqual(self.out("kilograms", 2.0), 2)
        self.assertEqual(self.back("grams", 250), 0.25)

    def test_weights_in_pounds(self):
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        self.assertEqual(self.out("grams", 1.0), Decimal("453.59237"))
        self.assertEqual(self.back("kilograms", Decimal("0.45359237")), 1.0)

    @given(st.floats(-(10**9), 10**9))
    @quick
    def test_int_quantity_is_below_and_never_negative(self, quantity):
        whole = self.out("int_quantity", quantity)
        self.assertIs(type(whole), int)
        self.assertGreaterEqual(whole, 0)
        if quantity >= 0:
            self.assertLessEqual(float_compare(whole, quantity, precision_digits=6), 0)
            self.assertLess(quantity - whole, 1)

    def test_int_quantity(self):
        for quantity, expected in ((2.9, 2), (-3.0, 0), (0.1 * 3 * 10, 3), (2.9999999999999996, 3)):
            self.assertEqual(self.out("int_quantity", quantity), expected)

    @given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
    @quick
    def test_float_round_trip(self, number):
        sent = load_json(dump_json([self.out("float", number)]))[0]
        self.assertEqual(self.back("float", sent), number)

    @given(st.integers(-(2**31) + 1, 2**31 - 1))
    @quick
    def test_integer_round_trip(self, number):
        self.assertEqual(self.back("integer", self.out("integer", number)), number)

    def test_integer_refuses_what_it_cannot_hold(self):
        self.assertEqual(self.back("integer", "7"), 7)
        self.assertEqual(self.back("integer", Decimal("7.0")), 7)
        for value in (Decimal("7.5"), "seven", 2**31, True):
            with self.subTest(value=value), self.assertRaises(RejectedError):
                self.back("integer", value)

    def test_booleans(self):
        for value in (True, 1, "true", "Yes", "1"):
            self.assertIs(self.back("boolean", value), True)
        for value in (False, 0, "false", "no", "", None):
            self.assertIs(self.back("boolean", value), False)
        with self.assertRaises(RejectedError):
            self.back("boolean", "perhaps")


@tagged("standard", "post_install", "-at_install")
class TestMoments(ConverterCase):
    moments = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))

    @given(moments)
    @quick
    def test_datetime_round_trip(self, moment):
        moment = moment.replace(microsecond=0)
        self.assertEqual(self.back("datetime_iso", self.out("datetime_iso", moment)), moment)

    @given(moments, st.integers(-14 * 60, 14 * 60))
    @quick
    def test_offsets_are_converted_to_utc(self, moment, minutes):
        aware = moment.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=minutes)))
        naive = self.back("datetime_iso", aware.isoformat())
        self.assertEqual(naive.replace(tzinfo=timezone.utc), aware)

    @given(st.dates())
    @quick
    def test_date_round_trip(self, day):
        self.assertEqual(self.back("date", self.out("date", day)), day)

    def test_moments(self):
        self.assertEqual(
            self.out("datetime_iso", datetime(2026, 11, 22, 9, 30)), "2026-11-22T09:30:00Z"
        )
        self.assertEqual(
            self.back("datetime_iso", "2026-11-22T12:30:00.123+03:00"),
            datetime(2026, 11, 22, 9, 30),
        )
        self.assertEqual(self.back("date", "2026-11-22"), date(2026, 11, 22))
        for name in ("date", "datetime_iso"):
            for value in ("yesterday", "2026-13-01", 5, {}):
                with self.subTest(name=name, value=value), self.assertRaises(RejectedError):
                    self.back(name, value)

    def test_day_is_that_of_the_backend_s_time_zone(self):
        env = self.env(context={"tz": "Asia/Kuwait"})
        self.assertEqual(self.back("date", "2026-11-22T22:00:00Z", env=env), date(2026, 11, 23))
        self.assertEqual(self.back("date", "2026-11-22", env=env), date(2026, 11, 22))
        self.assertEqual(self.out("date", datetime(2026, 11, 22, 22, 0), env=env), "2026-11-23")
