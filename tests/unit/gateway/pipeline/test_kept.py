"""What is made of answers is kept with them: it ends with the first of them, at midnight, at its readers."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import httpx
import pytest

from connectors.sdk import FindHousehold, FindPerson, Identity
from gateway.model import CacheState, Outcome, SearchPeople, SourceState
from tests.unit.gateway.pipeline.cards import card, citizen
from tests.unit.gateway.pipeline.hamlet import BASE, Hamlet, hamlet, reader

BORN = date(1946, 11, 22)
"""Eighty tomorrow."""
CHEN = citizen(1, BORN)
LIMITS = {
    BASE: {"ttl_s": 3600.0, "retry": False},
    "elderly": {"ttl_s": 60.0, "retry": False},
    "relief": {"ttl_s": 3600.0, "retry": False},
}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Hamlet]:
    """One person in three systems, of which one answers for a minute only; two minutes to midnight."""
    own = {"identity": CHEN, "birth_date": BORN, "household": "H1"}
    async with hamlet(
        tmp_path,
        [card(1, name="陈桂芳", **own)],
        [card(1, care_level="二级", **own)],
        [card(1, **own)],
        limits=LIMITS,
    ) as running:
        running.clock.at = running.clock.at.replace(hour=23, minute=58)
        yield running


async def look(town: Hamlet, role: str = "cadre", identity: Identity = CHEN) -> Outcome:
    return await town.ask(FindPerson(identity), subject=reader(role))


def value(outcome: Outcome, name: str) -> object:
    (person,) = outcome.people
    return person.fields[name][0].value


async def test_a_second_look_shows_what_the_first_made_and_says_where_it_comes_from(town: Hamlet) -> None:
    first, second, third = [await look(town) for _ in range(3)]
    assert second.people[0] is third.people[0]
    assert first.people == second.people
    assert {status.cache for status in second.sources.values()} == {CacheState.HIT}
    assert {status.cache for name, status in first.sources.items() if name != BASE} == {CacheState.MISS}


async def test_one_answer_ends_before_the_others(town: Hamlet) -> None:
    await look(town)
    assert value(await look(town), "care_level") == "二级"
    town.elderly.cards[0] = town.elderly.cards[0].model_copy(update={"care_level": "三级"})
    town.clock.move(seconds=59.9)
    assert value(await look(town), "care_level") == "二级"
    town.clock.move(seconds=0.1)
    assert value(await look(town), "care_level") == "三级"
    assert town.household.asked == ["FindPerson"]


async def test_while_a_system_is_down_its_age_is_told_at_every_look(town: Hamlet) -> None:
    await look(town)
    as_of = (await look(town)).sources["elderly"].as_of
    town.clock.move(seconds=61)
    town.elderly.always = httpx.Response(500)
    for _ in range(3):
        status = (await look(town)).sources["elderly"]
        assert (status.status, status.cache, status.as_of) == (SourceState.STALE, CacheState.STALE, as_of)
    town.elderly.always = None
    town.clock.move(seconds=10)
    assert (await look(town)).sources["elderly"].status is SourceState.OK


async def test_the_same_old_answers_make_the_same_person(town: Hamlet) -> None:
    fresh = await look(town)
    town.clock.move(seconds=61)
    town.elderly.always = httpx.Response(500)
    assert (await look(town)).people[0] is fresh.people[0]


async def test_an_age_is_of_today_though_every_answer_is_of_yesterday(town: Hamlet) -> None:
    town.clock.move(seconds=61)
    for _ in range(2):
        assert value(await look(town), "age") == 79
    town.clock.move(seconds=59.5)
    for _ in range(2):
        assert value(await look(town), "age") == 80
    assert town.household.asked == town.elderly.asked == ["FindPerson"]


async def test_a_search_counts_by_today_in_the_lists_of_yesterday(town: Hamlet) -> None:
    async def found() -> int:
        return len((await town.ask(SearchPeople("80+", 20))).people)

    assert [await found() for _ in range(2)] == [0, 0]
    town.clock.move(minutes=3)
    assert [await found() for _ in range(2)] == [1, 1]
    assert town.household.asked == ["ListCommittee"]


async def test_readers_of_different_systems_take_turns(town: Hamlet) -> None:
    town.clock.move(minutes=3)
    for role, relief in (("cadre", SourceState.OK), ("service", SourceState.DENIED)) * 3:
        outcome = await look(town, role)
        assert outcome.sources["relief"].status is relief
        assert ("relief_benefits" in outcome.people[0].withheld) is (role == "service")
        assert {one.source for one in outcome.people[0].fields["name"]} == (
            {BASE, "elderly", "relief"} if role == "cadre" else {BASE, "elderly"}
        )


async def test_a_member_of_a_household_is_as_the_household_says(town: Hamlet) -> None:
    """The register answers for the household and for the person apart, each for its own time."""
    household = FindHousehold("H1")
    await town.ask(household)
    town.household.cards[0] = town.household.cards[0].model_copy(update={"name": "陈桂芬"})
    for _ in range(2):
        assert value(await look(town), "name") == "陈桂芬"
        assert value(await town.ask(household), "name") == "陈桂芳"
    assert town.household.calls == {"FindHousehold": 1, "FindPerson": 1}


async def test_what_is_kept_of_one_person_is_no_others(town: Hamlet) -> None:
    neighbour = citizen(2, BORN)
    own = {"identity": neighbour, "birth_date": BORN, "household": "H2"}
    town.household.cards.append(card(2, name="李建国", **own))
    for _ in range(2):
        assert value(await look(town), "name") == "陈桂芳"
        assert value(await look(town, identity=neighbour), "name") == "李建国"
