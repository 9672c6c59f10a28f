# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import (
    test_client,
    test_client_deadline,
    test_client_secrecy,
    test_converters,
    test_converters_records,
    test_exact_json,
    test_order_import,
    test_order_totals,
    test_partner_import,
    test_send_routes,
    test_vault,
)
