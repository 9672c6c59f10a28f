# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
{
    "name": "Connector Hub: bench",
    "summary": "The floors that setup/bench compares the hub with",
    "version": "19.0.1.0.0",
    "category": "Hidden",
    "author": "Connector Hub contributors",
    "website": "https://github.com/connector-hub/connector-hub",
    "license": "LGPL-3",
    "depends": ["base"],
    "data": ["security/ir.model.access.csv"],
}
