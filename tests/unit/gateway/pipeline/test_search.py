"""search: in the committees' directories when they are few, else by the systems' own search."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from connectors.sdk import FindPerson
from gateway.errors import NotFoundInScope, SourceUnavailable
from gateway.model import Outcome, SearchPeople, SourceState
from gateway.pipeline.directories import COLD_S
from gateway.pipeline.search import MAX_CANDIDATES, MAX_DIRECTORIES, committees_of, scope_of
from policies.documents import Role
from policies.model import Action, RoleInScope, Subject
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, THERE, Card, card, citizen
from tests.unit.gateway.pipeline.hamlet import SHOW, SYSTEMS, Hamlet, grant, hamlet, reader

STREET = HERE[:9]
OTHERS = tuple(f"31999900{number}001" for number in range(3, 7))


def away(number: int, **given: object) -> Card:
    return card(number, residence_region=THERE, registered_region=THERE, **given)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Hamlet]:
    household = [
        card(1, name="陈桂芳", door="3-502"),
        card(2, name="王小明", door="3-501"),
        card(3, name="陈东", door="12-101", registered_region=THERE),
        away(4, name="陈远"),
    ]
    async with hamlet(
        tmp_path, household, [card(1, tags=("独居",))], limits={name: {"retry": False} for name in SYSTEMS}
    ) as running:
        yield running


async def search(town: Hamlet, text: str, subject: Subject | None = None, **given: object) -> Outcome:
    return await town.ask(SearchPeople(text, 20), subject=subject or reader(), **given)


def names(outcome: Outcome) -> list[object]:
    return [person.fields["name"][0].value for person in outcome.people]


# ---- in directories


async def test_a_committees_people_are_found_in_the_order_of_their_doors(town: Hamlet) -> None:
    outcome = await search(town, "陈")
    assert names(outcome) == ["陈桂芳", "陈东"]
    assert {name: status.status for name, status in outcome.sources.items()} == {
        "household": SourceState.OK,
        "elderly": SourceState.OK,
        "relief": SourceState.DENIED,
    }


async def test_the_lists_are_fetched_once_for_all_searches(town: Hamlet) -> None:
    for text in ("陈", "wxm", "3-502", "90+ 独居"):
        await search(town, text)
    assert town.household.asked == town.elderly.asked == ["ListCommittee"]
    assert town.relief.asked == []


async def test_searches_at_once_build_one_directory(town: Hamlet) -> None:
    outcomes = await asyncio.gather(*(search(town, "陈") for _ in range(50)))
    assert {len(outcome.people) for outcome in outcomes} == {2}
    assert town.household.asked == ["ListCommittee"]


async def test_new_lists_make_a_new_directory(town: Hamlet) -> None:
    await search(town, "陈")
    town.household.cards.append(card(5, name="陈新"))
    town.clock.move(hours=13)
    assert "陈新" in names(await search(town, "陈"))


async def test_ages_are_of_today(town: Hamlet) -> None:
    town.household.cards.append(
        card(6, name="李老", birth_date=town.clock.today().replace(year=1936) + timedelta(days=1))
    )
    assert "李老" not in names(await search(town, "90+"))
    town.clock.move(days=1)
    assert "李老" in names(await search(town, "90+"))


async def test_two_committees_are_searched_together(town: Hamlet) -> None:
    outcome = await search(town, "陈", reader("cadre", HERE, THERE))
    assert names(outcome) == ["陈桂芳", "陈东", "陈远"], (
        "who moved from one to the other stands in both lists"
    )


async def test_a_list_that_fails_leaves_the_others(town: Hamlet) -> None:
    town.elderly.always = httpx.Response(500)
    outcome = await search(town, "陈")
    assert len(outcome.people) == 2
    assert outcome.sources["elderly"].status is SourceState.UNAVAILABLE


async def test_without_the_registers_list_there_is_nobody_to_show(town: Hamlet) -> None:
    town.household.always = httpx.Response(500)
    outcome = await search(town, "独居")
    assert outcome.people == ()
    assert outcome.sources["household"].status is SourceState.UNAVAILABLE


async def test_a_slow_list_is_left_behind_and_there_for_the_next_search(town: Hamlet) -> None:
    town.household.open.clear()
    async with asyncio.timeout(COLD_S + 5):
        outcome = await search(town, "陈", within_s=0.05)
    assert (outcome.people, outcome.sources["household"].status) == ((), SourceState.TIMEOUT)
    town.household.open.set()
    await asyncio.sleep(0.05)
    assert len((await search(town, "陈")).people) == 2
    assert town.household.asked == ["ListCommittee"]


async def test_committees_are_loaded_at_once_not_in_turn(town: Hamlet) -> None:
    town.household.delay_s = 0.1
    outcome = await search(town, "陈", reader("cadre", HERE, THERE), within_s=0.4)
    assert town.household.most_at_once >= 2
    assert outcome.sources["household"].status is SourceState.OK


async def test_candidates_are_bounded(tmp_path: Path) -> None:
    async with hamlet(
        tmp_path, [card(number, name="陈众") for number in range(1, MAX_CANDIDATES + 50)]
    ) as town:
        outcome = await town.ask(SearchPeople("陈", 1000))
        assert len(outcome.people) == MAX_CANDIDATES


async def test_no_time_left_to_build_is_no_empty_answer(tmp_path: Path) -> None:
    roles = {name: Role(role=name, title=name, grants=(grant(name, name=SHOW),)) for name in SYSTEMS[:2]}
    async with hamlet(tmp_path, [card(1)], [card(1)], roles=roles) as town:
        for name in roles:
            await search(town, "陈", reader(name))
        both = Subject("lu", tuple(RoleInScope(name, (HERE,)) for name in roles))
        with pytest.raises(SourceUnavailable):
            # Both lists are there; the directory of the two is not built yet.
            await search(town, "陈", both, within_s=-1 - COLD_S)
        await asyncio.sleep(0.05)
        assert len((await search(town, "陈", both, within_s=-1 - COLD_S)).people) == 1


# ---- the systems' own search


async def test_a_street_is_searched_by_the_systems_themselves(town: Hamlet) -> None:
    outcome = await search(town, "陈", reader("cadre", STREET))
    assert set(names(outcome)) == {"陈桂芳", "陈东"}
    assert town.household.asked == town.elderly.asked == ["Search"]


@pytest.mark.parametrize("text", ["90+", "3-502", "6021", "陈 90+", " "])
async def test_a_wide_area_is_searched_by_name_only(town: Hamlet, text: str) -> None:
    outcome = await search(town, text, reader("cadre", STREET))
    assert (outcome.people, outcome.hints) == ((), ("wide_area_name_only",))
    assert town.household.asked == []


async def test_too_many_committees_are_a_wide_area(town: Hamlet) -> None:
    await search(town, "陈", reader("cadre", HERE, *OTHERS))
    assert set(town.household.asked) == {"Search"}


# ---- areas


def test_an_area_within_another_counts_once() -> None:
    clock = StillClock()
    subject = Subject("x", (RoleInScope("a", (HERE, STREET)), RoleInScope("b", (THERE, HERE))))
    assert scope_of(subject.roles, clock.today()) == (STREET, THERE)


def test_an_empty_prefix_is_nowhere() -> None:
    subject = Subject("x", (RoleInScope("a", ("",)), RoleInScope("b", (HERE,))))
    assert scope_of(subject.roles, StillClock().today()) == (HERE,)


def test_a_role_counts_on_its_days() -> None:
    clock = StillClock()
    yesterday = clock.today() - timedelta(days=1)
    subject = Subject("x", (RoleInScope("a", (HERE,), valid_until=yesterday),))
    assert scope_of(subject.roles, clock.today()) == ()


@pytest.mark.parametrize(
    ("areas", "few"),
    [
        ((), True),
        ((HERE,), True),
        ((HERE, STREET), False),
        (OTHERS[:MAX_DIRECTORIES], True),
        ((HERE, *OTHERS), False),
    ],
)
def test_only_a_few_whole_committees_are_searched_in_directories(areas: Sequence[str], few: bool) -> None:
    assert committees_of(tuple(areas)) == (tuple(areas) if few else None)


# ---- a whole number, and warming


async def test_a_whole_number_finds_the_one_who_has_it(town: Hamlet) -> None:
    outcome = await town.ask(FindPerson(citizen(1)), action=Action.SEARCH, named_by_id=True)
    assert set(outcome.people[0].fields) == {"name", "age", "door", "tags"}
    for number in (4, 9):
        with pytest.raises(NotFoundInScope):
            await town.ask(FindPerson(citizen(number)), action=Action.SEARCH, named_by_id=True)


async def test_a_readers_directories_can_be_loaded_before_the_first_search(town: Hamlet) -> None:
    town.pipeline.warm(reader())
    await asyncio.sleep(0.1)
    assert town.household.asked == town.elderly.asked == ["ListCommittee"]
    assert len((await search(town, "陈", within_s=0)).people) == 2


async def test_nothing_is_loaded_for_who_may_not_search(town: Hamlet) -> None:
    for subject in (reader("auditor"), reader("cadre", STREET), Subject("x", ())):
        town.pipeline.warm(subject)
    await asyncio.sleep(0.05)
    assert town.household.asked == []
