# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
import time
from contextlib import contextmanager

from odoo import models

from .connector_hub_event import CONFLICTS

#: Events whose stock is locked beforehand at most: whoever counts it meanwhile waits until they are processed.
HELD_EVENTS = 5

#: How often, and after how many seconds, stock is tried for that somebody else is writing.
LOCK_TRIES = 100
LOCK_PAUSE = 0.01

#: Seconds for which it is left to others between two batches at most; otherwise as long as a batch took.
TURN_SECONDS = 0.2


@contextmanager
def naming_stock(orders):
    """Say with a conflict which products' stock was asked for: ``product_ids`` of the exception."""
    product_ids = orders.order_line.product_id.ids
    try:
        yield
    except CONFLICTS as error:
        error.product_ids = product_ids
        raise


class ConnectorHubContention(models.Model):
    """Stock that others write all the time: orders get their turn at it.

    A transaction that has begun before somebody's commit cannot reserve what that one has counted. Orders take so much
    longer than a count that this would happen again and again.
    """

    _inherit = "connector.hub.backend"

    def _process_contested(self, session, size):
        """Process the oldest due events; after a conflict about stock, with that stock in hand.

        :return: number of events looked at
        """
        if size <= HELD_EVENTS:
            self._lock_stock(session.contested)
        try:
            return self.env["connector.hub.event"]._process_next(self, size)
        except CONFLICTS as error:
            session.contested = getattr(error, "product_ids", session.contested)
            raise

    def _lock_stock(self, product_ids):
        """Begin the transaction by writing the stock of products, if it is to be had in a moment.

        It sees the stock as it is then. Nothing is held while it waits, so that nobody waits for the other. It writes
        what is there, and does not only lock it: who counts the stock meanwhile has then to begin anew, where Odoo
        would otherwise put the difference into a second row, and the next count would be added to the first one.
        """
        cr = self.env.cr
        for _attempt in range(LOCK_TRIES if product_ids else 0):
            try:
                cr.execute(
                    """
                    UPDATE stock_quant SET write_date = write_date WHERE id IN (
                        SELECT q.id FROM stock_quant q JOIN stock_location l ON l.id = q.location_id
                         WHERE q.product_id = ANY(%s) AND l.usage = 'internal'
                           AND q.company_id = (SELECT company_id FROM connector_hub_backend WHERE id = %s)
                         ORDER BY q.id FOR NO KEY UPDATE OF q NOWAIT)
                    """,
                    (list(product_ids), self.id),
                    log_exceptions=False,
                )
                return
            except CONFLICTS:
                cr.rollback()
                time.sleep(LOCK_PAUSE)
