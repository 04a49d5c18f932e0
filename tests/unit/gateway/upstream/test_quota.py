"""Quotas, measured where they hurt: at the system, by its own clock."""

import asyncio
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from connectors.sdk import Unavailable
from gateway.settings import Window
from gateway.upstream.gate import Gate
from gateway.upstream.quota import PerDay, PerSecond
from gateway.upstream.reasons import Crowded, InMaintenance
from gateway.upstream.repository import UpstreamRepository
from tests.unit.gateway.clock import StillClock

REQUEST = httpx.Request("GET", "http://line.test/")


class Meter:
    """A system that notes when requests reach it, some late and some at once."""

    def __init__(self, delay_s: float = 0.0) -> None:
        self.at: list[float] = []
        self._delay_s = delay_s
        self._noise = random.Random(4)

    async def send(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(self._noise.random() * self._delay_s)
        self.at.append(time.monotonic())
        await asyncio.sleep(self._noise.random() * self._delay_s)
        return httpx.Response(200, request=request)

    def most_in(self, seconds: float) -> int:
        arrived = sorted(self.at)
        return max(sum(0 <= later - first < seconds for later in arrived) for first in arrived)


async def test_no_second_sees_more_than_the_quota(still: StillClock) -> None:
    meter = Meter(delay_s=0.3)
    gate = Gate(meter.send, still, per_second=PerSecond(5))
    await asyncio.gather(*(gate.send(REQUEST) for _ in range(14)))
    assert len(meter.at) == 14
    assert meter.most_in(0.999) <= 5


async def test_a_call_that_is_given_up_counts_as_made(still: StillClock) -> None:
    meter = Meter(delay_s=0.2)
    gate = Gate(meter.send, still, per_second=PerSecond(2))
    calls = [asyncio.ensure_future(gate.send(REQUEST)) for _ in range(6)]
    await asyncio.sleep(0.05)
    for call in calls[:2]:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    assert meter.most_in(0.999) <= 2


async def test_whether_one_more_would_have_to_wait(still: StillClock) -> None:
    gate = Gate(Meter().send, still, per_second=PerSecond(1))
    assert not gate.full
    await gate.send(REQUEST)
    assert gate.full


# ---- by the day


async def used_up(quota: PerDay) -> int:
    """Take all that is left; return how much it was."""
    for taken in range(10_000):
        try:
            await quota.take()
        except Crowded:
            return taken
    raise AssertionError("no end")


@pytest.mark.parametrize("limit", [1, 7, 100, 1234])
async def test_a_day_has_so_many_calls_and_the_next_as_many(
    still: StillClock, repository: UpstreamRepository, limit: int
) -> None:
    quota = PerDay("line", limit, repository, still)
    assert await used_up(quota) == limit
    assert await used_up(quota) == 0
    still.move(days=1)
    assert await used_up(quota) == limit


async def test_processes_and_restarts_share_a_day(still: StillClock, repository: UpstreamRepository) -> None:
    quotas = [PerDay("line", 250, repository, still) for _ in range(3)]
    assert sum(await asyncio.gather(*(used_up(quota) for quota in quotas))) == 250
    assert await used_up(PerDay("line", 250, repository, still)) == 0
    assert await used_up(PerDay("other", 250, repository, still)) == 250


async def test_a_killed_process_loses_a_hundredth_at_most_and_never_gains(
    still: StillClock, repository: UpstreamRepository
) -> None:
    taken = 0
    for _ in range(5):
        killed = PerDay("line", 1000, repository, still)
        for _ in range(3):
            await killed.take()
            taken += 1
    taken += await used_up(PerDay("line", 1000, repository, still))
    assert 1000 - 5 * 10 <= taken <= 1000


async def test_callers_at_once_take_each_call_once(still: StillClock, repository: UpstreamRepository) -> None:
    quota = PerDay("line", 150, repository, still)
    ended = await asyncio.gather(*(quota.take() for _ in range(400)), return_exceptions=True)
    assert sum(one is None for one in ended) == 150
    assert sum(isinstance(one, Crowded) for one in ended) == 250


async def test_without_the_store_nothing_is_sent(
    still: StillClock, repository: UpstreamRepository, tmp_path: Path
) -> None:
    meter = Meter()
    gate = Gate(meter.send, still, per_day=PerDay("line", 10, repository, still))
    with closing(sqlite3.connect(tmp_path / "state.db")) as db:
        db.execute("DROP TABLE upstream_system")
        db.commit()
    with pytest.raises(Unavailable):
        await gate.send(REQUEST)
    assert meter.at == []


# ---- maintenance


async def test_nothing_is_sent_in_a_window(still: StillClock) -> None:
    meter = Meter()
    gate = Gate(meter.send, still, (Window.parse("08:00-08:30"),))
    with pytest.raises(InMaintenance) as closed:
        await gate.send(REQUEST)
    assert f"{closed.value.until:%H:%M}" == "08:30"
    assert meter.at == []
    still.move(minutes=18)
    assert (await gate.send(REQUEST)).status_code == 200


async def test_who_waited_into_a_window_is_not_sent(still: StillClock) -> None:
    meter = Meter()
    gate = Gate(meter.send, still, (Window.parse("08:13-09:00"),), PerSecond(1))
    await gate.send(REQUEST)
    waiting = asyncio.ensure_future(gate.send(REQUEST))
    await asyncio.sleep(0)
    still.move(minutes=5)
    with pytest.raises(InMaintenance):
        await waiting
    assert len(meter.at) == 1
