# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import http
from odoo.http import request


class ImageController(http.Controller):
    """Product images for partners, without login."""

    @http.route(
        "/connector_hub/image/<string:signature>/<string:name>",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        readonly=True,
    )
    def image(self, signature, name):
        """The image of exactly this content: it may be kept for ever."""
        attachment = request.env["connector.hub.image"].sudo()._find(signature, name)
        if not attachment:
            return request.make_response("", status=404)
        stream = attachment._to_http_stream()
        stream.public = True
        return stream.get_response(as_attachment=False, immutable=True)
