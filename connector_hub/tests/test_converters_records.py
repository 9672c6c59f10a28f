# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests.common import tagged

from ..converters import CONVERTERS
from ..exceptions import ConfigurationError, RejectedError
from .converter_case import ConverterCase, quick, texts


@tagged("standard", "post_install", "-at_install")
class TestTexts(ConverterCase):
    @given(texts)
    @quick
    def test_text_round_trip(self, text):
        self.assertEqual(self.back("text", self.out("text", text)) or "", text)

    @given(texts)
    @quick
    def test_html_is_stripped_whatever_it_is(self, text):
        self.assertIsInstance(self.out("html_text", text), str)

    def test_text(self):
        self.assertEqual(self.out("text", False), "")
        self.assertIs(self.back("text", ""), False)
        self.assertEqual(self.back("text", "a\x00b"), "ab")
        self.assertEqual(self.back("text", Decimal("5.50")), "5.50")
        with self.assertRaises(RejectedError):
            self.back("text", {"a": 1})

    def test_html(self):
        source = '<p>Oud &amp; <b>musk</b></p><p>see <a href="https://shop">us</a><!-- x --></p>'
        self.assertEqual(self.out("html_text", source), "Oud & *musk*\nsee us")
        self.assertEqual(self.out("html_text", "<!-- only -->"), "")
        self.assertEqual(self.out("html_text", "<p><br></p>"), "")
        self.assertEqual(self.out("html_text", False), "")
        self.assertEqual(self.back("html_text", "a < b\nc"), "a &lt; b<br>c")

    def test_names(self):
        for name, first, last in (
            ("Sara Al Sabah", "Sara", "Al Sabah"),
            ("Madonna", "Madonna", ""),
            ("  Sara   Al ", "Sara", "Al"),
            (False, "", ""),
        ):
            self.assertEqual(
                (self.out("first_name", name), self.out("last_name", name)), (first, last)
            )

    def test_phone(self):
        for text, expected in (
            ("2233 4455", "+96522334455"),
            ("+965 2233-4455", "+96522334455"),
            ("0033 1 42 68 53 00", "+33142685300"),
            ("ask for Sara", "ask for Sara"),
            ("12", "12"),
            ("2233 4455 ext. 7", "2233 4455 ext. 7"),
            (False, ""),
        ):
            self.assertEqual(self.out("phone_e164", text, country=self.kuwait), expected)
        self.assertEqual(self.back("phone_e164", "22334455", country=self.kuwait), "+96522334455")
        self.assertIs(self.back("phone_e164", ""), False)

    def test_phone_takes_the_company_s_country(self):
        self.env.company.country_id = self.kuwait
        self.assertEqual(self.out("phone_e164", "22334455"), "+96522334455")

    @given(texts | st.from_regex(r"\+?[0-9 ()-]{4,20}", fullmatch=True))
    @quick
    def test_phone_twice_is_phone_once(self, text):
        once = self.out("phone_e164", text, country=self.kuwait)
        self.assertEqual(self.out("phone_e164", once, country=self.kuwait), once)

    def test_ean(self):
        self.assertEqual(self.out("ean", "4006381333931"), "4006381333931")
        self.assertEqual(self.out("ean", "4006381-333931"), "4006381333931")
        for invalid in ("4006381333932", "SHELF-7", False):
            self.assertIsNone(self.out("ean", invalid))
        self.assertEqual(self.back("ean", "4006381333931"), "4006381333931")
        with self.assertRaises(RejectedError):
            self.back("ean", "4006381333932")

    def test_vat(self):
        self.assertEqual(self.out("vat", "BE 0477.472.701"), "BE0477472701")
        self.assertEqual(
            self.out("vat", "be0477472701", country=self.env.ref("base.be")), "BE0477472701"
        )
        self.assertEqual(self.out("vat", "unknown 7"), "UNKNOWN7")
        self.assertIsNone(self.out("vat", False))
        self.assertIsNone(self.out("vat", "/"))

    def test_lowercase(self):
        self.assertEqual(self.out("lowercase", "Sara@Example.COM"), "sara@example.com")

    def test_slug(self):
        self.assertEqual(self.out("slug", "Mobile & Accessories"), "mobile-accessories")


