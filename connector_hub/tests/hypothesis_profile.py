# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Generated examples take as long as a busy machine lets them: that says nothing of what is tested."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "connector_hub", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("connector_hub")
