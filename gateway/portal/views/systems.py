"""How the line systems are doing, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.portal.seals import Seal, seals
from gateway.portal.times import advice, spoken
from gateway.web.api.systems import states_for

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.portal.page import Visit


@dataclass(frozen=True, slots=True)
class State:
    """One system's state."""

    seal: Seal
    status: str
    last: str
    """When it last answered; empty when it has not since we started."""
    seconds: str
    queue: int
    advice: str
    """What to do about it, or when it ends; empty when there is nothing."""


async def systems(visit: Visit) -> web.StreamResponse:
    """Show the state of every line system."""
    return visit.page("systems.html", systems=standing(visit))


def standing(visit: Visit) -> tuple[State, ...]:
    """Return the state of every line system; raises Denied."""
    today = visit.services.clock.today()
    marks = seals(visit.services.systems)
    return tuple(
        State(
            seal=marks[one["name"]],
            status=one["status"],
            last=spoken(one["last_success"], today) if one["last_success"] else "",
            seconds=f"{one['latency_ms'] / 1000:.1f}" if one["latency_ms"] is not None else "",
            queue=one["queue"],
            advice=advice(one["why"], one["until"], today),
        )
        for one in states_for(visit.services, visit.session.subject)
    )
