# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import models


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["account.move", "connector.hub.fact"]

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        posted._hub_note_invoice_fact("order.invoiced")
        return posted

    def _invoice_paid_hook(self):
        result = super()._invoice_paid_hook()
        self._hub_note_invoice_fact("order.paid")
        return result

    def _hub_note_invoice_fact(self, fact):
        """Queue a fact of the customer invoices of sale orders among these moves, one per invoice."""
        if self._hub_backends_exist():
            self.filtered(lambda move: move.move_type == "out_invoice")._hub_note_fact(
                fact, order_of=lambda moves: moves.invoice_line_ids.sale_line_ids.order_id
            )
