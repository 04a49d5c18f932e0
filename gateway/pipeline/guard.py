"""guard: keep a slow or broken system from hurting us, and us from hurting it.

Fails closed: what it cannot answer in time is an error, and the merge step says so of that system alone.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from connectors.sdk import (
    BadUpstreamData,
    FindHousehold,
    FindPerson,
    Throttled,
    TimedOut,
    Unavailable,
    UpstreamError,
)

if TYPE_CHECKING:
    from connectors.sdk import Query, Record
    from gateway.clock import Clock
    from gateway.pipeline.step import Fetch
    from gateway.upstream.system import LineSystem

RETRY_AFTER_S = (0.05, 0.15)
"""Jitter before the one retry, so that callers who failed together do not come back together."""


def guard(fetch: Fetch, system: LineSystem, clock: Clock) -> Fetch:
    """Make the step: circuit breaker, bulkhead with a bounded queue, timeout over all tries, one retry of a read."""
    room = asyncio.Semaphore(system.limits.concurrency)
    limits, health, breaker = system.limits, system.health, system.breaker

    async def step(query: Query) -> list[Record]:
        if not breaker.admit():
            msg = "breaker open"
            raise Unavailable(msg)
        try:
            records = await admitted(query)
        except (Unavailable, Throttled) as error:
            breaker.failed()
            note_failure(error)
            raise
        except UpstreamError as error:
            # It answers, only not what we know: a matter for a person, not for the breaker.
            breaker.succeeded()
            health.drifted = health.drifted or isinstance(error, BadUpstreamData)
            note_failure(error)
            raise
        except asyncio.CancelledError:
            breaker.abandoned()
            raise
        breaker.succeeded()
        return records

    async def admitted(query: Query) -> list[Record]:
        if health.waiting >= limits.queue:
            msg = "queue full"
            raise Unavailable(msg)
        single = isinstance(query, FindPerson | FindHousehold)
        try:
            async with asyncio.timeout(limits.timeout_s if single else limits.list_timeout_s):
                return await in_turn(query)
        except TimeoutError:
            msg = "timeout"
            raise TimedOut(msg) from None

    async def in_turn(query: Query) -> list[Record]:
        health.waiting += 1
        try:
            await room.acquire()
        finally:
            health.waiting -= 1
        health.active += 1
        started = clock.monotonic()
        try:
            records = await tried(query)
        finally:
            health.active -= 1
            room.release()
        health.last_success = clock.now()
        health.latency_ms = round((clock.monotonic() - started) * 1000, 1)
        health.drifted = False
        return records

    async def tried(query: Query) -> list[Record]:
        try:
            return await fetch(query)
        except Unavailable:
            if not limits.retry:
                raise
        await asyncio.sleep(random.uniform(*RETRY_AFTER_S))  # noqa: S311  # jitter, not a secret
        return await fetch(query)

    def note_failure(error: UpstreamError) -> None:
        health.last_failure = clock.now()
        health.last_error = type(error).__name__

    return step
