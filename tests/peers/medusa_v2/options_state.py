# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How a stock Medusa v2 keeps the options of its products, and their values."""


class AdminOptionsState:
    """Options are in their products; ``_shared_options`` are the titles of those that products may share."""

    def _new_option(self, entry, exclusive=True):
        """An option of one product, or one that products share: of those there is one per title."""
        if isinstance(entry, str) or "id" in entry:
            option_id = entry if isinstance(entry, str) else entry["id"]
            raise self.not_found(
                f"You tried to set relationship product_option_id: {option_id}, "
                "but such entity does not exist"
            )
        exclusive = entry.get("is_exclusive", exclusive)
        if not exclusive:
            if entry["title"] in self._shared_options:
                raise self.exists_already("Product option", title=entry["title"])
            self._shared_options.add(entry["title"])
            self.on_undo(self._shared_options.discard, entry["title"])
        values = [{"id": self.new_id("optval"), "value": value} for value in entry["values"]]
        option = self.new_record("opt", title=entry["title"], values=values, is_exclusive=exclusive)
        for position, value in enumerate(entry["values"]):
            if value in entry["values"][:position]:
                raise self.exists_already(
                    "Product option value", option_id=option["id"], value=value
                )
        return option

    def _check_linked(self, product_id, entries):
        """Values can be given only to options that the product has."""
        product = self.products.get(product_id)
        known = {option["id"] for option in product["options"]} if product else ()
        strangers = [
            f"{product_id}:{entry['product_option_id']}"
            for entry in entries
            if entry["product_option_id"] not in known
        ]
        if strangers:
            raise self.invalid(
                f"Some product options are not linked to products: [{', '.join(strangers)}]"
            )

    def _unassign_option(self, product, option_id):
        for option in [entry for entry in product["options"] if entry["id"] == option_id]:
            if any(option["title"] in variant["options"] for variant in product["variants"]):
                raise self.invalid(
                    "Cannot unassign product option from product which has variants for that option"
                )
            product["options"].remove(option)

    def _change_values(self, product, option, entry):
        """A plain text is the id of a value that exists; a new one comes as ``{"value": text}``."""
        known = {value["id"]: value["value"] for value in option["values"]}
        for value in entry.get("add") or []:
            if isinstance(value, str):
                if value not in known:
                    raise self.not_found(
                        f"You tried to set relationship product_option_value_id: {value}, "
                        "but such entity does not exist"
                    )
            elif value["value"] and value["value"] not in [o["value"] for o in option["values"]]:
                option["values"].append({"id": self.new_id("optval"), "value": value["value"]})
        gone = {known.get(value_id) for value_id in entry.get("remove") or []} - {None}
        users = [
            variant["title"]
            for variant in product["variants"]
            if variant["options"].get(option["title"]) in gone
        ]
        if users:
            raise self.invalid(
                "Cannot unassign option values from product because the following variant(s) are "
                f"using it: {', '.join(users)}"
            )
        option["values"] = [value for value in option["values"] if value["value"] not in gone]
