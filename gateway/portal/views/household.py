"""The people who live behind one door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.portal.clerk import door_of
from gateway.portal.file import strips_of

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.portal.page import Visit


async def household(visit: Visit) -> web.StreamResponse:
    """Show the members of a household, each with a way to the own file."""
    outcome = await visit.reader.household(visit.request.match_info["household"])
    clerk = visit.clerk
    return visit.page(
        "household.html",
        door=door_of(outcome.people),
        people=[clerk.line(person) for person in outcome.people],
        roles=[clerk.word(person, "household_role") for person in outcome.people],
        strips_now=strips_of(clerk.standing(outcome.sources)),
    )
