# Copyright 2026 Connector Hub contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).
"""HTTP to a partner, and nothing else: one exchange, its deadline, its errors, its log line."""

import contextlib
import logging
import re
import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import DEFAULT_POOLBLOCK, HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies, requote_uri, select_proxy
from urllib3 import PoolManager
from urllib3.exceptions import HTTPError

from .answers import (
    ACCEPTED_ENCODING,
    decode_body,
    has_end,
    make_details,
    read_body,
    read_retry_after,
)
from .const import ERROR_TABLE, GATEWAY_TIMEOUTS, HTTP_DEADLINE
from .deadline import (
    POOL_CLASSES,
    Exchange,
    current_exchange,
    make_ssl_context,
    resolve_allowed,
)
from .exact_json import dump_json, load_json
from .exceptions import ConfigurationError, RejectedError, RetryableError
from .redact import header_secrets, masker

_logger = logging.getLogger(__name__)

#: Methods that give the same result when they are repeated (RFC 9110, section 9.2.2).
_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})

#: Many servers close a connection after five idle seconds: it is not used for another exchange
#: after four.
_IDLE_SECONDS = 4.0

#: Latin-1 without control characters, and no space at either end.
_HEADER_VALUE = re.compile(r"|[!-~\xa1-\xff](?:[ -~\xa0-\xff]*[!-~\xa1-\xff])?")

_MESSAGE_CHARS = 300


@dataclass(frozen=True)
class HubResponse:
    """A successful answer; :func:`~.answers.read_answer` reads what it says.

    :ivar call: what was called, as it may be shown
    :ivar status: 200 to 299
    :ivar headers: case-insensitive
    :ivar text: the body, with the client's secrets masked, fit to be kept
    :ivar data: the parsed JSON (Decimal for non-integer numbers), or None if the body is empty or
        is no JSON
    :ivar elapsed: seconds
    """

    call: str
    status: int
    headers: CaseInsensitiveDict
    text: str
    data: Any
    elapsed: float


