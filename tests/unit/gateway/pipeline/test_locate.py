"""locate: where the person belongs, by the same calls whether or not there is anybody."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from connectors.sdk import FindHousehold, FindPerson
from gateway.cache.memory import Answer, MemoryCache
from gateway.errors import Denied, NotFoundInScope, SourceUnavailable
from gateway.model import CacheState, Outcome, SearchPeople
from gateway.pipeline.locate import locate
from gateway.pipeline.step import Located
from policies.model import OWN_AREA, ResourceFacts
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, THERE, Card, card, citizen
from tests.unit.gateway.pipeline.hamlet import BASE, Hamlet, hamlet, reader

AT_HOME, ELSEWHERE, UNKNOWN = (FindPerson(citizen(number)) for number in (1, 2, 3))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Hamlet]:
    away = card(2, residence_region=THERE, registered_region=THERE)
    async with hamlet(tmp_path, [card(1), away], [card(1), away], [card(1), away]) as running:
        yield running


async def facts_from(
    query: FindPerson | FindHousehold | SearchPeople, *cards: Card, town: Hamlet
) -> ResourceFacts:
    """Return the facts that the step finds when the register answers these cards."""
    found: list[Located] = []

    async def note(located: Located) -> Outcome:
        found.append(located)
        return Outcome(located.facts, (), (), {})

    class Register:
        def fresh(self, question: object) -> Answer | None:
            return None

        def begin(self, question: object) -> asyncio.Task[Answer]:
            raise NotImplementedError

        async def __call__(self, question: object, answer_by: float, flight: object = None) -> Answer:
            return Answer(cards, clock.now(), 0, 0, CacheState.MISS)

    clock = StillClock()
    await locate(note, BASE, Register(), MemoryCache(bytes(32), clock), clock, lambda _subject: "")(
        town.call(query)
    )
    return found[0].facts


@pytest.mark.parametrize("query", [ELSEWHERE, UNKNOWN], ids=["elsewhere", "unknown"])
@pytest.mark.parametrize("by_id", [True, False])
async def test_a_refused_look_asks_the_register_alone_and_once(
    town: Hamlet, query: FindPerson, by_id: bool
) -> None:
    with pytest.raises(NotFoundInScope if by_id else Denied):
        await town.ask(query, named_by_id=by_id)
    assert town.household.asked == ["FindPerson"]
    assert town.elderly.asked == town.relief.asked == []
    with pytest.raises(NotFoundInScope if by_id else Denied):
        await town.ask(query, named_by_id=by_id)
    assert town.household.asked == ["FindPerson"], "hit and miss are kept alike"


async def test_the_register_is_asked_once_for_the_place_and_the_record(town: Hamlet) -> None:
    await town.ask(AT_HOME)
    assert town.household.asked == ["FindPerson"]


@pytest.mark.parametrize("status", [500, 200], ids=["down", "drifted"])
async def test_without_the_register_nothing_can_be_decided(town: Hamlet, status: int) -> None:
    town.household.always = httpx.Response(status, content=b"<html>")
    for query in (AT_HOME, UNKNOWN):
        with pytest.raises(SourceUnavailable):
            await town.ask(query)
    assert town.elderly.asked == town.relief.asked == []


async def test_the_facts_are_the_registers(town: Hamlet) -> None:
    born = date(1934, 5, 6)
    own = card(1, residence_region=HERE, registered_region=THERE, household="H7", birth_date=born)
    assert await facts_from(AT_HOME, own, town=town) == ResourceFacts(
        registered_region=THERE, residence_region=HERE, household="H7", age=92, person=True
    )


async def test_a_reply_about_somebody_else_places_nobody(town: Hamlet) -> None:
    own = card(1, residence_region=THERE, registered_region=THERE)
    assert await facts_from(AT_HOME, card(9), town=town) == ResourceFacts()
    assert (await facts_from(AT_HOME, card(9), own, town=town)).residence_region == THERE


async def test_who_moved_away_belongs_elsewhere_at_the_next_answer(town: Hamlet) -> None:
    await town.ask(AT_HOME)
    town.household.cards[0] = card(1, residence_region=THERE, registered_region=THERE)
    assert (await town.ask(AT_HOME)).people, "fresh still"
    town.clock.move(seconds=301)
    with pytest.raises(Denied):
        await town.ask(AT_HOME)
    assert town.elderly.asked == ["FindPerson"], "not once more"


async def test_an_age_is_of_today_though_the_answer_is_of_yesterday(tmp_path: Path) -> None:
    turning_80 = [card(1, birth_date=date(1946, 11, 22))]
    query = FindPerson(turning_80[0].identity)
    async with hamlet(tmp_path, turning_80, limits={BASE: {"ttl_s": 1e6}}) as town:
        with pytest.raises(Denied):
            await town.ask(query, subject=reader("service"))
        town.clock.move(hours=16)
        (person,) = (await town.ask(query, subject=reader("service"))).people
        assert person.fields["age"][0].value == 80
        assert town.household.asked == ["FindPerson"]


async def test_a_household_is_a_place(town: Hamlet) -> None:
    facts = await facts_from(FindHousehold("H1"), card(1), card(4), town=town)
    assert (facts.person, facts.residence_region) == (False, HERE)
    assert await facts_from(FindHousehold("H1"), town=town) == ResourceFacts(person=False)


async def test_a_search_is_about_ones_own_area(town: Hamlet) -> None:
    assert await facts_from(SearchPeople("陈", 20), town=town) == OWN_AREA
