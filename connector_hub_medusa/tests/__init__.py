# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
from . import (
    test_admin_build,
    test_admin_parse,
    test_screens,
    test_seed_build,
    test_seed_inbound,
    test_seed_poll,
)
