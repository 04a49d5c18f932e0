"""Leases: the right to do something alone, for a while."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from connectors.sdk import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Leases:
    """Give one holder at a time a named lease, in this process.

    Whoever holds one must be done within ``for_s``; what takes longer is ended, so that a store shared by
    several processes could let a lease run out by itself. NOT promised: who of those who wait is next.
    """

    def __init__(self) -> None:
        """Start with none held."""
        self._held: dict[str, asyncio.Lock] = {}
        self._wanted: dict[str, int] = {}

    @asynccontextmanager
    async def hold(self, name: str, for_s: float) -> AsyncIterator[None]:
        """Wait for a lease and hold it, both for at most ``for_s`` seconds; raises Unavailable after that."""
        lock = self._held.setdefault(name, asyncio.Lock())
        self._wanted[name] = self._wanted.get(name, 0) + 1
        try:
            async with asyncio.timeout(for_s), lock:
                yield
        except TimeoutError:
            raise Unavailable("sign-in took too long") from None
        finally:
            self._wanted[name] -= 1
            if not self._wanted[name]:
                del self._wanted[name], self._held[name]
