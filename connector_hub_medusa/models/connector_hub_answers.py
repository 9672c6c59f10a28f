# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from pydantic import ValidationError

from odoo import api, models

from odoo.addons.connector_hub.exceptions import RejectedError, RetryableError
from odoo.addons.connector_hub.routes import ItemResult
from odoo.addons.connector_hub.schemas import describe_invalid

from .. import answers
from ..const import ITEM_REASONS, RETRYABLE_CODES

#: How much of an error that is no text is shown.
MESSAGE_CHARS = 300


class ConnectorHubAdapterMedusa(models.AbstractModel):
    """What a shop answers about single products and figures, as results and errors of items."""

    _inherit = "connector.hub.adapter.medusa"

    @api.model
    def _read_single(self, answer):
        """An answer about one product. One that is not in the catalogue is not linked, and told of again."""
        try:
            taken = answers.Taken.model_validate({} if answer is None else answer)
        except ValidationError as error:
            # It took it, but what became of it cannot be told.
            return RetryableError(
                self.env._(
                    "The shop's answer cannot be used: %(problem)s", problem=describe_invalid(error)
                ),
                reason="invalid_payload",
            )
        if taken.success is False:
            return self._item_error(answer)
        return ItemResult(answer=answer, is_linked=taken.action != "inventory_created")

    @api.model
    def _read_errors(self, items, answer):
        """Match ``results.errors`` of a bulk answer with the items by SKU.

        :return: {position: error}, or None if an error names no item of ours, or the answer is not one of those the
            seed describes, so that all are sent singly
        """
        if answer is None:
            return {}
        single = len(items) == 1
        try:
            bulk = answers.Bulk.model_validate(answer)
        except ValidationError:
            return {0: self._item_error(answer)} if single else None
        results = bulk.results or answers.BulkErrors()
        entries = results.errors or []
        positions = {item.reference: position for position, item in enumerate(items)}
        errors = {}
        for entry in entries:
            sku = entry.get("sku") if isinstance(entry, dict) else None
            position = positions.get(sku) if isinstance(sku, str) else None
            if position is None:
                return {0: self._item_error(entry)} if single else None
            errors[position] = self._item_error(entry)
        if bulk.success is False or max(results.failed or 0, results.not_found or 0) > len(entries):
            return {0: self._item_error(answer)} if single else None
        return errors

    @api.model
    def _as_item_error(self, error):
        """A refusal of a request for one item, by the shop's own code: an unknown SKU may be known in a moment."""
        body = error.details.get("body")
        code = _code_of(body.get("error")) if isinstance(body, dict) else None
        if code in RETRYABLE_CODES:
            return self._item_error(body)
        if code in ITEM_REASONS:
            return RejectedError(error.message, ITEM_REASONS[code], error.details)
        return error

    @api.model
    def _item_error(self, entry):
        """What the shop says of one item, as one of the five errors."""
        error = (entry.get("error") or entry) if isinstance(entry, dict) else entry
        code = _code_of(error) or _code_of(entry)
        message = error.get("message") if isinstance(error, dict) else error
        message = message if isinstance(message, str) else message and str(message)[:MESSAGE_CHARS]
        text = self.env._(
            "The shop says: %(message)s", message=message or code or self.env._("no reason given")
        )
        if code in ITEM_REASONS:
            return RejectedError(text, reason=ITEM_REASONS[code])
        return RetryableError(text, reason="not_found" if code in RETRYABLE_CODES else None)


def _code_of(error):
    """The code of an error as the shop tells it, or None."""
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) else None
