"""The body of one answer: inflated piece by piece, within the limit of the answer and of the process."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from connectors.sdk import BadUpstreamData, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BODY = 2 * 1024 * 1024
"""Largest answer in bytes, after decompression, unless a system says more."""
MAX_IN_FLIGHT = 64 * 1024 * 1024
"""Bytes of answers that the process holds while they are being read."""

_WINDOWS = {b"gzip": 16 + zlib.MAX_WBITS, b"x-gzip": 16 + zlib.MAX_WBITS, b"deflate": zlib.MAX_WBITS}
_PLAIN = {b"", b"identity"}
_PIECE = 65_536


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


class Body:
    """Collect a body; whoever reads it calls :meth:`give_back` however it ends."""

    __slots__ = ("_in_flight", "_inflate", "_limit", "_parts", "_size")

    def __init__(self, in_flight: InFlight, limit: int) -> None:
        """Start empty, and plain until :meth:`encoded` says otherwise."""
        self._in_flight = in_flight
        self._limit = limit
        self._inflate: _Inflate | None = None
        self._parts: list[bytes] = []
        self._size = 0

    def encoded(self, encoding: bytes) -> None:
        """Take the value of Content-Encoding; raises BadUpstreamData for one that we do not speak."""
        name = encoding.strip().lower()
        if name in _PLAIN:
            return
        if name not in _WINDOWS:
            raise BadUpstreamData("unknown content encoding")
        self._inflate = _Inflate(_WINDOWS[name])

    def add(self, chunk: bytes) -> None:
        """Take more of it; raises BadUpstreamData when too large or broken, Unavailable without room."""
        try:
            for part in self._inflate.parts(chunk) if self._inflate else (chunk,):
                self._in_flight.take(len(part))
                self._size += len(part)
                self._parts.append(part)
                if self._size > self._limit:
                    raise BadUpstreamData("answer too large")
        except zlib.error:
            raise BadUpstreamData("broken compression") from None

    def whole(self) -> bytes:
        """Return it at its end; raises BadUpstreamData where the compression does not end there."""
        if self._inflate and not self._inflate.whole:
            raise BadUpstreamData("broken compression")
        return b"".join(self._parts)

    def give_back(self) -> None:
        """Let go of it and leave the room to others; a second time does nothing."""
        self._in_flight.give_back(self._size)
        self._size = 0
        self._parts.clear()


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
