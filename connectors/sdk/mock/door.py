"""What stands before a mock's handlers and lets in whoever shows what the system demands."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from email.utils import formatdate
from enum import StrEnum

import httpx

from connectors.sdk.mock.upstream import LOGIN, Handler, MockUpstream

_ACCOUNT = "account"


class Refusal(StrEnum):
    """Say why somebody is not let in."""

    CLOCK = "clock"
    """The timestamp is too far from the mock's clock."""
    CREDENTIAL = "credential"
    """An unknown account, or the wrong password, key or token."""
    MISSING = "missing"
    """Nothing was shown, or a session that is over."""
    REPLAY = "replay"
    """What is good for one use was used before."""
    SIGNATURE = "signature"
    """The signature is not of this request and this secret."""


class Refused(Exception):  # named by meaning
    """Somebody is not let in; ``reason`` says why."""

    def __init__(self, reason: Refusal) -> None:
        """Keep the reason."""
        super().__init__(reason.value)
        self.reason = reason


class Door(ABC):
    """Guard the handlers of one mock, count who was let in and who was not, and show the mock's clock."""

    def __init__(self, mock: MockUpstream, *, clock: Callable[[], float] = time.time) -> None:
        """Take the mock, whose counts and faults are used, and a clock in seconds."""
        self.mock = mock
        self.refuse: Callable[[Refusal], httpx.Response] = unauthorized
        """The system's own way to turn somebody away; the mock may set it."""
        self._clock = clock

    @abstractmethod
    def admit(self, request: httpx.Request) -> str:
        """Return the name of the account that a request comes from; raises Refused."""

    def now(self) -> float:
        """Return the mock's time, which the fault ``clock_skew_s`` sets wrong."""
        return self._clock() + self.mock.faults.clock_skew_s

    def guard(self, handler: Handler) -> Handler:
        """Return a handler that turns away whoever is not let in; inside, :func:`account_of` tells who is."""

        def handle(request: httpx.Request) -> httpx.Response:
            try:
                request.extensions[_ACCOUNT] = self.admit(request)
            except Refused as refused:
                self.mock.stats.failed_logins += refused.reason in {Refusal.CREDENTIAL, Refusal.SIGNATURE}
                answer = self.refuse(refused.reason)
            else:
                answer = handler(request)
            answer.headers["Date"] = formatdate(self.now(), usegmt=True)
            return answer

        return handle

    def route(self, method: str, path: str, *, operation: str) -> Callable[[Handler], Handler]:
        """Register a handler behind the door, as :meth:`MockUpstream.route` does before it."""
        return lambda handler: self.mock.route(method, path, operation=operation)(self.guard(handler))

    def check(self, path: str) -> None:
        """Answer GET with 204 to whoever is let in, and count that as signing in."""

        def let_in(_request: httpx.Request) -> httpx.Response:
            self.mock.stats.logins += 1
            return httpx.Response(204)

        self.route("GET", path, operation=LOGIN)(let_in)


def account_of(request: httpx.Request) -> str:
    """Return the account that a door let in."""
    return str(request.extensions[_ACCOUNT])


def unauthorized(refusal: Refusal) -> httpx.Response:
    """Answer 401 with a short JSON."""
    return httpx.Response(401, json={"code": "401", "message": refusal.value})
