"""The one factory of HTTP clients towards line systems."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from gateway.upstream.transport import AiohttpTransport, InFlight

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CONNECT_TIMEOUT_S = 2.0


@asynccontextmanager
async def open_transport() -> AsyncIterator[AiohttpTransport]:
    """Open the process's transport and close its connections at the end.

    The cookie jar is a dummy: with aiohttp's own jar one account's upstream session would be sent for
    another. The whole-call deadline belongs to the guard step, so the client has only one for connecting.
    """
    connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=60)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=timeout,
        auto_decompress=False,
    ) as session:
        yield AiohttpTransport(session, InFlight())
