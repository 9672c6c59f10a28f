# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products, prices and variants in a stock Medusa v2: created once, changed where they differ, never doubled."""

from tests.scenario import CABLE, CASE


def rename(admin, sku, name):
    admin.scenario.call(
        "product.template", "write", [admin.scenario.template_of(sku)], {"name": name}
    )


# -- create --------------------------------------------------------------------------------------


def test_product_has_what_odoo_has(admin):
    product, variant = admin.product(CASE), admin.variant(CASE)

    assert product["title"] == "iPhone 15 Pro Case"
    assert product["status"] == "published"
    assert product["external_id"] == str(admin.scenario.template_of(CASE))
    assert product["sales_channel_ids"] == list(admin.shop.sales_channels)
    assert product["shipping_profile_id"] in admin.shop.shipping_profiles
    assert variant["metadata"] == {
        "external_id": str(admin.scenario.product_ids[CASE]),
        "odoo_barcode": "6291234567890",
    }
    assert (variant["weight"], variant["barcode"]) == (50, "6291234567890")
    assert variant["manage_inventory"] is True
    assert admin.shop.prices(CASE) == {"kwd": 5}


def test_template_with_attributes_is_one_product_with_variants(admin):
    template, sizes = admin.scenario.add_shirt("Shirt", ["S", "M"], ["SHIRT-S", "SHIRT-M"])
    admin.scenario.set_stock("SHIRT-M", 12)
    admin.settle()

    product = admin.product("SHIRT-S")
    assert product["id"] == admin.product("SHIRT-M")["id"]
    assert product["external_id"] == str(template)
    assert [option["title"] for option in product["options"]] == ["Size of Shirt"]
    assert [(v["title"], v["options"]) for v in product["variants"]] == [
        ("S", {"Size of Shirt": "S"}),
        ("M", {"Size of Shirt": "M"}),
    ]
    assert admin.shop.stocked("SHIRT-M") == 12
    bound = admin.sql(
        "SELECT res_model, res_id, external_id FROM connector_hub_binding "
        "WHERE entity = 'product' AND reference IN ('SHIRT-S', 'SHIRT-M') ORDER BY res_model, res_id"
    )
    assert bound == [
        ("product.product", sizes["S"], admin.variant("SHIRT-S")["id"]),
        ("product.product", sizes["M"], admin.variant("SHIRT-M")["id"]),
        ("product.template", template, product["id"]),
    ]


def test_categories_are_linked_by_handle(admin):
    parent = admin.scenario.call("product.category", "create", {"name": "Phone things"})
    child = admin.scenario.call(
        "product.category", "create", {"name": "Screen films", "parent_id": parent}
    )
    for sku in ("FILM-1", "FILM-2"):
        admin.scenario.add_product(sku, f"Film {sku}", 1, categ_id=child)
    admin.settle()

    by_handle = {category["handle"]: category for category in admin.shop.categories.values()}
    film = by_handle["phone-things-screen-films"]
    assert film["parent_category_id"] == by_handle["phone-things"]["id"]
    assert film["is_active"] is True
    for sku in ("FILM-1", "FILM-2"):
        assert admin.product(sku)["category_ids"] == [film["id"]]

    admin.product("FILM-1")["category_ids"].append(by_handle["phone-things"]["id"])
    other = admin.scenario.call("product.category", "create", {"name": "Sale"})
    admin.scenario.call(
        "product.template",
        "write",
        [admin.scenario.template_of("FILM-1")],
        {"categ_id": other},
    )
    admin.settle()

    handles = {
        admin.shop.categories[key]["handle"] for key in admin.product("FILM-1")["category_ids"]
    }
    assert handles == {"phone-things", "sale"}, "what was chosen in the shop stays"


def test_existing_product_is_found_by_sku_and_keeps_what_is_not_odoos(admin):
    made = admin.shop.add_product(
        "HAND-1",
        title="Made by hand",
        price=9,
        currency="eur",
        status="proposed",
        metadata={"story": "mine"},
    )
    admin.scenario.add_product("HAND-1", "From Odoo", 2.5)
    admin.settle()

    product = admin.product("HAND-1")
    assert product["id"] == made["product_id"]
    assert product["title"] == "From Odoo"
    assert product["metadata"]["story"] == "mine"
    assert product["status"] == "proposed"
    assert product["variants"][0]["options"] == {"Default option": "Default option value"}
    assert admin.shop.prices("HAND-1") == {"eur": 9, "kwd": 2.5}
    assert len([p for p in admin.shop.products.values() if p["title"] == "From Odoo"]) == 1


