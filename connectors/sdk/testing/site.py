"""What a connector is tried against: a mock in this process, or a system over HTTP."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

import httpx

from connectors.sdk.mock.faults import Faults


@dataclass(frozen=True, slots=True)
class Counts:
    """How often somebody signed in, and failed to, since the system was started."""

    logins: int
    failed_logins: int


class Site(Protocol):
    """One system for the time of one check. :class:`MockSite` and :class:`LiveSite` are the two kinds."""

    live: bool
    """Whether it is somebody's system: then nothing is tried that could lock an account."""
    transport: httpx.AsyncBaseTransport

    def monotonic(self) -> float:
        """Return the seconds by which deadlines are measured."""
        ...

    async def set_faults(self, faults: Faults) -> None:
        """Replace the fault switches; raises NotPossible where there are none."""
        ...

    async def counts(self) -> Counts:
        """Return the counts; raises NotPossible where there are none."""
        ...

    async def close(self) -> None:
        """Leave the system as it was found."""
        ...


class OwnTime:
    """Let each task have a time of its own, which passes only while it sleeps: nobody waits in earnest."""

    def __init__(self) -> None:
        """Start at nought."""
        self._slept: ContextVar[float] = ContextVar("slept", default=0.0)

    def monotonic(self) -> float:
        """Return how long this task, with what awaited it, has slept, in seconds."""
        return self._slept.get()

    async def sleep(self, seconds: float) -> None:
        """Let the time pass, and others have a turn."""
        self._slept.set(self._slept.get() + seconds)
        await asyncio.sleep(0)
