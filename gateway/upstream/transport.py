"""The thin transport: writes an httpx.Request, keeps connections, and returns a whole httpx.Response.

httpx is the vocabulary and not the client: its own pool costs more than a call and collapses under
concurrency (docs/decisions/0007).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Final

import httpx

from connectors.sdk import BadUpstreamData, Unavailable
from gateway.upstream.body import MAX_BODY, InFlight
from gateway.upstream.connection import Answer, Connection

CONNECT_TIMEOUT_S: Final = 2.0
"""For name, connection and TLS together; the whole call's deadline belongs to the guard step."""
IDLE_S: Final = 15.0
"""How long an unused connection is kept: less than servers and firewalls keep theirs."""

Origin = tuple[bytes, bytes, int]


class Transport(httpx.AsyncBaseTransport):
    """Send requests over kept connections, one request at a time on each.

    Redirects are not followed, cookies not kept, nothing is sent twice. Raises Unavailable for what a later
    try may mend, BadUpstreamData for what it will not; never with the upstream's words. How many connections
    there are is the callers' matter (the guard's bulkhead).
    """

    def __init__(
        self,
        tls: ssl.SSLContext,
        in_flight: InFlight,
        max_body: int = MAX_BODY,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
        idle_s: float = IDLE_S,
    ) -> None:
        """Take the limits in bytes and seconds; made by :mod:`gateway.upstream.clients`."""
        self._tls = tls
        self._in_flight = in_flight
        self._max_body = max_body
        self._connect_timeout_s = connect_timeout_s
        self._idle_s = idle_s
        self._idle: dict[Origin, list[Connection]] = {}
        self._sweep: asyncio.TimerHandle | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its response with the whole body, decoded from gzip or deflate."""
        url = request.url
        tls = url.raw_scheme == b"https"
        origin = (url.raw_scheme, url.raw_host, url.port or (443 if tls else 80))
        message = _written(request)
        connection = self._kept(origin) or await self._connect(origin, tls=tls)
        answer = await connection.exchange(message)
        if connection.usable:
            self._keep(origin, connection)
        return _whole(answer, request)

    async def aclose(self) -> None:
        """Close the connections that nobody uses; those in use end with their calls."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for kept in self._idle.values():
            for connection in kept:
                connection.abort()
        self._idle.clear()

    def _kept(self, origin: Origin) -> Connection | None:
        """Return the connection that was used last, so that those of a busy hour can grow old."""
        kept = self._idle.get(origin)
        while kept:
            connection = kept.pop()
            if connection.usable:
                return connection
        return None

    def _keep(self, origin: Origin, connection: Connection) -> None:
        loop = asyncio.get_running_loop()
        connection.idle_since = loop.time()
        self._idle.setdefault(origin, []).append(connection)
        if self._sweep is None:
            self._sweep = loop.call_later(self._idle_s, self._drop_old)

    def _drop_old(self) -> None:
        """Close what has not been used for a while; comes again as long as anything is kept."""
        loop = asyncio.get_running_loop()
        oldest = loop.time() - self._idle_s
        for kept in self._idle.values():
            for connection in kept:
                if connection.idle_since <= oldest:
                    connection.abort()
            kept[:] = [connection for connection in kept if connection.usable]
        self._sweep = loop.call_later(self._idle_s, self._drop_old) if any(self._idle.values()) else None

    async def _connect(self, origin: Origin, *, tls: bool) -> Connection:
        _scheme, host, port = origin
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                _, connection = await loop.create_connection(
                    lambda: Connection(self._in_flight, self._max_body),
                    host.decode("ascii"),
                    port,
                    ssl=self._tls if tls else None,
                )
        except TimeoutError:
            raise Unavailable("no connection in time") from None
        except socket.gaierror:
            raise Unavailable("name not resolved") from None
        except ssl.SSLError:
            raise Unavailable("TLS failed") from None
        except OSError:
            raise Unavailable("connection refused") from None
        return connection


def _whole(answer: Answer, request: httpx.Request) -> httpx.Response:
    """Return a response that has been read, without httpx's reading it once more: 1 us instead of 8."""
    stream = httpx.ByteStream(answer.content)
    response = httpx.Response(answer.status, headers=answer.headers, stream=stream, request=request)
    # All that httpx sets when it has read one; a test compares the two.
    response._content = answer.content  # noqa: SLF001  # there is no public way
    response.is_closed = response.is_stream_consumed = True
    return response


def _written(request: httpx.Request) -> bytes:
    """Return the bytes of a request; raises BadUpstreamData for a header that would forge another.

    Such a header can only come of what an upstream gave us to send back: a cookie, a token.
    """
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), request.url.raw_path)]
    lines += [b"%b: %b" % header for header in request.headers.raw]
    head = b"\r\n".join(lines)
    breaks = len(lines) - 1
    if head.count(b"\r") != breaks or head.count(b"\n") != breaks or b"\0" in head:
        raise BadUpstreamData("not proper HTTP")
    return b"%b\r\n\r\n%b" % (head, request.content)
