# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What a partner's adapter and the hub hand each other: routes and their results, polls and their pages, dialects."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class EventRoute:
    """How one inbound event type is handled.

    :ivar handle: ``handle(backend, events) -> {event id: record, Applied or HubError}``; every event gets an entry.
        None for a ``notice``
    :ivar family: events of one family and external id are states of one thing; an older one is stale
    :ivar creates: whether this event makes the record, so that it is never stale and others wait for it
    :ivar entity: what it is about
    :ivar notice: whether this event only names what changed: that is fetched (see ``_fetch_routes``), stored as the
        events it makes, and these are handled in its place
    """

    handle: Callable | None
    family: str
    entity: str
    creates: bool = False
    notice: bool = False


@dataclass(frozen=True)
class ExportRoute:
    """How the changes of one entity reach the partner.

    :ivar model: the Odoo model whose record is sent (variant or template, for products)
    :ivar batch_size: records per request at most
    :ivar build: ``build(backend, records) -> {record id: payload}``; by default the field mappings
    :ivar request: ``request(backend, items) -> (method, path, json body)`` for a list of payloads
    :ivar send: in the place of ``request``, for a partner that needs several exchanges for a batch:
        ``send(client, items, context) -> {position: ItemResult or HubError}``, or None if all are to be sent singly; a
        position left out succeeded. It does HTTP only, no query, and may be repeated for the same items at any time: it
        looks at what the partner has before it adds anything. See :class:`~odoo.addons.connector_hub.batch.Item`
    :ivar context: ``context(backend, items)`` -> what ``send`` has to know besides the items; read from the database
        before anything is sent
    :ivar after: ``after(backend, items)``: what follows in Odoo once the partner has these items, in the transaction in
        which that is recorded
    :ivar takes_deleted: whether ``send`` also takes items with ``deletes``, each by itself
    :ivar read_results: ``read_results(backend, items, response) -> {position: ItemResult or HubError}``; a position
        left out succeeded
    :ivar delete: like ``request`` for one external id, or None if the partner cannot delete
    :ivar idempotent: whether the same request may be repeated when its outcome is unknown
    :ivar repeats: False for a fact that is not told again of a record if it says what the partner has taken already
    """

    model: str
    request: Callable | None = None
    batch_size: int = 1
    build: Callable | None = None
    read_results: Callable | None = None
    delete: Callable | None = None
    idempotent: bool = True
    repeats: bool = True
    send: Callable | None = None
    context: Callable | None = None
    after: Callable | None = None
    takes_deleted: bool = False

    @property
    def can_delete(self):
        return self.takes_deleted or self.delete is not None


@dataclass(frozen=True)
class ItemResult:
    """What the partner said of one item.

    :ivar external_id: the partner's id, if it gave one
    :ivar links: further records that the answer gave ids of, such as the variants of a product: tuples of
        (model, record id, external id, reference or None)
    :ivar is_linked: False if the partner took it without having the record, so that it is told of it again
    :ivar answer: the partner's answer to keep, where ``send`` got it
    """

    external_id: str | None = None
    links: tuple = ()
    is_linked: bool = True
    answer: object = None


@dataclass(frozen=True)
class PollRequest:
    """What to fetch.

    :ivar since: aware datetime; what changed later is wanted; None: everything
    :ivar position: what the last page gave to go on with; None: the first page
    :ivar made_since: aware datetime; of orders only those placed later are wanted; None: all
    """

    since: datetime | None
    position: object
    made_since: datetime | None = None


@dataclass(frozen=True)
class PollPage:
    """One page of a poll.

    :ivar payloads: list of payloads as a webhook would have brought them
    :ivar position: anything JSON holds but false, to go on with; None: this was the last page
    :ivar count: records on the page
    :ivar total: records in the whole run, if the partner says
    :ivar seen: what the partner has now of records that Odoo tells it of, for ``_find_differing``; it is not stored
    :ivar unreadable: texts about entries of the page that are in neither list, because they cannot be read
    """

    payloads: list
    position: object = None
    count: int = 0
    total: int | None = None
    seen: list = field(default_factory=list)
    unreadable: list = field(default_factory=list)


@dataclass(frozen=True)
class Dialect:
    """One of several ways in which systems of one partner are spoken to.

    :ivar label: what the administrator reads
    :ivar adapter: the model that speaks it
    :ivar values: settings of the backend that choose it
    """

    label: str
    adapter: str
    values: dict
