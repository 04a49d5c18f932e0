"""A clock that stands still until a test moves it."""

from datetime import datetime, timedelta

from gateway.clock import SHANGHAI, Clock


class StillClock(Clock):
    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 8, 12, tzinfo=SHANGHAI)
        self._passed = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self._passed

    def move(self, **by: float) -> None:
        """Let time pass; takes what timedelta takes."""
        span = timedelta(**by)
        self.at += span
        self._passed += span.total_seconds()
