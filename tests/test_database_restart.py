# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A database that is away for a moment."""

import threading
import time

import pytest

from hubenv import OdooServer, test_database
from tests.hub import Hub
from tests.peers.medusa import MedusaServer
from tests.scenario import API_KEY, CASE


@pytest.fixture
def hub():
    """Without scheduled actions: Odoo's own main process ends when it has to replace one of their workers meanwhile."""
    with (
        test_database() as database,
        MedusaServer(api_key=API_KEY) as shop,
        OdooServer(database, workers=2, max_cron_threads=0) as server,
    ):
        hub = Hub(server, shop)
        try:
            yield hub
        finally:
            hub.close()


def test_while_the_database_restarts_senders_are_asked_to_come_back(hub):
    """Some give up for good when they are answered 404."""
    cluster = hub.server.cluster
    order = hub.shop.place_order([(CASE, 1, 5000)])
    body = hub.order_body(order)
    answers, stopped = [], threading.Event()

    def keep_posting():
        while not stopped.is_set():
            answers.append(hub.post(body, timeout=60))
            stopped.wait(0.05)

    def wait_for(status):
        deadline = time.monotonic() + 45
        while answers[-1].status != status:
            assert time.monotonic() < deadline, answers[-1]
            time.sleep(0.05)

    answers.append(hub.post(body))
    hub.close()
    poster = threading.Thread(target=keep_posting)
    poster.start()
    try:
        for _time in range(2):
            cluster.stop()
            wait_for(503)
            cluster.start()
            wait_for(200)
    finally:
        stopped.set()
        poster.join()
        cluster.start()

    statuses = {answer.status for answer in answers}
    assert statuses <= {200, 202, 503}, statuses
    asked = [answer for answer in answers if answer.status == 503]
    assert any(int(answer.headers.get("retry-after", 0)) for answer in asked)
    assert len(hub.events(order["id"])) == 1
