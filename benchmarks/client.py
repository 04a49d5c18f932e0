"""An own load client where wrk is not installed: raw asyncio protocols, about 15 us of CPU a request.

Closed loop: each connection sends its next request when the answer has come. At the end it sends no more and
waits for what is under way, so every request that was sent is counted.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import cycle
from typing import cast

import uvloop

from benchmarks.load import Load, Run

_DRAIN_S = 5.0
_HEAD_END = b"\r\n\r\n"


class _Tally:
    """What all connections of a run count together."""

    def __init__(self, load: Load, until: float) -> None:
        self.load = load
        self.until = until
        self.left = load.connections
        self.latencies: list[float] = []
        self.wrong = 0
        self.failed = 0
        self.ran_out = False
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._feed: Iterator[bytes] = iter(load.requests) if load.once else cycle(load.requests)
        self._status = b"%d" % load.status

    def next(self) -> bytes | None:
        """Return the next request, None when there are no more."""
        found = next(self._feed, None)
        self.ran_out = self.ran_out or found is None
        return found

    def check(self, status: bytes, body: bytes, took_s: float) -> None:
        """Count one answer."""
        if status == self._status and self.load.expect in body:
            self.latencies.append(took_s)
        else:
            self.wrong += 1

    def connection_over(self, *, broken: bool) -> None:
        """Count one connection out."""
        self.failed += broken
        self.left -= 1
        if not self.left and not self.over.done():
            self.over.set_result(None)


class _Connection(asyncio.Protocol):
    """One connection: a request, its answer, the next request."""

    def __init__(self, tally: _Tally) -> None:
        self._tally = tally
        self._buffer = b""
        self._sent_at = 0.0
        self._transport: asyncio.Transport | None = None
        self._finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports bear no relation to asyncio's classes but the name.
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        answer = _whole(data)
        if answer is None:
            self._buffer = data
            return
        self._buffer = b""
        self._tally.check(*answer, time.perf_counter() - self._sent_at)
        if self._tally.load.pause_s:
            asyncio.get_running_loop().call_later(self._tally.load.pause_s, self._send)
        else:
            self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self._finished:
            self._finished = True
            self._tally.connection_over(broken=True)

    def _send(self) -> None:
        if self._finished or self._transport is None:
            return
        now = time.perf_counter()
        request = self._tally.next() if now < self._tally.until else None
        if request is None:
            self._finished = True
            self._transport.close()
            self._tally.connection_over(broken=False)
            return
        self._sent_at = now
        self._transport.write(request)


def _whole(data: bytes) -> tuple[bytes, bytes] | None:
    """Return status and body once the answer is whole; framed by Content-Length or, taken on trust, chunked."""
    end = data.find(_HEAD_END)
    if end < 0:
        return None
    head, start = data[:end].lower(), end + len(_HEAD_END)
    place = head.find(b"\r\ncontent-length:")
    if place >= 0:
        length = int(head[place + 17 :].split(b"\r\n", 1)[0])
        return (data[9:12], data[start : start + length]) if len(data) >= start + length else None
    if b"\r\ntransfer-encoding: chunked" in head:
        return (data[9:12], data[start:]) if data.endswith(b"\r\n0\r\n\r\n") else None
    return data[9:12], b""


async def drive(load: Load, seconds: float) -> Run:
    """Run a load for a time; raises OSError if the server cannot be reached."""
    loop = asyncio.get_running_loop()
    started, cpu = time.perf_counter(), time.process_time()
    tally = _Tally(load, started + seconds)
    await asyncio.gather(
        *(loop.create_connection(lambda: _Connection(tally), *load.address) for _ in range(load.connections))
    )
    await asyncio.wait({tally.over}, timeout=seconds + _DRAIN_S)
    ended = time.perf_counter()
    latencies = sorted(tally.latencies) or [0.0]
    return Run(
        answered=len(tally.latencies),
        wrong=tally.wrong,
        failed=tally.failed + tally.left,
        seconds=ended - started,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1000,
        client_s=time.process_time() - cpu,
        ran_out=tally.ran_out,
    )


def run(load: Load, seconds: float) -> Run:
    """Run a load from this thread."""
    return uvloop.run(drive(load, seconds))
