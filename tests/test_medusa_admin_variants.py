# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Attributes and SKUs that change after a stock Medusa v2 has the product."""

# -- attributes, and what the shop refuses of them -----------------------------------------------


def add_value(admin, template, name):
    """A new value of the template's one attribute -> the id of its variant."""
    line = admin.scenario.odoo.search_read(
        "product.template.attribute.line",
        [("product_tmpl_id", "=", template)],
        ["attribute_id", "value_ids"],
    )[0]
    value = admin.scenario.call(
        "product.attribute.value", "create", {"name": name, "attribute_id": line["attribute_id"][0]}
    )
    admin.scenario.call(
        "product.template.attribute.line", "write", [line["id"]], {"value_ids": [(4, value)]}
    )
    variants = admin.scenario.odoo.search_read(
        "product.product", [("product_tmpl_id", "=", template)], ["id"], order="id desc", limit=1
    )
    return variants[0]["id"]


def test_value_added_to_an_exported_product(admin):
    """The shop takes new values as records only: a plain text is the id of one that exists."""
    template, _sizes = admin.scenario.add_shirt("Vest", ["S"], ["VEST-S"])
    admin.settle()
    satin = add_value(admin, template, "Satin")
    admin.scenario.call("product.product", "write", [satin], {"default_code": "VEST-SATIN"})
    admin.settle()
    assert admin.last(template)[0] != "dead"
    assert admin.variant("VEST-SATIN")["options"] == {"Size of Vest": "Satin"}
    assert admin.product("VEST-SATIN")["id"] == admin.product("VEST-S")["id"]


def test_attribute_added_to_two_exported_products(admin):
    """The option is each product's own: of those that products share the shop has one per title."""
    attribute = admin.scenario.call("product.attribute", "create", {"name": "Fabric"})
    values = admin.scenario.call(
        "product.attribute.value",
        "create",
        [{"name": name, "attribute_id": attribute} for name in ("Wool", "Silk")],
    )
    for number in (1, 2):
        admin.scenario.add_product(f"COAT-{number}", f"Coat {number}", 30)
    admin.settle()
    templates = [admin.scenario.template_of(f"COAT-{number}") for number in (1, 2)]
    for number, template in enumerate(templates, start=1):
        admin.scenario.call(
            "product.template",
            "write",
            [template],
            {
                "attribute_line_ids": [
                    (0, 0, {"attribute_id": attribute, "value_ids": [(6, 0, values)]})
                ]
            },
        )
        variants = admin.scenario.odoo.search_read(
            "product.product", [("product_tmpl_id", "=", template)], ["id"], order="id"
        )
        for variant, name in zip(variants, ("WOOL", "SILK"), strict=True):
            admin.scenario.call(
                "product.product",
                "write",
                [variant["id"]],
                {"default_code": f"COAT-{number}-{name}"},
            )
    admin.settle()
    assert "dead" not in [admin.last(template)[0] for template in templates]
    for number in (1, 2):
        assert admin.variant(f"COAT-{number}-SILK")["options"]["Fabric"] == "Silk"


def test_refused_part_keeps_nothing_else_from_being_sent(admin):
    template, _sizes = admin.scenario.add_shirt("Sock", ["S", "M"], ["SOCK-S", "SOCK-M"])
    admin.settle()
    # A new variant whose SKU is on an item of the shop's own stock.
    admin.shop._create_item({"sku": "SOCK-XL"})
    extra = add_value(admin, template, "XL")
    admin.scenario.call("product.product", "write", [extra], {"default_code": "SOCK-XL"})
    admin.settle()
    state, reason, error = admin.last(template)
    assert (state, reason) == ("dead", "rejected_by_partner")
    assert "SOCK-XL" in error
    admin.scenario.call("product.template", "write", [template], {"list_price": 9})
    admin.settle()
    assert admin.shop.prices("SOCK-S") == admin.shop.prices("SOCK-M") == {"kwd": 9}
    assert admin.last(template)[0] == "dead", "and the part that is refused is still said"


def test_refused_options_keep_the_price_from_nothing(admin):
    template, _sizes = admin.scenario.add_shirt("Hat", ["S"], ["HAT-S"])
    admin.settle()
    admin.shop.fault(
        f"/admin/products/{admin.product('HAT-S')['id']}/options/batch", status=400, times=20
    )
    large = add_value(admin, template, "L")
    admin.scenario.call("product.product", "write", [large], {"default_code": "HAT-L"})
    admin.scenario.call("product.template", "write", [template], {"list_price": 7})
    admin.settle()
    assert admin.shop.prices("HAT-S") == {"kwd": 7}
    assert admin.last(template)[0] == "dead"
    admin.shop.clear_faults()
    admin.requeue(template)
    admin.settle()
    assert admin.variant("HAT-L")["options"] == {"Size of Hat": "L"}


# -- SKUs ----------------------------------------------------------------------------------------


def item_sku(admin, sku):
    """The SKU on the inventory item of the shop's variant."""
    (link,) = admin.variant(sku)["inventory_links"]
    return admin.shop.inventory_items[link["inventory_item_id"]]["sku"]


def give_sku(admin, product_id, sku):
    admin.scenario.call("product.product", "write", [product_id], {"default_code": sku})


def test_sku_that_was_given_up_is_free_for_another(admin):
    admin.scenario.add_product("PEN-1", "Pen", 2, quantity=4)
    admin.settle()
    pen, product = admin.scenario.product_ids["PEN-1"], admin.product("PEN-1")["id"]
    give_sku(admin, pen, "PEN-BLUE")
    admin.settle()
    assert admin.product("PEN-BLUE")["id"] == product
    assert item_sku(admin, "PEN-BLUE") == "PEN-BLUE"
    admin.scenario.add_product("PEN-1", "Another pen", 3, quantity=9)
    admin.settle()
    assert admin.product("PEN-1")["id"] != product
    assert (admin.shop.stocked("PEN-1"), admin.shop.stocked("PEN-BLUE")) == (9, 4)


def test_swapped_skus(admin):
    """Also while the shop is down, and in whatever order the products are sent."""
    for sku, quantity in (("INK-A", 3), ("INK-B", 8)):
        admin.scenario.add_product(sku, sku, 2, quantity=quantity)
    admin.settle()
    first, second = (admin.scenario.product_ids[sku] for sku in ("INK-A", "INK-B"))
    products = [admin.product(sku)["id"] for sku in ("INK-A", "INK-B")]
    with admin.lane_held():
        give_sku(admin, first, "INK-X")
        give_sku(admin, second, "INK-A")
        give_sku(admin, first, "INK-B")
    admin.settle()
    assert [admin.product(sku)["id"] for sku in ("INK-B", "INK-A")] == products
    assert [item_sku(admin, sku) for sku in ("INK-A", "INK-B")] == ["INK-A", "INK-B"]
    assert (admin.shop.stocked("INK-B"), admin.shop.stocked("INK-A")) == (3, 8)


def test_sku_goes_to_a_new_product_before_its_holder_is_sent(admin):
    admin.scenario.add_product("CUP-1", "Cup", 2)
    admin.settle()
    cup, product = admin.scenario.product_ids["CUP-1"], admin.product("CUP-1")["id"]
    with admin.lane_held():
        give_sku(admin, cup, "CUP-OLD")
        admin.scenario.add_product("CUP-1", "New cup", 4)
    admin.settle()
    assert admin.product("CUP-OLD")["id"] == product
    assert admin.product("CUP-1")["title"] == "New cup"
    assert item_sku(admin, "CUP-1") == "CUP-1"
