"""The first level of the cache: raw records in this process's memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from hmac import digest
from itertools import count
from typing import TYPE_CHECKING

from cachetools import TLRUCache

from connectors.sdk import Identity

if TYPE_CHECKING:
    from datetime import datetime

    from connectors.sdk import Query, Record
    from gateway.clock import Clock

MAX_RECORDS = 400_000
"""Bound of the memory: a record takes about 1.5 kB."""

_versions = count(1)


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer of one system."""

    records: tuple[Record, ...] = field(repr=False)
    as_of: datetime
    fresh_until: float
    """Monotonic seconds."""
    kept_until: float
    """Monotonic seconds; between ``fresh_until`` and this it may stand in when the system does not answer."""
    version: int = field(default_factory=lambda: next(_versions))


class MemoryCache:
    """Keep entries until they are too old to stand in, or until memory is wanted for newer ones (LRU)."""

    def __init__(self, key: bytes, clock: Clock, max_records: int = MAX_RECORDS) -> None:
        """Take the secret of the cache keys."""
        self._key = key
        self._entries: TLRUCache[bytes, Entry] = TLRUCache(
            maxsize=max_records,
            ttu=lambda _key, entry, _now: entry.kept_until,
            timer=clock.monotonic,
            getsizeof=lambda entry: 1 + len(entry.records),
        )

    def key(self, system: str, version: str, entitlement: str, query: Query) -> bytes:
        """Return the key of a question: an HMAC, for a citizen number must not stand in a cache key.

        The parts: system, connector version, entitlement of the upstream account, and the query with its type
        and all its values.
        """
        values = (_plain(getattr(query, name)) for name in query.__slots__)
        parts = (system, version, entitlement, type(query).__name__, *values)
        return digest(self._key, repr(parts).encode("utf-8", "surrogatepass"), "sha256")

    def get(self, key: bytes) -> Entry | None:
        """Return the entry, fresh or stale."""
        return self._entries.get(key)

    def put(self, key: bytes, entry: Entry) -> None:
        """Keep an entry; one larger than the whole cache is not kept."""
        if 1 + len(entry.records) <= self._entries.maxsize:
            self._entries[key] = entry


def _plain(value: object) -> object:
    """Return all of a value: the repr of an identity hides its number, which the key must tell apart."""
    return (value.kind.value, value.number) if isinstance(value, Identity) else value
