# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""What the hub decides by table: schedules, sizes, reason codes, the error table. Data, no logic."""

from datetime import timedelta

from odoo.tools.translate import LazyGettext, LazyTranslate

from .exceptions import ConfigurationError, RejectedError, RetryableError

_lt = LazyTranslate(__name__)

#: Minutes to wait before the 1st, 2nd and 3rd retry of one message; after the last one it is dead.
RETRY_MINUTES: tuple[int, ...] = (1, 5, 15)

#: Minutes a whole backend rests after its 1st, 2nd, 3rd ... failed request; the last value repeats.
COOLDOWN_MINUTES: tuple[int, ...] = (1, 5, 15, 60)

#: Seconds a partner can make us wait at most by Retry-After; if it asks for more, a person is called.
RETRY_AFTER_MAX = 3600.0

#: Wall-clock seconds one HTTP exchange may take, from connecting to the last byte of the answer.
HTTP_DEADLINE = 20.0

#: Seconds more for each further record in a request, and what that comes to at most.
ITEM_SECONDS = 0.2
HTTP_DEADLINE_MAX = 60.0

#: Bytes of a response that are read at most, and characters of it that are kept on the delivery.
RESPONSE_MAX_BYTES = 16 * 1024 * 1024
RESPONSE_KEPT_CHARS = 20_000

#: Bytes of a webhook's body.
WEBHOOK_MAX_BYTES = 2 * 1024 * 1024

#: Wall-clock seconds in which the body of a webhook has to be there.
WEBHOOK_READ_SECONDS = 5

#: Seconds a webhook's answer waits for an event that another process is working on.
WEBHOOK_PATIENCE = 2.0

#: Minutes by which a sender's clock may be ahead of ours. What is dated later is taken as dated so.
SENDER_AHEAD_MINUTES = 5

#: Inbound events that are processed in one transaction.
EVENT_BATCH = 20

#: Change notes folded, and records swept or exported again, in one transaction.
FOLD_BATCH = 2000
SWEEP_BATCH = 1000

#: Minutes by which a poll overlaps the one before: what is seen twice is one event.
POLL_OVERLAP_MINUTES = 5

#: Seconds between two calls of the lanes by one process.
WAKE_INTERVAL = 1.0

#: First keys of the PostgreSQL advisory locks (the second one is the backend's id).
LOCK_INBOUND = 0x48554201
LOCK_LANE = 0x48554202

#: Days a new backend keeps finished messages.
RETENTION_DAYS = 30

MESSAGE_STATES: dict[str, str] = {
    "pending": "Waiting",
    "sending": "Sending",
    "done": "Done",
    "ignored": "Ignored",
    "dead": "Needs attention",
}

#: Orders that were older when a backend began are business of the past: on record, but not confirmed.
HISTORY_AGE = timedelta(days=1)

#: How often all that a partner has is compared with what Odoo tells it.
COMPARE_MINUTES = 24 * 60

#: Kinds of records: key -> what the administrator reads.
ENTITIES: dict[str, LazyGettext] = {
    "product": _lt("Product"),
    "stock": _lt("Stock"),
    "order": _lt("Order"),
    "partner": _lt("Contact"),
    "address": _lt("Address"),
    "category": _lt("Category"),
}

#: The kind of record whose states go before all others.
URGENT_ENTITY = "stock"

#: Who wins if both sides changed a field: key -> what the administrator reads.
CONFLICT_POLICIES: dict[str, LazyGettext] = {
    "odoo": _lt("Odoo wins"),
    "partner": _lt("The partner wins"),
    "newest": _lt("The newest change wins"),
    "hold": _lt("Hold for a person"),
}

#: Why a message is dead: code -> what the administrator reads. The code is stable, the text is translated.
REASONS: dict[str, str] = {
    "unknown_sku": "Unknown SKU",
    "duplicate_sku": "SKU used by several products",
    "missing_sku": "Product without a SKU",
    "currency_inactive": "Currency not active",
    "total_mismatch": "Total does not add up",
    "order_changed": "Order changed at the partner",
    "tax_unmapped": "No matching tax",
    "country_unknown": "Unknown country",
    "ambiguous_match": "Several records match",
    "not_found": "Record not found",
    "invalid_payload": "Invalid data",
    "refused_by_odoo": "Refused by Odoo",
    "rejected_by_partner": "Rejected by the partner",
    "retries_exhausted": "Still failing after all retries",
    "outcome_unknown": "Outcome unknown",
    "not_configured": "Missing configuration",
    "internal_error": "Internal error",
    "given_up": "Given up",
}

#: HTTP status -> exception. What is not listed: 2xx is success, other 4xx (and 3xx) RejectedError, 5xx RetryableError.
ERROR_TABLE: dict[int, type[Exception]] = {
    401: ConfigurationError,
    403: ConfigurationError,
    408: RetryableError,
    425: RetryableError,
    429: RetryableError,
    400: RejectedError,
    404: RejectedError,
    409: RejectedError,
    422: RejectedError,
}

#: What a proxy in front of the partner answers when that does not get done in time.
GATEWAY_TIMEOUTS: frozenset[int] = frozenset({504, 524})
