"""The committees' directories: built from the systems' cached lists, once for the same lists."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cachetools import LRUCache

from connectors.sdk import ListCommittee, TimedOut, UpstreamError
from gateway.cache.single_flight import SingleFlight, arrive
from gateway.errors import SourceUnavailable
from gateway.pipeline.ask import ask_all, fresh_until, replies, status_of
from gateway.residents.directory import Directory
from gateway.residents.merge import merge

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from datetime import date

    from gateway.cache.memory import Answer, MemoryCache, Question
    from gateway.cache.purge import Purge, Watch
    from gateway.clock import Clock
    from gateway.model import SourceStatus
    from gateway.pipeline.step import Ask
    from gateway.tasks import Tasks

    Loaded = tuple[Directory, Mapping[str, SourceStatus]]
    """A directory, and how each system stands whose list is part of it."""

MAX_PEOPLE = 150_000
"""People in all directories that this process keeps; about 3 kB each, and what is dropped is built again."""

WARM_WITHIN_S = 60.0

COLD_S = 2.0
"""How much longer a search waits than the answer deadline, in seconds, when there is no directory yet."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """Of which directory the lists of one set of systems are; kept with the question about the committee."""

    key: Hashable
    today: date
    sources: Mapping[str, SourceStatus]
    fresh_until: float
    """Monotonic time until which every system would give the same list again."""


class Directories:
    """Load and keep directories; they belong to no reader, for the mask step decides every row."""

    def __init__(
        self, order: Sequence[str], base: str, cache: MemoryCache, clock: Clock, tasks: Tasks
    ) -> None:
        """Take the systems' order and the base register, as the merge step has them."""
        self._order = order
        self._base = base
        self._cache = cache
        self._clock = clock
        self._tasks = tasks
        self._built: LRUCache[Hashable, Directory] = LRUCache(MAX_PEOPLE, getsizeof=lambda one: 1 + len(one))
        self._building: SingleFlight[Directory] = SingleFlight(tasks, "directory")

    async def load(
        self, committees: Sequence[str], reader: str, asks: Mapping[str, Ask], answer_by: float, today: date
    ) -> Sequence[Loaded]:
        """Return the committees' directories out of the lists of these systems.

        They hold whom the answering systems list by the monotonic time ``answer_by``, with ages as of
        ``today``; raises SourceUnavailable when one cannot be built by then.
        """
        questions = [self._cache.question(ListCommittee(committee), reader) for committee in committees]
        ready = [self._ready(question, asks, today) for question in questions]
        loaded = [one for one in ready if one is not None]
        if len(loaded) == len(questions):
            return loaded
        return await asyncio.gather(*(self._load(question, asks, answer_by, today) for question in questions))

    def warm(self, committees: Sequence[str], reader: str, asks: Mapping[str, Ask]) -> None:
        """Start loading in the background, so that a reader's first search finds the lists there."""
        today = self._clock.today()
        for committee in committees:
            answer_by = self._clock.monotonic() + WARM_WITHIN_S
            self._tasks.detach(self.load((committee,), reader, asks, answer_by, today), "warm directory")

    def purge(self, purge: Purge) -> None:
        """Forget the directories that hold whom a purge is about; they are built again from new lists."""
        for key, directory in [*self._built.items()]:
            if _holds(directory, purge):
                self._built.pop(key, None)

    def _ready(self, question: Question, asks: Mapping[str, Ask], today: date) -> Loaded | None:
        """Return what stands ready as it is: a task to load it would cost more than a search in it."""
        listed: _Listed | None = question.kept.get(tuple(asks))
        if listed is None or listed.today != today or self._clock.monotonic() >= listed.fresh_until:
            return None
        directory = self._built.get(listed.key)
        if directory is None:
            return None
        self._cache.counts.together[tuple(asks)] += 1
        return directory, listed.sources

    async def _load(
        self, question: Question, asks: Mapping[str, Ask], answer_by: float, today: date
    ) -> Loaded:
        watch = self._cache.watch()
        answers = await ask_all(asks, question, answer_by)
        if isinstance(answers.get(self._base), TimedOut):
            # Without the base register's list there is nobody to find: a slow answer is better than none.
            answer_by += COLD_S
            answers = await ask_all(asks, question, answer_by)
        versions = [
            (name, said.version) for name, said in answers.items() if not isinstance(said, UpstreamError)
        ]
        key = (question.key, today, *versions)
        sources = {name: status_of(answer) for name, answer in answers.items()}
        question.kept[tuple(asks)] = _Listed(key, today, sources, fresh_until(answers.values()))
        return await self._directory(key, answers, watch, answer_by, today), sources

    async def _directory(
        self,
        key: Hashable,
        answers: Mapping[str, Answer | UpstreamError],
        watch: Watch,
        answer_by: float,
        today: date,
    ) -> Directory:
        """Return the directory of these very answers; built in a thread, as it takes a while.

        ``watch`` is as old as the questions: what was purged since is not kept.
        """
        found = self._built.get(key)
        if found is not None:
            return found
        present = replies(answers)

        def build() -> Directory:
            return Directory(merge(present, self._order, self._base, today))

        async def built() -> Directory:
            directory = await asyncio.to_thread(build)
            # Kept here and not by a caller: whoever searches next must find it, though all have gone.
            if 1 + len(directory) <= MAX_PEOPLE and not any(_holds(directory, one) for one in watch.purges):
                self._built[key] = directory
            return directory

        try:
            return await arrive(self._building.join(key, built), answer_by + COLD_S - self._clock.monotonic())
        except TimeoutError:
            raise SourceUnavailable from None


def _holds(directory: Directory, purge: Purge) -> bool:
    """Tell whether anybody in a directory is meant; which system knows them is not asked."""
    return any(
        purge.names(person.identity, person.facts.registered_region, person.facts.residence_region)
        for person in directory.people
    )
