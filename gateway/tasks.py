"""Background tasks: the one place that starts them, keeps them alive and ends them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

T = TypeVar("T")
log = structlog.get_logger()


class Tasks:
    """Own the background tasks of one part: none is lost to garbage collection, none fails unseen."""

    def __init__(self) -> None:
        """Start with none."""
        self._running: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, T], name: str) -> asyncio.Task[T]:
        """Start ``work`` and return its task.

        Its failure is logged by type only, as its text may hold data.
        """
        task = asyncio.create_task(work, name=name)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def detach(self, work: Coroutine[Any, Any, object], name: str) -> None:
        """Start work that nobody waits for."""
        _ = self.start(work, name)

    def repeat(self, work: Callable[[], Coroutine[Any, Any, object]], every_s: float, name: str) -> None:
        """Do some work every so often, from one such time on; a failure is logged and ends nothing."""

        async def again() -> None:
            while True:
                await asyncio.sleep(every_s)
                await asyncio.wait({self.start(work(), name)})

        self.detach(again(), f"every {every_s:g} s {name}")

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.debug("task.failed", task=task.get_name(), error=type(error).__name__)

    async def close(self) -> None:
        """Cancel what still runs, and what that starts while it ends, and wait until all has ended."""
        while self._running:
            running = list(self._running)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
