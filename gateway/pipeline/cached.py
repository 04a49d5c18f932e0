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

    The fetch of a question belongs to no caller: it goes on into the cache past their deadlines.

    That nobody was found is an answer like any other and kept as long, so that hit and miss look alike from
    outside.
    """
    flights: SingleFlight[Entry] = SingleFlight(tasks, f"fetch {system.name}")
    manifest, limits = system.manifest, system.limits

    async def refresh(key: bytes, query: Query) -> Entry:
        records = await fetch(query)
        fresh_until = clock.monotonic() + ttl_s(query)
        entry = Entry(tuple(records), clock.now(), fresh_until, fresh_until + limits.stale_s)
        cache.put(key, entry)
        return entry

    def ttl_s(query: Query) -> float:
        a_list = isinstance(query, ListCommittee | ListCohort)
        if limits.configured_ttl_s is not None and not a_list:
            return limits.configured_ttl_s
        return manifest.ttl_s.get(type(query), LIST_TTL_S if a_list else limits.ttl_s)

    async def step(query: Query, answer_by: float) -> Answer:
        key = cache.key(system.name, manifest.version, system.account.entitlement, query)
        entry = cache.get(key)
        now = clock.monotonic()
        if entry is not None and now < entry.fresh_until:
            return _answer(entry, CacheState.HIT)
        flight = flights.join(key, lambda: refresh(key, query))
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

    return step


def _answer(entry: Entry, state: CacheState, detail: str | None = None) -> Answer:
    return Answer(entry.records, entry.as_of, state, entry.version, detail)
