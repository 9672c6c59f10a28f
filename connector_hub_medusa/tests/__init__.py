# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import (
    test_admin_build,
    test_admin_kits,
    test_admin_parse,
    test_admin_products,
    test_admin_revision,
    test_admin_stock,
    test_answers,
    test_dialects,
    test_odd_answers,
    test_order_created,
    test_order_status,
    test_products,
    test_screens,
    test_seed_build,
    test_seed_inbound,
    test_seed_poll,
    test_seed_totals,
    test_stock,
)
