"""Maintenance windows: the hours of the day in which a system is not asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from gateway.clock import SHANGHAI

_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Window:
    """Hours of every day in Shanghai, past midnight where they end before they begin."""

    begin: time
    end: time

    @classmethod
    def parse(cls, text: str) -> Window:
        """Read ``02:00-04:00``; raises ValueError with a sentence."""
        found = _WINDOW.fullmatch(text)
        if found is None or (found[3] == "24" and found[4] != "00"):
            raise ValueError("write a window of the day like 02:00-04:00")
        hours = [int(one) for one in found.groups()]
        window = cls(time(hours[0], hours[1]), time(hours[2] % 24, hours[3]))
        if window.begin == window.end:
            raise ValueError("a window must end at another time than it begins")
        return window

    def until(self, now: datetime) -> datetime | None:
        """Return when the window that ``now`` lies in ends, None outside."""
        today = now.astimezone(SHANGHAI).date()
        for day in (today - timedelta(days=1), today):
            begin = datetime.combine(day, self.begin, SHANGHAI)
            end = datetime.combine(day, self.end, SHANGHAI)
            if end <= begin:
                end += timedelta(days=1)
            if begin <= now < end:
                return end
        return None


def closed_until(windows: tuple[Window, ...], now: datetime) -> datetime | None:
    """Return when a system is open again that is closed now; windows that touch count as one."""
    until = None
    for _ in range(len(windows) + 1):
        ends = [end for window in windows if (end := window.until(until or now)) is not None]
        if not ends:
            break
        until = max(ends)
    return until
