"""Many identical questions at once make one piece of work."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Hashable

    from gateway.tasks import Tasks

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """Share running work by key.

    The work belongs to no caller: it goes on when the first one is cancelled.
    """

    def __init__(self, tasks: Tasks, name: str) -> None:
        """Run the work on ``tasks`` under ``name``."""
        self._tasks = tasks
        self._name = name
        self._flights: dict[Hashable, asyncio.Task[T]] = {}

    def join(self, key: Hashable, work: Callable[[], Coroutine[None, None, T]]) -> asyncio.Task[T]:
        """Return the running task for ``key``, starting ``work`` if there is none."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = self._tasks.start(work(), self._name)
            flight.add_done_callback(lambda done: self._ended(key, done))
        return flight

    def part(self, key: Hashable) -> None:
        """Let nobody else join what runs for ``key``; it goes on for those who wait for it."""
        self._flights.pop(key, None)

    def _ended(self, key: Hashable, flight: asyncio.Task[T]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]


async def arrive(flight: asyncio.Task[T], within_s: float) -> T:
    """Return what the flight brings, or raise TimeoutError after ``within_s`` seconds; the flight goes on."""
    if not flight.done():
        await asyncio.wait({flight}, timeout=max(0.0, within_s))
        if not flight.done():
            raise TimeoutError
    return flight.result()
