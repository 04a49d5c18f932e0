"""merge: all systems at once, joined by identity, and honest about who did not answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from random import Random
from typing import NamedTuple

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    FindHousehold,
    FindPerson,
    Identity,
    IdentityKind,
    NotFound,
    Throttled,
    TimedOut,
    Unavailable,
    UpstreamError,
)
from gateway.cache.memory import Answer, MemoryCache, Question
from gateway.model import CacheState, Call, Person, SourceState, SourceStatus
from gateway.pipeline.ask import worst
from gateway.pipeline.merge import merge
from gateway.pipeline.ruling import Ruling, Rulings
from gateway.pipeline.step import Found, Located
from policies.documents import Role, Where
from policies.engine import Engine
from policies.model import Action, ResourceFacts, Usage
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import CARDS, HERE, Card, card, citizen
from tests.unit.gateway.pipeline.hamlet import BASE, FIELDS, PURPOSES, SYSTEMS, Hamlet, grant, hamlet, reader

Asking = Callable[[Question, float], Awaitable[Answer]]

CHEN = FindPerson(citizen(1))
ANYWHERE = {
    "anywhere": Role(
        role="anywhere",
        title="各处",
        grants=tuple(grant(name, Where(region="any", children=("daily_service",))) for name in SYSTEMS),
    )
}


class Merged(NamedTuple):
    people: tuple[Person, ...]
    sources: Mapping[str, SourceStatus]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Hamlet]:
    async with hamlet(
        tmp_path,
        [card(1, name="陈桂芳", phone="13800006021"), card(2, household="H1", name="王小明")],
        [card(1, care_level="二级", phone="15900007740")],
        [card(1, relief_benefits="低保")],
        limits={name: {"retry": False} for name in SYSTEMS},
    ) as running:
        yield running


# ---- where values come from


async def test_every_value_says_its_system_and_its_time(town: Hamlet) -> None:
    asked_at = town.clock.now()
    await town.ask(CHEN)
    town.clock.move(minutes=2)
    outcome = await town.ask(CHEN)
    (person,) = outcome.people
    assert [(value.source, value.as_of) for value in person.fields["phone"]] == [
        ("household", asked_at),
        ("elderly", asked_at),
    ]
    assert {status.as_of for status in outcome.sources.values()} == {asked_at}
    assert {status.cache for status in outcome.sources.values()} == {CacheState.HIT}


async def test_two_cards_of_one_person_are_one_person(town: Hamlet) -> None:
    town.household.cards.append(card(1, name="陈桂芬"))
    (person,) = (await town.ask(CHEN)).people
    assert [value.value for value in person.fields["name"] if value.source == "household"] == [
        "陈桂芳",
        "陈桂芬",
    ]


async def test_a_reply_about_somebody_else_is_not_believed(town: Hamlet) -> None:
    stranger = card(9, name="张三", care_level="一级")
    town.elderly.replies = [httpx.Response(200, content=CARDS.dump_json([stranger]))]
    outcome = await town.ask(CHEN)
    (person,) = outcome.people
    assert person.identity == CHEN.identity
    assert "elderly" not in {value.source for values in person.fields.values() for value in values}
    assert outcome.sources["elderly"].status is SourceState.NOT_FOUND


async def test_a_passport_and_a_local_number_name_people_too(tmp_path: Path) -> None:
    for identity in (
        Identity(IdentityKind.PASSPORT, "E12345678"),
        Identity(IdentityKind.LOCAL, "household:L7"),
    ):
        folder = tmp_path / identity.kind
        folder.mkdir()
        own = card(1, identity=identity, id_number=None)
        async with hamlet(folder, [own], [card(1, identity=identity, care_level="二级")]) as town:
            (person,) = (await town.ask(FindPerson(identity))).people
            assert person.fields["care_level"][0].source == "elderly"


async def test_what_was_merged_once_is_merged_again_when_a_system_says_otherwise(town: Hamlet) -> None:
    await town.ask(CHEN)
    town.elderly.cards[0] = card(1, care_level="三级")
    (person,) = (await town.ask(CHEN)).people
    assert person.fields["care_level"][0].value == "二级", "fresh still"
    town.clock.move(seconds=301)
    (person,) = (await town.ask(CHEN)).people
    assert person.fields["care_level"][0].value == "三级"


# ---- one system failing, each way


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (500, b"", SourceState.UNAVAILABLE),
        (429, b"", SourceState.UNAVAILABLE),
        (403, b"", SourceState.UNAVAILABLE),
        (428, b"", SourceState.UNAVAILABLE),
        (404, b"", SourceState.NOT_FOUND),
        (302, b"", SourceState.DRIFTED),
        (418, b"", SourceState.DRIFTED),
        (200, b"<html>\xff", SourceState.DRIFTED),
        (200, b'[{"name": "half', SourceState.DRIFTED),
        (200, b"[]", SourceState.NOT_FOUND),
    ],
)
@pytest.mark.parametrize("name", ["elderly", "relief"])
async def test_one_system_fails_and_the_others_stand(
    town: Hamlet, name: str, status: int, body: bytes, state: SourceState
) -> None:
    town.systems[name].always = httpx.Response(status, content=body)
    outcome = await town.ask(CHEN)
    assert outcome.sources[name].status is state
    assert {one.status for other, one in outcome.sources.items() if other != name} == {SourceState.OK}
    sources = {value.source for values in outcome.people[0].fields.values() for value in values}
    assert sources == set(SYSTEMS) - {name}


async def test_a_hung_system_is_left_behind_at_the_answer_deadline(town: Hamlet) -> None:
    town.relief.open.clear()
    async with asyncio.timeout(2):
        outcome = await town.ask(CHEN, within_s=0.1)
    assert outcome.sources["relief"] == SourceStatus(SourceState.TIMEOUT)
    assert outcome.sources["elderly"].status is SourceState.OK


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (NotFound(), SourceState.NOT_FOUND),
        (TimedOut(), SourceState.TIMEOUT),
        (BadUpstreamData(), SourceState.DRIFTED),
        (Unavailable(), SourceState.UNAVAILABLE),
        (Throttled(5), SourceState.UNAVAILABLE),
        (AuthRejected(), SourceState.UNAVAILABLE),
        (CaptchaRequired(), SourceState.UNAVAILABLE),
    ],
)
async def test_every_failure_has_its_word(town: Hamlet, error: UpstreamError, state: SourceState) -> None:
    async def failing(question: Question, answer_by: float) -> Answer:
        raise error

    outcome = await merged({BASE: answering([card(1)]), "elderly": failing}, town)
    assert outcome.sources["elderly"].status is state
    assert len(outcome.people) == 1


async def test_a_defect_of_ours_is_no_state_of_a_system(town: Hamlet) -> None:
    async def broken(question: Question, answer_by: float) -> Answer:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await merged({BASE: answering([card(1)]), "elderly": broken}, town)


async def test_the_place_stands_when_the_register_fails_right_after_locate(town: Hamlet) -> None:
    async def failing(question: Question, answer_by: float) -> Answer:
        raise Unavailable

    facts = ResourceFacts(residence_region=HERE, age=92)
    outcome = await merged({BASE: failing, "elderly": answering([card(1, care_level="二级")])}, town, facts)
    assert outcome.people[0].facts == facts
    assert outcome.sources[BASE].status is SourceState.UNAVAILABLE


# ---- households


async def test_a_household_is_read_member_by_member(town: Hamlet) -> None:
    outcome = await town.ask(FindHousehold("H1"))
    assert [person.fields["name"][0].value for person in outcome.people] == ["陈桂芳", "王小明"]
    assert [one.sources["elderly"].status for one in outcome.people] == [
        SourceState.OK,
        SourceState.NOT_FOUND,
    ]
    assert outcome.sources["elderly"].status is SourceState.OK
    assert town.household.asked == ["FindHousehold"]
    assert town.elderly.asked == ["FindPerson"] * 2


async def test_a_household_owns_up_to_its_worst_member(town: Hamlet) -> None:
    town.elderly.replies = [httpx.Response(500)]
    outcome = await town.ask(FindHousehold("H1"))
    assert outcome.sources["elderly"].status is SourceState.UNAVAILABLE
    assert {one.sources["elderly"].status for one in outcome.people} > {SourceState.UNAVAILABLE}


async def test_a_member_has_only_own_values(town: Hamlet) -> None:
    for person in (await town.ask(FindHousehold("H1"))).people:
        names = {str(value.value) for value in person.fields["name"]}
        assert len(names & {"陈桂芳", "王小明"}) == 1


@pytest.mark.parametrize("late", list(SourceState))
def test_the_gravest_state_wins_either_way_round(late: SourceState) -> None:
    ok = {"elderly": SourceStatus(SourceState.OK)}
    other = {"elderly": SourceStatus(late)}
    assert worst([ok, other]) == worst([other, ok])
    assert worst([ok, other])["elderly"].status is (
        SourceState.OK if late in {SourceState.DENIED, SourceState.NOT_FOUND} else late
    )


# ---- order of arrival


def answering(cards: list[Card], after_s: float = 0.0) -> Asking:
    async def answer(question: Question, answer_by: float) -> Answer:
        await asyncio.sleep(after_s)
        return Answer(tuple(cards), StillClock().now(), 0, 0, CacheState.MISS)

    return answer


class Cold:
    """A system with nothing in its cache."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask

    def fresh(self, question: Question) -> Answer | None:
        return None

    def begin(self, question: Question) -> asyncio.Task[Answer]:
        return asyncio.ensure_future(self._begun(question))

    async def _begun(self, question: Question) -> Answer:
        return await self._ask(question, 1e9)

    async def __call__(
        self, question: Question, answer_by: float, flight: asyncio.Task[Answer] | None = None
    ) -> Answer:
        return await (flight or self.begin(question))


