"""A system over HTTP; it may have a mock's fault switches, over ``PUT /_mock/faults``."""

from __future__ import annotations

import asyncio
import ssl
import time
from functools import cache

import httpx
from pydantic import BaseModel, ValidationError

from connectors.sdk.errors import Unavailable
from connectors.sdk.mock.faults import Faults
from connectors.sdk.testing.site import Counts
from connectors.sdk.testing.verdict import NotPossible

_SWITCHES, _STATS = b"/_mock/faults", b"/_mock/stats"
_PATIENCE_S = 10.0


@cache
def _tls() -> ssl.SSLContext:
    """Return the context of the system's authorities; to make one takes longer than a check."""
    return ssl.create_default_context()


class _Stats(BaseModel):
    logins: int
    failed_logins: int


class LiveSite:
    """Be a :class:`connectors.sdk.testing.site.Site`.

    The transport is httpx's bare one, without a client: no cookie and no redirect is kept or followed by it.
    It serves one check at a time; what serves people stands in ``gateway.upstream``.
    """

    live = True

    def __init__(self, base_url: str) -> None:
        """Take the system's base URL; nothing is sent yet."""
        self._base_url = httpx.URL(base_url)
        self.transport: httpx.AsyncBaseTransport = httpx.AsyncHTTPTransport(verify=_tls())
        self._switches: bool | None = None
        self._hurt = False

    def monotonic(self) -> float:
        """Return real seconds."""
        return time.monotonic()

    async def set_faults(self, faults: Faults) -> None:
        """Replace the switches; raises NotPossible for a system without them, or without one of these."""
        if self._switches is None:
            self._switches = await self._has_switches()
        if not self._switches:
            raise NotPossible("not possible here: the system has no fault switches")
        wanted = faults.model_dump(exclude_defaults=True)
        self._hurt = bool(wanted)
        response = await self._say("PUT", _SWITCHES, wanted)
        if not response.is_success:
            raise NotPossible(f"not possible here: the system has no switch {', '.join(wanted)}")

    async def counts(self) -> Counts:
        """Return the system's counts."""
        response = await self._say("GET", _STATS)
        try:
            stats = _Stats.model_validate_json(response.content)
        except ValidationError:
            raise NotPossible("not possible here: the system does not count sign-ins") from None
        return Counts(stats.logins, stats.failed_logins)

    async def close(self) -> None:
        """Make the system well again, if it was hurt, and hang up."""
        try:
            if self._hurt:
                await self._say("PUT", _SWITCHES, {})
        finally:
            await self.transport.aclose()

    async def _has_switches(self) -> bool:
        response = await self._say("GET", _SWITCHES)
        try:
            Faults.model_validate_json(response.content)
        except ValidationError:
            return False
        return response.is_success

    async def _say(self, method: str, path: bytes, body: object = None) -> httpx.Response:
        url = self._base_url.copy_with(raw_path=path)
        request = httpx.Request(method, url, json=body)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                response = await self.transport.handle_async_request(request)
                await response.aread()
        except (httpx.TransportError, TimeoutError):
            raise Unavailable("no connection") from None
        return response
