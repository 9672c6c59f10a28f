# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A backend of a partner of tests only, in a Kuwaiti company with products and stock."""

from decimal import Decimal

from odoo import fields, models
from odoo.orm.model_classes import add_to_registry
from odoo.tests import TransactionCase

from ..schemas import CanonicalOrder


class ProbeBackend(models.Model):
    _module = None
    _name = "connector.hub.backend"
    _inherit = ["connector.hub.backend"]

    code = fields.Selection(selection_add=[("probe", "Probe")], ondelete={"probe": "cascade"})


class ProbeAdapter(models.AbstractModel):
    """A partner that sends nothing and is sent nothing."""

    _module = None
    _name = "connector.hub.adapter.probe"
    _description = "Connector Hub Probe Adapter"
    _inherit = ["connector.hub.adapter"]

    def _event_routes(self):
        return {}

    def _export_routes(self):
        return {}


def add_probe_partner(case, adapter_class=ProbeAdapter):
    """Register the test partner ``probe`` until the end of the test class.

    :param adapter_class: definition of the model ``connector.hub.adapter.probe``
    """
    registry = case.registry
    backend_class = registry["connector.hub.backend"]
    base_classes = backend_class._base_classes__

    def remove():
        backend_class._base_classes__ = base_classes
        registry["connector.hub.adapter"]._inherit_children.discard(ProbeAdapter._name)
        registry["base"]._inherit_children.discard(ProbeAdapter._name)
        registry.models.pop(ProbeAdapter._name, None)
        registry._setup_models__(case.cr, ["connector.hub.backend"])

    add_to_registry(registry, ProbeBackend)
    add_to_registry(registry, adapter_class)
    registry._setup_models__(case.cr, ["connector.hub.backend", ProbeAdapter._name])
    case.addClassCleanup(remove)


class HubCase(TransactionCase):
    """Company, ``self.backend`` (draft), and products A-1, B-2 and C-3 with 100 pieces each."""

    #: The partner of ``self.backend``; a partner addon's own tests set the code, and no adapter.
    backend_code = "probe"
    adapter_class = ProbeAdapter

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.adapter_class:
            add_probe_partner(cls, cls.adapter_class)
        cls.kwd = cls._activate_currency("KWD")
        cls.eur = cls._activate_currency("EUR")
        cls.jpy = cls._activate_currency("JPY")
        cls.kuwait = cls.env.ref("base.kw")
        cls.company = cls.env["res.company"].create(
            {
                "name": "Marqa Trading",
                "currency_id": cls.kwd.id,
                "country_id": cls.kuwait.id,
                "account_fiscal_country_id": cls.kuwait.id,
            }
        )
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        cls.warehouse = cls.env["stock.warehouse"].search([("company_id", "=", cls.company.id)])
        cls.products = cls.env["product.product"].create(
            [
                {
                    "name": f"Product {sku}",
                    "default_code": sku,
                    "type": "consu",
                    "is_storable": True,
                    "list_price": 7.0,
                    "taxes_id": False,
                    "company_id": False,
                }
                for sku in ("A-1", "B-2", "C-3")
            ]
        )
        for product in cls.products:
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.warehouse.lot_stock_id, 100
            )
        cls.backend = cls.env["connector.hub.backend"].create(
            {
                "name": "Probe Shop",
                "code": cls.backend_code,
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
            }
        )

    @classmethod
    def _activate_currency(cls, code):
        currency = (
            cls.env["res.currency"].with_context(active_test=False).search([("name", "=", code)])
        )
        currency.active = True
        return currency

    @classmethod
    def _create_tax(cls, rate, included=False, **values):
        group = cls.env["account.tax.group"].search([("company_id", "=", cls.company.id)], limit=1)
        group = group or cls.env["account.tax.group"].create(
            {"name": "Taxes", "company_id": cls.company.id, "country_id": cls.kuwait.id}
        )
        return cls.env["account.tax"].create(
            {
                "name": f"{rate} % {'included' if included else 'excluded'}",
                "amount": rate,
                "amount_type": "percent",
                "type_tax_use": "sale",
                "price_include_override": "tax_included" if included else "tax_excluded",
                "company_id": cls.company.id,
                "country_id": cls.kuwait.id,
                "tax_group_id": group.id,
                **values,
            }
        )

    def _work_backend(self):
        """The backend in the environment in which the hub works."""
        return self.backend._work_env()["connector.hub.backend"].browse(self.backend.id)

    def _import(self, *orders):
        """Import canonical orders -> sale orders or errors; that of a single one is not put in a list."""
        backend = self._work_backend()
        results = backend.env["connector.hub.order.import"]._import_orders(
            backend,
            [
                order if isinstance(order, CanonicalOrder) else self._order(**order)
                for order in orders
            ],
        )
        results = [getattr(result, "record", result) for result in results]
        return results if len(orders) > 1 else results[0]

    def _order(self, **values):
        """An order of 2 x A-1 at 5.000 and 1 x B-2 at 5.000, shipping 1.000: 16.000 KWD."""
        defaults = {
            "external_id": "order_1",
            "reference": "SHOP-1001",
            "currency_code": "kwd",
            "customer": {
                "external_id": "cus_1",
                "name": "Ahmed Al-Rashid",
                "email": "Ahmed@Example.com",
                "phone": "+965-12345678",
            },
            "shipping_address": {
                "name": "Ahmed Al-Rashid",
                "street": "Block 5, Street 10, House 25",
                "city": "Kuwait City",
                "country_code": "kw",
                "zip": "12345",
                "phone": "+965-12345678",
            },
            "lines": [self._line("A-1", 2, "5.000"), self._line("B-2", 1, "5.000")],
            "shipping": {"amount": "1.000"},
            "total": "16.000",
        }
        return CanonicalOrder(**{**defaults, **values})

    def _line(self, sku, quantity, price, **values):
        return {
            "sku": sku,
            "name": f"Title of {sku}",
            "quantity": Decimal(str(quantity)),
            "price_unit": Decimal(str(price)),
            **values,
        }

    def _simple(self, external_id="order_s", total="5.000", **values):
        """An order of 1 x A-1 at 5.000 without shipping."""
        defaults = {"lines": [self._line("A-1", 1, "5.000")], "shipping": None, "total": total}
        return self._order(**{**defaults, "external_id": external_id, **values})

    def assertRejected(self, result, reason, *words):
        """The result is a RejectedError of this reason whose message contains the words."""
        self.assertEqual(getattr(result, "reason", result), reason, getattr(result, "message", ""))
        for word in words:
            self.assertIn(word, result.message)