def test_price_change_never_drops_a_currency(admin):
    admin.scenario.add_product("PRICE-1", "Priced", 1.5)
    admin.settle()
    admin.variant("PRICE-1")["prices"].append(
        {"id": "price_eur", "currency_code": "eur", "amount": 4, "rules": {}}
    )
    admin.variant("PRICE-1")["prices"].append(
        {"id": "price_vip", "currency_code": "kwd", "amount": 1, "rules": {"group": "vip"}}
    )
    admin.scenario.call(
        "product.template", "write", [admin.scenario.template_of("PRICE-1")], {"list_price": 1.75}
    )
    admin.settle()

    amounts = sorted(
        (price["currency_code"], float(price["amount"]), bool(price["rules"]))
        for price in admin.variant("PRICE-1")["prices"]
    )
    assert amounts == [("eur", 4, False), ("kwd", 1, True), ("kwd", 1.75, False)]


def test_pricelists_give_their_currencies(admin):
    eur = admin.scenario.call(
        "res.currency", "search", [("name", "=", "EUR"), ("active", "in", [True, False])]
    )
    admin.scenario.call("res.currency", "write", eur, {"active": True})
    pricelist = admin.scenario.call(
        "product.pricelist",
        "create",
        {
            "name": "Web EUR",
            "currency_id": eur[0],
            "item_ids": [(0, 0, {"compute_price": "fixed", "fixed_price": 14.5})],
        },
    )
    admin.scenario.call(
        "connector.hub.backend",
        "write",
        [admin.backend_id],
        {"medusa_pricelist_ids": [(6, 0, [pricelist])]},
    )
    try:
        admin.scenario.add_product("PRICE-2", "Two prices", 4.125)
        admin.settle()
        assert admin.shop.prices("PRICE-2") == {"kwd": 4.125, "eur": 14.5}
    finally:
        admin.scenario.call(
            "connector.hub.backend",
            "write",
            [admin.backend_id],
            {"medusa_pricelist_ids": [(5,)]},
        )


# -- change --------------------------------------------------------------------------------------


def test_only_what_differs_is_written(admin):
    rename(admin, CABLE, "USB-C Cable, 2 m")
    admin.settle()
    assert admin.product(CABLE)["title"] == "USB-C Cable, 2 m"
    (written,) = admin.shop.sent("/admin/products", "POST")
    assert [set(entry) for entry in written.payload["update"]] == [{"id", "title"}]

    admin.shop.clear_log()
    admin.scenario.call("connector.hub.backend", "action_export_all", [admin.backend_id])
    admin.settle()
    written = admin.shop.sent("/admin/products", "POST")
    assert not written, f"the shop has all of it already: {written[0].payload}"


def test_sku_change_renames_the_variant(admin):
    admin.scenario.add_product("OLD-1", "Renamed", 1)
    admin.settle()
    product_id = admin.product("OLD-1")["id"]

    admin.scenario.call(
        "product.product", "write", [admin.scenario.product_ids["OLD-1"]], {"default_code": "NEW-1"}
    )
    admin.settle()

    assert admin.variant("OLD-1") is None
    assert admin.product("NEW-1")["id"] == product_id


def test_variants_come_and_go(admin):
    template, sizes = admin.scenario.add_shirt("Tee", ["S", "M"], ["TEE-S", "TEE-M"])
    admin.settle()
    line = admin.scenario.odoo.search_read(
        "product.template.attribute.line",
        [("product_tmpl_id", "=", template)],
        ["attribute_id"],
    )[0]
    value = admin.scenario.call(
        "product.attribute.value", "create", {"name": "L", "attribute_id": line["attribute_id"][0]}
    )
    admin.scenario.call(
        "product.template.attribute.line", "write", [line["id"]], {"value_ids": [(4, value)]}
    )
    large = admin.scenario.call(
        "product.product",
        "search",
        [("product_tmpl_id", "=", template), ("id", "not in", list(sizes.values()))],
    )
    admin.scenario.call("product.product", "write", large, {"default_code": "TEE-L"})
    admin.settle()
    product = admin.product("TEE-S")
    assert [v["sku"] for v in product["variants"]] == ["TEE-S", "TEE-M", "TEE-L"]
    assert admin.shop.variants[admin.variant("TEE-L")["id"]]["inventory_links"], "its stock is kept"

    admin.scenario.call("product.product", "write", [sizes["S"]], {"active": False})
    admin.settle()
    assert [v["sku"] for v in admin.product("TEE-M")["variants"]] == ["TEE-M", "TEE-L"]


