"""guard: keep a slow or broken system from hurting us, and us from hurting it.

Fails closed: what it cannot answer in time is an error, and the merge step says so of that system alone.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from connectors.sdk import BadUpstreamData, Throttled, TimedOut, Unavailable, UpstreamError
from gateway.upstream.bulkhead import Bulkhead

if TYPE_CHECKING:
    from connectors.sdk import Query, Record
    from gateway.clock import Clock
    from gateway.pipeline.step import Fetch
    from gateway.upstream.system import LineSystem

RETRY_AFTER_S = (0.05, 0.15)
"""Jitter before the one retry, so that callers who failed together do not come back together."""


def guard(fetch: Fetch, system: LineSystem, clock: Clock) -> Fetch:
    """Make the step.

    Bulkhead with a bounded queue, circuit breaker, one timeout over the wait and all tries, one retry.
    """
    limits, health, breaker = system.limits, system.health, system.breaker
    bulkhead = Bulkhead(limits.concurrency, limits.queue, health)
    tried = twice(fetch) if limits.retry else fetch

    async def step(query: Query) -> list[Record]:
        if bulkhead.full:
            # Before the breaker: that we ask too much says nothing of the system.
            raise Unavailable("queue full")
        admission = breaker.admit()
        if admission is None:
            raise Unavailable("breaker open")
        try:
            records = await in_time(query)
        except (Unavailable, Throttled) as error:
            breaker.failed(admission)
            health.failed(clock.now(), error)
            raise
        except UpstreamError as error:
            # It answers, only not what we know: a matter for a person, not for the breaker.
            breaker.succeeded()
            health.failed(clock.now(), error)
            health.drifted = health.drifted or isinstance(error, BadUpstreamData)
            raise
        except BaseException:
            # Cancelled, or a defect of the connector: another probe must remain possible.
            breaker.abandoned(admission)
            raise
        breaker.succeeded()
        return records

    async def in_time(query: Query) -> list[Record]:
        try:
            async with asyncio.timeout(limits.timeout_of(query)), bulkhead:
                started = clock.monotonic()
                records = await tried(query)
        except TimeoutError:
            raise TimedOut("timeout") from None
        health.answered(clock.now(), clock.monotonic() - started)
        return records

    return step


def twice(fetch: Fetch) -> Fetch:
    """Return the fetch with one more try when the system was unavailable; all questions are reads."""

    async def tried(query: Query) -> list[Record]:
        try:
            return await fetch(query)
        except Unavailable:
            await asyncio.sleep(random.uniform(*RETRY_AFTER_S))  # noqa: S311  # jitter, not a secret
        return await fetch(query)

    return tried
