"""A login storm: everybody signs in at eight o'clock. How many a second, and how long others wait meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import uvloop

from benchmarks.client import drive
from benchmarks.cores import Cores, pinned, used_s
from benchmarks.installation import USERNAME
from benchmarks.load import Load, Run, request
from benchmarks.process import Server
from benchmarks.reader import API, sign_in_request

AT_ONCE = 16
_BEAT_S = 0.02


@dataclass(frozen=True, slots=True)
class Storm:
    """Sign-ins with a password, and a heartbeat beside them."""

    sign_ins: Run
    quiet: Run
    """``/healthz`` every 20 ms on one connection, before the storm."""
    beside: Run
    """The same during the storm: above ``quiet``, this is how long the event loop was held up."""
    us: float
    """The server's CPU microseconds for one sign-in."""

    @property
    def good(self) -> bool:
        """Tell whether every sign-in and every heartbeat was answered right."""
        runs = (self.sign_ins, self.quiet, self.beside)
        return all(run.answered and not run.wrong and not run.failed for run in runs)


def blow(server: Server, password: str, seconds: float, cores: Cores) -> Storm:
    """Let a storm blow, and a heartbeat before and during it."""
    body, headers = sign_in_request(USERNAME, password)
    sign_in = Load(
        server.address,
        [request("POST", f"{API}/session", headers, body)],
        b'"csrf_token"',
        status=201,
        connections=AT_ONCE,
    )
    beat = Load(server.address, [request("GET", "/healthz")], b'"ok"', connections=1, pause_s=_BEAT_S)
    with pinned(cores.load):
        quiet = uvloop.run(drive(beat, min(seconds, 2.0)))
        before = used_s(server.pid)
        sign_ins, beside = uvloop.run(_both(sign_in, beat, seconds))
    us = (used_s(server.pid) - before) / max(1, sign_ins.answered) * 1e6
    return Storm(sign_ins, quiet, beside, us)


async def _both(sign_in: Load, beat: Load, seconds: float) -> tuple[Run, Run]:
    return await asyncio.gather(drive(sign_in, seconds), drive(beat, seconds))
