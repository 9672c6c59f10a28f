# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The faults a partner server can be told to have."""

from dataclasses import asdict, dataclass, field

#: The request is served as if nothing were wrong, only the answer is late or slow.
SERVED_KINDS = frozenset({"delay", "drip"})
KINDS = SERVED_KINDS | {
    "status",
    "reset",
    "truncate",
    "html",
    "bad_json",
    "close_before_answer",
    "item",
}


@dataclass
class Fault:
    """One rule: which requests are hit, how often, and what happens to them.

    kind
        - ``status``: an error answer with ``status`` (500 by default) and ``retry_after``;
        - ``delay``: the answer comes ``delay`` seconds late;
        - ``drip``: the answer's body comes one byte per ``delay`` seconds
          (``drip_headers``: the status line and headers too);
        - ``reset``: the connection is reset (RST); ``close_before_answer``: closed (FIN);
        - ``truncate``: half of the announced body, then closed;
        - ``html``: an HTML page; ``bad_json``: half a JSON document of the right length
          (both with status 200 unless ``status`` says otherwise);
        - ``item``: the items named in ``bulk_item_error`` fail, alone or inside a bulk.
    after_processing
        The state is changed first, and only then the fault happens: the caller cannot know the
        outcome. Without it the request has no effect (``delay`` and ``drip`` are always served).
    bulk_item_error
        {sku: error code}. With ``anonymous`` a bulk answer's error does not name the sku.
    skip, times
        So many matching requests pass unharmed first; so many are hit (None: until cleared).
    """

    kind: str = "status"
    path_prefix: str | None = None
    method: str | None = None
    times: int | None = None
    skip: int = 0
    status: int | None = None
    retry_after: float | str | None = None
    delay: float = 0.0
    drip_headers: bool = False
    after_processing: bool = False
    bulk_item_error: dict = field(default_factory=dict)
    anonymous: bool = False
    hits: int = 0

    def __post_init__(self):
        if self.bulk_item_error:
            self.kind = "item"
        if self.kind not in KINDS:
            raise ValueError(
                f"Unknown kind of fault {self.kind!r}; known: {', '.join(sorted(KINDS))}"
            )
        self._last_request = None

    def matches(self, request):
        return (self.path_prefix is None or request.path.startswith(self.path_prefix)) and (
            self.method is None or request.method == self.method.upper()
        )

    @property
    def spent(self):
        return self.times is not None and self.hits >= self.times

    def take(self, request):
        """Whether this matching request is hit; counts it once however often it is asked."""
        if self._last_request is request:
            return True
        if self.spent:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.hits += 1
        self._last_request = request
        return True

    def as_dict(self):
        return asdict(self)
