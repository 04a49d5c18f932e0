"""Whoever touches the anchor without its key is found out; what a crash leaves is no fault."""

import os

import pytest

from gateway.audit.chain import Head
from tests.unit.gateway.audit.intruder import EVENTS, fault, two_chains
from tests.unit.gateway.audit.trail import Trail, room_for


@pytest.mark.parametrize("at", [0, 34, 40, 105, 160])
async def test_an_edited_anchor_line(trail: Trail, at: int) -> None:
    await trail.written(EVENTS)
    lines = trail.anchor_lines()
    edited = bytearray(lines[3])
    edited[at] ^= 1
    lines[3] = bytes(edited)
    trail.anchor.write_bytes(b"".join(lines))
    assert (await fault(trail)).startswith("anchor line 4 ")


async def test_a_mended_anchor_line_of_another_key(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    report = await trail.verified(key=b"another key")
    assert report.fault == f"anchor line 1 (chain {chain} event 1) was not written with this key"


@pytest.mark.parametrize("junk", [b"\n", b"junk\n", b"chain 1 00 00\n", b"\0\0\0\n", b"x" * 5000 + b"\n"])
async def test_junk_in_the_anchor(trail: Trail, junk: bytes) -> None:
    await trail.written(EVENTS)
    lines = trail.anchor_lines()
    trail.anchor.write_bytes(b"".join([*lines[:3], junk, *lines[3:]]))
    assert await fault(trail) == "anchor line 4 is damaged"


async def test_anchor_lines_in_another_order(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    lines = trail.anchor_lines()
    trail.anchor.write_bytes(b"".join([*lines[:2], lines[3], lines[2], *lines[4:]]))
    assert await fault(trail) == f"anchor line 4 (chain {chain} event 3) goes back"


async def test_an_anchor_line_twice(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    trail.anchor.write_bytes(b"".join([*trail.anchor_lines(), trail.anchor_lines()[-1]]))
    assert await fault(trail) == f"anchor line 8 (chain {chain} event 7) goes back"


async def test_an_anchor_taken_away(trail: Trail) -> None:
    chain, _ = await two_chains(trail)
    trail.anchor.unlink()
    assert (
        await fault(trail) == f"chain {chain} event 1 has no anchor line: lines were removed from the anchor"
    )


async def test_an_anchor_cut_before_the_last_chain(trail: Trail) -> None:
    _, chain = await two_chains(trail)
    trail.anchor.write_bytes(b"".join(trail.anchor_lines()[: EVENTS + 1]))
    assert (
        await fault(trail) == f"chain {chain} event 1 has no anchor line: lines were removed from the anchor"
    )


@pytest.mark.parametrize("cut", [1, 60, 171, 400])
async def test_a_database_ahead_of_its_anchor_is_what_a_power_cut_leaves(trail: Trail, cut: int) -> None:
    await trail.written(EVENTS)
    os.truncate(trail.anchor, trail.anchor.stat().st_size - cut)
    assert (await trail.verified()).fault is None
    # The next start closes the torn line and goes on.
    await trail.written(EVENTS)
    report = await trail.verified()
    assert (report.events, report.fault) == (2 * (EVENTS + 1), None)


async def test_a_line_torn_by_a_full_disk(trail: Trail) -> None:
    async with trail.opened() as running:
        await running.writer.append(trail.event(1))
        with room_for(trail.anchor, 10), pytest.raises(OSError, match="full"):
            running.anchor.append(Head(running.writer.chain, 3, bytes(32)))
        await running.writer.append(trail.event(2))
    assert trail.anchor_lines()[2] == b"20261121T0 unfinished\n"
    report = await trail.verified()
    assert (report.events, report.fault) == (3, None)


async def test_an_opening_that_was_never_anchored(trail: Trail) -> None:
    """The process died between the commit and the anchor line of its first event."""
    await trail.written(EVENTS)
    await trail.written(0)
    trail.anchor.write_bytes(b"".join(trail.anchor_lines()[:-1]))
    report = await trail.verified()
    assert (report.events, report.fault) == (EVENTS + 2, None)
