"""guard: deadline over all tries, one retry, a bounded queue, a breaker with one probe."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from connectors.sdk import (
    AuthRejected,
    BadUpstreamData,
    CaptchaRequired,
    FindHousehold,
    FindPerson,
    ListCohort,
    ListCommittee,
    Query,
    Record,
    Search,
    Throttled,
    TimedOut,
    Unavailable,
    UpstreamError,
)
from gateway.model import SourceState
from gateway.pipeline.fetch import SessionLost
from gateway.pipeline.guard import guard
from gateway.tasks import Tasks
from gateway.upstream.breaker import BreakerState
from gateway.upstream.system import LineSystem
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import HERE, Cards, card, citizen, line
from tests.unit.gateway.pipeline.hamlet import SYSTEMS, hamlet, reader

if TYPE_CHECKING:
    from gateway.pipeline.step import Fetch

QUERY = FindPerson(citizen(1))
FAILURES, OPEN_S = 3, 5.0


@dataclass
class System:
    """A fetch that fails as told, and the guard around it."""

    clock: StillClock
    tasks: Tasks
    limits: dict[str, Any]
    line: LineSystem = field(init=False)
    step: Fetch = field(init=False)
    asked: int = 0
    active: int = 0
    most_at_once: int = 0
    errors: list[BaseException | None] = field(default_factory=list)
    """What the next tries raise; None answers."""
    always: BaseException | None = None
    open: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.open.set()
        given = {"failures": FAILURES, "open_s": OPEN_S, "retry": False} | self.limits
        self.line = line("household", Cards(), self.clock, self.tasks, **given)
        self.step = guard(self.fetch, self.line, self.clock)

    async def fetch(self, query: Query, reader: str = "") -> list[Record]:
        self.asked += 1
        self.active += 1
        self.most_at_once = max(self.most_at_once, self.active)
        try:
            await self.open.wait()
            error = self.errors.pop(0) if self.errors else self.always
            if error is not None:
                raise error
            return [card(1)]
        finally:
            self.active -= 1

    async def fails(self, kind: type[BaseException] = Unavailable, times: int = 1) -> None:
        for _ in range(times):
            with pytest.raises(kind):
                await self.step(QUERY)

    @property
    def state(self) -> BreakerState:
        return self.line.breaker.state


def limited(**limits: Any) -> System:
    return System(StillClock(), Tasks(), limits)


# ---- the deadline


async def test_a_slow_system_is_given_up_in_time() -> None:
    system = limited(timeout_s=0.05)
    system.open.clear()
    async with asyncio.timeout(1):
        await system.fails(TimedOut)
    assert system.active == 0, "the try was ended, not abandoned"


async def test_the_deadline_covers_both_tries_and_the_wait() -> None:
    system = limited(timeout_s=0.2, retry=True, concurrency=1)
    system.errors = [Unavailable()]

    async def slow(query: Query, reader: str = "") -> list[Record]:
        await asyncio.sleep(0.15)
        return await system.fetch(query)

    step = guard(slow, system.line, system.clock)
    with pytest.raises(TimedOut):
        await step(QUERY)
    system.open.clear()
    first = asyncio.ensure_future(guard(system.fetch, system.line, system.clock)(QUERY))
    second = asyncio.ensure_future(step(QUERY))
    assert {type(error) for error in await asyncio.gather(first, second, return_exceptions=True)} == {
        TimedOut
    }


async def test_who_waits_for_a_place_waits_no_longer_than_for_an_answer() -> None:
    system = limited(concurrency=1, timeout_s=0.05, list_timeout_s=5.0)
    system.open.clear()
    listing = asyncio.ensure_future(system.step(ListCommittee(HERE)))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await system.fails(TimedOut)
    assert system.asked == 1
    system.open.set()
    assert await listing


@pytest.mark.parametrize(
    ("query", "patient"),
    [
        (QUERY, False),
        (FindHousehold("H1"), False),
        (Search("陈", (HERE,), 20), False),
        (ListCommittee(HERE), True),
        (ListCohort(HERE, 90), True),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_lists_are_given_more_time(query: Query, patient: bool) -> None:
    system = limited(timeout_s=0.02, list_timeout_s=5.0)
    system.open.clear()
    asked = asyncio.ensure_future(system.step(query))
    await asyncio.wait([asked], timeout=0.1)
    assert asked.done() is not patient
    system.open.set()
    assert isinstance((await asyncio.gather(asked, return_exceptions=True))[0], list if patient else TimedOut)


# ---- the retry


async def test_a_failed_read_is_tried_once_more() -> None:
    system = limited(retry=True)
    system.errors = [Unavailable()]
    assert len(await system.step(QUERY)) == 1
    assert system.asked == 2
    assert system.line.health.last_failure is None, "the caller saw no failure"


async def test_there_is_one_retry_only() -> None:
    system = limited(retry=True)
    system.always = Unavailable()
    await system.fails()
    assert system.asked == 2


@pytest.mark.parametrize(
    "error",
    [AuthRejected(), BadUpstreamData(), CaptchaRequired(), Throttled(), SessionLost(), ZeroDivisionError()],
)
async def test_what_a_second_try_cannot_mend_is_not_tried_again(error: Exception) -> None:
    system = limited(retry=True)
    system.always = error
    await system.fails(type(error))
    assert system.asked == 1


async def test_the_retry_can_be_switched_off() -> None:
    system = limited(retry=False)
    system.always = Unavailable()
    await system.fails()
    assert system.asked == 1


# ---- a system that asks to be left alone


async def test_who_has_the_time_waits_as_long_as_the_system_asks() -> None:
    system = limited(retry=True, timeout_s=5.0)
    system.errors = [Throttled(0.2)]
    asked_at = asyncio.get_running_loop().time()
    assert await system.step(QUERY)
    assert asyncio.get_running_loop().time() - asked_at >= 0.2
    assert system.asked == 2


async def test_others_wait_with_them_and_do_not_ask_meanwhile() -> None:
    system = limited(retry=True, timeout_s=5.0)
    system.errors = [Throttled(0.1)]
    first = asyncio.ensure_future(system.step(QUERY))
    await asyncio.sleep(0.01)
    others = [asyncio.ensure_future(system.step(QUERY)) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert system.asked == 1
    assert all(await asyncio.gather(first, *others))


@pytest.mark.parametrize("retry", [True, False])
async def test_who_has_not_is_refused_until_then_and_the_system_is_not_asked(retry: bool) -> None:
    system = limited(retry=retry, timeout_s=1.0)
    system.errors = [Throttled(60)]
    async with asyncio.timeout(1):
        await system.fails(Throttled)
        await system.fails(Throttled, times=FAILURES * 2)
        system.clock.move(seconds=58)
        await system.fails(Throttled)
    assert system.asked == 1
    assert system.state is BreakerState.CLOSED, "that we would have to wait says nothing of the system"
    system.clock.move(seconds=2)
    assert await system.step(QUERY)


async def test_without_a_retry_nobody_asks_twice() -> None:
    system = limited(retry=False, timeout_s=5.0)
    system.errors = [Throttled(0.01)]
    await system.fails(Throttled)
    assert system.asked == 1


async def test_a_second_refusal_is_the_last() -> None:
    system = limited(retry=True, timeout_s=5.0)
    system.errors = [Throttled(0.01), Throttled(60)]
    await system.fails(Throttled)
    await system.fails(Throttled)
    assert system.asked == 2


async def test_a_wish_that_came_while_one_queued_counts() -> None:
    system = limited(retry=False, timeout_s=1.0, concurrency=1)
    system.errors = [Throttled(60)]
    ended = await asyncio.gather(*(system.step(QUERY) for _ in range(2)), return_exceptions=True)
    assert {type(error) for error in ended} == {Throttled}
    assert system.asked == 1


# ---- the breaker


async def test_a_system_that_does_not_answer_is_left_alone_for_a_while() -> None:
    system = limited()
    system.always = Unavailable()
    await system.fails(times=FAILURES)
    assert system.state is BreakerState.OPEN
    await system.fails()
    assert system.asked == FAILURES
    system.clock.move(seconds=OPEN_S - 0.1)
    await system.fails()
    assert system.asked == FAILURES


async def test_one_probe_finds_out_that_it_is_back() -> None:
    system = limited()
    system.errors = [Unavailable()] * FAILURES
    await system.fails(times=FAILURES)
    system.clock.move(seconds=OPEN_S)
    assert system.state is BreakerState.HALF_OPEN
    system.open.clear()
    probe = asyncio.ensure_future(system.step(QUERY))
    await asyncio.sleep(0)
    await system.fails(times=5)
    assert system.asked == FAILURES + 1, "one probe at a time"
    system.open.set()
    assert await probe
    assert system.line.breaker.state is BreakerState.CLOSED
    assert await system.step(QUERY)


async def test_a_failed_probe_opens_it_again() -> None:
    system = limited()
    system.always = Unavailable()
    await system.fails(times=FAILURES)
    system.clock.move(seconds=OPEN_S)
    await system.fails()
    assert system.state is BreakerState.OPEN
    assert system.asked == FAILURES + 1
    system.clock.move(seconds=OPEN_S)
    system.always = None
    assert await system.step(QUERY)


async def test_failures_must_follow_each_other() -> None:
    system = limited()
    system.errors = [*[Unavailable()] * (FAILURES - 1), None] * 2
    for _ in range(2):
        await system.fails(times=FAILURES - 1)
        assert await system.step(QUERY)
    assert system.state is BreakerState.CLOSED


@pytest.mark.parametrize("error", [Unavailable(), TimedOut(), Throttled()])
async def test_no_answer_counts(error: UpstreamError) -> None:
    system = limited()
    system.always = error
    await system.fails(type(error), times=FAILURES)
    assert system.state is BreakerState.OPEN


@pytest.mark.parametrize("error", [AuthRejected(), BadUpstreamData(), CaptchaRequired()])
async def test_a_strange_answer_is_an_answer(error: UpstreamError) -> None:
    system = limited()
    system.always = error
    await system.fails(type(error), times=FAILURES * 2)
    assert system.state is BreakerState.CLOSED
    assert system.asked == FAILURES * 2


async def test_a_cancelled_probe_leaves_room_for_another() -> None:
    system = limited()
    system.errors = [Unavailable()] * FAILURES
    await system.fails(times=FAILURES)
    system.clock.move(seconds=OPEN_S)
    system.open.clear()
    probe = asyncio.ensure_future(system.step(QUERY))
    await asyncio.sleep(0)
    probe.cancel()
    await asyncio.wait([probe])
    system.open.set()
    assert await system.step(QUERY)
    assert system.state is BreakerState.CLOSED


async def test_a_probe_that_meets_a_defect_leaves_room_for_another() -> None:
    system = limited()
    system.errors = [*[Unavailable()] * FAILURES, ZeroDivisionError()]
    await system.fails(times=FAILURES)
    system.clock.move(seconds=OPEN_S)
    await system.fails(ZeroDivisionError)
    assert await system.step(QUERY)


async def test_a_straggler_neither_prolongs_nor_doubles_the_probe() -> None:
    system = limited()
    system.open.clear()
    straggler = asyncio.ensure_future(system.step(QUERY))
    await asyncio.sleep(0)
    quick = guard(failing, system.line, system.clock)
    for _ in range(FAILURES):
        with pytest.raises(Unavailable):
            await quick(QUERY)
    system.clock.move(seconds=OPEN_S)
    probe = asyncio.ensure_future(system.step(QUERY))
    await asyncio.sleep(0)
    straggler.cancel()
    await asyncio.wait([straggler])
    await system.fails(times=3)
    assert system.asked == 2, "the straggler and one probe"
    system.open.set()
    assert await probe


async def failing(query: Query, reader: str = "") -> list[Record]:
    raise Unavailable


# ---- the bulkhead


async def test_so_many_calls_at_once_and_no_more() -> None:
    system = limited(concurrency=3, queue=20)
    system.open.clear()
    callers = [asyncio.ensure_future(system.step(QUERY)) for _ in range(20)]
    await asyncio.sleep(0.01)
    health = system.line.health
    assert (health.active, health.waiting) == (3, 17)
    system.open.set()
    await asyncio.gather(*callers)
    assert system.most_at_once == 3
    assert (health.active, health.waiting) == (0, 0)


async def test_a_full_queue_refuses_at_once_and_says_nothing_of_the_system() -> None:
    system = limited(concurrency=1, queue=2)
    system.open.clear()
    callers = [asyncio.ensure_future(system.step(QUERY)) for _ in range(3)]
    await asyncio.sleep(0)
    async with asyncio.timeout(0.5):
        await system.fails(times=FAILURES * 2)
    assert system.state is BreakerState.CLOSED
    system.open.set()
    assert all(await asyncio.gather(*callers))


async def test_without_a_queue_there_is_room_still() -> None:
    system = limited(concurrency=1, queue=0)
    assert await system.step(QUERY)
    system.open.clear()
    first = asyncio.ensure_future(system.step(QUERY))
    await asyncio.sleep(0)
    await system.fails()
    system.open.set()
    assert await first


async def test_whoever_leaves_the_queue_leaves_no_gap() -> None:
    system = limited(concurrency=1, queue=5)
    system.open.clear()
    callers = [asyncio.ensure_future(system.step(QUERY)) for _ in range(4)]
    await asyncio.sleep(0)
    for caller in callers[:3]:
        caller.cancel()
    await asyncio.wait(callers[:3])
    system.open.set()
    assert await callers[3]
    assert (system.line.health.active, system.line.health.waiting) == (0, 0)


# ---- what is seen of it


async def test_health_tells_the_last_of_both() -> None:
    system = limited()
    system.errors = [BadUpstreamData("not ours"), None]
    await system.fails(BadUpstreamData)
    health = system.line.health
    assert (health.last_failure, health.last_error, health.drifted) == (
        system.clock.now(),
        "BadUpstreamData",
        True,
    )
    assert (health.last_success, health.latency_ms) == (None, None)
    await system.step(QUERY)
    assert (health.last_success, health.latency_ms, health.drifted) == (system.clock.now(), 0.0, False)


async def test_one_hung_system_costs_the_others_nothing(tmp_path: Path) -> None:
    """In the whole pipeline: after a few failures the hung system is not waited for any more."""
    cards = [[card(number) for number in range(1, 9)] for _ in SYSTEMS]
    limits = {"relief": {"timeout_s": 0.05, "retry": False, "failures": 2}}
    async with hamlet(tmp_path, *cards, limits=limits) as town:
        town.relief.open.clear()
        states = [
            (await town.ask(FindPerson(citizen(number)), subject=reader(account=f"reader{number}")))
            .sources["relief"]
            .status
            for number in (1, 2, 3)
        ]
        assert states == [SourceState.TIMEOUT, SourceState.TIMEOUT, SourceState.UNAVAILABLE]
        town.relief.open.set()
        town.clock.move(seconds=5)
        outcome = await town.ask(FindPerson(citizen(4)), subject=reader(account="reader4"))
        assert outcome.sources["relief"].status is SourceState.OK


async def test_a_system_that_stumbles_once_is_asked_again(tmp_path: Path) -> None:
    async with hamlet(tmp_path, [card(1)], [card(1)], [card(1)]) as town:
        town.elderly.replies = [httpx.Response(503)]
        outcome = await town.ask(QUERY)
    assert outcome.sources["elderly"].status is SourceState.OK
    assert town.elderly.asked == ["FindPerson"] * 2
