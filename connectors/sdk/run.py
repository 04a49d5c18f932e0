"""Drive a conversation: the one place of the SDK that waits.

``send`` is the caller's way to the network: it takes a request and returns the whole response, its body read
within the caller's limits. :func:`converse` is for signing in and out, :func:`fetch` for a connector's
exchange.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import httpx
from lxml.etree import LxmlError

from connectors.sdk.auth.scheme import SERVER, STAY, Verdict
from connectors.sdk.errors import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    NotFound,
    SessionExpired,
    Throttled,
    Unavailable,
)
from connectors.sdk.write import Repeat

if TYPE_CHECKING:
    from typing import Any

    from connectors.sdk.auth.scheme import AuthScheme, Steps
    from connectors.sdk.connector import Asked, Connector
    from connectors.sdk.query import Query
    from connectors.sdk.record import Record
    from connectors.sdk.write import Receipt, Write

Send = Callable[[httpx.Request], Awaitable[httpx.Response]]
T = TypeVar("T")
S = TypeVar("S")

MAX_HOPS = 5
AT_ONCE = 4
"""How many requests of one exchange may be under way together."""

# What Python, httpx and lxml raise over data that is not as expected. Anything else is a defect of the
# connector and
# surfaces. httpx's two are about a Location and a Set-Cookie header.
BAD_DATA = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    LxmlError,
    httpx.InvalidURL,
    httpx.CookieConflict,
)

_VERDICTS = {
    Verdict.CAPTCHA: CaptchaRequired,
    Verdict.EXPIRED: SessionExpired,
    Verdict.REJECTED: AuthRejected,
}


async def converse(steps: Steps[T], send: Send, base_url: httpx.URL) -> T:
    """Run a sign-in or sign-out and return its result.

    Redirects within the base URL are followed (at most 5), unless the request says :data:`STAY`.
    """
    try:
        request = next(steps)
        while True:
            base = request.extensions.get(SERVER, base_url)
            response = await _follow(_resolve(request, base), send, base)
            _check_load(response)
            request = steps.send(response)
    except StopIteration as stop:
        return cast("T", stop.value)
    except BAD_DATA:
        pass  # raised below, outside the handler, so that no __context__ quotes the upstream's bytes
    msg = "unexpected answer while signing in"
    raise BadUpstreamData(msg)


async def fetch(connector: Connector[Any], query: Query, session: object, send: Send) -> list[Record]:
    """Run a connector's exchange for one query under an upstream session and return its records.

    Raises NotFound (also for a plain 404), SessionExpired, AuthRejected, CaptchaRequired, Throttled,
    Unavailable or BadUpstreamData; never a text of the upstream. Restarting after SessionExpired is the
    caller's part.
    """
    return await _drive(connector, connector.exchange(query), session, send)


async def write(connector: Connector[Any], entry: Write, session: object, send: Send) -> Receipt:
    """Run a connector's exchange for one write under an upstream session and return the receipt.

    Raises as :func:`fetch` does. After SessionExpired the caller may start again: nothing was written, or
    the system knows the idempotency key. After any other error only if ``connector.writes`` says
    ``Repeat.WITH_KEY``, and then with the same key.
    """
    sent = 0

    async def counted(request: httpx.Request) -> httpx.Response:
        nonlocal sent
        sent += 1
        return await send(request)

    try:
        return await _drive(connector, connector.write(entry), session, counted)
    except SessionExpired:
        if sent == 1 or connector.writes[type(entry)] is Repeat.WITH_KEY:
            raise
    raise Unavailable("session lost in the middle of a write")


async def _drive(
    connector: Connector[Any], exchange: Generator[Asked, Any, T], session: object, send: Send
) -> T:
    auth, base_url = connector.auth, connector.base_url

    async def one(request: httpx.Request) -> httpx.Response:
        response = await send(auth.apply(_resolve(request, base_url), session))
        return _checked(auth, response, session)

    try:
        asked = next(exchange)
        while True:
            if isinstance(asked, httpx.Request):
                asked = exchange.send(await one(asked))
            else:
                asked = exchange.send(await _together(one, asked))
    except StopIteration as stop:
        return cast("T", stop.value)
    except BAD_DATA:
        pass  # as in converse
    finally:
        exchange.close()
    msg = "unexpected answer"
    raise BadUpstreamData(msg)


async def _together(
    one: Callable[[httpx.Request], Awaitable[httpx.Response]], requests: Sequence[httpx.Request]
) -> list[httpx.Response]:
    """Await all, a few at a time; the first failure cancels the rest and is raised as itself."""
    room = asyncio.Semaphore(AT_ONCE)

    async def in_turn(request: httpx.Request) -> httpx.Response:
        async with room:
            return await one(request)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(in_turn(request)) for request in requests]
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


def _resolve(request: httpx.Request, base_url: httpx.URL) -> httpx.Request:
    """Return the request with an absolute URL, refusing any other origin than the base URL's."""
    if request.url.is_relative_url:
        request.url = base_url.join(str(request.url).lstrip("/"))
        request.headers["Host"] = request.url.netloc.decode("ascii")
    if _origin(request.url) != _origin(base_url):
        msg = "left the base URL"
        raise BadUpstreamData(msg)
    return request


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def cookie_header(cookies: Mapping[str, str]) -> str:
    """Return the value of a Cookie header (RFC 6265 section 4.2.1)."""
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


def _cookies_of(request: httpx.Request) -> dict[str, str]:
    """Read back what :func:`cookie_header` wrote; ``http.cookies`` would refuse names that servers do use."""
    pairs = (pair.partition("=") for pair in request.headers.get("cookie", "").split("; ") if pair)
    return {name: value for name, _, value in pairs}


async def _follow(request: httpx.Request, send: Send, base_url: httpx.URL) -> httpx.Response:
    """Send, and follow redirects as a browser does after a form: with GET, the cookies set on the way along.

    The last response carries all cookies, sent and set, as ``extensions["cookies"]``, a dict.
    """
    carried = _cookies_of(request)
    for _hop in range(MAX_HOPS + 1):
        response = await send(request)
        response.request = request
        carried |= dict(response.cookies)
        if not response.is_redirect or request.extensions.get(STAY):
            response.extensions["cookies"] = carried
            return response
        request = _resolve(httpx.Request("GET", response.url.join(response.headers["location"])), base_url)
        request.headers["Cookie"] = cookie_header(carried)
    msg = "too many redirects"
    raise BadUpstreamData(msg)


def _checked(auth: AuthScheme[Any], response: httpx.Response, session: object) -> httpx.Response:
    """Return a response that a connector may read; raise for all others."""
    _check_load(response)
    verdict = auth.verdict(response, session)
    if verdict is not Verdict.OK:
        raise _VERDICTS[verdict](verdict.value)
    status = response.status_code
    if status == httpx.codes.NOT_FOUND:
        raise NotFound
    if not response.is_success:
        msg = "redirected elsewhere" if response.is_redirect else "unexpected status"
        raise BadUpstreamData(msg)
    return response


def _check_load(response: httpx.Response) -> None:
    """Raise Throttled for 429 (Retry-After in seconds, RFC 9110 section 10.2.3), Unavailable for any 5xx."""
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        after = response.headers.get("retry-after", "")
        raise Throttled(float(after) if after.isdecimal() else None)
    if response.is_server_error:
        msg = "server error"
        raise Unavailable(msg)
