# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import re
from io import BytesIO

import polib

from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import trans_export

LANGUAGES = ("fr", "es", "ar", "ru")

#: What a translation must not lose: placeholders and tags.
FIXED_PARTS = re.compile(r"%\(\w+\)s|%[sd]|%%|</?\w+")

#: Words of a text that may be the same in two languages, and is then left empty: Type, SKU, Connector Hub.
SAME_WORDS = 2


@tagged("post_install", "-at_install")
class TestTranslations(TransactionCase):
    """Every text of the addons can be read in the languages of the first users."""

    def _addons(self):
        installed = [("state", "=", "installed"), ("name", "=like", "connector_hub%")]
        return self.env["ir.module.module"].search(installed).mapped("name")

    def _terms(self, addon):
        """All texts of an addon, as Odoo finds them in its code, views and data."""
        buffer = BytesIO()
        trans_export(False, [addon], buffer, "po", self.env)
        return {entry.msgid for entry in polib.pofile(buffer.getvalue().decode())}

    def _is_untranslated(self, entry):
        words = re.sub(r"<[^>]*>", " ", entry.msgid).split()
        return "fuzzy" in entry.flags or (not entry.msgstr and len(words) > SAME_WORDS)

    def test_complete(self):
        for addon in self._addons():
            terms = self._terms(addon)
            self.assertTrue(terms)
            for lang in LANGUAGES:
                with self.subTest(addon=addon, lang=lang):
                    entries = polib.pofile(f"{get_module_path(addon)}/i18n/{lang}.po")
                    known = {entry.msgid for entry in entries if not entry.obsolete}
                    self.assertEqual(terms - known, set(), "missing")
                    self.assertEqual(known - terms, set(), "of no use any more")
                    untranslated = [e.msgid for e in entries if self._is_untranslated(e)]
                    self.assertEqual(untranslated, [], "not translated")
                    broken = {
                        entry.msgid: entry.msgstr
                        for entry in entries
                        if entry.msgstr
                        and sorted(FIXED_PARTS.findall(entry.msgid))
                        != sorted(FIXED_PARTS.findall(entry.msgstr))
                    }
                    self.assertEqual(broken, {}, "placeholders or tags differ")
