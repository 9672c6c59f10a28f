# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Connector Hub",
    "summary": "Connect Odoo to outside systems: nothing lost, nothing doubled",
    "version": "19.0.1.0.0",
    "development_status": "Beta",
    "category": "Technical",
    "website": "https://github.com/connector-hub/connector-hub",
    "author": "Connector Hub contributors",
    "maintainers": ["connector-hub"],
    "license": "LGPL-3",
    "application": True,
    "depends": ["sale_stock", "stock_delivery", "base_automation", "mail"],
    "external_dependencies": {
        "python": ["requests", "cryptography", "pydantic", "phonenumbers", "python-stdnum", "standardwebhooks"],
    },
    "data": [
        "security/connector_hub_groups.xml",
        "security/ir.model.access.csv",
        "security/connector_hub_rules.xml",
        "data/connector_hub_user.xml",
        "data/mail_activity_type.xml",
        "data/ir_cron.xml",
    ],
}