@tagged("standard", "post_install", "-at_install")
class TestRecords(ConverterCase):
    def test_country(self):
        self.assertEqual(self.out("country_code", self.kuwait), "KW")
        self.assertEqual(self.back("country_code", " kw "), self.kuwait.id)
        with self.assertRaises(RejectedError) as caught:
            self.back("country_code", "XX")
        self.assertEqual(caught.exception.reason, "country_unknown")

    def test_state(self):
        california = self.env.ref("base.state_us_5")
        self.assertEqual(self.out("state_code", california), "CA")
        for code in ("US-CA", "us-ca"):
            self.assertEqual(self.back("state_code", code, country=self.kuwait), california.id)
        self.assertEqual(
            self.back("state_code", "CA", country=self.env.ref("base.us")), california.id
        )
        for code in ("XX-YY", "C%", "C_"):
            with self.subTest(code=code), self.assertRaises(RejectedError):
                self.back("state_code", code, country=self.env.ref("base.us"))

    def test_every_state_comes_back(self):
        states = self.env["res.country.state"].search(
            [("country_id", "=", self.env.ref("base.us").id)]
        )
        context = self.context(country=self.env.ref("base.us"))
        for state in states:
            self.assertEqual(CONVERTERS["state_code"].to_odoo(state.code, context), state.id)

    def test_currency(self):
        self.assertEqual(self.out("currency_code", self.currency["KWD"]), "KWD")
        self.assertEqual(self.back("currency_code", "kwd"), self.currency["KWD"].id)
        # A company's own currency cannot be archived.
        inactive = self.env.ref("base.BTN")
        inactive.active = False
        for code in ("BTN", "???"):
            with self.assertRaises(RejectedError) as caught:
                self.back("currency_code", code)
            self.assertEqual(caught.exception.reason, "currency_inactive")

    def test_language(self):
        self.assertEqual(self.out("language_code", "en_US"), "en-US")
        self.assertEqual(self.out("language_code", "sr@latin"), "sr-Latn")
        self.assertIsNone(self.out("language_code", False))
        self.env["res.lang"]._activate_lang("sr@latin")
        for code in ("en-US", "en_us", "en", "en-GB"):
            self.assertTrue(self.back("language_code", code).startswith("en_"))
        self.assertEqual(self.back("language_code", "sr-Latn"), "sr@latin")
        for code in ("tlh", "", None):
            self.assertIs(self.back("language_code", code), False)

    def test_looked_up_once_per_batch(self):
        context = self.context()
        CONVERTERS["country_code"].to_odoo("KW", context)
        with self.assertQueryCount(0):
            CONVERTERS["country_code"].to_odoo("kw", context)

    def test_names_of_records(self):
        parents = self.env["res.partner.category"].create([{"name": "Oud"}, {"name": "Musk"}])
        self.assertEqual(self.out("many2one_name", parents[0]), "Oud")
        self.assertEqual(self.out("list_names", parents), ["Oud", "Musk"])
        self.assertEqual(self.out("list_names", parents.browse()), [])
        self.assertIsNone(self.out("many2one_name", parents.browse()))

    def test_as_it_is(self):
        self.assertIs(self.out("none", False, field_type="boolean"), False)
        self.assertIsNone(self.out("none", False, field_type="char"))
        self.assertEqual(self.out("none", 1.5), Decimal("1.5"))
        self.assertEqual(self.out("none", date(2026, 11, 22)), "2026-11-22")
        self.assertEqual(self.out("none", b"aGk="), "aGk=")
        self.assertEqual(self.back("none", Decimal("1.5")), 1.5)
        with self.assertRaises(ConfigurationError):
            self.out("none", self.kuwait)
