# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""Reading a shop's lists page by page (seed, section 4): HTTP only, no database."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from odoo.addons.connector_hub.answers import read_answer
from odoo.addons.connector_hub.exact_json import dump_json
from odoo.addons.connector_hub.models.connector_hub_order_status import readable_status
from odoo.addons.connector_hub.routes import PollPage, PollRequest
from odoo.addons.connector_hub.schemas import split_entries

from . import answers
from .const import INVENTORY_PAGE_SIZE, INVENTORY_PAGES, PAGE_SIZE, STATUS_PAGES, UNTOUCHED

#: The lists of a poll, and the one that is read after each: an order that moves on meanwhile is in a later one.
PHASES: dict[str, str] = {"new": "pending", "pending": "cancelled", "cancelled": "completed"}


@dataclass(frozen=True)
class MedusaPollRequest(PollRequest):
    """What to fetch.

    :ivar run: names this run of the cursor
    :ivar is_full: whether everything is fetched, and taken as news however often it was seen before
    :ivar open_orders: {shop's order id: (status, fulfilment, payment as Odoo shows them, last change of Odoo's order)}
        of orders that may still change
    :ivar oldest: when the first of these was placed
    """

    run: str = ""
    is_full: bool = False
    open_orders: dict = field(default_factory=dict)
    oldest: datetime | None = None


@dataclass(frozen=True)
class SeenLevel:
    """What the shop has of a product in one place.

    :ivar external_id: what Odoo's stock binding knows the product by
    :ivar places: the place's id and, if the shop told it, its name
    :ivar quantity: on the shelf, reserved pieces included
    """

    external_id: str | None
    places: tuple
    quantity: int | float | None


def poll_orders(_backend, client, request):
    """One page of orders: of those the shop has not been told are here, then of those that have changed their state.

    The list of the former gets shorter while we acknowledge what it brought, and the rest moves up. A page that shows
    this is therefore read again from so much further ahead; what is seen twice is one event.
    """
    position = request.position or {
        "phase": "all" if request.is_full else "new",
        "offset": 0,
    }
    phase, offset = position["phase"], position["offset"]
    data = _get(client, "/odoo/orders", offset, _order_filters(phase, request), answers.OrderList)
    orders, total = data.orders, data.total
    payloads = []
    for order in orders:
        if phase in ("all", "new"):
            payloads.append(order_payload(order))
        if phase != "new":
            payloads += _status_payloads(phase, request, order)
    gone = max(0, (position.get("total") or 0) - (total or 0)) if phase == "new" else 0
    following = max(0, offset - gone) if gone else offset + len(orders)
    more = following < total if total is not None else len(orders) >= PAGE_SIZE
    more = more and bool(orders or gone)
    if phase not in ("all", "new"):
        more = more and following < STATUS_PAGES * PAGE_SIZE
    next_position = {"phase": phase, "offset": following, "total": total} if more else None
    if not more and phase != "all" and request.open_orders:
        following_phase = PHASES.get(phase)
        next_position = following_phase and {"phase": following_phase, "offset": 0}
    is_main = phase in ("all", "new")
    return PollPage(
        payloads=payloads,
        position=next_position,
        count=len(orders) if is_main else 0,
        total=total if is_main and not gone else None,
    )


def _order_filters(phase, request):
    if phase == "all":
        return {"date_from": _iso(request.made_since)}
    if phase == "new":
        return {"synced": "false", "date_from": _iso(request.since)}
    return {"status": phase, "date_from": _iso(request.oldest)}


def count_orders(client, made_since, deadline):
    """How many orders the shop has, as far as it says."""
    params = {"date_from": _iso(made_since)}
    answer = _get(client, "/odoo/orders", 0, params, answers.OrderList, limit=1, deadline=deadline)
    return answer.total


def order_payload(order):
    """An order as its webhook would have brought it."""
    return {
        "event": "order.created",
        "timestamp": order.get("created_at") if isinstance(order, dict) else None,
        "data": {"order": order},
    }


