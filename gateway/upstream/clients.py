"""The one factory of HTTP clients towards line systems."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from gateway.upstream.body import InFlight
from gateway.upstream.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def open_transport() -> AsyncIterator[Transport]:
    """Open the process's transport and close its connections at the end."""
    tls = ssl.create_default_context()
    tls.set_alpn_protocols(["http/1.1"])
    transport = Transport(tls, InFlight())
    try:
        yield transport
    finally:
        await transport.aclose()
