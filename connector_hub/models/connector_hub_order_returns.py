# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import api, models

from .connector_hub_event import Applied


class ConnectorHubOrderReturns(models.AbstractModel):
    """Returns, exchanges and claims of orders that are here."""

    _inherit = "connector.hub.order.revision"

    @api.model
    def _tell_returns(self, backend, revision):
        """Goods that come back are a person's work: call one, with the figures, once per change."""
        sale_order, order = revision.sale_order, revision.order
        lines = {
            line.connector_hub_external_id: line.product_id.display_name
            for line in sale_order.order_line
            if line.connector_hub_external_id
        }
        texts = [self._describe(backend, revision)]
        for line in order.lines:
            name = lines.get(line.external_id)
            for quantity, text in (
                (line.return_requested, self.env._("to come back")),
                (line.returned, self.env._("came back")),
                (line.written_off, self.env._("written off")),
                (0 if name else line.quantity, self.env._("added to the order, not in Odoo")),
            ):
                if quantity:
                    texts.append(f"{quantity.normalize():f} × {name or line.sku}: {text}.")
        texts.append(
            self.env._(
                "Receive what comes back with a return of the delivery, credit it, and send what was exchanged."
            )
        )
        note = " ".join(texts)
        summary = self.env._("Return, exchange or claim in %(backend)s", backend=backend.name)
        self.env["connector.hub.order.status"]._ask(backend, sale_order, summary, note)
        return Applied(sale_order, note)
