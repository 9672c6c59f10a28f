# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A shop with the seed's routes, in a Kuwaiti company that has the products of the seed's samples."""

import base64
from pathlib import Path
from unittest.mock import patch

from odoo.tools import config

from odoo.addons.connector_hub.tests.common import HubCase

SAMPLES = Path(__file__).parent / "samples"
SECRET = "seed-webhook-secret-0123456789"  # noqa: S105 - of these tests only
SKUS = ("CASE-IP15PRO-001", "PB-20000-BLK")


def sample(name):
    """The bytes of a recorded message."""
    return (SAMPLES / f"{name}.json").read_bytes()


class SeedCase(HubCase):
    """``self.shop`` is an active backend that nobody answers; ``self.goods`` are the samples' products."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        key = base64.b64encode(b"m" * 32).decode()
        cls.startClassPatcher(patch.dict(config.options, {"connector_hub_key": key}))
        cls.goods = cls.env["product.product"].create(
            [
                {
                    "name": sku,
                    "default_code": sku,
                    "type": "consu",
                    "is_storable": True,
                    "list_price": 5.0,
                    "taxes_id": False,
                }
                for sku in SKUS
            ]
        )
        cls.shop = cls.env["connector.hub.backend"].create(
            {
                "name": "MarqaSouq",
                "code": "medusa",
                "company_id": cls.company.id,
                "warehouse_id": cls.warehouse.id,
                "base_url": "http://127.0.0.1:9",
                "api_key": "seed-api-key-0123456789",
                "webhook_secret": SECRET,
            }
        )
        cls.shop.action_activate()

    def work(self):
        """The backend in the environment in which the hub works."""
        return self.shop._work_env()["connector.hub.backend"].browse(self.shop.id)
