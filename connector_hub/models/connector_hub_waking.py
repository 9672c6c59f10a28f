# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import logging
import threading
import time

import psycopg2

from odoo import SUPERUSER_ID, api, models, tools
from odoo.modules.registry import Registry

from ..const import WAKE_INTERVAL

_logger = logging.getLogger(__name__)

_lock = threading.Lock()
#: {database: scheduled actions that a thread of this process is about to wake}
_waiting = {}
#: {database: when this process last woke some}
_last_woken = {}


class ConnectorHubWaking(models.Model):
    """Waking lanes: once the transaction is committed, and outside of it.

    A trigger that a save makes itself can be used up by a pass that began before the save was committed and did not
    see its change. One that is made afterwards cannot: whoever uses it up looks later. The save is spared the work, and
    many saves share one trigger. Should the process be killed in between, the lane's own minute is the safety net.
    """

    _inherit = "connector.hub.backend"

    @api.model
    @tools.ormcache()
    def _realtime_crons(self):
        """{backend id: its scheduled action's id} of the backends that are woken at once."""
        backends = self.sudo().search([("state", "=", "active"), ("frequency", "=", "realtime")])
        return {backend.id: backend.cron_id.id for backend in backends if backend.cron_id}

    def _wake_lanes(self):
        """Have the lanes of these backends run as soon as possible, if their frequency says so."""
        crons = self._realtime_crons()
        self._wake_after_commit(
            {crons[backend_id] for backend_id in self._ids if backend_id in crons}
        )

    @api.model
    def _wake_after_commit(self, cron_ids):
        """Run scheduled actions as soon as possible after this transaction."""
        if not cron_ids:
            return
        data = self.env.cr.postcommit.data
        if "connector_hub_wake" not in data:
            wanted = data["connector_hub_wake"] = set()
            dbname = self.env.cr.dbname
            self.env.cr.postcommit.add(lambda: _wake_soon(dbname, wanted))
        data["connector_hub_wake"] |= cron_ids

    def _wake_at(self, moment):
        """Run this backend's lane at a later moment."""
        self.env.cr.execute(
            """
            INSERT INTO ir_cron_trigger (cron_id, call_at, create_date)
            SELECT %(cron)s, %(at)s, now() AT TIME ZONE 'UTC'
             WHERE NOT EXISTS (SELECT 1 FROM ir_cron_trigger WHERE cron_id = %(cron)s AND call_at = %(at)s)
            """,
            {"cron": self.sudo().cron_id.id, "at": moment},
        )


def _wake_soon(dbname, cron_ids):
    """Wake scheduled actions, at most once a second per process; the last of many saves counts too."""
    with _lock:
        if dbname in _waiting:
            _waiting[dbname] |= cron_ids
            return
        _waiting[dbname] = set(cron_ids)
        now = time.monotonic()
        delay = max(_last_woken.get(dbname, now - WAKE_INTERVAL) + WAKE_INTERVAL - now, 0)
    # A thread even without a delay: the user's answer does not wait for another commit.
    timer = threading.Timer(delay, _wake_now, args=(dbname,))
    timer.daemon = True
    timer.start()


def _wake_now(dbname):
    with _lock:
        cron_ids = _waiting.pop(dbname)
        _last_woken[dbname] = time.monotonic()
    try:
        with Registry(dbname).cursor() as cr:
            cr.execute(
                """
                INSERT INTO ir_cron_trigger (cron_id, call_at, create_date)
                SELECT id, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC' FROM ir_cron WHERE id = ANY(%s)
                """,
                (sorted(cron_ids),),
            )
            cr.commit()  # pylint: disable=invalid-commit
            api.Environment(cr, SUPERUSER_ID, {})["ir.cron"]._notifydb()
    except psycopg2.Error as error:
        # The lanes look by themselves once a minute.
        _logger.info("No lane of %s is woken: %s", dbname, type(error).__name__)
