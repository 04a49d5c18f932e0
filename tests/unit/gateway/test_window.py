"""Maintenance windows: hours of every day in Shanghai."""

from datetime import UTC, datetime

import pytest

from gateway.clock import SHANGHAI
from gateway.settings import Window
from gateway.settings.window import closed_until


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "now", "until"),
    [
        ("02:00-04:00", at(21, 1, 59), None),
        ("02:00-04:00", at(21, 2), at(21, 4)),
        ("02:00-04:00", at(21, 3, 59), at(21, 4)),
        ("02:00-04:00", at(21, 4), None),
        ("23:00-01:00", at(21, 23), at(22, 1)),
        ("23:00-01:00", at(22, 0, 30), at(22, 1)),
        ("23:00-01:00", at(22, 1), None),
        ("23:00-01:00", at(21, 22), None),
        ("22:00-24:00", at(21, 23), at(22, 0)),
        ("02:00-04:00", datetime(2026, 11, 20, 18, 30, tzinfo=UTC), at(21, 4)),
    ],
)
def test_when_a_window_ends(text: str, now: datetime, until: datetime | None) -> None:
    assert Window.parse(text).until(now) == until


def test_windows_that_touch_count_as_one() -> None:
    windows = tuple(
        Window.parse(text) for text in ("02:00-03:00", "03:00-04:00", "03:30-05:00", "06:00-07:00")
    )
    assert closed_until(windows, at(21, 2, 30)) == at(21, 5)
    assert closed_until(windows, at(21, 5)) is None
    assert closed_until((), at(21, 5)) is None


@pytest.mark.parametrize(
    "text", ["", "2-4", "2:00-4:00", "02:00", "24:00-01:00", "02:00-24:30", "02:60-03:00", "02:00-02:00"]
)
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(ValueError, match="window"):
        Window.parse(text)