def _status_payloads(phase, request, order):
    """What the webhook would have told of a changed state; nothing if Odoo knows it, or nothing can be told from it."""
    if not isinstance(order, dict):
        return []
    order_id = order.get("id")
    names = ("status", "fulfillment_status", "payment_status")
    states = [order.get(name) for name in names]
    run = request.run
    if phase == "all":
        changed = any(states[1:]) or states[0] not in (None, "pending")
    else:
        # News of the order as it is in Odoo: the same until Odoo has taken it, however many runs see it, and news
        # again if the shop goes back and forth.
        known_order = isinstance(order_id, str) and request.open_orders.get(order_id)
        *known, run = known_order or (None,)
        changed = any(
            isinstance(state, str)
            and state
            and readable_status(state) != shown
            and (shown or state not in UNTOUCHED)
            for state, shown in zip(states, known, strict=False)
        )
    if not changed:
        return []
    data = {
        "order_id": order_id,
        "display_id": order.get("display_id"),
        "new_status": states[0],
        "fulfillment_status": states[1],
        "payment_status": states[2],
    }
    return [_polled("order.status_updated", run, data)]


def poll_customers(_backend, client, request):
    """One page of customers. A visitor who left an address at the checkout, but no order, is none."""
    offset = (request.position or {}).get("offset", 0)
    params = {"created_after": _iso(request.since)}
    data = _get(client, "/odoo/customers", offset, params, answers.CustomerList)
    customers, total = data.customers, data.total
    following = offset + len(customers)
    more = bool(customers) and (
        following < total if total is not None else len(customers) >= PAGE_SIZE
    )
    payloads = []
    for customer in customers:
        if not isinstance(customer, dict):
            payloads.append({"event": "customer.created", "data": {"customer": customer}})
            continue
        if customer.get("has_account") is False and not customer.get("order_count"):
            continue
        # The figures change with every order, and are of no use here.
        content = {
            key: value
            for key, value in customer.items()
            if key not in ("order_count", "total_spent")
        }
        run = request.run if request.is_full else ""
        payloads.append(_polled("customer.created", run, {"customer": content}))
    return PollPage(
        payloads=payloads,
        position={"offset": following} if more else None,
        count=len(customers),
        total=total,
    )


def poll_inventory(_backend, client, request):
    """One page of the shop's stock (seed, section 4.5): what it has is compared with what Odoo told it."""
    offset = (request.position or {}).get("offset", 0)
    data = _inventory_page(client, offset)
    entries, total = data.inventory, data.total
    rows, unreadable = split_entries(entries)
    following = offset + len(entries)
    more = bool(entries) and (
        following < total if total is not None else len(entries) >= INVENTORY_PAGE_SIZE
    )
    return PollPage(
        payloads=[],
        seen=[
            SeenLevel(
                external_id=row.sku,
                places=(row.location_id, row.location_name),
                quantity=row.stocked_quantity,
            )
            for row in rows
        ],
        position={"offset": following} if more else None,
        count=len(entries),
        total=total,
        unreadable=unreadable,
    )


def inventory_skus(client):
    """SKUs of the shop's inventory, and whether these are all of them. Entries that cannot be read have none."""
    skus, offset = set(), 0
    for _page in range(INVENTORY_PAGES):
        data = _inventory_page(client, offset)
        rows, _unreadable = split_entries(data.inventory)
        skus.update(row.sku for row in rows if row.sku)
        offset += len(data.inventory)
        if not data.inventory or offset >= (data.total or 0):
            return skus, True
    return skus, False


def _inventory_page(client, offset):
    return _get(
        client, "/odoo/inventory", offset, {}, answers.InventoryList, limit=INVENTORY_PAGE_SIZE
    )


def _polled(event, run, data):
    """A payload whose identity is its content: the same news is one event, and other news another.

    :param str run: makes it news again; empty if what was seen in any run before is none
    """
    digest = hashlib.sha256(dump_json(data)).hexdigest()[:32]
    return {
        "event": event,
        "event_id": f"{run}:{digest}",
        "data": data,
    }


def _get(client, path, offset, params, model, limit=PAGE_SIZE, deadline=None):
    params = {name: value for name, value in params.items() if value is not None}
    params.update(limit=limit, offset=offset)
    return read_answer(client.request("GET", path, params=params, deadline=deadline), model)


def _iso(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
