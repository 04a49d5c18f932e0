"""A circuit breaker: stop asking a system that does not answer; find out by one probe when it does again."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.clock import Clock


class BreakerState(StrEnum):
    """Whether calls pass."""

    CLOSED = "closed"
    HALF_OPEN = "half_open"
    OPEN = "open"


class Breaker:
    """Open after ``failures`` failures in a row; after ``open_s`` seconds let one probe through."""

    def __init__(self, failures: int, open_s: float, clock: Clock) -> None:
        """Start closed."""
        self._limit = failures
        self._open_s = open_s
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """Return the state as it would be for a call now."""
        if self._opened_at is None:
            return BreakerState.CLOSED
        waited = self._clock.monotonic() - self._opened_at
        return BreakerState.HALF_OPEN if waited >= self._open_s else BreakerState.OPEN

    def admit(self) -> bool:
        """Tell whether a call may pass; in the half-open state only one may until it is settled."""
        state = self.state
        if state is BreakerState.HALF_OPEN and not self._probing:
            self._probing = True
            return True
        return state is BreakerState.CLOSED

    def succeeded(self) -> None:
        """Count an answer: close."""
        self._failures = 0
        self._opened_at = None
        self._probing = False

    def failed(self) -> None:
        """Count a failure: open when there were enough, or when it was the probe."""
        self._failures += 1
        if self._failures >= self._limit or self._opened_at is not None:
            self._opened_at = self._clock.monotonic()
        self._probing = False

    def abandoned(self) -> None:
        """Count a call that ended without telling anything, so that another may probe."""
        self._probing = False
