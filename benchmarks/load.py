"""What a load is, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

CONNECTIONS = 32


@dataclass(frozen=True, slots=True)
class Load:
    """Requests for one server, and how a right answer looks."""

    address: tuple[str, int]
    requests: Sequence[bytes] = field(repr=False)
    """Whole HTTP/1.1 requests, sent one after the other, and from the beginning again."""
    expect: bytes = b""
    """Bytes that stand in the body of every right answer."""
    status: int = 200
    once: bool = False
    """Send each request at most once: who asks twice finds the answer in the cache."""
    connections: int = CONNECTIONS
    pause_s: float = 0.0
    """How long each connection rests between two requests."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a load brought."""

    answered: int
    """Right answers."""
    wrong: int
    """Answers with another status, or without the expected bytes."""
    failed: int
    """Connections that broke."""
    seconds: float
    p50_ms: float
    p99_ms: float
    client_s: float
    """CPU seconds of the client itself."""
    cut_off: int = 0
    """Requests that were under way at the end and whose answers nobody counted, at most."""
    ran_out: bool = False
    """There were no requests left before the time was up."""

    @property
    def rate(self) -> float:
        """Return right answers a second."""
        return self.answered / self.seconds if self.seconds else 0.0


def request(
    method: str, path: str, headers: dict[str, str] | None = None, body: bytes = b"", host: str = "127.0.0.1"
) -> bytes:
    """Return the bytes of one HTTP/1.1 request on a connection that stays open (RFC 9112)."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("ascii") + body
