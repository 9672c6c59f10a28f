# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What is sent to a partner in one go, free of the database, so that no transaction is open meanwhile."""

import time
from dataclasses import dataclass, field, replace

from .pace import deadline_for

#: Seconds after which a batch of several exchanges renews its lease before it goes on.
RENEW_SECONDS = 20.0


class PartnerUnavailable(Exception):
    """The partner as a whole cannot be reached now: the lane stops and the backend cools down.

    :param int count: records in the request that failed
    """

    def __init__(self, error, count):
        super().__init__(str(error))
        self.error = error
        self.count = count

    @property
    def was_too_much(self):
        """Whether it may have been too much for the partner at once, rather than anything being wrong."""
        return self.error.timed_out and self.count > 1


@dataclass
class Item:
    """One delivery on its way: what is sent for it, and what has become of it.

    :ivar bound_id: the external id of the record's binding, or None if the partner is not known to have it
    :ivar external_id: the one it will be bound to
    :ivar sent_before: whether this fact was on its way before, so that the partner may have it already
    :ivar is_linked: whether the record is bound to ``external_id`` once it has been sent
    :ivar links: see :class:`~odoo.addons.connector_hub.models.connector_hub_adapter.ItemResult`
    """

    delivery_id: int
    attempts: int
    res_model: str
    res_id: int
    entity: str
    payload: dict | None = None
    payload_hash: str | None = None
    bound_id: str | None = None
    external_id: str | None = None
    reference: str | None = None
    links: tuple = ()
    synced_values: dict | None = None
    idempotency_key: str | None = None
    sent_before: bool = False
    is_linked: bool = True
    deletes: bool = False
    outcome: dict | None = None
    synced: bool = False


@dataclass
class Batch:
    """The items of one claim, with what is needed to send them without a look at the database."""

    route: object
    entity: str
    is_fact: bool
    items: list = field(default_factory=list)
    context: object = None

    def waiting(self):
        return [item for item in self.items if item.outcome is None]

    def parts(self, pace):
        """What waits, as much in one request as the partner is known to take when it comes to it.

        The items are the same ones: what becomes of them is seen here too.

        :param pace: :class:`~odoo.addons.connector_hub.pace.Pace`
        """
        items = self.waiting()
        while items:
            part, items = items[: pace.size], items[pace.size :]
            yield replace(self, items=part)

    def halves(self):
        middle = len(self.items) // 2
        return replace(self, items=self.items[:middle]), replace(self, items=self.items[middle:])


class LeasedClient:
    """A client for a batch: the deadline grows with the content, and the lease never runs out under an exchange.

    :param keep_alive: renews the lease
    """

    def __init__(self, client, keep_alive):
        self._client = client
        self._keep_alive = keep_alive
        self._renewed_at = time.monotonic()
        self.count = 1

    def request(self, method, *args, **kwargs):
        """See :meth:`~odoo.addons.connector_hub.client.HubClient.request`."""
        if time.monotonic() - self._renewed_at > RENEW_SECONDS:
            self._keep_alive()
            self._renewed_at = time.monotonic()
        if method != "GET":
            kwargs.setdefault("deadline", deadline_for(self._client.deadline, self.count))
        return self._client.request(method, *args, **kwargs)
