"""The types of the pipeline's steps."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.sdk import Query, Record
    from gateway.model import CacheState, Call, Outcome

    Step = Callable[[Call], Awaitable[Outcome]]
    """A step around a whole call: awaits the next step, once, or raises one of ``gateway.errors``."""

    Fetch = Callable[[Query], Awaitable[list[Record]]]
    """A step around one question to one system: returns records, maybe none, or raises an UpstreamError."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one system said, now or earlier."""

    records: tuple[Record, ...] = field(repr=False)
    as_of: datetime
    cache: CacheState
    version: int
    """Changes with every fetch of the same question; equal versions mean equal records."""
    detail: str | None = None
    """Why the answer is stale, a fixed word."""


class Ask(Protocol):
    """The outermost step around one system."""

    def fresh(self, query: Query) -> Answer | None:
        """Return the answer that is fresh in the cache, None when the system must be asked."""
        ...

    async def __call__(self, query: Query, answer_by: float) -> Answer:
        """Return the system's answer by the monotonic time ``answer_by``, or raise an UpstreamError."""
        ...
