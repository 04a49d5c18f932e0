"""The one source of time, so that tests can move it."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta, timezone

SHANGHAI = timezone(timedelta(hours=8), "CST")
"""China has one time zone and no summer time."""


class Clock:
    """Tell the time of day and a monotonic time."""

    def now(self) -> datetime:
        """Return the time of day in Shanghai, with its offset."""
        return datetime.now(SHANGHAI)

    def today(self) -> date:
        """Return the day in Shanghai."""
        return self.now().date()

    def monotonic(self) -> float:
        """Return seconds that never go back, for ages and deadlines."""
        return time.monotonic()
