# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import http

from odoo.addons.connector_hub.controllers.webhook import WEBHOOK_ROUTE, WebhookController


class MedusaWebhookController(WebhookController):
    """The seed's fixed URLs. One receiver serves both; the event's type is in the body."""

    @http.route(["/api/medusa/order-created", "/api/medusa/webhooks"], **WEBHOOK_ROUTE)
    def medusa_webhook(self):
        """Seed, sections 3.1 and 10: ODOO_WEBHOOK_URL."""
        return self.receive("medusa")
