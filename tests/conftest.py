# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The installation that the tests of one file share: one shop, one Odoo of several processes."""

import pytest

from hubenv import OdooServer, test_database
from tests.admin_hub import admin, admin_installation  # noqa: F401 - fixtures
from tests.hub import Hub, assert_clean
from tests.lane import SLOW_CALLERS
from tests.peers.medusa import MedusaServer
from tests.scenario import API_KEY, WEBHOOK_SECRET


@pytest.fixture(scope="module")
def installation():
    """Started once for each file: starting takes longer than most tests, and what one file leaves behind, such as
    prices and reservations, is nothing for the next one to stumble over."""
    with (
        test_database() as database,
        MedusaServer(api_key=API_KEY) as shop,
        OdooServer(database, workers=4, max_cron_threads=2, environment=SLOW_CALLERS) as server,
    ):
        hub = Hub(server, shop)
        hub.scenario.call("connector.hub.backend", "action_export_all", [hub.backend_id])
        try:
            yield hub
        finally:
            hub.close()


@pytest.fixture
def hub(installation, request):
    """The installation with nothing broken and nothing waiting; afterwards its log must be clean.

    A test that provokes a message of level ERROR names it: ``@pytest.mark.logs("text")``.
    """
    installation.reset()
    seen = len(installation.server.log_text())
    yield installation
    log = installation.server.log_text()[seen:]
    expected = [text for mark in request.node.iter_markers("logs") for text in mark.args]
    assert_clean(log, expected)
    assert API_KEY not in log
    assert WEBHOOK_SECRET not in log
