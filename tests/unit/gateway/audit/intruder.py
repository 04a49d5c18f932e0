"""What somebody can do who may write the database, but has neither the key nor the anchor."""

import hashlib
import hmac
import sqlite3
from collections.abc import Callable
from contextlib import closing

from gateway.audit.chain import following, genesis
from tests.unit.gateway.audit.trail import Trail

EVENTS = 6
"""Events of a chain after its opening."""


async def two_chains(trail: Trail) -> tuple[str, str]:
    return await trail.written(EVENTS), await trail.written(EVENTS)


async def fault(trail: Trail) -> str:
    report = await trail.verified()
    assert report.fault is not None, "nothing was found"
    return report.fault


def flip(trail: Trail, column: str, chain: str, seq: int, at: int) -> None:
    """Flip one bit of a body or a hash."""
    read, write = {
        "body": (
            "SELECT body FROM audit_event WHERE chain = ? AND seq = ?",
            "UPDATE audit_event SET body = ? WHERE chain = ? AND seq = ?",
        ),
        "hash": (
            "SELECT hash FROM audit_event WHERE chain = ? AND seq = ?",
            "UPDATE audit_event SET hash = ? WHERE chain = ? AND seq = ?",
        ),
    }[column]
    [(held,)] = trail.sql(read, chain, seq)
    assert isinstance(held, bytes)
    changed = bytearray(held)
    changed[at] ^= 1
    trail.sql(write, bytes(changed), chain, seq)


def drop(trail: Trail, chain: str, first: int = 1, last: int = 1_000_000) -> None:
    """Remove events of which no run has been made."""
    trail.sql("DELETE FROM audit_event WHERE chain = ? AND seq BETWEEN ? AND ?", chain, first, last)


def recompute(trail: Trail, chain: str, change: Callable[[int, bytes], bytes]) -> None:
    """Change bodies and make all hashes of the chain fit, which needs no key."""
    head = genesis(chain)
    with closing(sqlite3.connect(trail.database)) as db:
        rows = db.execute(
            "SELECT seq, body FROM audit_event WHERE chain = ? ORDER BY seq", [chain]
        ).fetchall()
        for seq, body in rows:
            new = change(seq, body)
            head = following(head, new)
            db.execute(
                "UPDATE audit_event SET body = ?, hash = ? WHERE chain = ? AND seq = ?",
                [new, head.hash, chain, seq],
            )
        db.commit()


def anchor_line(chain: str, seq: object, digest: object, key: bytes) -> bytes:
    assert isinstance(digest, bytes)
    words = f"{chain} {seq} {digest.hex()}".encode()
    return words + b" " + hmac.new(key, words, hashlib.sha256).hexdigest().encode() + b"\n"