def test_variant_on_order_goes_later_and_the_rest_at_once(admin):
    template, sizes = admin.scenario.add_shirt("Polo", ["S", "M"], ["POLO-S", "POLO-M"])
    admin.scenario.set_stock("POLO-S", 5)
    admin.settle()
    order = admin.shop.place_order([("POLO-S", 1)])
    with admin.lane_held():
        admin.scenario.call("product.product", "write", [sizes["S"]], {"active": False})
        admin.scenario.call("product.template", "write", [template], {"name": "Polo shirt"})
    admin.settle()

    assert admin.product("POLO-M")["title"] == "Polo shirt"
    assert admin.variant("POLO-S"), "reserved: it cannot be deleted yet"
    state, _reason, error = admin.last(template)
    assert state == "pending"
    assert "open orders" in error

    admin.shop.cancel_order(admin.shop.orders[order["id"]])
    admin.time_passes(2)
    admin.wait(lambda: admin.last(template)[0] == "done", 30)
    assert admin.variant("POLO-S") is None


def test_archived_is_a_draft_deleted_is_deleted_and_on_order_is_a_draft(admin):
    for sku in ("GONE-1", "GONE-2", "GONE-3"):
        admin.scenario.add_product(sku, sku, 1, quantity=5)
    admin.settle()
    admin.shop.place_order([("GONE-3", 1)])
    templates = {sku: admin.scenario.template_of(sku) for sku in ("GONE-1", "GONE-2", "GONE-3")}

    admin.scenario.call("product.template", "write", [templates["GONE-1"]], {"active": False})
    for sku in ("GONE-2", "GONE-3"):
        admin.scenario.set_stock(sku, 0)
        admin.sql("DELETE FROM stock_move WHERE product_id = %s", admin.scenario.product_ids[sku])
        admin.sql("DELETE FROM stock_quant WHERE product_id = %s", admin.scenario.product_ids[sku])
        admin.scenario.call("product.template", "unlink", [templates[sku]])
    admin.settle()

    assert admin.product("GONE-1")["status"] == "draft"
    assert admin.product("GONE-2") is None
    assert admin.product("GONE-3")["status"] == "draft"

    admin.scenario.call("product.template", "write", [templates["GONE-1"]], {"active": True})
    admin.settle()
    assert admin.product("GONE-1")["status"] == "published"


def test_draft_of_the_shop_stays_a_draft(admin):
    admin.scenario.add_product("DRAFT-1", "Drafted", 1)
    admin.settle()
    template = [admin.scenario.template_of("DRAFT-1")]
    admin.product("DRAFT-1")["status"] = "draft"

    admin.scenario.call("product.template", "write", template, {"list_price": 1.5})
    admin.settle()
    assert admin.shop.prices("DRAFT-1") == {"kwd": 1.5}
    assert admin.product("DRAFT-1")["status"] == "draft"

    for active in (False, True):
        admin.scenario.call("product.template", "write", template, {"active": active})
        admin.settle()
        assert admin.product("DRAFT-1")["status"] == "draft"


def test_not_for_sale_is_a_draft_until_it_is_for_sale_again(admin):
    admin.scenario.add_product("SHELF-1", "On the shelf", 1)
    admin.settle()
    template = [admin.scenario.template_of("SHELF-1")]
    for for_sale, status in ((False, "draft"), (True, "published")):
        admin.scenario.call("product.template", "write", template, {"sale_ok": for_sale})
        admin.settle()
        assert admin.product("SHELF-1")["status"] == status

    admin.product("SHELF-1")["status"] = "draft"
    admin.scenario.call("product.template", "write", template, {"list_price": 2})
    admin.settle()
    assert admin.product("SHELF-1")["status"] == "draft", "Odoo has not taken it off this time"


def test_barcode_goes_with_odoos(admin):
    admin.scenario.add_product("BAR-1", "Bar code", 1, barcode="6299999999991")
    admin.scenario.add_product("BAR-2", "No bar code", 1)
    admin.settle()
    admin.variant("BAR-2")["barcode"] = "entered in the shop"
    barcodes = {"BAR-1": False, "BAR-2": False}
    for sku, barcode in barcodes.items():
        values = {"barcode": barcode, "weight": 2}
        admin.scenario.call("product.product", "write", [admin.scenario.product_ids[sku]], values)
    admin.settle()
    assert {sku: admin.variant(sku)["weight"] for sku in barcodes} == {"BAR-1": 2000, "BAR-2": 2000}
    assert admin.variant("BAR-1")["barcode"] is None
    assert "odoo_barcode" not in admin.variant("BAR-1")["metadata"]
    assert admin.variant("BAR-2")["barcode"] == "entered in the shop"
