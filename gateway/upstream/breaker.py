"""A circuit breaker: stop asking a system that does not answer; find out by one probe when it does again.

It also keeps how long the system itself has asked to be left alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.clock import Clock

MAX_HOLD_S = 300.0
"""How long a system's own wish to be left alone counts: one slip of theirs must not shut it out for days."""


class BreakerState(StrEnum):
    """Whether calls pass."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class Admission(StrEnum):
    """As what a call was let through; handed back when it has ended."""

    CALL = "call"
    PROBE = "probe"


class Breaker:
    """Open after ``failures`` failures in a row; after ``open_s`` seconds let one probe through.

    Calls that were let through before it opened may end at any time after: their success closes it, as any
    answer does, and their failure is no news.
    """

    def __init__(self, failures: int, open_s: float, clock: Clock) -> None:
        """Start closed."""
        self._limit = failures
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False
        self._held_until = 0.0

    @property
    def held_s(self) -> float:
        """Return for how many seconds more the system has asked to be left alone, 0 when it has not."""
        return max(0.0, self._held_until - self._clock.monotonic())

    def hold(self, seconds: float) -> None:
        """Keep that the system asked to be left alone so long (Retry-After, RFC 9110 section 10.2.3).

        Does *not* open the breaker: whoever has the time may wait for it.
        """
        until = self._clock.monotonic() + min(seconds, MAX_HOLD_S)
        self._held_until = max(self._held_until, until)

    @property
    def state(self) -> BreakerState:
        """Return the state as it would be for a call now."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        waited = self._clock.monotonic() - self._opened_at
        return BreakerState.HALF_OPEN if waited >= self._open_s else BreakerState.OPEN

    def admit(self) -> Admission | None:
        """Return as what a call may pass, None if it may not; a half-open breaker has one probe at a time.

        Whoever was let through calls :meth:`succeeded`, :meth:`failed` or :meth:`abandoned`, once.
        """
        state = self.state
        if state is BreakerState.CLOSED:
            return Admission.CALL
        if state is BreakerState.OPEN or self._probing:
            return None
        self._probing = True
        return Admission.PROBE

    def succeeded(self) -> None:
        """Count an answer: close."""
        self._failures = 0
        self._opened_at = None
        self._probing = False

    def failed(self, admission: Admission) -> None:
        """Count a failure: open when there were enough, or when it was the probe."""
        if self._opened_at is None:
            self._failures += 1
            if self._failures >= self._limit:
                self._opened_at = self._clock.monotonic()
        elif admission is Admission.PROBE:
            self._opened_at = self._clock.monotonic()
            self._probing = False

    def abandoned(self, admission: Admission) -> None:
        """Count a call that ended without telling anything, so that another may probe."""
        if admission is Admission.PROBE:
            self._probing = False
