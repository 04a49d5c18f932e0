"""What the rest of the gateway needs of the audit: one place to record, and where a reader's quotas stand."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from connectors.sdk import FindPerson
from gateway.audit.pseudonym import pseudonym

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connectors.sdk import Identity
    from gateway.audit.event import Event
    from gateway.audit.usage import UsageCounters
    from gateway.audit.writer import AuditWriter
    from gateway.clock import Clock
    from gateway.model import Call
    from policies.engine import Engine
    from policies.model import Usage


MAX_PSEUDONYMS = 8192


class Recorder:
    """Record events durably and count what they use up."""

    def __init__(
        self,
        writer: AuditWriter,
        usage: UsageCounters,
        key: bytes,
        policy: Callable[[], Engine],
        clock: Clock,
    ) -> None:
        """Take the writer, the counters that it feeds, and the key of the pseudonyms."""
        self._writer = writer
        self._usage = usage
        self._policy = policy
        self._pseudonym = lru_cache(MAX_PSEUDONYMS)(partial(pseudonym, key))
        self._clock = clock

    @property
    def accepting(self) -> bool:
        """Tell whether events are accepted at all."""
        return self._writer.accepting

    @property
    def waiting(self) -> int:
        """Return how many events wait to be durable."""
        return self._writer.waiting

    async def record(self, event: Event) -> None:
        """Return when the event is durable; raises StoreUnavailable or Busy, and then nothing may leave."""
        await self._writer.append(event)

    def now(self) -> datetime:
        """Return the time that events bear."""
        return self._clock.now()

    def pseudonym(self, identity: Identity) -> bytes:
        """Return the 16 bytes that stand for a person in the audit; kept, as one call asks several times."""
        return self._pseudonym(identity)

    def usage_of(self, call: Call) -> Usage:
        """Return where the caller's quotas stand, for this person when it is about one."""
        subject = self.pseudonym(call.query.identity) if isinstance(call.query, FindPerson) else None
        return self._usage.of(call.subject.account, subject, self._clock.today())

    def policy_version(self) -> str:
        """Return the version of the policies in force."""
        return self._policy().version
