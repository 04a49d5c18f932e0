"""Servers under measurement, each a process of its own on one core."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.cores import CannotMeasure, pinned

READY = "ready "
START_S = 60.0
END_S = 10.0


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    name: str
    pid: int
    said: str
    """What it printed after ``ready``: its address, or JSON with several."""
    started_s: float
    """How long it took until it was ready."""

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port of the address that it printed."""
        return address_of(self.said)


def address_of(url: str) -> tuple[str, int]:
    """Return host and port of an http URL on this machine."""
    parts = urlsplit(url)
    if parts.hostname != "127.0.0.1" or parts.port is None:
        raise CannotMeasure("only loopback is measured")
    return parts.hostname, parts.port


@contextmanager
def running(
    name: str,
    arguments: Sequence[str | Path],
    core: int,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    ready: str = READY,
    port: int | None = None,
) -> Iterator[Server]:
    """Run a server on a core until the block ends; what it prints goes to files in ``folder``.

    Waits for a line of its output that starts with ``ready``, or, of a server that prints none, until its
    ``port`` takes connections. Raises CannotMeasure if it does not come to that.
    """
    out, err = folder / f"{name}.out", folder / f"{name}.err"
    started = time.monotonic()
    with out.open("wb") as to_out, err.open("wb") as to_err, pinned(core):
        process = subprocess.Popen(
            arguments, stdin=subprocess.PIPE, stdout=to_out, stderr=to_err, env=environment
        )
    try:
        said = _wait(process, name, lambda: _printed(out, ready) if port is None else _listens(port), err)
        yield Server(name, process.pid, said, time.monotonic() - started)
    finally:
        _end(process)


def free_port() -> int:
    """Return a port that nobody listens on just now; for servers that cannot take any and say which."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _wait(process: subprocess.Popen[bytes], name: str, said: Callable[[], str | None], err: Path) -> str:
    give_up = time.monotonic() + START_S
    while time.monotonic() < give_up:
        found = said()
        if found is not None:
            return found
        if process.poll() is not None:
            break
        time.sleep(0.01)
    raise CannotMeasure(f"{name} did not start: {err.read_text('utf-8', 'replace')[-2000:]}")


def _printed(out: Path, ready: str) -> str | None:
    for line in out.read_text("utf-8", "replace").splitlines(keepends=True):
        if line.startswith(ready) and line.endswith("\n"):
            return line.removeprefix(ready).strip()
    return None


def _listens(port: int) -> str | None:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return f"http://127.0.0.1:{port}"
    except OSError:
        return None


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin:
        process.stdin.close()
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
