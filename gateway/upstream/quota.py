"""Quotas: how many requests a system gets, by the second and by the day."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from connectors.sdk import Unavailable
from gateway.errors import StoreUnavailable
from gateway.upstream.reasons import Crowded

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date

    from gateway.clock import Clock
    from gateway.upstream.repository import UpstreamRepository

log = structlog.get_logger()

SECOND_S = 1.0
PARTS_OF_A_DAY = 100
"""A day's calls are reserved in so many parts: a process that is killed loses at most one of them."""


class PerSecond:
    """Let so many requests out in any second, whoever measures it where.

    A request counts from when it is sent until a second after its answer came: the system received it
    somewhere between, so no second of its own clock sees more, however the network delays them. A slow
    system is thereby asked less often than it allows.
    """

    def __init__(self, limit: int) -> None:
        """Start with none out."""
        self._room = asyncio.Semaphore(limit)

    @property
    def full(self) -> bool:
        """Tell whether the next request would have to wait."""
        return self._room.locked()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and keep it until a second after the end; first come, first served."""
        await self._room.acquire()
        try:
            yield
        finally:
            _ = asyncio.get_running_loop().call_later(SECOND_S, self._room.release)


class PerDay:
    """Let so many requests out in a day of Shanghai, of all processes and over restarts together."""

    def __init__(self, system: str, limit: int, repository: UpstreamRepository, clock: Clock) -> None:
        """Take where the day's calls are counted."""
        self._system = system
        self._limit = limit
        self._part = max(1, limit // PARTS_OF_A_DAY)
        self._repository = repository
        self._clock = clock
        self._day: date | None = None
        self._left = 0
        self._used_up = False
        self._reserving = asyncio.Lock()

    async def take(self) -> None:
        """Count one request; raises Crowded when all are used up, Unavailable when that is not known."""
        async with self._reserving:
            self._turn()
            if not self._left and not self._used_up:
                await self._reserve()
            if not self._left:
                raise Crowded("the day's calls are used up")
            self._left -= 1

    def _turn(self) -> None:
        today = self._clock.today()
        if self._day != today:
            self._day, self._left, self._used_up = today, 0, False

    async def _reserve(self) -> None:
        day = self._clock.today()
        try:
            taken = await self._repository.reserve(self._system, day, self._part, self._limit)
        except StoreUnavailable:
            raise Unavailable("the day's calls are not known") from None
        if day == self._day:
            self._left, self._used_up = taken, not taken
        if not taken:
            log.warning("upstream.day_used_up", system=self._system)
