"""The people who live behind one door."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.portal.clerk import door_of
from gateway.portal.drawn import row_of
from gateway.portal.words import ZH

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
        rows=[row_of(visit, one, _role(clerk.word(one, "household_role"))) for one in outcome.people],
        strips_now=clerk.strips(outcome.sources),
    )


def _role(role: str) -> str:
    """Return what a member is to the head of the household."""
    return role if role in {"", ZH["role_head"]} else ZH["role_of"].format(role=role)
