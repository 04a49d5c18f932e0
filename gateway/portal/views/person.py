"""One person's file, and the cards that come in late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import NoSuchThing
from gateway.portal.drawn import FIRST_DELAY_MS, file_of
from gateway.portal.seals import seal_of

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.portal.page import Visit

LAST_TRY = 4
"""How often a card asks again by itself."""
_DELAYS_MS = (0, FIRST_DELAY_MS, 1500, 3000, 5000)
"""Before the first, second ... try."""


async def person(visit: Visit) -> web.StreamResponse:
    """Show a person's file with what is there by the answer deadline."""
    outcome = await visit.reader.person(visit.request.match_info["resident"])
    return visit.drawn("person.html", file_of(visit, outcome.people[0], outcome.sources))


async def source(visit: Visit) -> web.StreamResponse:
    """Answer one system's card anew, and the rows elsewhere to which it adds; reads and records the whole."""
    name = visit.request.match_info["system"]
    if name not in visit.services.systems:
        raise NoSuchThing
    outcome = await visit.reader.person(visit.request.match_info["resident"])
    file = visit.clerk.file(outcome.people[0], outcome.sources)
    own = tuple(card for card in file.cards if name in card.systems)
    attempt = min(_number(visit.request.query.get("try")), LAST_TRY) + 1
    seal = seal_of(visit.services.systems[name])
    waiting = any(card.waiting for card in own)
    elsewhere = (row for card in file.cards if card not in own for row in card.rows)
    return visit.fragment(
        "parts/late.html",
        file=file,
        cards=own,
        rows=() if waiting else tuple(row for row in elsewhere if any(one.seal == seal for one in row.said)),
        title=seal.title,
        settled=not waiting,
        came=not any(card.down for card in own),
        attempt=attempt,
        delay_ms=_DELAYS_MS[attempt] if attempt <= LAST_TRY else 0,
        shell=visit.shell,
        asking=None,
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) == 1 else 1
