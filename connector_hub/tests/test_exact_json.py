# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import json
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..exact_json import dump_json, dump_storable, load_json

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
numbers = st.integers() | st.decimals(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@tagged("standard")
class TestExactJSON(BaseCase):
    @given(values)
    @settings(max_examples=200)
    def test_round_trip(self, value):
        content = dump_json(value)
        self.assertEqual(load_json(content), value)
        # Another parser reads the same structure.
        json.loads(content)

    @given(st.recursive(texts | st.integers(), lambda inner: st.dictionaries(texts, inner)))
    @settings(max_examples=50)
    def test_same_bytes_as_the_standard_library(self, value):
        expected = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self.assertEqual(dump_json(value), expected.encode())

    def test_digits_are_kept(self):
        for text in ("16.000", "0.10", "-0.001", "123456789012345678901234567.89"):
            self.assertEqual(dump_json(Decimal(text)), text.encode())
        self.assertEqual(dump_json([0.1, 2.5, ()]), b"[0.1,2.5,[]]")

    def test_numbers_as_keys_are_text_with_decimals_or_without(self):
        self.assertEqual(dump_json({1: 2}), b'{"1":2}')
        self.assertEqual(dump_json({1: Decimal("2.0")}), b'{"1":2.0}')

    def test_what_json_does_not_know_is_refused(self):
        deep = []
        for _level in range(10_000):
            deep = [deep]
        for value in (float("nan"), float("inf"), Decimal("NaN"), Decimal("Infinity"), deep):
            with self.assertRaises(ValueError):
                dump_json(value)
        for value in (date(2026, 11, 22), {(1, 2): 3}, b"bytes", {"a"}):
            with self.assertRaises(TypeError):
                dump_json(value)

    def test_what_no_database_takes_is_replaced(self):
        """A name cut in the middle of an emoji, as JavaScript writes it."""
        for content in (r'"cut \ud83d"', r'"cut \uD83D"', r'"cut \udc4d"', r'"cut \u0000"'):
            self.assertEqual(load_json(content), "cut \ufffd")
            self.assertEqual(load_json(content.encode()), "cut \ufffd")
        self.assertEqual(load_json(r'{"\ud83d": ["\ud83d"]}'), {"\ufffd": ["\ufffd"]})
        self.assertEqual(load_json(r'"\ud83d\udc4d \\ud83d"'), "\U0001f44d \\ud83d")

    def test_what_is_kept_is_storable(self):
        """Text inside text included: a payload is kept as JSON in a column of its own."""
        for text in ("cut \ud83d", "cut \0"):
            kept = json.loads(dump_storable([{"error": text, "payload": json.dumps([text])}]))
            self.assertEqual(kept[0]["error"], "cut \ufffd")
            self.assertNotRegex(kept[0]["payload"], "[\0\ud800-\udfff]")
        harmless = {"name": "\U0001f44d \\u0000", "on": date(2026, 11, 22)}
        self.assertEqual(json.loads(dump_storable(harmless)), {**harmless, "on": "2026-11-22"})

    def test_what_is_no_json_is_refused(self):
        huge = b"1e99999999999999999999"
        for content in (
            b"",
            b"{",
            b"NaN",
            b"-Infinity",
            b"\xff",
            b"[" * 100_000,
            huge,
            b"1" * 5000,
        ):
            with self.assertRaises(ValueError):
                load_json(content)
