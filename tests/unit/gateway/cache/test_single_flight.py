import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from gateway.cache.single_flight import SingleFlight, arrive
from gateway.tasks import Tasks


class Work:
    """Counts how often it is begun; ends when told."""

    def __init__(self) -> None:
        self.begun = 0
        self.end = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self) -> int:
        self.begun += 1
        number = self.begun
        await self.end.wait()
        if self.error:
            raise self.error
        return number


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    await tasks.close()


@pytest.fixture
def flights(tasks: Tasks) -> SingleFlight[int]:
    return SingleFlight(tasks, "test")


async def test_who_comes_while_it_runs_shares_it(flights: SingleFlight[int]) -> None:
    work = Work()
    callers = [asyncio.ensure_future(arrive(flights.join("a", work), 5)) for _ in range(100)]
    await asyncio.sleep(0)
    work.end.set()
    assert set(await asyncio.gather(*callers)) == {1}
    assert work.begun == 1


async def test_who_comes_after_it_begins_anew(flights: SingleFlight[int]) -> None:
    work = Work()
    work.end.set()
    assert [await arrive(flights.join("a", work), 5) for _ in range(3)] == [1, 2, 3]


async def test_keys_do_not_wait_for_each_other(flights: SingleFlight[int]) -> None:
    slow, quick = Work(), Work()
    quick.end.set()
    waiting = flights.join("slow", slow)
    assert await arrive(flights.join("quick", quick), 5) == 1
    assert not waiting.done()


async def test_it_goes_on_when_the_caller_leaves(flights: SingleFlight[int]) -> None:
    work = Work()
    caller = asyncio.ensure_future(arrive(flights.join("a", work), 5))
    await asyncio.sleep(0)
    caller.cancel()
    await asyncio.wait([caller])
    second = asyncio.ensure_future(arrive(flights.join("a", work), 5))
    await asyncio.sleep(0)
    work.end.set()
    assert await second == 1


async def test_everybody_gets_the_same_failure_and_the_next_one_a_new_try(flights: SingleFlight[int]) -> None:
    work = Work()
    work.error = ValueError("no")
    callers = [asyncio.ensure_future(arrive(flights.join("a", work), 5)) for _ in range(3)]
    await asyncio.sleep(0)
    work.end.set()
    assert {type(error) for error in await asyncio.gather(*callers, return_exceptions=True)} == {ValueError}
    work.error = None
    assert await arrive(flights.join("a", work), 5) == 2


@pytest.mark.parametrize("within_s", [0.05, 0.0, -1.0])
async def test_nobody_waits_longer_than_they_can(flights: SingleFlight[int], within_s: float) -> None:
    work = Work()
    flight = flights.join("a", work)
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        await arrive(flight, within_s)
    assert time.monotonic() - started < 1
    assert not flight.done()
    work.end.set()
    assert await arrive(flight, 5) == 1


async def test_what_is_done_needs_no_time(flights: SingleFlight[int]) -> None:
    work = Work()
    work.end.set()
    flight = flights.join("a", work)
    await flight
    assert await arrive(flight, -5) == 1
