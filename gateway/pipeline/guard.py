"""guard: keep a slow or broken system from hurting us, and us from hurting it.

Fails closed: what it cannot answer in time is an error, and the merge step says so of that system alone.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from connectors.sdk import BadUpstreamData, Throttled, TimedOut, Unavailable, UpstreamError
from gateway.pipeline.fetch import SessionLost
from gateway.upstream.accounts import NOBODY
from gateway.upstream.bulkhead import Bulkhead
from gateway.upstream.reasons import Crowded, NotAsked

if TYPE_CHECKING:
    from connectors.sdk import Query, Record
    from gateway.clock import Clock
    from gateway.pipeline.step import Fetch
    from gateway.upstream.system import LineSystem

JITTER_S = (0.05, 0.15)
"""Added to every wait, so that callers who failed together do not come back together."""


def guard(fetch: Fetch, system: LineSystem, clock: Clock) -> Fetch:
    """Make the step.

    Bulkhead with a bounded queue, circuit breaker, one timeout over the wait and all tries, one retry. A
    system that asks to be left alone is left alone by everybody: whoever has the time waits, others are
    refused at once.
    """
    return _Guard(fetch, system, clock)


class _Guard:
    """The guard step of one system."""

    def __init__(self, fetch: Fetch, system: LineSystem, clock: Clock) -> None:
        """Take what :func:`guard` takes."""
        self._fetch = fetch
        self._clock = clock
        self._limits = system.limits
        self._health = system.health
        self._gate = system.gate
        self._breaker = system.breaker
        self._bulkhead = Bulkhead(system.limits.concurrency, system.limits.queue, system.health)

    async def __call__(self, query: Query, reader: str = NOBODY) -> list[Record]:
        """Ask, if the system is to be asked, and note how it went."""
        breaker, within_s = self._breaker, self._limits.timeout_of(query)
        # Before the breaker: that we ask too much, or may not ask now, says nothing of the system.
        self._gate.check_open()
        if self._bulkhead.full:
            raise Crowded("queue full")
        if breaker.held_s > within_s:
            raise Throttled(breaker.held_s)
        admission = breaker.admit()
        if admission is None:
            raise Unavailable("breaker open")
        try:
            records = await self._in_time(query, reader, within_s)
        except NotAsked:
            breaker.abandoned(admission)
            raise
        except (Unavailable, Throttled) as error:
            breaker.failed(admission)
            self._health.failed(self._clock.now(), error)
            raise
        except UpstreamError as error:
            # It answers, only not what we know: a matter for a person, not for the breaker.
            breaker.succeeded()
            self._health.failed(self._clock.now(), error)
            self._health.drifted = self._health.drifted or isinstance(error, BadUpstreamData)
            raise
        except BaseException:
            # Cancelled, or a defect of the connector: another probe must remain possible.
            breaker.abandoned(admission)
            raise
        breaker.succeeded()
        return records

    async def _in_time(self, query: Query, reader: str, within_s: float) -> list[Record]:
        clock = self._clock
        give_up = clock.monotonic() + within_s
        try:
            async with asyncio.timeout(within_s), self._bulkhead:
                started = clock.monotonic()
                records = await self._tried(query, reader, give_up)
        except TimeoutError:
            if self._gate.full:
                raise Crowded("the quota is used up for now") from None
            raise TimedOut("timeout") from None
        self._health.answered(clock.now(), clock.monotonic() - started)
        return records

    async def _tried(self, query: Query, reader: str, give_up: float) -> list[Record]:
        """Ask, and once more where that may help; all questions are reads."""
        await self._let_alone(give_up)
        try:
            return await self._asked(query, reader)
        except (SessionLost, NotAsked):
            raise
        except Throttled as error:
            if not self._limits.retry or error.retry_after_s is None:
                raise
            await self._let_alone(give_up)
        except Unavailable:
            if not self._limits.retry:
                raise
            await asyncio.sleep(_jitter_s())
        return await self._asked(query, reader)

    async def _asked(self, query: Query, reader: str) -> list[Record]:
        try:
            return await self._fetch(query, reader)
        except Throttled as error:
            self._breaker.hold(error.retry_after_s or 0.0)
            raise

    async def _let_alone(self, give_up: float) -> None:
        """Wait as long as the system has asked for; raises Throttled where that is longer than we may."""
        held_s = self._breaker.held_s
        if not held_s:
            return
        wait_s = held_s + _jitter_s()
        if self._clock.monotonic() + wait_s >= give_up:
            raise Throttled(held_s)
        await asyncio.sleep(wait_s)


def _jitter_s() -> float:
    return random.uniform(*JITTER_S)  # noqa: S311  # not a secret