class HubClient:
    """A partner's HTTP interface.

    Connections are kept alive; use it as a context manager or close it. Redirects are not followed,
    cookies are not kept, certificates are always verified.

    :param str base_url: http or https, without credentials; paths are appended to it
    :param dict headers: sent with every request
    :param float deadline: seconds for one exchange, from connecting to the last byte of the answer,
        by wall clock
    :param secrets: values to mask in errors, kept answers and the log; those of telling headers are
        masked anyway
    :param dict error_table: HTTP status -> exception class, over ``const.ERROR_TABLE``
    :raises ConfigurationError: the base URL or a header cannot be used
    """

    def __init__(
        self, base_url, *, headers=None, deadline=HTTP_DEADLINE, secrets=(), error_table=None
    ):
        self.base_url = check_base_url(base_url)
        _check_headers(headers)
        self.deadline = deadline
        self._error_table = {**ERROR_TABLE, **(error_table or {})}
        self._secrets = [*secrets, *header_secrets(headers)]
        self._used_at = time.monotonic()
        self._is_internal = False
        self._session = _Session()
        self._session.headers.update(
            {
                "User-Agent": "Odoo-Connector-Hub",
                "Accept": "application/json",
                "Accept-Encoding": ACCEPTED_ENCODING,
            }
        )
        self._session.headers.update(headers or {})
        # Credentials are ours to give: without this, requests would take them from the server
        # user's .netrc.
        self._session.auth = lambda request: request
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _DeadlineAdapter())

    def __enter__(self):
        return self

    def __exit__(self, *_exception):
        self.close()

    def close(self):
        self._session.close()

    def request(
        self,
        method,
        path,
        *,
        params=None,
        json=None,
        data=None,
        headers=None,
        deadline=None,
        expect_json=True,
    ) -> HubResponse:
        """Make one exchange.

        :param str path: appended to the base URL; parts of it that come from data are to be quoted
            by the caller
        :param params: query parameters
        :param json: anything :func:`~.exact_json.dump_json` takes
        :param bytes data: a ready body instead of ``json`` (one that was signed); set its Content-
            Type in ``headers``
        :param float deadline: seconds, if not the client's own
        :param bool expect_json: a successful answer that is neither empty nor JSON is a failure
        :raises ConfigurationError: 401, 403, or a header or address that cannot be sent
        :raises RejectedError: another 4xx, or a redirect
        :raises RetryableError: 408, 425, 429, 5xx, no connection, no complete answer in time
        """
        headers = dict(headers or {})
        _check_headers(headers)
        if json is not None:
            data = dump_json(json)
            headers.setdefault("Content-Type", "application/json")
        call = _Call(method, self._url(path), masker([*self._secrets, *header_secrets(headers)]))
        exchange = Exchange(self.deadline if deadline is None else deadline)
        token = current_exchange.set(exchange)
        try:
            _check_behind_proxy(call.url, exchange)
            response = self._send(exchange, call, params=params, data=data, headers=headers)
            # A connection that was kept alive leads to where it was made.
            self._is_internal = self._is_internal or exchange.internal
            with response:
                return self._answer(exchange, call, response, expect_json)
        finally:
            current_exchange.reset(token)
            self._used_at = time.monotonic()

    def mask(self, text: str) -> str:
        """Return the text with this client's secrets masked."""
        return masker(self._secrets)(text)

    def _url(self, path):
        path = path.lstrip("/")
        return f"{self.base_url}/{path}" if path else self.base_url

    def _send(self, exchange, call, **content):
        if time.monotonic() - self._used_at > _IDLE_SECONDS:
            self._session.close()
        for last_try in (False, True):
            try:
                return self._session.request(
                    call.method,
                    call.url,
                    # Per read, and never the first to strike: the connections keep the deadline.
                    timeout=max(exchange.seconds, HTTP_DEADLINE),
                    stream=True,
                    allow_redirects=False,
                    **content,
                )
            except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema):
                raise ConfigurationError(
                    f"{call} was not sent: this address is not valid."
                ) from None
            except (requests.RequestException, HTTPError, OSError, ValueError) as error:
                if last_try or not _was_stale(exchange, call.method):
                    problem = _explain(error, exchange)
                    call.log(problem)
                    raise RetryableError(
                        f"{call} failed: {problem}.",
                        sent=exchange.sent,
                        timed_out=exchange.sent and exchange.expired,
                    ) from None
                self._session.close()

    def _answer(self, exchange, call, response, expect_json):
        content, problem = read_body(response, exchange)
        if not problem and not content and not has_end(response, call.method):
            problem = "it broke off"
        call.log(response.status_code, len(content))
        text = decode_body(response, content)
        if not 200 <= response.status_code < 300:
            raise self._error(call, response, text)
        data = None
        if not problem and content:
            try:
                data = load_json(content)
            except ValueError:
                problem = "the answer is no valid JSON" if expect_json else None
        if problem:
            raise RetryableError(
                f"{call} was answered with {response.status_code}, but {problem}.",
                details=make_details(response, text, call.mask),
                sent=True,
                timed_out=exchange.expired,
            )
        return HubResponse(
            str(call), response.status_code, response.headers, call.mask(text), data, call.seconds()
        )

    def _error(self, call, response, text):
        status = response.status_code
        fallback = RetryableError if status >= 500 else RejectedError
        kind = self._error_table.get(status, fallback)
        details = make_details(response, text, call.mask)
        message = f"{call} was answered with {status} {call.mask(response.reason or '')}".rstrip()
        if 300 <= status < 400:
            target = call.mask(response.headers.get("Location", "")).partition("?")[0]
            message = f"{message}, a redirect to {target or 'nowhere'}: enter the final address"
        brief = message
        if excerpt := " ".join(call.mask(text).split())[:_MESSAGE_CHARS]:
            message = message if 300 <= status < 400 else f"{message}: {excerpt}"
        options = {}
        if issubclass(kind, RetryableError):
            # A 4xx was refused, so nothing came of it; what a server did before it broke is unknown.
            options = {
                "retry_after": read_retry_after(response),
                "sent": status >= 500,
                "timed_out": status in GATEWAY_TIMEOUTS,
            }
        error = kind(message, details=details, **options)
        if self._is_internal:
            error.brief = f"{brief}."
        return error


class _Session(requests.Session):
    def get_redirect_target(self, resp):
        # A redirect is a failure; requests would even read its whole body to prepare the next step.
        return None


