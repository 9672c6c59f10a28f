# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Addons of Odoo that the hub does not depend on, but works with: kits (mrp), expiry dates, dropshipping,
employees (hr)."""

import subprocess

from hubenv import STATE, VENV, Cluster, clean_environment, free_port, test_database


def run_odoo(cluster, database, *options):
    command = [VENV / "bin" / "odoo", "server", "-c", cluster.write_conf(), "-d", database]
    done = subprocess.run(
        [*command, *options, "--stop-after-init", "--no-http", f"--http-port={free_port()}"],
        cwd=STATE,
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert not done.returncode, done.stderr[-5000:]
    return done.stderr


def test_kits_and_expiry_dates_and_dropshipping_and_employees():
    """The addons' own tests about them, which are skipped where these are not installed."""
    cluster = Cluster("test")
    with test_database(cluster=cluster) as database:
        run_odoo(cluster, database, "-i", "mrp,product_expiry,stock_dropshipping,hr")
        tags = (
            "/connector_hub:TestQuantity,/connector_hub:.test_shipped_by_the_vendor,"
            "/connector_hub:TestProtectedContacts,"
            "/connector_hub_medusa:.test_kits,/connector_hub_medusa:TestAdminKits"
        )
        log = run_odoo(cluster, database, "--test-tags", tags)
    assert "Starting TestSeedBuild.test_kits" in log
    assert "Starting TestAdminKits.test_components_leave_one_after_the_other" in log
    assert "Starting TestFacts.test_shipped_by_the_vendor" in log
    assert "Starting TestProtectedContacts.test_employee" in log
    assert "Starting TestQuantity.test_expired_goods_are_not_free" in log
    assert "skipped" not in log.lower()
