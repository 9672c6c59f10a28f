# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Connector Hub: Medusa",
    "summary": "Medusa shops: orders come in; products, stock and order status go out",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Sales/Sales",
    "website": "https://github.com/connector-hub/connector-hub",
    "author": "Connector Hub contributors",
    "maintainers": ["connector-hub"],
    "license": "LGPL-3",
    "depends": ["connector_hub"],
    "external_dependencies": {"python": ["pydantic"]},
    "data": [
        "views/connector_hub_backend_views.xml",
        "views/connector_hub_backend_admin_views.xml",
        "views/res_partner_views.xml",
        "views/sale_order_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["connector_hub_medusa/static/tests/tours/**/*"],
    },
}