class _DeadlineAdapter(HTTPAdapter):
    """requests' adapter over connections that obey a deadline, with and without a proxy."""

    def init_poolmanager(self, connections, maxsize, block=DEFAULT_POOLBLOCK, **pool_kwargs):
        self._pool_connections = connections
        self._pool_maxsize = maxsize
        self._pool_block = block
        self.poolmanager = PoolManager(
            num_pools=connections,
            maxsize=maxsize,
            block=block,
            ssl_context=make_ssl_context(),
            **pool_kwargs,
        )
        self.poolmanager.pool_classes_by_scheme = POOL_CLASSES

    def proxy_manager_for(self, proxy, **proxy_kwargs):
        proxy_kwargs.setdefault("ssl_context", make_ssl_context())
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        manager.pool_classes_by_scheme = POOL_CLASSES
        return manager


class _Call:
    """What is being called, as it may be shown: without query, body, headers and secrets."""

    def __init__(self, method, url, mask):
        self.method = method.upper()
        self.url = url
        self.mask = mask
        self._shown = mask(requote_uri(url).partition("?")[0])
        self._began = time.monotonic()

    def __str__(self):
        return f"{self.method} {self._shown}"

    def seconds(self):
        return time.monotonic() - self._began

    def log(self, outcome, size=0):
        _logger.info("%s: %s in %d ms, %d bytes", self, outcome, self.seconds() * 1000, size)


def _check_behind_proxy(url, exchange):
    """A proxy resolves names by itself: what can be known of the address here is checked all the same.

    :raises ConfigurationError: a link-local address
    """
    if not select_proxy(url, get_environ_proxies(url)):
        return
    with contextlib.suppress(OSError, UnicodeError):
        resolve_allowed(urlsplit(url).hostname, 0, exchange)


def check_base_url(base_url):
    """Return an address as requests are sent to it: whatever is accepted here can be tried.

    :raises ConfigurationError: for any other text; the message does not repeat it, as it may hold a password
    """
    try:
        parts = urlsplit((base_url or "").strip())
        usable = parts.port != 0  # reading the port is what validates it
    except ValueError:
        usable = False
    if not usable or any(character.isspace() for character in parts.netloc):
        raise ConfigurationError("The address is not valid: check its host and port.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigurationError(
            "The address must begin with https:// (or http://) and name a host."
        )
    if parts.username is not None or parts.password is not None:
        raise ConfigurationError(
            "The address must not hold a user name or password: use the API key field."
        )
    if parts.query or parts.fragment:
        raise ConfigurationError("The address must end with its path, without ? or #.")
    return parts.geturl().rstrip("/")


def _check_headers(headers):
    """Refuse values that HTTP does not allow; the libraries' own errors would show them."""
    for name, value in (headers or {}).items():
        if not _HEADER_VALUE.fullmatch("" if value is None else value):
            raise ConfigurationError(
                f"The header {name} cannot be sent: its value holds characters that HTTP does not "
                "allow. Check the credentials for spaces, line ends and letters beyond Latin."
            )


def _was_stale(exchange, method):
    """Return whether a kept connection was closed, and a second try can do nothing twice."""
    reused = not exchange.connected and not exchange.received and not exchange.expired
    return reused and (method in _IDEMPOTENT or not exchange.sent)


def _explain(error, exchange):
    """Say what went wrong without the text of requests' exceptions, which holds the query."""
    if exchange.expired:
        missing = "complete answer" if exchange.connected or exchange.sent else "connection"
        return f"no {missing} within {exchange.seconds:g} seconds"
    root = _root_cause(error)
    cause = (
        getattr(root, "verify_message", None)
        or getattr(root, "strerror", None)
        or type(root).__name__
    )
    if isinstance(error, requests.exceptions.SSLError):
        return f"no secure connection ({cause})"
    return f"the connection broke ({cause})" if exchange.connected else f"no connection ({cause})"


def _root_cause(error):
    """Return the innermost error; ``__context__`` is no help, it may be what the caller handles."""
    nested = [error.__cause__, getattr(error, "reason", None), *error.args]
    for inner in nested:
        if isinstance(inner, BaseException):
            return _root_cause(inner)
    return error
