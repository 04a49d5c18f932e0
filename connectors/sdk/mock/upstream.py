"""A mock line system as a table of handlers from request to response."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx

from connectors.sdk.mock.faults import Faults
from connectors.sdk.mock.spoil import drip, spoilt
from connectors.sdk.mock.stats import Stats

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from typing import TypeVar

    HandlerT = TypeVar("HandlerT", bound="Handler")

Handler = Callable[[httpx.Request], httpx.Response]
Operation = str | Callable[[httpx.Request], str]
"""A handler's name in the counts, or how to tell it from a request where one path has many (SOAP)."""

LOGIN = "login"
"""The operation name of handlers that sign in: they are not counted as calls about people."""


class MockUpstream:
    """Hold the routes, the faults and the counts of one mock system.

    Tests hand :meth:`handle` to respx or httpx.MockTransport; ``python -m mocks`` serves the same object over
    HTTP. A handler is a plain function; it raises nothing on purpose and answers as the real system would.
    """

    def __init__(self, name: str, *, seed: int = 1, latency_ms: tuple[int, int] = (0, 0)) -> None:
        """Take the system's name, a seed for its noise, and its natural latency in milliseconds, a range."""
        self.name = name
        self.faults = Faults()
        self.stats = Stats()
        self.on_expire: Callable[[], None] = lambda: None
        """Called when sessions are to be expired; the mock sets it."""
        self.maintenance_page: Callable[[httpx.Request], httpx.Response] = lambda _request: httpx.Response(
            503
        )
        """The system's own way to say that it is in maintenance."""
        self.over_quota: Callable[[httpx.Request], httpx.Response] = lambda _request: httpx.Response(429)
        """The system's own way to say that the quota is used up."""
        self.refusal: Callable[[httpx.Request], httpx.Response] = _refusal
        """The system's own way to say, with status 200, that something is wrong with the question."""
        self.login_page: Callable[[], httpx.Response] = lambda: httpx.Response(200, html=_LOGIN_PAGE)
        """The page, with status 200, that the system shows to whoever it does not know."""
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
        """How the mock waits; a test may lend it a clock of its own."""
        self._latency_ms = latency_ms
        self._noise = random.Random(seed)  # noqa: S311  # noise of a mock, not a secret
        self._routes: dict[tuple[str, str], tuple[Handler, Operation]] = {}
        self._quota_left = 0
        self._well = asyncio.Event()
        self._well.set()

    def route(self, method: str, path: str, *, operation: Operation) -> Callable[[HandlerT], HandlerT]:
        """Register a handler for an exact path.

        ``operation`` is its name in the counts, :data:`LOGIN` for sign-in.
        """

        def register(handler: HandlerT) -> HandlerT:
            self._routes[method, path] = (handler, operation)
            return handler

        return register

    def set_faults(self, faults: Faults) -> None:
        """Replace all switches at once."""
        self.faults = faults
        self._quota_left = faults.quota or 0
        if faults.expire_sessions:
            self.on_expire()
        if faults.hang:
            self._well.clear()
        else:
            self._well.set()

    async def handle(self, request: httpx.Request, *, whole: bool = True) -> httpx.Response:
        """Answer one request, with manners and faults.

        ``whole=False`` leaves the body as it is under the faults ``oversize_mb`` and ``drip``: the caller
        streams that body itself. Else a dripping body is a stream, still to be read.
        """
        handler, named = self._routes.get((request.method, request.url.path), (None, "unknown"))
        operation = named if isinstance(named, str) else named(request)
        self.stats.by_operation[operation] += 1
        self.stats.calls += operation not in {LOGIN, "unknown"}
        self.stats.in_flight += 1
        self.stats.max_concurrent = max(self.stats.max_concurrent, self.stats.in_flight)
        try:
            await self._delay()
            if handler is None:
                return httpx.Response(404, text="404 Not Found")
            answer = self._replacement(request, operation) or handler(request)
            answer = spoilt(answer, self.faults, self._noise, whole=whole)
            return drip(answer, self.sleep) if self.faults.drip and whole else answer
        finally:
            self.stats.in_flight -= 1

    async def _delay(self) -> None:
        await self._well.wait()
        natural = self._noise.randint(*self._latency_ms)
        if natural or self.faults.latency_ms:
            await self.sleep((natural + self.faults.latency_ms) / 1000)

    def _replacement(self, request: httpx.Request, operation: str) -> httpx.Response | None:
        """Return the fault to answer with instead of the handler's answer, if one is switched on."""
        faults = self.faults
        if faults.maintenance:
            return self.maintenance_page(request)
        if faults.error_rate and self._noise.random() < faults.error_rate:
            return httpx.Response(500, html="<html><body>java.lang.NullPointerException</body></html>")
        return None if operation == LOGIN else self._refused(request)

    def _refused(self, request: httpx.Request) -> httpx.Response | None:
        """Return what a question gets instead of its answer; signing in is not touched by these faults."""
        faults = self.faults
        if faults.redirect_elsewhere:
            return httpx.Response(302, headers={"Location": "http://elsewhere.invalid/"})
        if faults.retry_after_s is not None:
            return httpx.Response(
                429, headers={"Retry-After": str(faults.retry_after_s)} if faults.retry_after_s else {}
            )
        if faults.login_page:
            return self.login_page()
        if faults.business_error:
            return self.refusal(request)
        if faults.quota is not None:
            if self._quota_left == 0:
                return self.over_quota(request)
            self._quota_left -= 1
        return None


_LOGIN_PAGE = """<html><head><title>统一身份认证</title></head><body><form method="post" action="/login">
<input name="username"><input type="password" name="password"><button>登录</button></form></body></html>"""


def _refusal(request: httpx.Request) -> httpx.Response:
    """Return what most JSON systems would say; the question is quoted, as such systems do."""
    asked = request.content.decode("utf-8", "replace") or str(request.url)
    words = f"系统内部错误：{asked}"
    said = {"success": False, "code": 9999, "msg": words, "message": words, "data": None, "rows": []}
    # With its charset, or a connector of a system in GB18030 would refuse it before it reads it.
    return httpx.Response(200, json=said, headers={"Content-Type": "application/json; charset=utf-8"})
