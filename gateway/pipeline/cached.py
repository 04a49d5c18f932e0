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
    from connectors.sdk import Query
    from gateway.cache.memory import MemoryCache, Question, Source
    from gateway.clock import Clock
    from gateway.pipeline.step import Ask, Fetch, Flight
    from gateway.tasks import Tasks
    from gateway.upstream.system import LineSystem

LIST_TTL_S = 43_200.0
"""How long a committee's list stays fresh when the manifest is silent: people move slowly."""


def cached(fetch: Fetch, system: LineSystem, cache: MemoryCache, clock: Clock, tasks: Tasks) -> Ask:
    """Make the step.

    The fetch of a question belongs to no caller: it goes on into the cache past their deadlines. That nobody
    was found is an answer like any other and kept as long, so that hit and miss look alike from outside.
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
        self._flights: SingleFlight[Answer] = SingleFlight(tasks, f"fetch {system.name}")

    def fresh(self, question: Question) -> Answer | None:
        """Return the answer that is fresh in memory."""
        answer = question.answers.get(self._source(question))
        return answer if answer is not None and self._clock.monotonic() < answer.fresh_until else None

    def begin(self, question: Question) -> Flight:
        """Start to ask, or join whoever asks already."""
        source = self._source(question)
        # By the account too, where several see the same: how one stands is not how another stands.
        key = (question.key, source, self._system.accounts.of(question.reader))
        return self._flights.join(key, lambda: self._refresh(question, source))

    async def __call__(self, question: Question, answer_by: float, flight: Flight | None = None) -> Answer:
        """Answer one question."""
        if flight is None:
            answer = self.fresh(question)
            if answer is not None:
                return answer
            flight = self.begin(question)
        try:
            return replace(await arrive(flight, answer_by - self._clock.monotonic()), cache=CacheState.MISS)
        except TimeoutError:
            earlier = self._earlier(question)
            if earlier is not None:
                return replace(earlier, cache=CacheState.STALE, detail=SourceState.TIMEOUT)
            raise TimedOut("no answer within the answer deadline") from None
        except UpstreamError as error:
            earlier = self._earlier(question)
            if earlier is not None:
                status = status_of(error)
                detail = status.detail or status.status
                return replace(earlier, cache=CacheState.STALE, detail=detail, until=status.until)
            raise

    def _earlier(self, question: Question) -> Answer | None:
        """Return the answer that may stand in for one that did not come."""
        answer = question.answers.get(self._source(question))
        return answer if answer is not None and self._clock.monotonic() < answer.kept_until else None

    def _source(self, question: Question) -> Source:
        system = self._system
        return system.name, system.manifest.version, system.accounts.entitlement(question.reader)

    async def _refresh(self, question: Question, source: Source) -> Answer:
        records = await self._fetch(question.query, question.reader)
        fresh_until = self._clock.monotonic() + self._ttl_s(question.query)
        answer = Answer(
            tuple(records), self._clock.now(), fresh_until, fresh_until + self._system.limits.stale_s
        )
        self._cache.put(question, source, answer)
        return answer

    def _ttl_s(self, query: Query) -> float:
        limits = self._system.limits
        a_list = isinstance(query, ListCommittee | ListCohort)
        if limits.configured_ttl_s is not None and not a_list:
            return limits.configured_ttl_s
        return self._system.manifest.ttl_s.get(type(query), LIST_TTL_S if a_list else limits.ttl_s)
