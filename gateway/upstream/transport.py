"""The thin transport: hands an httpx.Request to aiohttp's client and returns a whole httpx.Response.

httpx is the vocabulary and not the client: its own pool costs more than a call and collapses under
concurrency.
"""

from __future__ import annotations

import ssl
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

import aiohttp
import httpx
import yarl

from connectors.sdk import BadUpstreamData, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BODY = 2 * 1024 * 1024
"""Largest answer in bytes, after decompression, unless a system says more."""
MAX_IN_FLIGHT = 64 * 1024 * 1024
"""Bytes of answers that the process holds while they are being read."""

_WINDOWS = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
_PIECE = 65_536
_NO_AUTO = ("Accept", "Accept-Encoding", "User-Agent", "Content-Type")


class InFlight:
    """Count the bytes being read, so that many large answers together cannot exhaust memory."""

    def __init__(self, limit: int = MAX_IN_FLIGHT) -> None:
        """Allow ``limit`` bytes at once."""
        self._limit = limit
        self._held = 0

    def take(self, size: int) -> None:
        """Count ``size`` more bytes; raises Unavailable when there is no room."""
        if self._held + size > self._limit:
            msg = "too many large answers at once"
            raise Unavailable(msg)
        self._held += size

    def give_back(self, size: int) -> None:
        """Count ``size`` bytes less."""
        self._held -= size


class AiohttpTransport(httpx.AsyncBaseTransport):
    """Send requests over one shared aiohttp session.

    Redirects are not followed, cookies not kept, bodies inflated here within the limit. Raises Unavailable
    for what a later try may mend, BadUpstreamData for what it will not; never with the upstream's words.
    """

    def __init__(self, session: aiohttp.ClientSession, in_flight: InFlight, max_body: int = MAX_BODY) -> None:
        """Take a session made by :mod:`gateway.upstream.clients` and the limits in bytes."""
        self._session = session
        self._in_flight = in_flight
        self._max_body = max_body

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request and return its response with the whole body, decoded from gzip or deflate."""
        try:
            async with self._session.request(
                request.method,
                _url(str(request.url)),
                data=request.content or None,
                headers=request.headers.multi_items(),
                allow_redirects=False,
                skip_auto_headers=_NO_AUTO,
            ) as answer:
                content = await self._read(answer)
        except aiohttp.ClientConnectorDNSError:
            raise Unavailable("name not resolved") from None
        except (aiohttp.ClientSSLError, ssl.SSLError):
            raise Unavailable("TLS failed") from None
        except aiohttp.ClientConnectorError:
            raise Unavailable("connection refused") from None
        except aiohttp.ServerTimeoutError:
            raise Unavailable("no connection in time") from None
        except (
            aiohttp.ServerDisconnectedError,
            aiohttp.ClientOSError,
            aiohttp.ClientPayloadError,  # the body ended before its time
            ConnectionError,
        ):
            raise Unavailable("connection lost") from None
        except (aiohttp.ClientResponseError, aiohttp.InvalidURL, ValueError):
            raise BadUpstreamData("not proper HTTP") from None
        except aiohttp.ClientError:
            raise Unavailable("call failed") from None
        headers = [
            (k, v) for k, v in answer.raw_headers if k.lower() not in {b"content-encoding", b"content-length"}
        ]
        return httpx.Response(answer.status, headers=headers, content=content, request=request)

    async def _read(self, answer: aiohttp.ClientResponse) -> bytes:
        encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"identity", ""} and encoding not in _WINDOWS:
            raise BadUpstreamData("unknown content encoding")
        inflate = _Inflate(_WINDOWS[encoding]) if encoding in _WINDOWS else None
        parts: list[bytes] = []
        size = 0
        try:
            async for chunk in answer.content.iter_any():
                for part in inflate.parts(chunk) if inflate else (chunk,):
                    self._in_flight.take(len(part))
                    size += len(part)
                    parts.append(part)
                    if size > self._max_body:
                        answer.close()
                        raise BadUpstreamData("answer too large")
            if inflate and not inflate.whole:
                raise BadUpstreamData("broken compression")
        except zlib.error:
            raise BadUpstreamData("broken compression") from None
        finally:
            self._in_flight.give_back(size)
        return b"".join(parts)


class _Inflate:
    """Inflate one body piece by piece, so that a bomb meets the limit early."""

    def __init__(self, window: int) -> None:
        self._inflate = zlib.decompressobj(window)
        self._begun = False

    def parts(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what ``chunk`` inflates to, 64 KiB at a time; raises zlib.error."""
        self._begun = True
        while chunk:
            yield self._inflate.decompress(chunk, _PIECE)
            chunk = self._inflate.unconsumed_tail

    @property
    def whole(self) -> bool:
        """Tell whether the body ended where its compression says, with nothing behind; no body is whole."""
        return not self._begun or (self._inflate.eof and not self._inflate.unused_data)


@lru_cache(maxsize=512)
def _url(text: str) -> yarl.URL:
    """Return aiohttp's URL for an encoded one; connectors have few, and never put people into them."""
    return yarl.URL(text, encoded=True)
