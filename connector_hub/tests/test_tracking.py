# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo.tests import Form, new_test_user, tagged

from .shop_case import ShopCase


@tagged("post_install", "-at_install")
class TestTracking(ShopCase):
    def setUp(self):
        super().setUp()
        self.product = self.products[0]
        self.template = self.product.product_tmpl_id
        self.commit()
        self._forget()

    def _forget(self):
        """Start from nothing noted and no trigger."""
        self.env.cr.execute("DELETE FROM connector_hub_change")
        self.woken.clear()
        self.env.cr.precommit.data.pop("connector_hub_notes", None)

    def _fold(self):
        """What the lane makes of the notes: {(entity, model): ids}."""
        self.commit()
        by_model = {}
        for model, ids in self.changes():
            by_model.setdefault(model, set()).update(ids)
        return self._work_backend()._changed_records(by_model)

    # --- which fields ---

    def test_mapped_field(self):
        self.template.name = "Renamed"
        self.commit()
        self.assertEqual(self.changes(), [("product.template", self.template.ids)])

    def test_unmapped_field(self):
        self.template.write({"description_purchase": "internal", "volume": 3, "color": 2})
        self.product.write({"volume": 4})
        self.commit()
        self.assertEqual(self.changes(), [])
        self.assertFalse(self.is_woken())

    def test_a_mapping_that_is_added_counts_at_once(self):
        self.product.volume = 1
        self.commit()
        self.assertEqual(self.changes(), [])
        mapping = self.env["connector.hub.field.mapping"].create(
            {"backend_id": self.backend.id, "odoo_field": "volume", "external_field": "volume"}
        )
        self.product.volume = 2
        self.assertEqual(self.noted("product.product"), self.product.ids)
        self._forget()
        mapping.active = False
        self.product.volume = 3
        self.assertEqual(self.noted("product.product"), [])

    def test_import_mapping_is_not_sent(self):
        mappings = self.backend.field_mapping_ids
        mappings.filtered(lambda m: m.external_field == "title").direction = "import"
        self.template.name = "Renamed"
        self.assertEqual(self.noted("product.template"), [])

    def test_dotted_path(self):
        category = self.env["product.category"].create({"name": "Cases"})
        self.template.categ_id = category
        self.assertEqual(self.noted("product.template"), self.template.ids)
        self._forget()
        category.name = "Covers"
        self.assertEqual(self.noted("product.category"), category.ids)
        self.assertEqual(self._fold(), {("product", "product.product"): set(self.product.ids)})

    def test_category_that_no_product_has(self):
        category = self.env["product.category"].create({"name": "Empty"})
        self._forget()
        category.name = "Still empty"
        self.assertEqual(self.noted("product.category"), category.ids)
        self.assertEqual(self._fold(), {})

    def test_variant_and_template(self):
        self.product.barcode = "6291234567890"
        self.assertEqual(self._fold(), {("product", "product.product"): set(self.product.ids)})
        self._forget()
        self.template.name = "For all variants"
        self.assertEqual(self._fold(), {("product", "product.product"): set(self.product.ids)})

    def test_template_concerns_all_its_variants(self):
        attribute = self.env["product.attribute"].create(
            {"name": "Color", "value_ids": [(0, 0, {"name": name}) for name in ("red", "blue")]}
        )
        template = self.env["product.template"].create(
            {
                "name": "Shirt",
                "attribute_line_ids": [
                    (
                        0,
                        0,
                        {
                            "attribute_id": attribute.id,
                            "value_ids": [(6, 0, attribute.value_ids.ids)],
                        },
                    )
                ],
            }
        )
        self.assertEqual(len(template.product_variant_ids), 2)
        self.commit()
        self._forget()
        template.name = "Blouse"
        self.assertEqual(
            self._fold(), {("product", "product.product"): set(template.product_variant_ids.ids)}
        )

    def test_computed_dependencies(self):
        """The mapping names lst_price; what is written is list_price."""
        self.template.list_price = 9
        self.assertEqual(self._fold(), {("product", "product.product"): set(self.product.ids)})

    def test_domain_fields(self):
        for values in ({"sale_ok": False}, {"company_id": self.company.id}):
            self.template.write(values)
            self.assertIn(("product", "product.product"), self._fold())
            self._forget()

    def test_new_sku(self):
        self.product.default_code = "A-1b"
        self.assertEqual(self._fold(), {("product", "product.product"): set(self.product.ids)})

    def test_saved_in_a_form(self):
        with Form(self.template) as form:
            form.name = "From the form"
        self.assertEqual(self._fold(), {("product", "product.product"): set(self.product.ids)})

    # --- creation, archive, deletion ---

    def test_creation(self):
        product = self.env["product.product"].create({"name": "New", "default_code": "N-1"})
        self.assertIn(product.id, self._fold()["product", "product.product"])

    def test_archive(self):
        self.product.active = False
        self.assertEqual(self._fold()["product", "product.product"], set(self.product.ids))
        self._forget()
        self.template.active = True
        self.assertEqual(self._fold()["product", "product.product"], set(self.product.ids))

    def test_archived_template(self):
        self.template.active = False
        self.assertEqual(self._fold()["product", "product.product"], set(self.product.ids))

    def test_deletion(self):
        product = self.env["product.product"].create({"name": "Short", "default_code": "S-1"})
        self.commit()
        self._forget()
        product_id = product.id
        product.unlink()
        self.assertIn(product_id, self._fold()["product", "product.product"])

    # --- stock ---

    def test_stock_notes_the_product_once(self):
        locations = self.env["stock.location"].create(
            [
                {"name": name, "location_id": self.warehouse.lot_stock_id.id}
                for name in ("Shelf 1", "Shelf 2")
            ]
        )
        for location in locations:
            self.env["stock.quant"]._update_available_quantity(self.product, location, 5)
            self.env["stock.quant"]._update_available_quantity(self.product, location, 2)
        self.commit()
        self.assertEqual(self.changes(), [("stock.quant", self.product.ids)])
        self.assertEqual(self._fold(), {("stock", "product.product"): set(self.product.ids)})

    def test_stock_of_an_inventory(self):
        quant = self.env["stock.quant"].search(
            [
                ("product_id", "=", self.product.id),
                ("location_id", "=", self.warehouse.lot_stock_id.id),
            ]
        )
        quant.with_context(inventory_mode=True).inventory_quantity = 60
        quant.action_apply_inventory()
        self.assertEqual(self._fold(), {("stock", "product.product"): set(self.product.ids)})

    def test_reservation_counts_only_for_free_quantities(self):
        quants = self.env["stock.quant"]
        location = self.warehouse.lot_stock_id
        quants._update_reserved_quantity(self.product, location, 3)
        self.assertEqual(self.noted("stock.quant"), [])
        self.backend.quantity_source = "free"
        quants._update_reserved_quantity(self.product, location, 3)
        self.assertEqual(self.noted("stock.quant"), self.product.ids)

    # --- states of the backend ---

    def test_draft_notes_nothing_paused_does(self):
        for state, expected in (
            ("draft", []),
            ("paused", self.template.ids),
            ("active", self.template.ids),
        ):
            self.backend.state = state
            self.commit()
            self._forget()
            self.template.name = f"In state {state}"
            with self.subTest(state):
                self.assertEqual(self.noted("product.template"), expected)
                self.assertEqual(self.is_woken(), state == "active")

    def test_archived_backend_notes_nothing(self):
        self.backend.active = False
        self.template.name = "Renamed"
        self.assertEqual(self.noted("product.template"), [])

    def test_other_partners_fields(self):
        other = self.add_backend()
        other.field_mapping_ids.filtered(lambda m: m.external_field == "title").unlink()
        self.commit()
        self._forget()
        self.template.name = "Only the first"
        self.assertEqual(self.noted("product.template"), self.template.ids)
        self.assertEqual(self.noted("product.template", other), [])
        self.template.list_price = 8
        self.assertEqual(self.noted("product.template", other), self.template.ids)

    # --- one transaction ---

    def test_one_row_per_model_of_a_transaction(self):
        for number in range(3):
            self.products.product_tmpl_id.write(
                {"name": f"Name {number}", "list_price": number + 1}
            )
        self.commit()
        [(model, ids)] = self.changes()
        self.assertEqual(
            (model, ids), ("product.template", sorted(self.products.product_tmpl_id.ids))
        )

    def test_noted_again_in_a_later_transaction(self):
        self.template.name = "One"
        self.commit()
        self.template.name = "Two"
        self.commit()
        self.assertEqual(len(self.changes()), 2)

    def test_what_is_rolled_back_is_not_noted(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.template.name = "Never"
            raise ZeroDivisionError
        self.commit()
        self.assertEqual(self.changes(), [])

    def test_what_is_written_in_a_savepoint_is_noted(self):
        self.template.name = "Before"
        with self.env.cr.savepoint():
            self.products[1].product_tmpl_id.name = "In it"
        self.products[2].product_tmpl_id.name = "After"
        self.assertEqual(self.noted("product.template"), sorted(self.products.product_tmpl_id.ids))

    def test_what_was_before_a_rolled_back_savepoint_is_kept(self):
        self.template.name = "Before"
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.products[1].product_tmpl_id.name = "Never"
            raise ZeroDivisionError
        self.assertEqual(self.noted("product.template"), self.template.ids)

    # --- echo ---

    def _origin(self, *names):
        return {"connector_hub_origin": self.backend.id, "connector_hub_origin_fields": names}

    def test_what_the_partner_wrote_is_not_sent_back(self):
        other = self.add_backend()
        self.commit()
        self._forget()
        self.template.with_context(**self._origin("name", "list_price")).name = "From the shop"
        self.assertEqual(self.noted("product.template"), [])
        self.assertEqual(self.noted("product.template", other), self.template.ids)

    def test_more_than_the_partner_wrote_is_sent(self):
        template = self.template.with_context(**self._origin("name"))
        template.write({"name": "From the shop", "list_price": 4})
        self.assertEqual(self.noted("product.template"), self.template.ids)

    def test_what_else_changes_in_the_transaction_is_sent(self):
        self.template.with_context(**self._origin("name")).name = "From the shop"
        self.template.list_price = 3
        self.assertEqual(self.noted("product.template"), self.template.ids)

    def test_stock_consequences_are_always_sent(self):
        quants = self.env["stock.quant"].with_context(**self._origin("quantity", "name"))
        quants._update_available_quantity(self.product, self.warehouse.lot_stock_id, -2)
        self.assertEqual(self.noted("stock.quant"), self.product.ids)

    def test_api_user(self):
        user = new_test_user(
            self.env,
            "shop_api",
            groups="base.group_user,product.group_product_manager,stock.group_stock_manager",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.backend.api_user_id = user
        other = self.add_backend()
        self.commit()
        self._forget()
        self.template.with_user(user).name = "Over the API"
        self.assertEqual(self.noted("product.template"), [])
        self.assertEqual(self.noted("product.template", other), self.template.ids)
        quants = self.env["stock.quant"].with_user(user).sudo()
        quants._update_available_quantity(self.product, self.warehouse.lot_stock_id, 1)
        self.assertEqual(self.noted("stock.quant"), self.product.ids)
        self.backend.api_user_id = False
        self.template.with_user(user).name = "As any user"
        self.assertEqual(self.noted("product.template"), self.template.ids)

    # --- what a save costs ---

    def _queries(self, function):
        self.commit()
        function()
        self.commit()
        before = self.env.cr.sql_log_count
        function()
        self.commit()
        return self.env.cr.sql_log_count - before

    def test_queries_of_a_save(self):
        """One statement per transaction that changes something sent, none for any other."""
        numbers = iter(range(100))

        def rename():
            self.products.product_tmpl_id.write({"name": f"Name {next(numbers)}"})

        def annotate():
            self.products.product_tmpl_id.write({"description_purchase": f"{next(numbers)}"})

        def move():
            for product in self.products:
                self.env["stock.quant"]._update_available_quantity(
                    product, self.warehouse.lot_stock_id, 1
                )

        functions = {"rename": rename, "annotate": annotate, "move": move}
        self.add_backend()
        tracked = {name: self._queries(function) for name, function in functions.items()}
        self.env["connector.hub.backend"].search([]).write({"state": "draft"})
        plain = {name: self._queries(function) for name, function in functions.items()}
        self.assertEqual(tracked["annotate"], plain["annotate"])
        self.assertEqual(tracked["rename"], plain["rename"] + 1)
        self.assertEqual(tracked["move"], plain["move"] + 1)
