# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from odoo import fields, models


class HubBenchRow(models.Model):
    """What the bare route stores."""

    _name = "hub.bench.row"
    _description = "Bench Row"

    payload = fields.Text()
