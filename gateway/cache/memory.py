"""The first level of the cache: raw records in this process's memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from cachetools import Cache, TLRUCache

from connectors.sdk import FindPerson
from gateway.cache.counts import CacheCounts
from gateway.cache.purge import Watch
from gateway.cache.weight import Scales
from gateway.model import CacheState

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime

    from connectors.sdk import Query, Record
    from gateway.cache.purge import Purge, Source
    from gateway.clock import Clock

MAX_BYTES = 512 * 1024 * 1024
"""Bound of the memory, by estimate."""
QUESTION_BYTES = 1_000
"""A question without answers."""
MADE_OF_PERSON_BYTES = 12_000
"""What is made of one person: merged, masked, rendered for some readers."""
MAX_READERS = 16
"""Readers with personal accounts for whom one question's results are kept; for others they are made anew."""
UNANSWERED_S = 120.0
"""How long a question is remembered that no system has answered yet."""

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
    weights: dict[Source, int] = field(default_factory=dict, repr=False)
    """Estimated bytes of the answers."""

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

    def answered(self, source: Source, answer: Answer, weight: int) -> None:
        """Keep an answer; what was made of the former ones is gone, for every reader."""
        self.answers[source] = answer
        self.weights[source] = weight
        self.unmake()

    def unmake(self) -> None:
        """Drop what was made of the answers, for every reader."""
        self.kept.clear()
        for own in self.readers.values():
            own.kept.clear()

    def purged(self, purge: Purge) -> list[Source]:
        """Return whose answers must go."""
        if isinstance(self.query, FindPerson):
            # One system says where the person lives, the others do not: they go together.
            records = chain.from_iterable(answer.records for answer in self.answers.values())
            gone = purge.forgets(self.query, records)
            return [source for source in self.answers if gone and purge.covers(source)]
        return [
            source
            for source, answer in self.answers.items()
            if purge.covers(source) and purge.forgets(self.query, answer.records)
        ]


class _Questions(TLRUCache[bytes, Question]):
    """The questions by key; counts those that went for want of room."""

    evicted = 0

    def popitem(self) -> tuple[bytes, Question]:
        self.evicted += 1
        return super().popitem()

    def all(self) -> list[Question]:
        """Return all questions; to be looked at so counts as no use."""
        return [Cache.__getitem__(self, key) for key in self]


class MemoryCache:
    """Keep answers until they are too old to stand in, or until memory is wanted for newer ones (LRU)."""

    def __init__(self, key: bytes, clock: Clock, max_bytes: int = MAX_BYTES) -> None:
        """Take the secret of the cache keys, at most 64 bytes."""
        self.counts = CacheCounts()
        self._scales = Scales()
        self._key = key
        self._clock = clock
        self._questions = _Questions(
            maxsize=max_bytes,
            ttu=lambda _key, question, now: max(
                (answer.kept_until for answer in question.answers.values()), default=now + UNANSWERED_S
            ),
            timer=clock.monotonic,
            getsizeof=_size,
        )
        self._watches: WeakSet[Watch] = WeakSet()

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
        # Memory may have been wanted meanwhile, and somebody else have asked anew. Who holds the old question
        # may have made something of answers that were purged since: it does not come back.
        current = self._questions.get(question.key)
        if current is None:
            current = Question(question.key, question.query)
        weight = self._scales.weight(answer.records)
        if max(_size(question), _size(current)) + weight > self._questions.maxsize:
            return
        for holder in {question, current}:
            holder.answered(source, answer, weight)
        self._questions[question.key] = current  # anew, as its size and its end have changed

    def watch(self) -> Watch:
        """Return what hears of every purge from now on."""
        watch = Watch()
        self._watches.add(watch)
        return watch

    def purge(self, purge: Purge) -> None:
        """Forget answers and what was made of them; what is under way hears of it by its watch."""
        for watch in self._watches:
            watch.purges.append(purge)
        for question in self._questions.all():
            gone = question.purged(purge)
            if gone or (not question.answers and purge.touches(question.query)):
                for source in gone:
                    del question.answers[source], question.weights[source]
                self.renew(question)
            elif isinstance(question.query, FindPerson) and purge.touches(question.query):
                # What a household made of the person is kept here too, and the list it came from may be gone.
                question.unmake()

    def renew(self, question: Question) -> None:
        """Let go of a question, keeping its answers: what its holders are making is not kept by the cache."""
        question = question.asked_in or question
        question.unmake()
        if self._questions.get(question.key) is question:
            self._questions.pop(question.key, None)
            if question.answers:
                self._questions[question.key] = Question(
                    question.key, question.query, {**question.answers}, weights={**question.weights}
                )

    @property
    def bytes(self) -> int:
        """Return how much is in use, by estimate."""
        return int(self._questions.currsize)

    @property
    def max_bytes(self) -> int:
        """Return how much may be in use."""
        return int(self._questions.maxsize)

    @property
    def questions(self) -> int:
        """Return how many questions are remembered."""
        return len(self._questions)

    @property
    def evicted(self) -> int:
        """Return how many questions went for want of room since the start."""
        return self._questions.evicted


def _size(question: Question) -> int:
    made = MADE_OF_PERSON_BYTES if isinstance(question.query, FindPerson) else 0
    return QUESTION_BYTES + sum(question.weights.values()) + made


def _plain(query: Query) -> str:
    """Return a query in one unambiguous text, with all its values: its repr hides what must tell it apart."""
    if isinstance(query, FindPerson):
        return f"FindPerson {query.identity.kind} {query.identity.number}"
    return repr((type(query).__name__, *(getattr(query, name) for name in query.__slots__)))
