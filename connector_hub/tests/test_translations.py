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

    def test_complete(self):
        for addon in self._addons():
            terms = self._terms(addon)
            self.assertTrue(terms)
            for lang in LANGUAGES:
                with self.subTest(addon=addon, lang=lang):
                    entries = polib.pofile(f"{get_module_path(addon)}/i18n/{lang}.po")
                    translated = {
                        entry.msgid: entry.msgstr
                        for entry in entries
                        if entry.msgstr and not entry.obsolete and "fuzzy" not in entry.flags
                    }
                    self.assertEqual(terms - translated.keys(), set(), "not translated")
                    self.assertEqual(translated.keys() - terms, set(), "of no use any more")
                    broken = {
                        term: text
                        for term, text in translated.items()
                        if sorted(FIXED_PARTS.findall(term)) != sorted(FIXED_PARTS.findall(text))
                    }
                    self.assertEqual(broken, {}, "placeholders or tags differ")
