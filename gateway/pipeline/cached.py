"""cached: answer from memory while fresh; fetch once for many; let stale data stand in, with their age."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.sdk import ListCohort, ListCommittee, TimedOut, UpstreamError
from gateway.cache.memory import Entry
from gateway.cache.single_flight import SingleFlight, arrive
from gateway.model import CacheState, SourceState
from gateway.pipeline.ask import state_of
from gateway.pipeline.step import Answer

if TYPE_CHECKING:
    from connectors.sdk import Query
    from gateway.cache.memory import MemoryCache
    from gateway.clock import Clock
    from gateway.pipeline.step import Ask, Fetch
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
        self._flights: SingleFlight[Entry] = SingleFlight(tasks, f"fetch {system.name}")

    def fresh(self, query: Query) -> Answer | None:
        """Return the answer that is fresh in memory."""
        entry = self._cache.get(self._key(query))
        if entry is None or self._clock.monotonic() >= entry.fresh_until:
            return None
        return _answer(entry, CacheState.HIT)

    async def __call__(self, query: Query, answer_by: float) -> Answer:
        """Answer one question."""
        key = self._key(query)
        entry = self._cache.get(key)
        now = self._clock.monotonic()
        if entry is not None and now < entry.fresh_until:
            return _answer(entry, CacheState.HIT)
        flight = self._flights.join(key, lambda: self._refresh(key, query))
        try:
            return _answer(await arrive(flight, answer_by - now), CacheState.MISS)
        except TimeoutError:
            if entry is not None:
                return _answer(entry, CacheState.STALE, SourceState.TIMEOUT)
            raise TimedOut("no answer within the answer deadline") from None
        except UpstreamError as error:
            if entry is not None:
                return _answer(entry, CacheState.STALE, state_of(error))
            raise

    def _key(self, query: Query) -> bytes:
        system = self._system
        return self._cache.key(system.name, system.manifest.version, system.account.entitlement, query)

    async def _refresh(self, key: bytes, query: Query) -> Entry:
        records = await self._fetch(query)
        fresh_until = self._clock.monotonic() + self._ttl_s(query)
        kept_until = fresh_until + self._system.limits.stale_s
        entry = Entry(tuple(records), self._clock.now(), fresh_until, kept_until)
        self._cache.put(key, entry)
        return entry

    def _ttl_s(self, query: Query) -> float:
        limits = self._system.limits
        a_list = isinstance(query, ListCommittee | ListCohort)
        if limits.configured_ttl_s is not None and not a_list:
            return limits.configured_ttl_s
        return self._system.manifest.ttl_s.get(type(query), LIST_TTL_S if a_list else limits.ttl_s)


def _answer(entry: Entry, state: CacheState, detail: str | None = None) -> Answer:
    return Answer(entry.records, entry.as_of, state, entry.version, detail)
