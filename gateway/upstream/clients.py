"""The one factory of HTTP clients towards line systems."""

from __future__ import annotations

import ssl
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import TYPE_CHECKING

from gateway.settings import Tls
from gateway.upstream.body import InFlight
from gateway.upstream.transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MACHINES_OWN = Tls()
"""The certificate authorities of this machine, and no certificate of ours."""


class BadTls(Exception):  # a fault of the configuration
    """A file of a system's ``tls`` cannot be used; the text says which and why."""


class Clients:
    """Transports by whom they believe and as whom they call; what they hold in flight counts together."""

    def __init__(self) -> None:
        """Begin with none."""
        self._in_flight = InFlight()
        self._transports: dict[Tls, Transport] = {}

    def transport(self, tls: Tls = MACHINES_OWN) -> Transport:
        """Return the transport for these files, the same for the same; raises BadTls."""
        transport = self._transports.get(tls)
        if transport is None:
            transport = self._transports[tls] = Transport(context_of(tls), self._in_flight)
        return transport

    async def aclose(self) -> None:
        """Close the connections that nobody uses."""
        for transport in self._transports.values():
            await transport.aclose()


@asynccontextmanager
async def open_clients() -> AsyncIterator[Clients]:
    """Yield the process's clients and close their connections at the end."""
    clients = Clients()
    try:
        yield clients
    finally:
        await clients.aclose()


@asynccontextmanager
async def open_transport() -> AsyncIterator[Transport]:
    """Yield one transport that believes what this machine believes."""
    async with open_clients() as clients:
        yield clients.transport()


@lru_cache(maxsize=64)
def context_of(tls: Tls) -> ssl.SSLContext:
    """Return the context for these files: one for all who name the same ones.

    TLS 1.2 at least, host names checked. Raises BadTls. A file that changes is read at the next start.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca)
    except (OSError, ssl.SSLError):
        raise BadTls(f"ca: {tls.ca} holds no certificates that can be read") from None
    context.set_alpn_protocols(["http/1.1"])
    if tls.certificate is not None:
        try:
            # An empty password: never ask a person at the terminal for one.
            context.load_cert_chain(tls.certificate, tls.key, password="")
        except (OSError, ssl.SSLError):
            raise BadTls(
                f"certificate: {tls.certificate} and its key are not there, do not fit, or need a password"
            ) from None
    return context
