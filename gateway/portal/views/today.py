"""The landing page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.portal.seals import seals
from gateway.portal.views.systems import standing
from gateway.portal.words import WEEKDAYS, ZH

if TYPE_CHECKING:
    from datetime import datetime

    from aiohttp import web

    from gateway.portal.page import Visit

_HELLOS = ((5, "hello_evening"), (11, "hello_morning"), (13, "hello_noon"), (18, "hello_afternoon"))
"""Hour before which one says so; afterwards it is evening."""

PINNED = (
    ("90岁以上", "pin_90", "pin_90_text", "cake"),
    ("独居 60岁以上", "pin_alone", "pin_alone_text", "hand-heart"),
)
"""(what is searched for, title, text, icon)."""


async def today(visit: Visit) -> web.StreamResponse:
    """Show the greeting, the pinned searches and how the line systems are."""
    now = visit.services.clock.now()
    may = visit.shell.may
    return visit.page(
        "today.html",
        hello=hello(now),
        day=f"{now.month}月{now.day}日 星期{WEEKDAYS[now.weekday()]}",
        pinned=PINNED if may.search else (),
        systems=standing(visit) if may.systems else (),
        seals=seals(visit.services.systems),
    )


def hello(now: datetime) -> str:
    """Return what one says at this hour."""
    return ZH[next((word for before, word in _HELLOS if now.hour < before), "hello_evening")]
