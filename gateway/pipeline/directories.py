"""The committees' directories: built from the systems' cached lists, once for the same lists."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cachetools import LRUCache

from connectors.sdk import ListCommittee, TimedOut, UpstreamError
from gateway.cache.single_flight import SingleFlight, arrive
from gateway.errors import SourceUnavailable
from gateway.pipeline.ask import ask_all, replies, status_of
from gateway.residents.directory import Directory
from gateway.residents.merge import merge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gateway.clock import Clock
    from gateway.model import SourceStatus
    from gateway.pipeline.step import Answer, Ask
    from gateway.tasks import Tasks

MAX_PEOPLE = 150_000
"""People in all directories that this process keeps; about 3 kB each, and what is dropped is built again."""

WARM_WITHIN_S = 60.0

COLD_S = 2.0
"""How much longer a search waits than the answer deadline, in seconds, when there is no directory yet."""


class Directories:
    """Load and keep directories; they belong to no reader, for the mask step decides every row."""

    def __init__(self, order: Sequence[str], base: str, clock: Clock, tasks: Tasks) -> None:
        """Take the systems' order and the base register, as the merge step has them."""
        self._order = order
        self._base = base
        self._clock = clock
        self._tasks = tasks
        self._built: LRUCache[tuple[object, ...], Directory] = LRUCache(
            MAX_PEOPLE, getsizeof=lambda one: 1 + len(one)
        )
        self._building: SingleFlight[Directory] = SingleFlight(tasks, "directory")

    async def load(
        self, committee: str, asks: Mapping[str, Ask], answer_by: float
    ) -> tuple[Directory, Mapping[str, SourceStatus]]:
        """Return a committee's directory out of the lists of these systems, and how each system stands.

        Holds whom the answering systems list by the monotonic time ``answer_by``; raises SourceUnavailable
        when it cannot be built by then.
        """
        query = ListCommittee(committee)
        answers = await ask_all(asks, query, answer_by)
        if isinstance(answers.get(self._base), TimedOut):
            # Without the base register's list there is nobody to find: a slow answer is better than none.
            answer_by += COLD_S
            answers = await ask_all(asks, query, answer_by)
        directory = await self._directory(committee, answers, answer_by)
        return directory, {name: status_of(answer) for name, answer in answers.items()}

    def warm(self, committees: Iterable[str], asks: Mapping[str, Ask]) -> None:
        """Start loading in the background, so that a reader's first search finds the lists there."""
        for committee in committees:
            answer_by = self._clock.monotonic() + WARM_WITHIN_S
            self._tasks.detach(self.load(committee, asks, answer_by), "warm directory")

    async def _directory(
        self, committee: str, answers: Mapping[str, Answer | UpstreamError], answer_by: float
    ) -> Directory:
        """Return the directory of these very answers; built in a thread, as it takes a while."""
        today = self._clock.today()
        versions = [
            (name, said.version) for name, said in answers.items() if not isinstance(said, UpstreamError)
        ]
        key = (committee, today, *versions)
        found = self._built.get(key)
        if found is not None:
            return found
        present = replies(answers)

        def build() -> Directory:
            return Directory(merge(present, self._order, self._base, today))

        async def built() -> Directory:
            directory = await asyncio.to_thread(build)
            # Kept here and not by a caller: whoever searches next must find it, though all have gone.
            if 1 + len(directory) <= MAX_PEOPLE:
                self._built[key] = directory
            return directory

        try:
            return await arrive(self._building.join(key, built), answer_by + COLD_S - self._clock.monotonic())
        except TimeoutError:
            raise SourceUnavailable from None
