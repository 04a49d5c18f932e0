"""cached: answer from memory while fresh; fetch once for many; let stale data stand in, with their age."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.sdk import ListCohort, ListCommittee, TimedOut, UpstreamError
from gateway.cache.memory import Answer
from gateway.cache.single_flight import SingleFlight, arrive
from gateway.model import CacheState, SourceState
from gateway.pipeline.ask import status_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence
    from datetime import datetime

    from connectors.sdk import Query, Record
    from gateway.cache.memory import MemoryCache, Question
    from gateway.cache.purge import Source, Watch
    from gateway.clock import Clock
    from gateway.pipeline.step import Ask, Fetch, Flight
    from gateway.tasks import Tasks
    from gateway.upstream.system import LineSystem

LIST_TTL_S = 43_200.0
"""How long a committee's list stays fresh when the manifest is silent: people move slowly."""

REFRESHING = "refreshing"
"""Why an answer is stale that is being asked for anew, behind the reader's back."""


def cached(fetch: Fetch, system: LineSystem, cache: MemoryCache, clock: Clock, tasks: Tasks) -> Ask:
    """Make the step.

    The fetch of a question belongs to no caller: it goes on into the cache past their deadlines. That nobody
    was found is an answer like any other and kept as long unless the operator says otherwise, so that hit and
    miss look alike from outside. What is purged while it is fetched is not kept, and nobody who asks after
    the purge waits for it.
    """
    return _Cached(fetch, system, cache, clock, tasks)


class _Cached:
    """The cached step of one system."""

    def __init__(
        self, fetch: Fetch, system: LineSystem, cache: MemoryCache, clock: Clock, tasks: Tasks
    ) -> None:
        """Take what :func:`cached` takes."""
        self._fetch = fetch
        self._system = system
        self._cache = cache
        self._clock = clock
        self._counts = cache.counts
        self._flights: SingleFlight[Answer] = SingleFlight(tasks, f"fetch {system.name}")
        self._watches: dict[Hashable, Watch] = {}
        """Of the flights under way."""

    def fresh(self, question: Question) -> Answer | None:
        """Return the answer that is fresh in memory, or one that may be given out while it is refreshed."""
        answer = question.answers.get(self._source(question))
        if answer is None:
            return None
        late_s = self._clock.monotonic() - answer.fresh_until
        if late_s < 0:
            self._counts.single[self._system.name] += 1
            return answer
        if late_s >= self._system.limits.revalidate_s:
            return None
        _ = self.begin(question)
        return self._stale(answer, REFRESHING)

    def begin(self, question: Question) -> Flight:
        """Start to ask, or join whoever asks already."""
        source = self._source(question)
        # By the account too, where several see the same: how one stands is not how another stands.
        key = (question.key, source, self._system.accounts.of(question.reader))
        watch = self._watches.get(key)
        if watch is not None and watch.touches(question.query, source):
            self._flights.part(key)
        return self._flights.join(key, lambda: self._refresh(question, source, key, self._watch(key)))

    async def __call__(self, question: Question, answer_by: float, flight: Flight | None = None) -> Answer:
        """Answer one question."""
        if flight is None:
            answer = self.fresh(question)
            if answer is not None:
                return answer
            flight = self.begin(question)
        try:
            answer = await arrive(flight, answer_by - self._clock.monotonic())
            self._counts.misses[self._system.name] += 1
            return replace(answer, cache=CacheState.MISS)
        except TimeoutError:
            earlier = self._earlier(question)
            if earlier is not None:
                return self._stale(earlier, SourceState.TIMEOUT)
            raise TimedOut("no answer within the answer deadline") from None
        except UpstreamError as error:
            earlier = self._earlier(question)
            if earlier is not None:
                status = status_of(error)
                return self._stale(earlier, status.detail or status.status, status.until)
            raise

    def _stale(self, answer: Answer, detail: str, until: datetime | None = None) -> Answer:
        self._counts.stale[self._system.name] += 1
        return replace(answer, cache=CacheState.STALE, detail=detail, until=until)

    def _earlier(self, question: Question) -> Answer | None:
        """Return the answer that may stand in for one that did not come."""
        answer = question.answers.get(self._source(question))
        return answer if answer is not None and self._clock.monotonic() < answer.kept_until else None

    def _source(self, question: Question) -> Source:
        system = self._system
        return system.name, system.manifest.version, system.accounts.entitlement(question.reader)

    def _watch(self, key: Hashable) -> Watch:
        watch = self._watches[key] = self._cache.watch()
        return watch

    async def _refresh(self, question: Question, source: Source, key: Hashable, watch: Watch) -> Answer:
        try:
            records = await self._fetch(question.query, question.reader)
        finally:
            if self._watches.get(key) is watch:
                del self._watches[key]
        fresh_until = self._clock.monotonic() + self._ttl_s(question.query, records)
        answer = Answer(
            tuple(records), self._clock.now(), fresh_until, fresh_until + self._system.limits.stale_s
        )
        if watch.forgets(question.query, source, records):
            self._cache.renew(question)
        else:
            self._cache.put(question, source, answer)
        return answer

    def _ttl_s(self, query: Query, records: Sequence[Record]) -> float:
        limits = self._system.limits
        if not records and limits.missing_ttl_s is not None:
            return limits.missing_ttl_s
        a_list = isinstance(query, ListCommittee | ListCohort)
        if limits.configured_ttl_s is not None and not a_list:
            return limits.configured_ttl_s
        return self._system.manifest.ttl_s.get(type(query), LIST_TTL_S if a_list else limits.ttl_s)
