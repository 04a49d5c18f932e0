"""FastAPI with httpx, where ``make bench PEERS=1`` has installed them beside our own environment."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path as File

from benchmarks.cold import fanout_load
from benchmarks.cores import Cores
from benchmarks.load import Load, request
from benchmarks.paths import FANOUT, Absent, Path
from benchmarks.process import Server, running

_PYTHON = File(sys.prefix) / "peers" / "bin" / "python"
_WHY = "not installed; make bench PEERS=1 installs it"


def hello(stack: ExitStack, cores: Cores, folder: File, bases: tuple[str, ...]) -> Path | Absent:
    """Return FastAPI answering the same 590 bytes."""
    if not _PYTHON.exists():
        return Absent("FastAPI on uvicorn, 590 bytes", _WHY)
    server = _served(stack, cores, folder, bases, "fastapi-hello")
    return Path(
        "fastapi_hello",
        "FastAPI on uvicorn, 590 bytes",
        server,
        lambda: Load(server.address, [request("GET", "/")], b'"ok"'),
    )


def fanout(stack: ExitStack, cores: Cores, folder: File, bases: tuple[str, ...]) -> Path | Absent:
    """Return FastAPI asking the three systems with httpx."""
    if not _PYTHON.exists():
        return Absent("FastAPI and httpx, fan-out to three systems", _WHY)
    server = _served(stack, cores, folder, bases, "fastapi-fanout")
    title = "FastAPI and httpx, fan-out to three systems"
    return Path("fastapi_fanout", title, server, fanout_load(server), FANOUT)


def _served(stack: ExitStack, cores: Cores, folder: File, bases: tuple[str, ...], name: str) -> Server:
    command: list[str | File] = [_PYTHON, "-m", "benchmarks.peers.fastapi_app", *bases]
    return stack.enter_context(running(name, command, cores.server, folder))
