# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Products in a stock Medusa v2 when something goes wrong: nothing is doubled, nothing else is held up."""

from tests.scenario import CABLE, CASE


def test_answer_lost_after_create_makes_no_second_product(admin):
    """The shop has it, Odoo does not know: the SKU is looked up before anything is created again."""
    admin.shop.fault("/admin/products/batch", kind="reset", after_processing=True, times=1)
    admin.scenario.add_product("LOST-1", "Lost answer", 1)
    admin.wait(lambda: admin.backend()["cooldown_count"] == 1, 30)
    assert admin.product("LOST-1")

    admin.time_passes(2)
    admin.wait(lambda: admin.last(admin.scenario.template_of("LOST-1"))[0] == "done", 30)
    titles = [product["title"] for product in admin.shop.products.values()]
    assert titles.count("Lost answer") == 1


def test_one_refused_product_does_not_hold_the_batch(admin):
    """The shop's batches are all or nothing: after a refusal each goes by itself."""
    admin.shop.fault("/admin/products", bulk_item_error={"BAD-1": "invalid_data"})
    skus = ("FINE-1", "BAD-1", "FINE-2")
    admin.scenario.call(
        "product.template",
        "create",
        [{"name": sku, "default_code": sku, "type": "consu"} for sku in skus],
    )
    admin.settle()

    assert [bool(admin.product(sku)) for sku in skus] == [True, False, True]
    bad = admin.scenario.call("product.template", "search", [("default_code", "=", "BAD-1")])[0]
    assert admin.last(bad)[:2] == ("dead", "rejected_by_partner")


def test_variant_without_a_sku_or_with_another_ones_is_not_sent(admin):
    with admin.lane_held():
        template, sizes = admin.scenario.add_shirt("Cap", ["S", "M"], ["CAP-S", "CAP-M"])
        admin.scenario.call("product.product", "write", [sizes["M"]], {"default_code": False})
    admin.settle()
    assert admin.last(template)[:2] == ("ignored", "missing_sku")
    assert admin.product("CAP-S") is None

    admin.scenario.call("product.product", "write", [sizes["M"]], {"default_code": CASE})
    admin.settle()
    state, reason, error = admin.last(template)
    assert (state, reason) == ("dead", "duplicate_sku")
    assert CASE in error


def messages_about(admin, template):
    return admin.count("connector_hub_delivery", "res_id = %s AND entity = 'product'", template)


def test_shared_sku_is_sent_once_it_is_mended(admin):
    values = {"default_code": "SAME-1", "type": "consu"}
    same, other = admin.scenario.call(
        "product.template", "create", [{**values, "name": name} for name in ("Same", "Other")]
    )
    admin.settle()
    assert [admin.last(template)[:2] for template in (same, other)] == [
        ("dead", "duplicate_sku")
    ] * 2

    cable = admin.scenario.template_of(CABLE)
    admin.scenario.call("product.template", "write", [cable], {"name": "USB-C Cable, 3 m"})
    admin.settle()
    assert messages_about(admin, same) == 1, "nothing is mended: it is not tried again"

    admin.scenario.call("product.template", "write", [other], {"default_code": "SAME-2"})
    admin.settle()
    assert admin.product("SAME-1")["title"] == "Same"
    assert admin.product("SAME-2")["title"] == "Other"
    assert not admin.count("connector_hub_delivery", "state = 'dead'")


def test_sku_of_a_product_that_is_not_for_sale_is_free(admin):
    """As "Products that cannot be sent" has it, which does not show the two."""
    values = {"default_code": "FREE-1", "type": "consu"}
    admin.scenario.call(
        "product.template",
        "create",
        [
            {**values, "name": "For sale"},
            {**values, "name": "A sample", "sale_ok": False},
        ],
    )
    admin.settle()
    assert admin.product("FREE-1")["title"] == "For sale"


def test_same_title_twice_is_two_products(admin):
    for sku in ("TWIN-1", "TWIN-2"):
        admin.scenario.add_product(sku, "Twin", 1)
    admin.settle()
    assert admin.product("TWIN-1")["id"] != admin.product("TWIN-2")["id"]
