"""On which day a city is looked at."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Final

from mocks.city.settle import EPOCH

_SHANGHAI: Final = timezone(timedelta(hours=8))


def city_day(now: datetime) -> date:
    """Return the day in Shanghai at a moment that has an offset, but never one before EPOCH.

    People made as of EPOCH then have on any later day the ages that their birth dates say.
    """
    return max(EPOCH, now.astimezone(_SHANGHAI).date())
