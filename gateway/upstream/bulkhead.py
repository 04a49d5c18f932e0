"""A bulkhead: a bounded number of calls at once to one system, and a bounded queue before it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from gateway.upstream.system import Health


class Bulkhead:
    """Let ``concurrency`` calls in at once and keep up to ``queue`` waiting: ``async with bulkhead: ...``.

    Counts both in the system's health. Does *not* turn anybody away by itself: ask :attr:`full` first.
    """

    def __init__(self, concurrency: int, queue: int, health: Health) -> None:
        """Start empty."""
        self._room = asyncio.Semaphore(concurrency)
        self._queue = queue
        self._health = health

    @property
    def full(self) -> bool:
        """Tell whether one more call would have to wait where no more may wait."""
        return self._room.locked() and self._health.waiting >= self._queue

    async def __aenter__(self) -> Self:
        """Wait for a place."""
        self._health.waiting += 1
        try:
            await self._room.acquire()
        finally:
            self._health.waiting -= 1
        self._health.active += 1
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Leave the place to the next one."""
        self._health.active -= 1
        self._room.release()
