"""The types of the pipeline's steps, and what one hands to the next.

A step takes what the steps around it have found out, so that none can stand before one whose work it needs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from gateway.upstream.accounts import NOBODY

if TYPE_CHECKING:
    from asyncio import Task
    from datetime import date

    from connectors.sdk import Query, Record
    from gateway.cache.memory import Answer, Question
    from gateway.model import Call, Outcome, Person, SourceStatus
    from gateway.pipeline.ruling import Ruling
    from policies.model import ResourceFacts, Subject

    Step = Callable[[Call], Awaitable[Outcome]]
    """A step around a whole call: awaits the next step, once, or raises one of ``gateway.errors``."""

    Authorize = Callable[["Located"], Awaitable[Outcome]]
    """A step around a call of which is known where it leads."""

    Disclose = Callable[["Located", Ruling], Awaitable[Outcome]]
    """A step around a call that is allowed."""

    Find = Callable[["Located", Ruling], Awaitable["Found"]]
    """The same, below the mask step: what it returns must not leave."""

    ReaderOf = Callable[[Subject], str]
    """Whose accounts ask for a subject: its own where a system has personal accounts, else nobody's."""

    Flight = Task[Answer]
    """A question under way; it belongs to nobody who waits for it."""

    Matched = tuple[frozenset[tuple[str, str]], ...]
    """For each term of a search the (field, source) pairs that a row matched, each of which suffices."""


@dataclass(frozen=True, slots=True)
class Located:
    """A call, and where the person or place it asks about belongs."""

    call: Call
    facts: ResourceFacts
    today: date
    """The day of the whole call, though it end after midnight."""
    question: Question | None
    """What the systems are asked; None for a search, which asks them as it goes."""


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, raw: only the mask step may let any of it out."""

    rows: Iterable[tuple[Person, Matched]] = field(repr=False)
    """Maybe lazy: as many are made as are let out."""
    sources: Mapping[str, SourceStatus]
    hints: tuple[str, ...] = ()
    """Fixed words about the question itself."""


class Fetch(Protocol):
    """A step around one question to one system."""

    async def __call__(self, query: Query, reader: str = NOBODY) -> list[Record]:
        """Return records, maybe none, or raise an UpstreamError; ``reader`` says whose account asks."""
        ...


class Ask(Protocol):
    """The outermost step around one system."""

    def fresh(self, question: Question) -> Answer | None:
        """Return the answer that is fresh in the cache, None when the system must be asked."""
        ...

    def begin(self, question: Question) -> Flight:
        """Start to ask the system, or join whoever asks it already, and return at once."""
        ...

    async def __call__(self, question: Question, answer_by: float, flight: Flight | None = None) -> Answer:
        """Return the system's answer by the monotonic time ``answer_by``, or raise an UpstreamError.

        ``flight`` is what :meth:`begin` returned, if it was called.
        """
        ...
