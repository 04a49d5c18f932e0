"""Times as people say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.clock import SHANGHAI
from gateway.web.words import ADVICE, Language

if TYPE_CHECKING:
    from datetime import date, datetime


def spoken(moment: datetime, today: date) -> str:
    """Return ``今天 08:12``, ``11-20 18:40`` within the year, else with the year."""
    local = moment.astimezone(SHANGHAI)
    clock = f"{local.hour:02}:{local.minute:02}"
    day = local.date()
    if day == today:
        return f"今天 {clock}"
    short = f"{day.month:02}-{day.day:02}"
    return f"{short} {clock}" if day.year == today.year else f"{day.year}-{short} {clock}"


def to_the_second(moment: datetime) -> str:
    """Return ``2026-11-21 08:12:07``, for records."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def advice(why: str | None, until: datetime | None, today: date) -> str:
    """Return what to do about a system that is not asked, with when that ends; empty for no known reason."""
    if why not in ADVICE:
        return ""
    said = ADVICE[why][Language.ZH]
    return f"{said}（{spoken(until, today)}止）" if until is not None else said
