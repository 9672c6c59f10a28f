# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..paths import PathError, get_path, parse_path, set_path

NAMES = st.text("abcZ09_- :éع", min_size=1).filter(lambda name: name == name.strip())


def steps_of(names, positions):
    return st.builds(
        lambda first, rest: (first, *rest),
        names,
        st.lists(st.one_of(names, positions), max_size=4),
    )


STEPS = steps_of(NAMES, st.integers(0, 999))
#: Few names and positions, so that paths meet.
MEETING_STEPS = steps_of(st.just("a"), st.integers(0, 2))


def write(steps):
    """The text of a path."""
    text = str(steps[0])
    for step in steps[1:]:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text


def contradict(one, other):
    """Whether two paths want different things of one place: a value and a list, or two values."""
    for mine, theirs in zip(one, other, strict=False):
        if isinstance(mine, int) != isinstance(theirs, int):
            return True
        if mine != theirs:
            return False
    return True


@tagged("standard")
class TestPaths(BaseCase):
    def test_parse(self):
        for text, steps in {
            "title": ("title",),
            " title ": ("title",),
            "metadata.odoo_id": ("metadata", "odoo_id"),
            "variants[0].barcode": ("variants", 0, "barcode"),
            "images[2]": ("images", 2),
            "a[0][1].b": ("a", 0, 1, "b"),
            "العنوان.x-y": ("العنوان", "x-y"),
        }.items():
            self.assertEqual(parse_path(text), steps)

    def test_refused(self):
        for text in (
            "", None, "  ", ".", "a.", ".a", "a..b", "[0]", "[0].a", "a[", "a]", "a[]", "a[x]",
            "a[-1]", "a[1000]", "a[0", "a.[", "a[0].",
        ):  # fmt: skip
            with self.subTest(text), self.assertRaises(PathError):
                parse_path(text)

    def test_nested(self):
        payload = {}
        for path, value in (
            ("sku", "A"),
            ("variants[1].barcode", "2"),
            ("variants[0].barcode", "1"),
            ("variants[0].sku", "A"),
            ("metadata.odoo_id", 7),
            ("images[1]", "b.png"),
        ):
            set_path(payload, parse_path(path), value)
        self.assertEqual(
            payload,
            {
                "sku": "A",
                "variants": [{"barcode": "1", "sku": "A"}, {"barcode": "2"}],
                "metadata": {"odoo_id": 7},
                "images": [None, "b.png"],
            },
        )

    def test_get_of_what_is_not_there(self):
        payload = {"a": [{"b": None}], "c": "text"}
        self.assertIsNone(get_path(payload, ("a", 0, "b"), "default"))
        for path in (
            ("x",),
            ("a", 1),
            ("a", "b"),
            ("a", 0, "b", "c"),
            ("c", 0),
            ("c", "d"),
            ("a", 0, 0),
        ):
            self.assertEqual(get_path(payload, path, "default"), "default")
        self.assertEqual(get_path(None, ("a",), "default"), "default")

    @given(STEPS)
    def test_a_written_path_is_read_back(self, steps):
        self.assertEqual(parse_path(write(steps)), steps)

    @given(st.text(max_size=20))
    def test_any_text_is_a_path_or_an_error(self, text):
        try:
            steps = parse_path(text)
        except PathError:
            return
        self.assertTrue(steps)
        self.assertIsInstance(steps[0], str)
        payload = {}
        set_path(payload, steps, "value")
        self.assertEqual(get_path(payload, steps), "value")

    @given(st.lists(MEETING_STEPS, max_size=6))
    @example([("a", 1), ("a", 0, "a")])
    @example([("a", 1, "a"), ("a", 0, 0)])
    def test_what_is_set_is_got_in_any_order(self, paths):
        kept = []
        for path in paths:
            if not any(contradict(path, other) for other in kept):
                kept.append(path)
        payload = {}
        for number, path in enumerate(kept):
            set_path(payload, path, number)
        for number, path in enumerate(kept):
            self.assertEqual(get_path(payload, path), number)
