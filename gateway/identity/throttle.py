"""How long a user name must wait after wrong passwords: longer each time, never for ever."""

from __future__ import annotations

import hmac
import math
from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.errors import AccountLocked

if TYPE_CHECKING:
    from gateway.clock import Clock
    from gateway.identity.repository import ThrottleRepository

FREE_TRIES = 5
"""Wrong passwords until the first wait."""

FIRST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(minutes=15)
FORGET_AFTER = timedelta(hours=24)
"""Failures are forgotten this long after the last one."""


def wait_after(failures: int) -> timedelta | None:
    """Return the wait that this many failures in a row bring: 60 s at the fifth, doubling to 15 minutes."""
    if failures < FREE_TRIES:
        return None
    wait = FIRST_WAIT
    for _ in range(failures - FREE_TRIES):
        if wait >= LONGEST_WAIT:
            break
        wait *= 2
    return min(wait, LONGEST_WAIT)


class Throttle:
    """Count wrong passwords per user name, whether or not it is anybody's.

    Names are kept as HMACs, for people type their password into the wrong field. Addresses are not looked at:
    an office shares one. What is *not* prevented: that somebody keeps another's account waiting on purpose.
    """

    def __init__(self, repository: ThrottleRepository, key: bytes, clock: Clock) -> None:
        self._repository = repository
        self._key = key
        self._clock = clock

    def key_of(self, folded: str) -> bytes:
        """Return the HMAC-SHA256 of a folded user name, under which its failures are counted."""
        return hmac.digest(self._key, folded.encode("utf-8", "surrogatepass"), "sha256")

    async def check(self, key: bytes) -> bool:
        """Raise AccountLocked while the name must wait; else tell whether failures are on record."""
        now = self._clock.now()
        found = await self._repository.find(key, now - FORGET_AFTER)
        if found is None:
            return False
        if found.locked_until is not None and found.locked_until > now:
            # The clock may have been set back meanwhile; nobody waits longer than the longest wait for that.
            left = min(found.locked_until - now, LONGEST_WAIT)
            raise AccountLocked(math.ceil(left.total_seconds()))
        return True

    async def failed(self, key: bytes) -> None:
        """Count one failure, durably, and lock the name if it is one too many."""
        now = self._clock.now()
        await self._repository.add_failure(key, now, now - FORGET_AFTER, wait_after)

    async def succeeded(self, key: bytes) -> None:
        """Forget the failures of a name."""
        await self._repository.clear(key)

    async def prune(self) -> int:
        """Remove what is forgotten anyway; return how many rows went."""
        return await self._repository.prune(self._clock.now() - FORGET_AFTER)
