# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""A copy of the database for trying things out: it must not talk to the shop of the original."""

import os
import subprocess

import pytest

from hubenv import ROOT, OdooClient, OdooError, OdooServer
from tests.scenario import API_KEY, CASE, WEBHOOK_SECRET

BACKEND = "connector.hub.backend"
BUTTONS = (
    "action_activate",
    "action_test_connection",
    "action_export_all",
    "action_import_all",
    "action_run_now",
)


@pytest.fixture
def copy(hub):
    """The database with messages that wait to be sent, copied and neutralized -> its name."""
    hub.shop.down()
    order = hub.shop.place_order([(CASE, 1)])
    hub.send(order)
    hub.rename(CASE, "Of the original only")
    hub.wait(lambda: hub.backend()["cooldown_count"] and hub.deliveries(CASE)[-1][0] == "pending")
    name = f"{hub.database}_copy"
    cluster = hub.server.cluster
    hub.server.stop()
    hub.close()
    try:
        cluster.drop(name)
        cluster.clone(hub.database, name)
        subprocess.run(
            [ROOT / "setup" / "odoo", "neutralize", "-d", name],
            env={**os.environ, "HUB_CLUSTER": cluster.name},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=True,
        )
        hub.shop.up()
        hub.shop.clear_log()
        yield name
    finally:
        cluster.drop(name)
        if hub.server.process is None:
            hub.server.start()


def test_neutralized_copy_sends_nothing_and_its_buttons_refuse(hub, copy):
    """Nor does making it take anything away from the original."""
    with OdooServer(copy, workers=0, max_cron_threads=1) as server:
        odoo = OdooClient(server.url, copy)

        def call(model, method, *args):
            return odoo.call(model, method, args)

        def assert_buttons_refuse():
            for button in BUTTONS:
                with pytest.raises(OdooError):
                    call(BACKEND, button, [hub.backend_id])

        names = ["state", "base_url", "has_api_key", "has_webhook_secret", "cron_id"]
        (backend,) = call(BACKEND, "read", [hub.backend_id], names)
        assert (backend["state"], backend["base_url"]) == ("draft", False)
        assert not backend["has_api_key"] and not backend["has_webhook_secret"]
        assert_buttons_refuse()

        # Somebody enters everything again, and even forces the state and the scheduled action.
        entered = {
            "base_url": hub.shop.url,
            "api_key": API_KEY,
            "webhook_secret": WEBHOOK_SECRET,
        }
        call(BACKEND, "write", [hub.backend_id], entered)
        assert_buttons_refuse()
        cron_id = backend["cron_id"][0]
        server.cluster.psql(
            f"UPDATE connector_hub_backend SET state = 'active', cooldown_until = NULL;"
            f"UPDATE ir_cron SET active = true WHERE id = {cron_id}",
            copy,
        )
        server.stop()
        server.start()
        odoo = OdooClient(server.url, copy)
        call("product.product", "write", [hub.scenario.product_ids[CASE]], {"name": "Tried out"})

        def run_lane():
            try:
                return call("ir.cron", "method_direct_trigger", [cron_id])
            except OdooError as error:
                # The cron worker was first.
                assert "already executing" in str(error)

        hub.wait(run_lane)
        with pytest.raises(OdooError):
            call(BACKEND, "action_test_connection", [hub.backend_id])

    assert hub.shop.requests == []
    waiting = hub.server.cluster.psql(
        "SELECT count(*) FROM connector_hub_delivery WHERE state = 'pending'", copy
    )
    assert int(waiting[0][0]) > 0, "there was something to send"

    hub.server.start()
    hub.time_passes(60)
    hub.run_lane()
    hub.wait(lambda: hub.title(CASE) == "Of the original only")
