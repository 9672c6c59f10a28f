# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The parts of the stock Medusa v2 server of ``tests.peers.medusa_admin``."""
