# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""The five errors. Which one is raised decides what becomes of a message (DESIGN: one lifecycle)."""

from .exact_json import clean_value


class HubError(Exception):
    """Base of the five.

    :param str message: what went wrong and what to do next, for an administrator; never a secret
    :param str reason: one of ``const.REASONS``
    :param details: anything JSON can hold, for the answer to a webhook or the message's log
    :ivar brief: the message without what an internal host answered, for whoever may enter any address
    """

    default_reason = "internal_error"

    def __init__(self, message, reason=None, details=None):
        super().__init__(message)
        self.message = self.brief = clean_value(str(message))
        self.reason = reason or self.default_reason
        self.details = details or {}


class SignatureError(HubError):
    """The sender could not be authenticated: 401, nothing is stored."""

    default_reason = "not_configured"


class UnsupportedEventError(HubError):
    """A well-formed event this connector has no use for: answered 200 as ignored, and not kept."""

    default_reason = "invalid_payload"


class RetryableError(HubError):
    """Failed for now: timeouts, refused connections, 408, 425, 429, 5xx.

    :param retry_after: seconds the partner asked to wait, or None
    :param bool sent: whether the request may have reached the partner, so that the outcome is unknown
    :param bool timed_out: whether it was sent, and the partner did not get done with it in time
    """

    default_reason = "retries_exhausted"

    def __init__(
        self, message, reason=None, details=None, retry_after=None, sent=True, timed_out=False
    ):
        super().__init__(message, reason=reason, details=details)
        self.retry_after = retry_after
        self.sent = sent
        self.timed_out = timed_out


class RejectedError(HubError):
    """The other side, or Odoo, will not take this data as it is: dead, with a reason code."""

    default_reason = "rejected_by_partner"


class ConfigurationError(HubError):
    """Credentials or a setting are missing or wrong: the backend pauses until a person mends it."""

    default_reason = "not_configured"
