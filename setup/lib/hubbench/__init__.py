# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""``setup/bench``: the hub's speed against a floor measured in the same run.

``accept``, ``export``, ``order_import`` and ``save`` are the benchmarks, ``tasks`` what runs inside Odoo for
them, in a ``worker`` process; ``client`` posts webhooks, ``result`` prints. The addon in ``addons/`` is seen by
the bench's Odoo alone.
"""
