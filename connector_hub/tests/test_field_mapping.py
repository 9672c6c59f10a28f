# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from decimal import Decimal

import psycopg2

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..const import ENTITIES
from ..converters import CONVERTERS
from .common import HubCase
from .shop_case import ShopAdapter


@tagged("post_install", "-at_install")
class TestFieldMapping(HubCase):
    adapter_class = ShopAdapter

    def setUp(self):
        super().setUp()
        self.Mapping = self.env["connector.hub.field.mapping"]
        self.backend.field_mapping_ids.unlink()
        self.product = self.products[0]
        self.product.categ_id = self.env["product.category"].create({"name": "Cases"})

    def _map(self, odoo_field, external_field="x", **values):
        return self.Mapping.create(
            {
                "backend_id": self.backend.id,
                "odoo_field": odoo_field,
                "external_field": external_field,
                **values,
            }
        )

    def assertRefused(self, *words, **values):
        with self.assertRaises(ValidationError) as caught:
            self._map(**values)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def _build(self, entity="product", records=None):
        # A lane begins with an empty cache.
        self.env.flush_all()
        self.env.invalidate_all()
        backend = self._work_backend()
        records = (self.product if records is None else records).with_env(backend.env)
        return backend.env[self.Mapping._name]._build_payloads(backend, entity, records)

    def _payload(self, **options):
        return self._build(**options)[self.product.id]

    # --- what is refused when saved ---

    def test_wrong_path(self):
        self.assertRefused("naem", "Product Variant", odoo_field="naem")
        self.assertRefused("nmae", "Product Category", odoo_field="categ_id.nmae")
        self.assertRefused("categ_id.", odoo_field="categ_id.")
        self.assertRefused("", odoo_field="categ_id..name")

    def test_step_that_leads_nowhere(self):
        self.assertRefused("name", "not a link", odoo_field="name.first")
        self.assertRefused("not a link", odoo_field="categ_id.name.x")

    def test_record_as_a_value(self):
        self.assertRefused("many2one", "categ_id.name", odoo_field="categ_id")
        self.assertRefused("many2many", odoo_field="taxes_id")
        self.assertRefused("binary", odoo_field="image_1920")

    def test_converter_that_does_not_fit(self):
        self.assertRefused(
            "Name of the record", "char", odoo_field="name", converter="many2one_name"
        )
        self.assertRefused("monetary", odoo_field="default_code", converter="minor_units")
        self.assertRefused("date", odoo_field="name", converter="datetime_iso")
        self.assertRefused("many2many", odoo_field="categ_id", converter="list_names")
        for odoo_field, converter in (
            ("categ_id", "many2one_name"),
            ("taxes_id", "list_names"),
            ("lst_price", "minor_units"),
            ("create_date", "datetime_iso"),
            ("name", "text"),
        ):
            self._map(odoo_field, external_field=odoo_field, converter=converter)

    def test_wrong_external_path(self):
        for path in ("a..b", "[0]", "a[x]", "a.", "a["):
            self.assertRefused(path, "variants[0].barcode", odoo_field="name", external_field=path)

    def test_no_way_back(self):
        for converter in (name for name, row in CONVERTERS.items() if not row.two_way):
            fitting = {"many2one_name": "categ_id", "list_names": "taxes_id"}.get(converter, "name")
            self._map(fitting, external_field=converter, converter=converter)
            for direction in ("import", "both"):
                self.assertRefused(
                    "cannot turn",
                    odoo_field=fitting,
                    external_field=f"{converter}_{direction}",
                    converter=converter,
                    direction=direction,
                )
        self._map("name", converter="none", direction="both")

    def test_language_needs_a_translated_field(self):
        self.assertRefused("not translated", odoo_field="default_code", lang="en_US")
        self.assertRefused("not translated", odoo_field="seller_ids.product_code", lang="en_US")
        self._map("name", external_field="title", lang="en_US")
        self._map("uom_id.name", external_field="unit", lang="en_US")

    def test_twice(self):
        self._map("name", external_field="title")
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            self._map("default_code", external_field="title")
        self._map("default_code", external_field="title", direction="import")

    def test_checked_when_edited(self):
        mapping = self._map("name")
        for values in ({"odoo_field": "x"}, {"external_field": "a["}, {"converter": "minor_units"}):
            with self.subTest(values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                mapping.write(values)

    def test_what_must_not_leave_odoo(self):
        """The lane reads with all rights, and sends what it reads to somebody else's computer."""
        for odoo_field in (
            "create_uid.totp_secret",
            "create_uid.login",
            "write_uid.partner_id.name",
            "message_ids.body",
            "company_id.write_uid.name",
        ):
            with self.subTest(odoo_field):
                self.assertRefused("must not leave", odoo_field=odoo_field)
        self.assertRefused(
            "must not leave",
            entity="order",
            odoo_field="connector_hub_backend_id.api_key_sealed",
        )

    def test_what_the_person_may_not_read(self):
        manager = new_test_user(
            self.env,
            "mapping_manager",
            groups="base.group_user,connector_hub.group_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        own = self.Mapping.with_user(manager).with_context(allowed_company_ids=self.company.ids)
        values = {"backend_id": self.backend.id, "external_field": "x"}
        restricted = {"standard_price": "base.group_user", "weight": "base.group_system"}
        for name, groups in restricted.items():
            self.patch(type(self.product)._fields[name], "groups", groups)
        with self.assertRaises(ValidationError) as caught:
            own.create({**values, "odoo_field": "weight"})
        self.assertIn("may not read", str(caught.exception))
        with self.assertRaises(ValidationError):
            own.create({**values, "odoo_field": "orderpoint_ids.name"})
        mapping = own.create({**values, "odoo_field": "standard_price"})
        with self.assertRaises(ValidationError):
            mapping.odoo_field = "weight"

    def test_paths_follow_the_entity(self):
        self._map("ref", entity="partner")
        self._map("complete_name", entity="category")
        self._map("amount_total", entity="order")
        for entity in ("partner", "product", "category", "stock"):
            self.assertRefused(
                "amount_total", odoo_field="amount_total", external_field="total", entity=entity
            )

    # --- defaults ---

    def test_defaults_are_the_backends_own(self):
        first, second = (
            self.env["connector.hub.backend"].create(
                {"name": name, "code": "probe", "company_id": self.company.id}
            )
            for name in ("one", "two")
        )
        mapping = first.field_mapping_ids.filtered(lambda m: m.external_field == "title")
        mapping.odoo_field = "default_code"
        self.assertEqual(
            second.field_mapping_ids.filtered(lambda m: m.external_field == "title").odoo_field,
            "name",
        )

    def test_choices_have_names(self):
        """What the administrator chooses from is the closed tables, whole."""
        fields_get = self.Mapping.fields_get(["entity", "converter"])
        self.assertEqual(
            dict(fields_get["entity"]["selection"]).keys(), ENTITIES.keys() - {"address"}
        )
        self.assertEqual(dict(fields_get["converter"]["selection"]).keys(), CONVERTERS.keys())

    # --- out ---

    def test_nested(self):
        self.product.write({"barcode": "6291234567890", "weight": 0.15})
        self._map("default_code", "sku", sequence=1)
        self._map("barcode", "variants[0].barcode", sequence=2)
        self._map("categ_id.name", "category.name", sequence=3)
        self._map("weight", "variants[0].weight", converter="grams", sequence=4)
        self._map("lst_price", "price", converter="minor_units", sequence=5)
        self._map("id", "metadata.odoo_id", converter="integer", sequence=6)
        self.assertEqual(
            self._payload(),
            {
                "sku": "A-1",
                "variants": [{"barcode": "6291234567890", "weight": 150}],
                "category": {"name": "Cases"},
                "price": 7000,
                "metadata": {"odoo_id": self.product.id},
            },
        )

    def test_of_every_record(self):
        self._map("default_code", "sku")
        payloads = self._build(records=self.products)
        self.assertEqual(
            payloads,
            {product.id: {"sku": product.default_code} for product in self.products},
        )

    def test_only_active_exported_ones_of_the_entity(self):
        self._map("name", "title")
        self._map("default_code", "in", direction="import")
        self._map("barcode", "both", direction="both")
        self._map("barcode", "archived", active=False)
        self._map("name", "partner", entity="partner")
        other = self.backend.copy()
        self.Mapping.create(
            {"backend_id": other.id, "odoo_field": "name", "external_field": "foreign"}
        )
        self.assertEqual(set(self._payload()), {"title", "both"})

    def test_empty_links_on_the_way(self):
        self.product.product_tmpl_id.seller_ids = False
        self._map("seller_ids.partner_id.name", "supplier", converter="text")
        self._map("barcode", "ean", converter="ean")
        self.assertEqual(self._payload(), {"supplier": "", "ean": None})

    def test_first_of_several(self):
        suppliers = self.env["res.partner"].create([{"name": "First"}, {"name": "Second"}])
        self.product.product_tmpl_id.seller_ids = [
            fields.Command.create({"partner_id": supplier.id, "sequence": number})
            for number, supplier in enumerate(suppliers)
        ]
        self._map("seller_ids.partner_id.name", "supplier")
        self.assertEqual(self._payload(), {"supplier": "First"})

    def test_languages(self):
        self.env["res.lang"]._activate_lang("ar_001")
        self.product.with_context(lang="ar_001").name = "غطاء"
        self.product.with_context(lang="en_US").name = "Case"
        self.backend.lang = "en_US"
        self._map("name", "title")
        self._map("name", "title_ar", lang="ar_001")
        self.assertEqual(self._payload(), {"title": "Case", "title_ar": "غطاء"})
        self.backend.lang = "ar_001"
        self.assertEqual(self._payload(), {"title": "غطاء", "title_ar": "غطاء"})

    def test_language_that_was_archived(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.product.with_context(lang="fr_FR").name = "Coque"
        self._map("name", "title", lang="fr_FR")
        self.assertEqual(self._payload(), {"title": "Coque"})
        self.env["res.lang"]._lang_get("fr_FR").active = False
        self.assertEqual(self._payload(), {"title": "Product A-1"})

    def test_amounts_as_the_backend_says(self):
        self.product.lst_price = 16.5
        self._map("lst_price", "price", converter="minor_units")
        self.assertEqual(self._payload(), {"price": 16500})
        self.backend.minor_units = "major"
        self.assertEqual(self._payload(), {"price": Decimal("16.5")})
        self.backend.write({"minor_units": "factor", "minor_units_factor": 100})
        self.assertEqual(self._payload(), {"price": 1650})

    def test_quantity_of_the_warehouse(self):
        elsewhere = self.env["stock.warehouse"].create(
            {"name": "Other", "code": "OTH", "company_id": self.company.id}
        )
        quants = self.env["stock.quant"]
        quants._update_available_quantity(self.product, elsewhere.lot_stock_id, 7)
        quants._update_reserved_quantity(self.product, self.warehouse.lot_stock_id, 30)
        self._map("connector_hub_quantity", "q", entity="stock", converter="int_quantity")
        self.assertEqual(self._payload(entity="stock"), {"q": 100})
        self.backend.quantity_source = "free"
        self.assertEqual(self._payload(entity="stock"), {"q": 70})
        self.backend.stock_buffer = 5
        self.assertEqual(self._payload(entity="stock"), {"q": 65})
        self.backend.stock_buffer = 500
        self.assertEqual(self._payload(entity="stock"), {"q": 0})
        self.backend.write({"stock_buffer": 0, "warehouse_id": elsewhere.id})
        self.assertEqual(self._payload(entity="stock"), {"q": 7})

    def test_batch_is_built_in_a_constant_number_of_queries(self):
        self._map("default_code", "sku")
        self._map("name", "title")
        self._map("categ_id.name", "category")
        self._map("lst_price", "price", converter="minor_units")
        self._map("connector_hub_quantity", "q", entity="stock", converter="int_quantity")
        many = self.env["product.product"].create(
            [{"name": f"P{n}", "default_code": f"P{n}", "is_storable": True} for n in range(60)]
        )
        for entity in ("product", "stock"):
            self.env.flush_all()
            counts = []
            for records in (many[:5], many):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self._build(entity=entity, records=records)
                counts.append(self.env.cr.sql_log_count - before)
            self.assertLessEqual(counts[1], counts[0] + 2, entity)

    # --- in ---

    def test_values_of_a_payload(self):
        self._map("name", "title", direction="both")
        self._map("lst_price", "variants[0].price", converter="minor_units", direction="import")
        self._map("weight", "weight", converter="grams", direction="import")
        self._map("barcode", "barcode", direction="export")
        self._map("default_code", "missing", direction="import")
        backend = self._work_backend()
        values = backend.env[self.Mapping._name]._read_values(
            backend,
            "product",
            [
                {"title": "Case", "variants": [{"price": 5500}], "weight": 150, "barcode": "1"},
                {"title": None, "variants": []},
            ],
        )
        self.assertEqual(values[0], {"name": "Case", "lst_price": 5.5, "weight": 0.15})
        self.assertEqual(values[1], {"name": False})
