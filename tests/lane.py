# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""When the lane of a backend runs, and when not."""

import contextlib
import itertools
import threading
import time

import psycopg2

from hubenv import OdooError

#: Columns that say when something is due, and for which rows "due later" can be moved.
DUE_COLUMNS = (
    ("connector_hub_backend", "cooldown_until"),
    ("connector_hub_backend", "rests_at_least_until"),
    ("connector_hub_delivery", "next_attempt_at"),
    ("connector_hub_delivery", "lease_until"),
    ("connector_hub_event", "next_attempt_at"),
)

#: Odoo gives up on a caller that says nothing for two seconds; on a busy machine some of many threads are as slow.
SLOW_CALLERS = {"ODOO_HTTP_SOCKET_TIMEOUT": "30"}

#: Seconds for which the shop keeps an answer back at most: a little less than Odoo would wait for it.
HELD_SECONDS = 18


class Lane:
    """The part of ``Hub`` that knows of scheduled actions, workers and time."""

    # -- one moment for the lane --------------------------------------------------------------

    @contextlib.contextmanager
    def lane_held(self):
        """What is done meanwhile is one moment for the lane: it sees all of it, or nothing.

        Every change wakes the lane at once, and it may look between two calls. A pass under way is waited for, and no
        other one begins: Odoo passes over a scheduled action whose row is locked. Saves, webhooks and triggers do not
        need that lock. ``run_lane`` does, and with it all that waits for the lane.

        :return: a cursor of the session that holds the row; what it writes is committed at the end
        """
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '60s'")
            cursor.execute(
                "SELECT c.id FROM ir_cron c JOIN connector_hub_backend b ON b.cron_id = c.id "
                "WHERE b.id = %s FOR NO KEY UPDATE OF c",
                [self.backend_id],
            )
            yield cursor
            connection.commit()
        # The workers that were called meanwhile have passed over it.
        self.wake()

    @contextlib.contextmanager
    def without_the_minute(self):
        """The lane runs only when it is woken, and not once a minute besides: no call that is lost can hide."""
        self._move_regular_call(hours=24)
        try:
            yield
        finally:
            self._move_regular_call(hours=-24)

    def _move_regular_call(self, hours):
        with self.lane_held() as cursor:
            cursor.execute(
                "UPDATE ir_cron SET nextcall = nextcall + make_interval(hours => %s) "
                "WHERE id = (SELECT cron_id FROM connector_hub_backend WHERE id = %s)",
                [hours, self.backend_id],
            )

    @contextlib.contextmanager
    def shop_busy(self, path_prefix, skip=0):
        """The shop does nothing about requests to a path, and does not answer them, until the end.

        :param skip: so many of them are served at once
        """
        numbers, released = itertools.count(), threading.Event()

        def hold(request):
            if request.path.startswith(path_prefix) and next(numbers) >= skip:
                released.wait(HELD_SECONDS)

        self.shop.before = hold
        try:
            yield
        finally:
            self.shop.before = None
            released.set()

    # -- now ----------------------------------------------------------------------------------

    def run_lane(self):
        """Run the backend's scheduled action now, after a pass that is under way."""
        deadline = time.monotonic() + 60
        while True:
            try:
                return self.scenario.run_lane()
            except OdooError as error:
                if "already executing" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def settle(self):
        """Let the lane do everything that is due, and wait until it is done."""
        self.run_lane()
        self.wait(self.is_idle, 120)

    def poll(self):
        """Have everything that can be polled polled now, and wait until all it brought is dealt with."""
        # A pass under way may have asked already, and would then say that it was asked now.
        with self.lane_held():
            self.sql(
                "UPDATE connector_hub_cursor SET polled_at = NULL WHERE backend_id = %s AND state = 'idle'",
                self.backend_id,
            )
        self.run_lane()
        under_way = (
            "backend_id = %s AND (state = 'running' OR state = 'idle' AND polled_at IS NULL)"
        )
        self.wait(lambda: not self.count("connector_hub_cursor", under_way, self.backend_id), 120)
        self.settle()

    # -- later --------------------------------------------------------------------------------

    def wake(self):
        """What PostgreSQL tells the cron workers: look whether something is due."""
        with contextlib.closing(self._connect_postgres()) as connection:
            connection.autocommit = True
            connection.cursor().execute("SELECT pg_notify('cron_trigger', %s)", [self.database])

    def _connect_postgres(self):
        cluster = self.server.cluster
        return psycopg2.connect(
            host=str(cluster.socket_dir), port=cluster.port, user="odoo", dbname="postgres"
        )

    def time_passes(self, minutes):
        """All that is due later becomes due so much sooner, and the cron workers look at it.

        The regular call of the scheduled actions is not moved: what is due has to wake them itself.
        """
        # A pass under way has seen the time before, and would use up the call that is to come after it.
        with self.lane_held():
            for table, column in DUE_COLUMNS:
                self.sql(
                    f"UPDATE {table} SET {column} = {column} - make_interval(mins => %s) "
                    f"WHERE {column} IS NOT NULL",
                    minutes,
                )
            # Not moved but doubled: a worker may be about to delete the rows that it has seen.
            self.sql(
                "INSERT INTO ir_cron_trigger (cron_id, call_at) "
                "SELECT cron_id, min(call_at) - make_interval(mins => %s) "
                "FROM ir_cron_trigger WHERE call_at > now() AT TIME ZONE 'UTC' GROUP BY cron_id",
                minutes,
            )
