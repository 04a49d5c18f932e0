"""Find people: as one types, and by Enter. The words searched for never stand in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from gateway.errors import InvalidInput, NotFoundInScope
from gateway.pipeline.search import TAIL_NEEDS_PURPOSE
from gateway.portal.drawn import rows_of
from gateway.portal.file import DOWN, Choice, Standing
from gateway.portal.page import see_other
from gateway.residents.tokens import SealedSearch
from gateway.web.reader import Why
from policies.model import OWN_AREA, Action

if TYPE_CHECKING:
    from aiohttp import web

    from gateway.model import Outcome
    from gateway.portal.page import Visit

LONGEST = 64
FIRST_ROWS = 8
"""Rows while typing."""
ROWS = 80
KEPT_S = 15 * 60


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to."""

    query: str
    count: int
    rows: Markup
    """One line for each person."""
    only: str
    """Path of the file where there is exactly one; else empty."""
    strips: tuple[Standing, ...]
    """Systems that did not answer or not now."""
    more: bool
    """There are, or may be, more than are shown."""
    hints: tuple[str, ...]
    choices: tuple[Choice, ...]
    """Purposes under which a number's tail finds people, where one is needed."""
    sure: bool
    """All systems answered, so who is not here is not known."""


async def find(visit: Visit) -> web.StreamResponse:
    """Search: a part for who is still typing, else off to an address that tells nothing."""
    query = " ".join(visit.form.get("query", "").split())[:LONGEST]
    purpose = visit.form.get("purpose") or None
    if visit.part:
        if not query:
            return visit.fragment("parts/nothing.html")
        outcome = await _search(visit, query, FIRST_ROWS, purpose)
        found = found_in(visit, query, outcome, FIRST_ROWS, purpose)
        return visit.fragment("parts/found.html", found=found, shell=visit.shell)
    if not query:
        return see_other("/")
    until = int(visit.services.clock.now().timestamp()) + KEPT_S
    sealed = SealedSearch(query, purpose, visit.session.hash_prefix, until)
    return see_other(f"/find/{visit.services.tokens.of_search(sealed)}")


async def found(visit: Visit) -> web.StreamResponse:
    """Show what a search finds now; one exact match opens the file."""
    search = visit.services.tokens.search(visit.request.match_info["id"])
    late = visit.services.clock.now().timestamp() >= search.until
    if late or search.session != visit.session.hash_prefix:
        return visit.page("find_over.html", status=410)
    outcome = await _search(visit, search.text, ROWS, search.purpose)
    result = found_in(visit, search.text, outcome, ROWS, search.purpose)
    if result.only:
        return see_other(result.only)
    return visit.page("found.html", found=result)


async def _search(visit: Visit, query: str, limit: int, purpose: str | None) -> Outcome | None:
    """Return the outcome; None where a whole number finds nobody."""
    try:
        return await visit.reader.search(query, limit, Why(purpose))
    except NotFoundInScope:
        return None
    except InvalidInput:
        # The purpose is not typed but chosen: an unknown one was not chosen on a page of ours.
        return await visit.reader.search(query, limit)


def found_in(visit: Visit, query: str, outcome: Outcome | None, limit: int, purpose: str | None) -> Found:
    """Return what to show of an outcome."""
    if outcome is None:
        return Found(query, 0, Markup(), "", (), more=False, hints=(), choices=(), sure=True)
    people = outcome.people
    choices: tuple[Choice, ...] = ()
    hints = outcome.hints
    if TAIL_NEEDS_PURPOSE in hints:
        choices = tail_choices(visit)
        if purpose in {one.code for one in choices} or not choices:
            hints = tuple(hint for hint in hints if hint != TAIL_NEEDS_PURPOSE)
            choices = ()
    return Found(
        query,
        len(people),
        rows_of(visit, people),
        f"/p/{visit.services.tokens.of_person(people[0].identity)}" if len(people) == 1 < limit else "",
        visit.clerk.strips(outcome.sources),
        more=len(people) >= limit,
        hints=hints,
        choices=choices,
        sure=not any(one.status in DOWN for one in outcome.sources.values()),
    )


def tail_choices(visit: Visit) -> tuple[Choice, ...]:
    """Return the purposes under which this reader may find people by a number's tail."""
    policy, today, subject = visit.services.policy(), visit.services.clock.today(), visit.session.subject
    return tuple(
        Choice(code, purpose.title, note=False)
        for code, purpose in policy.purposes.items()
        if not purpose.note_required
        and any(
            {"id_number", "phone"}
            & policy.decide(subject, Action.REVEAL, system, OWN_AREA, code, today).reveal_s.keys()
            for system in visit.services.systems
        )
    )
