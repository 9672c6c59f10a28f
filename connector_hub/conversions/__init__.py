# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The functions behind ``converters.py``: ``<name>_out`` and ``<name>_in`` of (value, context)."""
