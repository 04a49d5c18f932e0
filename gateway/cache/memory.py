"""The first level of the cache: raw records in this process's memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING, Any

from cachetools import TLRUCache

from connectors.sdk import FindPerson
from gateway.model import CacheState

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from connectors.sdk import Query, Record
    from gateway.clock import Clock

MAX_RECORDS = 400_000
"""Bound of the memory: a record takes about 1.5 kB."""
MADE_OF_PERSON = 8
"""What is made of one person (merged, masked, rendered for some readers) takes as much as so many records."""
MAX_READERS = 16
"""Readers with personal accounts for whom one question's results are kept; for others they are made anew."""
UNANSWERED_S = 120.0
"""How long a question is remembered that no system has answered yet."""

Source = tuple[str, str, str]
"""Whose answer it is: system, connector version, entitlement of the upstream account."""

_versions = count(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one system said, now or earlier; as it is kept, it reads as a hit."""

    records: tuple[Record, ...] = field(repr=False)
    as_of: datetime
    fresh_until: float
    """Monotonic seconds."""
    kept_until: float
    """Monotonic seconds; between ``fresh_until`` and this it may stand in when the system does not answer."""
    cache: CacheState = CacheState.HIT
    detail: str | None = None
    """Why the answer is stale, a fixed word."""
    until: datetime | None = None
    """When that is known to end."""
    version: int = field(default_factory=lambda: next(_versions))
    """Changes with every fetch of the same question; equal versions mean equal records."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """One question, put to however many systems, with what they answered.

    Holders share it while it is in the cache, so what one of them learns the others find.
    """

    key: bytes
    query: Query
    answers: dict[Source, Answer] = field(default_factory=dict, repr=False)
    kept: dict[Hashable, Any] = field(default_factory=dict, repr=False)
    """What was made of these answers already, gone with every new one.

    Whoever looks here compares what else it depends on.
    """
    reader: str = ""
    """Whose personal accounts ask it; empty where the systems are asked with service accounts only."""
    asked_in: Question | None = field(default=None, repr=False)
    """The question as the cache holds it, of which this is one reader's own."""
    readers: dict[str, Question] = field(default_factory=dict, repr=False)
    """The same question of those who ask it with accounts of their own.

    They share the answers, which are kept by account, and nothing that was made of them.
    """

    def of(self, reader: str) -> Question:
        """Return the question as this reader asks it."""
        own = self.readers.get(reader)
        if own is None:
            if len(self.readers) >= MAX_READERS:
                del self.readers[next(iter(self.readers))]
            own = self.readers[reader] = Question(
                self.key, self.query, self.answers, reader=reader, asked_in=self
            )
        return own

    def answered(self, source: Source, answer: Answer) -> None:
        """Keep an answer; what was made of the former ones is gone, for every reader."""
        self.answers[source] = answer
        self.kept.clear()
        for own in self.readers.values():
            own.kept.clear()


class MemoryCache:
    """Keep answers until they are too old to stand in, or until memory is wanted for newer ones (LRU)."""

    def __init__(self, key: bytes, clock: Clock, max_records: int = MAX_RECORDS) -> None:
        """Take the secret of the cache keys, at most 64 bytes."""
        self._key = key
        self._clock = clock
        self._questions: TLRUCache[bytes, Question] = TLRUCache(
            maxsize=max_records,
            ttu=lambda _key, question, now: max(
                (answer.kept_until for answer in question.answers.values()), default=now + UNANSWERED_S
            ),
            timer=clock.monotonic,
            getsizeof=_size,
        )

    def question(self, query: Query, reader: str = "") -> Question:
        """Return the question, with all answers that were given to it.

        ``reader`` is whoever asks it with personal accounts. It is found by a keyed hash (BLAKE2b, RFC 7693,
        section 2.9), for a citizen number must not stand in a cache key; the hash covers the query's type and
        all its values.
        """
        key = blake2b(_plain(query).encode("utf-8", "surrogatepass"), digest_size=16, key=self._key).digest()
        try:
            question = self._questions[key]
        except KeyError:
            question = self._questions[key] = Question(key, query)
        return question.of(reader) if reader else question

    def put(self, question: Question, source: Source, answer: Answer) -> None:
        """Keep an answer; one that would make the question larger than the whole cache is not kept."""
        question = question.asked_in or question
        # Memory may have been wanted meanwhile, and somebody else have asked anew.
        current = self._questions.get(question.key, question)
        if max(_size(question), _size(current)) + len(answer.records) > self._questions.maxsize:
            return
        for holder in {question, current}:
            holder.answered(source, answer)
        self._questions[question.key] = current  # anew, as its size and its end have changed


def _size(question: Question) -> int:
    records = sum(len(answer.records) for answer in question.answers.values())
    return 1 + records + (MADE_OF_PERSON if isinstance(question.query, FindPerson) else 0)


def _plain(query: Query) -> str:
    """Return a query in one unambiguous text, with all its values: its repr hides what must tell it apart."""
    if isinstance(query, FindPerson):
        return f"FindPerson {query.identity.kind} {query.identity.number}"
    return repr((type(query).__name__, *(getattr(query, name) for name in query.__slots__)))
