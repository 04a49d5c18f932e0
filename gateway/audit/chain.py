"""The chain that makes the records one piece: each hash covers the one before it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime

HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class Head:
    """The last event of a chain, or any event of it seen as last."""

    chain: str
    seq: int
    hash: bytes


def new_chain(now: datetime) -> str:
    """Name a new chain by its start in UTC and chance, e.g. ``20261121T001230.123Z-9f3a51c07be2``.

    Names of chains sort by their start as long as the clock does not go back.
    """
    start = now.astimezone(UTC)
    return f"{start:%Y%m%dT%H%M%S}.{start.microsecond // 1000:03d}Z-{os.urandom(6).hex()}"


def genesis(chain: str) -> Head:
    """Return what stands before the first event: number 0 and a hash of 32 zero bytes."""
    return Head(chain, 0, bytes(HASH_BYTES))


def following(previous: Head, body: bytes) -> Head:
    """Return the head after an event with this body."""
    seq = previous.seq + 1
    return Head(previous.chain, seq, digest(previous.hash, previous.chain, seq, body))


def digest(previous: bytes, chain: str, seq: int, body: bytes) -> bytes:
    """Return the hash of an event, given the hash of the one before.

    ``hash = SHA-256(previous hash ‖ chain ‖ 0x00 ‖ seq ‖ body)``: 32 bytes, the chain's name in ASCII, one
    zero byte, the event's number (from 1) as 8 bytes big-endian, the canonical body.
    """
    place = b"%b%b\0%b" % (previous, chain.encode("ascii"), seq.to_bytes(8, "big"))
    return hashlib.sha256(place + body).digest()
