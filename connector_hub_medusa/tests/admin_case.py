# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A stock Medusa v2, connected by its Admin API."""

from odoo.addons.connector_hub.tests.lane_runner import LaneRunner

from .common import SeedCase

SECRET_KEY = "sk_0123456789"  # noqa: S105 - of these tests only


class AdminCase(LaneRunner, SeedCase):
    """``self.backend`` is an active backend that nobody answers; ``self.work_backend`` as the hub works with it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend = cls.env["connector.hub.backend"].create(
            {
                "name": "Medusa v2",
                "code": "medusa",
                "medusa_dialect": "admin",
                "quantity_source": "on_hand",
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
                "base_url": "http://127.0.0.1:9",
                "api_key": SECRET_KEY,
            }
        )
        cls.backend.action_activate()
        cls.work_backend = cls.backend._work_env()["connector.hub.backend"].browse(cls.backend.id)
        cls.adapter = cls.work_backend._get_adapter()
