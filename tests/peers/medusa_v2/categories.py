# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Product categories of a stock Medusa v2."""

import re
import secrets

from ..values import iso
from . import schemas

CATEGORY_FIELDS = (
    "id",
    "name",
    "description",
    "handle",
    "is_active",
    "is_internal",
    "rank",
    "external_id",
    "parent_category_id",
    "created_at",
    "updated_at",
    "metadata",
    "*parent_category",
    "*category_children",
)
CATEGORY_FILTERS = {
    "id": "texts",
    "handle": "texts",
    "description": "texts",
    "parent_category_id": "texts",
    "external_id": "texts",
    "include_ancestors_tree": "boolean",
    "include_descendants_tree": "boolean",
    "is_internal": "boolean",
    "is_active": "boolean",
    "created_at": "operators",
    "updated_at": "operators",
}


def to_handle(title):
    handle = re.sub(r"[^\w\s-]", "", title.lower())
    handle = re.sub(r"-+", "-", re.sub(r"[\s_]+", "-", handle)).strip("-")
    return handle or f"product-{secrets.token_hex(3)}"


class AdminCategories:
    """State: ``categories`` {id: category}."""

    def _init_categories(self):
        self.categories = {}

    def get_categories(self, request):
        return self.listed(
            request,
            "product_categories",
            list(self.categories.values()),
            CATEGORY_FILTERS,
            CATEGORY_FIELDS,
            50,
            render=self.render_category,
            search=("name", "description", "handle"),
        )

    def get_category(self, request, category_id):
        return self._category_answer(request, self._known_category(category_id))

    def post_categories(self, request):
        payload = self.body(request, {**schemas.CATEGORY, **schemas.ADDITIONAL}, ("name",))
        handle = payload.get("handle") or to_handle(payload["name"])
        if any(category["handle"] == handle for category in self.categories.values()):
            raise self.exists_already("Product category", handle=handle)
        parent = payload.get("parent_category_id")
        if parent is not None and parent not in self.categories:
            raise self.refusal(
                500, "invalid_argument", f"Parent category with id: '{parent}' does not exist"
            )
        category = self.new_record(
            "pcat",
            **{
                "description": "",
                "is_active": False,
                "is_internal": False,
                "rank": len(self.categories),
                "external_id": None,
                "parent_category_id": None,
                **{key: value for key, value in payload.items() if key != "additional_data"},
                "handle": handle,
            },
        )
        self.categories[category["id"]] = category
        return self._category_answer(request, category)

    def post_category(self, request, category_id):
        payload = self.body(request, {**schemas.CATEGORY, **schemas.ADDITIONAL})
        category = self._known_category(category_id)
        given = {key: value for key, value in payload.items() if key != "additional_data"}
        category.update(given, updated_at=iso())
        return self._category_answer(request, category)

    def delete_category(self, _request, category_id):
        self._known_category(category_id)
        if any(entry["parent_category_id"] == category_id for entry in self.categories.values()):
            raise self.not_allowed(
                f"Deleting ProductCategory ({category_id}) with category children is not allowed"
            )
        del self.categories[category_id]
        for product in self.products.values():
            product["category_ids"] = [key for key in product["category_ids"] if key != category_id]
        return {"id": category_id, "object": "product_category", "deleted": True}

    # -- reading ------------------------------------------------------------------------------

    def render_category(self, category):
        children = [
            entry
            for entry in self.categories.values()
            if entry["parent_category_id"] == category["id"]
        ]
        parent = self.categories.get(category["parent_category_id"])
        return {
            **category,
            "parent_category": lambda: parent and self.render_category(parent),
            "category_children": lambda: [self.render_category(child) for child in children],
        }

    def _category_answer(self, request, category):
        shown = self.shown(request, self.render_category(category), CATEGORY_FIELDS)
        return {"product_category": shown}

    def _known_category(self, category_id):
        category = self.categories.get(category_id)
        if category is None:
            raise self.not_found(f"Product category with id: {category_id} was not found")
        return category