async def merged(asks: dict[str, Asking], town: Hamlet | None, facts: ResourceFacts | None = None) -> Merged:
    async def no_search(_located: Located, _ruling: Ruling) -> Found:
        raise NotImplementedError

    clock = StillClock()
    cache = MemoryCache(bytes(32), clock)
    call = Call(
        action=Action.READ,
        subject=reader("anywhere"),
        query=CHEN,
        purpose="daily_service",
        request_id="r",
        session="s",
        answer_by=1e9,
    )
    located = Located(call, facts or ResourceFacts(), clock.today(), cache.question(CHEN))
    engine = Engine(ANYWHERE, PURPOSES, dict.fromkeys(SYSTEMS, FIELDS), "v1")
    ruling = Rulings(lambda: engine, tuple(asks)).of(located, Usage())
    step = merge({name: Cold(ask) for name, ask in asks.items()}, BASE, no_search, cache, clock)
    found = await step(located, ruling)
    return Merged(tuple(person for person, _ in found.rows), found.sources)


async def test_all_systems_are_asked_before_the_first_is_waited_for() -> None:
    everybody = asyncio.Barrier(len(SYSTEMS))

    async def together(question: Question, answer_by: float) -> Answer:
        await everybody.wait()
        return Answer((card(1),), StillClock().now(), 0, 0, CacheState.MISS)

    async with asyncio.timeout(5):
        assert len((await merged(dict.fromkeys(SYSTEMS, together), None)).people) == 1


text = st.sampled_from(["陈桂芳", "陈桂芬", "陈?芳"])
phone = st.sampled_from([None, "13800006021", "15900007740"])
box = st.lists(st.builds(lambda name, phone: card(1, name=name, phone=phone), text, phone), max_size=3)


@given(boxes=st.tuples(box, box, box), delays=st.permutations([0.0, 0.001, 0.002]), shuffle=st.randoms())
@settings(max_examples=40)
async def test_arrival_order_changes_nothing(
    boxes: tuple[list[Card], ...], delays: list[float], shuffle: Random
) -> None:
    held = dict(zip(SYSTEMS, boxes, strict=True))
    at_once = await merged({name: answering(cards) for name, cards in held.items()}, None)
    for cards in boxes:
        shuffle.shuffle(cards)
    late = await merged(
        {name: answering(cards, after) for (name, cards), after in zip(held.items(), delays, strict=True)},
        None,
    )
    assert late.people == at_once.people
    assert late.sources == at_once.sources
    assert list(late.sources) == list(at_once.sources)
