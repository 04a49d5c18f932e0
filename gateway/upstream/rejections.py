"""Which of one system's configured credentials were rejected: known over a restart, and told from no hash."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from connectors.sdk import Credential
    from gateway.clock import Clock
    from gateway.upstream.repository import UpstreamRepository


class Rejections:
    """Remember rejected credentials of one system by a keyed hash; raises StoreUnavailable."""

    def __init__(self, system: str, key: bytes, repository: UpstreamRepository, clock: Clock) -> None:
        """Take the system and the key of the hash."""
        self._system = system
        self._key = key
        self._repository = repository
        self._clock = clock

    async def holds(self, credential: Credential) -> bool:
        """Tell whether this very credential was rejected."""
        return await self._repository.is_rejected(self._mark(credential))

    async def add(self, credential: Credential) -> None:
        """Write a rejection down."""
        await self._repository.reject(self._mark(credential), self._clock.now())

    def _mark(self, credential: Credential) -> bytes:
        whole = orjson.dumps(["rejected", self._system, credential.username, credential.secret])
        return hmac.digest(self._key, whole, hashlib.sha256)
