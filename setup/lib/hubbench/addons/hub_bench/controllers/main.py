# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import http
from odoo.http import request


class BenchController(http.Controller):
    @http.route(
        "/hub_bench/accept",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
    )
    def accept(self):
        """The least that stores a webhook: one row, which Odoo commits before the answer leaves."""
        request.env.cr.execute(
            "INSERT INTO hub_bench_row (payload, create_date) VALUES (%s, now() AT TIME ZONE 'UTC')",
            (request.httprequest.get_data(as_text=True),),
        )
        return request.make_json_response({"success": True}, status=202)
