# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""How much of one kind a partner takes at once, learned from how long its answers take."""

from .const import HTTP_DEADLINE, HTTP_DEADLINE_MAX, ITEM_SECONDS

#: Seconds a request may take before the next one is made smaller, and under which it is made larger. What is more
#: urgent waits no longer than that.
SLOW_SECONDS = 5.0
FAST_SECONDS = 2.0

#: What a request that was too slow should have taken.
_AIM_SECONDS = 3.0

#: Records in the first request of a kind, which is to tell the partner's pace: of what takes a real shop 0.2 seconds
#: each, not more than a few seconds' worth.
FIRST_SIZE = 20


class Pace:
    """The number of records in one request.

    :param int most: what the route allows
    :param size: the last one of this route, or None
    :ivar is_known: whether a request has told how many the partner takes
    """

    def __init__(self, most, size=None):
        self.most = most
        self.is_known = bool(size) or most <= FIRST_SIZE
        self.size = max(1, min(most, size or FIRST_SIZE))

    @property
    def is_full(self):
        """Whether the partner takes as much as it allows without being slow."""
        return self.size == self.most

    def took(self, count, seconds):
        """Learn from a request of so many records that was answered."""
        if seconds > SLOW_SECONDS:
            self._learn(min(self.size, int(count * _AIM_SECONDS / seconds)))
        elif count >= self.size:
            in_time = int(count * _AIM_SECONDS / max(seconds, 0.001))
            most = 2 * self.size if self.is_known else max(in_time, self.size)
            self._learn(most if seconds < FAST_SECONDS else self.size)

    def was_too_much(self, count):
        """Learn from a request of so many records that was not answered in time."""
        self._learn(min(self.size, count // 2))

    def _learn(self, size):
        self.size = max(1, min(size, self.most))
        self.is_known = True


def deadline_for(seconds, count):
    """Return the seconds that a request of so many records may take.

    :param float seconds: what the client gives a request of one
    """
    return max(seconds, min(seconds + ITEM_SECONDS * (count - 1), HTTP_DEADLINE_MAX))


def lease_for(count, renewed_after):
    """Return the seconds for which records are claimed that go in one request.

    Nobody else takes them meanwhile; after a crash they wait no longer than the partner may be working on them.

    :param float renewed_after: seconds after which the lease is renewed before another request begins
    """
    # The look whether the partner lives, after a request that was not answered, has a deadline of its own.
    return renewed_after + deadline_for(HTTP_DEADLINE, count) + HTTP_DEADLINE + 10
