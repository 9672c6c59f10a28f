# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

from hypothesis import settings
from hypothesis import strategies as st

from odoo.tests.common import TransactionCase

from ..converters import CONVERTERS, ConverterContext

DECIMALS = {"KWD": 3, "EUR": 2, "JPY": 0}

quick = settings(max_examples=60)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))


class ConverterCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currencies = (
            cls.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "in", list(DECIMALS))])
        )
        cls.currencies.active = True
        cls.currency = {currency.name: currency for currency in cls.currencies}
        cls.kuwait = cls.env.ref("base.kw")

    def out(self, name, value, **context):
        return CONVERTERS[name].to_external(value, self.context(**context))

    def back(self, name, value, **context):
        return CONVERTERS[name].to_odoo(value, self.context(**context))

    def context(self, currency=None, **context):
        context.setdefault("env", self.env)
        return ConverterContext(currency=currency and self.currency[currency], **context)
