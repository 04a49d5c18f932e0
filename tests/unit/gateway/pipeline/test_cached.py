"""cached: one fetch for many, fresh while fresh, stale when it must, late answers kept."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    FindHousehold,
    FindPerson,
    ListCohort,
    ListCommittee,
    Query,
    Record,
    Search,
    TimedOut,
    Unavailable,
    UpstreamError,
)
from gateway.cache.memory import Answer, MemoryCache
from gateway.cache.purge import Purge
from gateway.model import CacheState
from gateway.pipeline.cached import LIST_TTL_S, REFRESHING, cached
from gateway.pipeline.step import Ask
from gateway.tasks import Tasks
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, CardConnector, Cards, card, citizen, line

QUERY = FindPerson(citizen(1))
TTL_S, STALE_S = 300.0, 3600.0


class Quick(CardConnector):
    manifest = replace(CardConnector.manifest, ttl_s={FindPerson: 5.0})


@dataclass
class Source:
    """A fetch that can be slow, broken or empty, and the step around it."""

    clock: StillClock
    tasks: Tasks
    ask: Ask = field(init=False)
    cache: MemoryCache = field(init=False)
    asked: list[Query] = field(default_factory=list)
    held: list[Record] = field(default_factory=lambda: [card(1)])
    error: BaseException | None = None
    limits: dict[str, Any] = field(default_factory=dict)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()
        limits = {"ttl_s": TTL_S, "stale_s": STALE_S, **self.limits}
        system = line("household", Cards(), self.clock, self.tasks, **limits)
        self.cache = MemoryCache(bytes(32), self.clock)
        self.ask = cached(self.fetch, system, self.cache, self.clock, self.tasks)

    async def fetch(self, query: Query, reader: str = "") -> list[Record]:
        self.asked.append(query)
        await self.open.wait()
        if self.error:
            raise self.error
        return list(self.held)

    def fresh(self, query: Query) -> Answer | None:
        return self.ask.fresh(self.cache.question(query))

    async def answer(self, query: Query = QUERY, within_s: float = 5.0) -> Answer:
        return await self.ask(self.cache.question(query), self.clock.monotonic() + within_s)


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    tasks = Tasks()
    yield Source(StillClock(), tasks)
    await tasks.close()


# ---- fresh


async def test_a_fresh_answer_is_not_fetched_again(source: Source) -> None:
    first = await source.answer()
    source.clock.move(seconds=TTL_S - 1)
    second = await source.answer()
    assert (first.cache, second.cache) == (CacheState.MISS, CacheState.HIT)
    assert first.records == second.records == tuple(source.held)
    assert (second.version, second.as_of) == (first.version, first.as_of)
    assert len(source.asked) == 1


async def test_an_old_answer_is_fetched_again(source: Source) -> None:
    first = await source.answer()
    source.clock.move(seconds=TTL_S)
    source.held = [card(1, name="陈改名")]
    second = await source.answer()
    assert second.cache is CacheState.MISS
    assert second.records == tuple(source.held)
    assert second.version != first.version
    assert second.as_of - first.as_of == timedelta(seconds=TTL_S)


async def test_that_nobody_was_found_is_kept_as_long(source: Source) -> None:
    source.held = []
    assert (await source.answer()).records == ()
    source.clock.move(seconds=TTL_S - 1)
    assert (await source.answer()).cache is CacheState.HIT
    assert len(source.asked) == 1


@pytest.mark.parametrize(
    ("query", "ttl_s"),
    [
        (QUERY, TTL_S),
        (FindHousehold("H1"), TTL_S),
        (Search("陈", (HERE,), 20), TTL_S),
        (ListCommittee(HERE), LIST_TTL_S),
        (ListCohort(HERE, 90), LIST_TTL_S),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_lists_stay_fresh_for_longer(source: Source, query: Query, ttl_s: float) -> None:
    await source.answer(query)
    source.clock.move(seconds=ttl_s - 1)
    assert (await source.answer(query)).cache is CacheState.HIT
    source.clock.move(seconds=1)
    assert (await source.answer(query)).cache is CacheState.MISS


async def test_the_manifest_has_the_first_word_on_freshness() -> None:
    tasks, clock = Tasks(), StillClock()
    system = line("household", Cards(), clock, tasks, Quick, ttl_s=TTL_S)
    asked: list[Query] = []

    async def fetch(query: Query, reader: str = "") -> list[Record]:
        asked.append(query)
        return []

    cache = MemoryCache(bytes(32), clock)
    ask = cached(fetch, system, cache, clock, tasks)
    await ask(cache.question(QUERY), clock.monotonic() + 1)
    clock.move(seconds=5)
    await ask(cache.question(QUERY), clock.monotonic() + 1)
    assert len(asked) == 2
    await tasks.close()


async def test_the_operators_word_goes_before_the_manifests_but_for_lists() -> None:
    tasks, clock = Tasks(), StillClock()
    system = line("household", Cards(), clock, tasks, Quick, ttl_s=TTL_S, configured_ttl_s=60.0)
    asked: list[Query] = []

    async def fetch(query: Query, reader: str = "") -> list[Record]:
        asked.append(query)
        return []

    cache = MemoryCache(bytes(32), clock)
    ask = cached(fetch, system, cache, clock, tasks)
    for query in (QUERY, ListCommittee(HERE)):
        await ask(cache.question(query), clock.monotonic() + 1)
    clock.move(seconds=59)
    await ask(cache.question(QUERY), clock.monotonic() + 1)
    assert len(asked) == 2
    clock.move(seconds=1)
    for query in (QUERY, ListCommittee(HERE)):
        await ask(cache.question(query), clock.monotonic() + 1)
    assert asked[2:] == [QUERY]
    await tasks.close()


async def test_what_is_fresh_can_be_had_without_asking(source: Source) -> None:
    assert source.fresh(QUERY) is None
    assert source.asked == []
    answer = await source.answer()
    assert source.fresh(QUERY) == replace(answer, cache=CacheState.HIT)
    assert source.fresh(FindPerson(citizen(2))) is None
    source.clock.move(seconds=TTL_S)
    assert source.fresh(QUERY) is None


# ---- one flight


async def test_a_hundred_callers_make_one_fetch(source: Source) -> None:
    source.open.clear()
    callers = [asyncio.ensure_future(source.answer()) for _ in range(100)]
    await asyncio.sleep(0)
    source.open.set()
    answers = await asyncio.gather(*callers)
    assert len(source.asked) == 1
    assert {answer.version for answer in answers} == {answers[0].version}


async def test_the_first_caller_may_leave(source: Source) -> None:
    source.open.clear()
    first, second = (asyncio.ensure_future(source.answer()) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    source.open.set()
    assert (await second).records == tuple(source.held)
    assert first.cancelled()
    assert len(source.asked) == 1


async def test_a_failed_fetch_fails_all_who_waited_and_nobody_after(source: Source) -> None:
    source.error = Unavailable("down")
    failed = await asyncio.gather(*(source.answer() for _ in range(10)), return_exceptions=True)
    assert {type(error) for error in failed} == {Unavailable}
    assert len(source.asked) == 1
    source.error = None
    assert (await source.answer()).cache is CacheState.MISS


async def test_different_questions_do_not_wait_for_each_other(source: Source) -> None:
    source.open.clear()
    slow = asyncio.ensure_future(source.answer())
    await asyncio.sleep(0)
    source.open.set()
    await source.answer(FindPerson(citizen(2)))
    await slow
    assert len(source.asked) == 2


async def test_what_is_begun_is_under_way_and_asked_once(source: Source) -> None:
    question = source.cache.question(QUERY)
    flight = source.ask.begin(question)
    assert source.ask.begin(question) is flight
    await asyncio.wait({flight})
    answer = await source.ask(question, source.clock.monotonic() + 5, flight)
    assert (answer.cache, len(source.asked)) == (CacheState.MISS, 1)


async def test_what_failed_before_it_was_waited_for_is_not_asked_again(source: Source) -> None:
    source.error = Unavailable("down")
    question = source.cache.question(QUERY)
    flight = source.ask.begin(question)
    await asyncio.wait({flight})
    with pytest.raises(Unavailable):
        await source.ask(question, source.clock.monotonic() + 5, flight)
    assert len(source.asked) == 1


# ---- the answer deadline


async def test_at_the_deadline_the_caller_goes_and_the_late_answer_is_kept(source: Source) -> None:
    source.open.clear()
    with pytest.raises(TimedOut):
        await source.answer(within_s=0.02)
    source.open.set()
    await asyncio.sleep(0.02)
    late = await source.answer(within_s=0)
    assert late.cache is CacheState.HIT
    assert len(source.asked) == 1


async def test_a_caller_past_the_deadline_still_gets_what_is_kept(source: Source) -> None:
    await source.answer()
    assert (await source.answer(within_s=-5)).cache is CacheState.HIT


async def test_who_joins_late_waits_for_the_same_fetch(source: Source) -> None:
    source.open.clear()
    with pytest.raises(TimedOut):
        await source.answer(within_s=0.01)
    second = asyncio.ensure_future(source.answer())
    await asyncio.sleep(0.01)
    source.open.set()
    assert (await second).records
    assert len(source.asked) == 1


# ---- stale


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (Unavailable(), "unavailable"),
        (TimedOut(), "timeout"),
        (BadUpstreamData(), "drifted"),
        (AuthRejected(), "needs_attention"),
    ],
)
async def test_old_data_stand_in_for_a_system_that_fails(
    source: Source, error: UpstreamError, detail: str
) -> None:
    first = await source.answer()
    source.clock.move(seconds=TTL_S + STALE_S - 1)
    source.error = error
    stale = await source.answer()
    assert (stale.cache, stale.detail) == (CacheState.STALE, detail)
    assert (stale.records, stale.as_of, stale.version) == (first.records, first.as_of, first.version)


async def test_old_data_stand_in_at_the_deadline(source: Source) -> None:
    await source.answer()
    source.clock.move(seconds=TTL_S)
    source.open.clear()
    stale = await source.answer(within_s=0.02)
    assert (stale.cache, stale.detail) == (CacheState.STALE, "timeout")


async def test_data_may_be_too_old_to_stand_in(source: Source) -> None:
    await source.answer()
    source.clock.move(seconds=TTL_S + STALE_S)
    source.error = Unavailable()
    with pytest.raises(Unavailable):
        await source.answer()


async def test_the_system_is_asked_again_while_old_data_stand_in(source: Source) -> None:
    await source.answer()
    source.clock.move(seconds=TTL_S)
    source.error = Unavailable()
    await source.answer()
    source.error = None
    assert (await source.answer()).cache is CacheState.MISS
    assert len(source.asked) == 3


async def test_a_defect_of_ours_is_no_reason_for_old_data(source: Source) -> None:
    await source.answer()
    source.clock.move(seconds=TTL_S)
    source.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await source.answer()


# ---- refreshed behind the reader's back


@pytest.fixture
async def lively() -> AsyncIterator[Source]:
    tasks = Tasks()
    yield Source(StillClock(), tasks, limits={"revalidate_s": 60.0, "missing_ttl_s": 7.0})
    await tasks.close()


async def test_old_data_go_out_at_once_while_the_system_is_asked_anew(lively: Source) -> None:
    first = await lively.answer()
    lively.clock.move(seconds=TTL_S)
    lively.open.clear()
    for _ in range(100):
        stale = await lively.answer(within_s=0)
        assert (stale.cache, stale.detail) == (CacheState.STALE, REFRESHING)
        assert (stale.version, stale.as_of) == (first.version, first.as_of)
    await asyncio.sleep(0)
    assert len(lively.asked) == 2
    lively.held = [card(1, name="陈改名")]
    lively.open.set()
    await asyncio.wait({lively.ask.begin(lively.cache.question(QUERY))})
    newer = await lively.answer(within_s=0)
    assert (newer.cache, newer.records) == (CacheState.HIT, tuple(lively.held))
    assert len(lively.asked) == 2


async def test_data_too_old_for_that_are_waited_for(lively: Source) -> None:
    await lively.answer()
    lively.clock.move(seconds=TTL_S + 60)
    assert (await lively.answer()).cache is CacheState.MISS


async def test_a_refresh_that_fails_leaves_old_data_standing(lively: Source) -> None:
    await lively.answer()
    lively.clock.move(seconds=TTL_S)
    lively.error = Unavailable()
    for _ in range(3):
        assert (await lively.answer()).detail == REFRESHING
        await asyncio.sleep(0.01)
    lively.clock.move(seconds=60)
    assert (await lively.answer()).detail == "unavailable"


async def test_that_nobody_was_found_can_be_forgotten_sooner(lively: Source) -> None:
    lively.held = []
    assert (await lively.answer()).records == ()
    lively.clock.move(seconds=6.9)
    assert (await lively.answer()).cache is CacheState.HIT
    lively.clock.move(seconds=70)
    lively.held = [card(1)]
    assert (await lively.answer()).records == tuple(lively.held)


# ---- purged meanwhile


@pytest.mark.parametrize(
    "purge", [Purge.of(citizen(1)), Purge(system="household"), Purge(committees=(HERE,)), Purge()]
)
async def test_what_was_asked_before_a_purge_is_not_kept(source: Source, purge: Purge) -> None:
    source.open.clear()
    before = asyncio.ensure_future(source.answer())
    await asyncio.sleep(0)
    source.cache.purge(purge)
    source.open.set()
    assert (await before).records == tuple(source.held)
    assert source.fresh(QUERY) is None
    assert (await source.answer()).cache is CacheState.MISS


async def test_who_asks_after_a_purge_does_not_wait_for_what_was_asked_before(source: Source) -> None:
    source.open.clear()
    before = asyncio.ensure_future(source.answer())
    await asyncio.sleep(0.01)
    source.cache.purge(Purge.of(citizen(1)))
    after = [asyncio.ensure_future(source.answer()) for _ in range(10)]
    await asyncio.sleep(0.01)
    assert len(source.asked) == 2
    source.open.set()
    answers = await asyncio.gather(*after)
    assert {answer.version for answer in answers} == {answers[0].version}
    assert answers[0].version != (await before).version
    kept = source.fresh(QUERY)
    assert kept is not None
    assert kept.version == answers[0].version


@pytest.mark.parametrize(
    ("query", "purge"),
    [
        (QUERY, Purge.of(citizen(2))),
        (QUERY, Purge(system="elderly")),
        (ListCommittee(HERE), Purge.of(citizen(2))),
        (ListCommittee(HERE), Purge(committees=("319999002001",))),
    ],
)
async def test_a_purge_of_something_else_is_no_matter(source: Source, query: Query, purge: Purge) -> None:
    source.open.clear()
    asking = asyncio.ensure_future(source.answer(query))
    await asyncio.sleep(0)
    source.cache.purge(purge)
    source.open.set()
    await asking
    assert source.fresh(query) is not None


async def test_a_list_that_holds_a_purged_person_is_not_kept(source: Source) -> None:
    source.open.clear()
    asking = asyncio.ensure_future(source.answer(ListCommittee(HERE)))
    await asyncio.sleep(0)
    source.cache.purge(Purge.of(citizen(1)))
    source.open.set()
    await asking
    assert source.fresh(ListCommittee(HERE)) is None


# ---- counted


async def test_hits_misses_and_stale_answers_are_counted(source: Source) -> None:
    await source.answer()
    await source.answer()
    source.clock.move(seconds=TTL_S)
    source.error = Unavailable()
    await source.answer()
    counts = source.cache.counts
    assert (counts.hits(), counts.misses, counts.stale) == (
        {"household": 1},
        {"household": 1},
        {"household": 1},
    )


# ---- whose answer it is


class Newer(CardConnector):
    manifest = replace(CardConnector.manifest, version="next")


async def test_an_answer_is_one_systems_to_one_account_by_one_version() -> None:
    tasks, clock = Tasks(), StillClock()
    cache = MemoryCache(bytes(32), clock)
    first, other = (line(name, Cards(), clock, tasks) for name in ("household", "elderly"))
    newer = line("household", Cards(), clock, tasks, Newer)
    theirs = line("household", Cards(), clock, tasks)
    theirs.account.entitlement = "another"
    asked: list[Query] = []

    async def fetch(query: Query, reader: str = "") -> list[Record]:
        asked.append(query)
        return []

    for system in (first, other, newer, theirs):
        ask = cached(fetch, system, cache, clock, tasks)
        assert ask.fresh(cache.question(QUERY)) is None
        await ask(cache.question(QUERY), clock.monotonic() + 1)
        assert ask.fresh(cache.question(QUERY)) is not None
    assert len(asked) == 4
    await tasks.close()
