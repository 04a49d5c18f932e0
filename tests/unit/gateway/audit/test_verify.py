"""Whoever may write the database, but neither the key nor the anchor, is found out."""

import shutil
from pathlib import Path

import pytest

from gateway.audit.body import parse
from tests.unit.gateway.audit.intruder import EVENTS, anchor_line, drop, fault, flip, recompute, two_chains
from tests.unit.gateway.audit.trail import KEY, Trail


async def test_what_was_written_is_right(trail: Trail) -> None:
    await two_chains(trail)
    report = await trail.verified()
    assert report.fault is None
    assert report.events == 2 * (EVENTS + 1)
    assert report.checkpoints == 0


async def test_nothing_is_right(trail: Trail) -> None:
    async with trail.opened():
        pass
    trail.sql("DELETE FROM audit_event")
    trail.anchor.unlink()
    assert (await trail.verified()).events == 0


async def test_a_running_trail_can_be_verified(trail: Trail) -> None:
    await trail.written(EVENTS)
    async with trail.opened() as running:
        await running.writer.append(trail.event())
        report = await trail.verified()
    assert (report.events, report.fault) == (EVENTS + 3, None)


async def test_more_than_a_batch(trail: Trail) -> None:
    await trail.written(520)
    await trail.written(300, together=100)
    report = await trail.verified()
    assert (report.events, report.fault) == (822, None)


# --- changed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [1, 4, EVENTS + 1])
async def test_a_flipped_byte_of_a_body(trail: Trail, seq: int) -> None:
    chain, _ = await two_chains(trail)
    flip(trail, "body", chain, seq, at=-9)
    report = await trail.verified()
    assert report.fault == (
        f"chain {chain} event {seq} is not what its hash says: it or the hash was changed, or its place"
    )
    assert report.events == seq - 1


@pytest.mark.parametrize("seq", [1, 4, EVENTS + 1])
async def test_a_flipped_byte_of_a_hash(trail: Trail, seq: int) -> None:
    _, chain = await two_chains(trail)
    flip(trail, "hash", chain, seq, at=5)
    assert f"chain {chain} event {seq} is not what its hash says" in await fault(trail)


async def test_a_changed_number(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    trail.sql("UPDATE audit_event SET seq = 70 WHERE seq = 7")
    assert await fault(trail) == f"chain {chain} event 7 is missing: event 70 follows"


async def test_another_chain_name(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    trail.sql("UPDATE audit_event SET chain = 'other'")
    assert "chain other event 1 is not what its hash says" in await fault(trail)
    assert chain


async def test_two_swapped(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    for old, new in ((3, 99), (4, 3), (99, 4)):
        trail.sql("UPDATE audit_event SET seq = ? WHERE seq = ?", new, old)
    assert f"chain {chain} event 3 is not what its hash says" in await fault(trail)


# --- dropped ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seq", [1, 2, 5])
async def test_one_dropped_from_the_middle(trail: Trail, seq: int) -> None:
    chain, _ = await two_chains(trail)
    drop(trail, chain, seq, seq)
    assert await fault(trail) == f"chain {chain} event {seq} is missing: event {seq + 1} follows"


@pytest.mark.parametrize("left", [EVENTS, 2, 1])
async def test_the_end_of_an_earlier_chain_dropped(trail: Trail, left: int) -> None:
    chain, later = await two_chains(trail)
    drop(trail, chain, left + 1)
    named = f"the opening of chain {later} names event {EVENTS + 1}"
    assert await fault(trail) == f"chain {chain} event {left + 1} is missing: {named}"


@pytest.mark.parametrize("left", [EVENTS, 2, 1])
async def test_the_end_of_the_last_chain_dropped(trail: Trail, left: int) -> None:
    _, chain = await two_chains(trail)
    drop(trail, chain, left + 1)
    first = left + 1
    assert await fault(trail) == f"chain {chain} event {first} is missing: the anchor names event {first}"


async def test_an_earlier_chain_dropped(trail: Trail) -> None:
    chain, later = await two_chains(trail)
    drop(trail, chain)
    assert await fault(trail) == (
        f"chain {chain} event 1 and all others are missing: "
        f"the opening of chain {later} names event {EVENTS + 1}"
    )


async def test_the_last_chain_dropped(trail: Trail) -> None:
    _, chain = await two_chains(trail)
    drop(trail, chain)
    assert await fault(trail) == f"chain {chain} event 1 and all others are missing: the anchor names event 1"


async def test_an_old_copy_of_the_database(trail: Trail, tmp_path: Path) -> None:
    chain = await trail.written(EVENTS)
    shutil.copy(trail.database, tmp_path / "copy.db")
    later = await trail.written(EVENTS)
    for left_over in tmp_path.glob("state.db*"):
        left_over.unlink()
    shutil.copy(tmp_path / "copy.db", trail.database)
    assert await fault(trail) == f"chain {later} event 1 and all others are missing: the anchor names event 1"
    # It stays found when the gateway goes on from there.
    await trail.written(EVENTS)
    assert f"chain {later} event 1 and all others are missing" in await fault(trail)
    assert chain


# --- rewritten without the key ---------------------------------------------------------------------------


async def test_a_recomputed_chain(trail: Trail) -> None:
    chain, later = await two_chains(trail)
    recompute(trail, chain, lambda seq, body: body.replace(b"request-2", b"request-9") if seq == 4 else body)
    assert f"chain {chain} event 7 is not the one that the opening of chain {later} names" in await fault(
        trail
    )


async def test_a_recomputed_last_chain(trail: Trail) -> None:
    _, chain = await two_chains(trail)
    recompute(trail, chain, lambda seq, body: body.replace(b"request-2", b"request-9") if seq == 4 else body)
    assert f"chain {chain} event 4 is not the one that the anchor names" in await fault(trail)


async def test_a_recomputed_chain_with_an_anchor_to_match(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    recompute(trail, chain, lambda seq, body: body.replace(b"request-2", b"request-9") if seq == 4 else body)
    forged = b"".join(
        anchor_line(chain, seq, digest, key=b"guess" * 7)
        for seq, digest in trail.sql("SELECT seq, hash FROM audit_event ORDER BY seq")
    )
    trail.anchor.write_bytes(forged)
    assert await fault(trail) == f"anchor line 1 (chain {chain} event 1) was not written with this key"


async def test_a_body_that_names_another_place(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    recompute(trail, chain, lambda seq, body: body.replace(b'"seq":4', b'"seq":5') if seq == 4 else body)
    assert await fault(trail) == f"chain {chain} event 4 says that it is chain {chain} event 5"


async def test_a_body_that_names_another_chain(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    recompute(trail, chain, lambda _, body: body.replace(chain.encode(), b"other"))
    assert await fault(trail) == f"chain {chain} event 1 says that it is chain other event 1"


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b'{"chain":"c","event":{},"seq":4}', b"null"])
async def test_a_body_that_is_none(trail: Trail, body: bytes) -> None:
    chain = await trail.written(EVENTS)
    recompute(trail, chain, lambda seq, held: body if seq == 4 else held)
    assert await fault(trail) == f"chain {chain} event 4 cannot be read"


async def test_a_chain_that_does_not_begin_with_its_opening(trail: Trail) -> None:
    chain = await trail.written(EVENTS)
    recompute(trail, chain, lambda _, body: body.replace(b"chain:opened", b"resident:list"))
    assert (
        await fault(trail) == f"chain {chain} event 1 is not what opens a chain, or opens one in its middle"
    )


# --- the index -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET at = at + 1 WHERE seq = 4",
        "UPDATE audit_event SET actor = 'other' WHERE seq = 4",
        "UPDATE audit_event SET action = 'resident:list' WHERE seq = 4",
        "UPDATE audit_event SET subjects = x'00112233445566778899aabbccddeeff' WHERE seq = 4",
        "UPDATE audit_event SET subjects = x'' WHERE seq = 4",
        "UPDATE audit_event SET id = 0 WHERE seq = 4",
    ],
)
async def test_what_an_event_is_found_by_disagrees(trail: Trail, statement: str) -> None:
    chain = await trail.written(EVENTS)
    trail.sql(statement)
    assert await fault(trail) == f"the index of chain {chain} event 4 does not agree with the event"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_by_actor SET key = 'other' WHERE event = 4",
        "UPDATE audit_by_action SET key = 'resident:list' WHERE event = 4",
        "UPDATE audit_by_subject SET key = x'00112233445566778899aabbccddeeff' WHERE event = 4",
        "UPDATE audit_by_subject SET run = 9 WHERE event = 4",
        "DELETE FROM audit_by_actor WHERE event = 4",
        "DELETE FROM audit_by_subject WHERE event = 4",
        "INSERT INTO audit_by_subject VALUES (5, x'00', 4)",
    ],
)
async def test_a_run_that_disagrees(trail: Trail, statement: str) -> None:
    trail.run_rows = 6
    chain = await trail.written(EVENTS)
    trail.sql(statement)
    assert await fault(trail) == f"the index of chain {chain} event 4 does not agree with the event"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM audit_run WHERE first = 1", "the index has no run that begins at event 1"),
        ("UPDATE audit_run SET earliest = 0 WHERE first = 4", "the run of events 4 to 5 in the index"),
        ("UPDATE audit_run SET latest = 0 WHERE first = 4", "the run of events 4 to 5 in the index"),
        ("INSERT INTO audit_by_actor VALUES (5, 'cadre', 99)", "the run of events 4 to 5 in the index"),
        ("INSERT INTO audit_run VALUES (99, 6, 0, 0)", "event 6 does not agree with the event"),
        ("INSERT INTO audit_by_actor VALUES (99, 'cadre', 1)", "the index has rows of a run to event 99"),
        ("DELETE FROM audit_run WHERE first = 4", "the index has rows of a run to event 5"),
    ],
)
async def test_an_index_of_something_else(trail: Trail, statement: str, expected: str) -> None:
    trail.run_rows = 6
    await trail.written(5)
    assert [row[:2] for row in trail.sql("SELECT first, last FROM audit_run")] == [(1, 3), (4, 5)]
    trail.sql(statement)
    assert expected in await fault(trail)


async def test_the_forger_of_these_tests_knows_the_format(trail: Trail) -> None:
    """Or the tests above would prove nothing."""
    chain = await trail.written(EVENTS)
    before = trail.sql("SELECT chain, seq, body, hash FROM audit_event ORDER BY seq")
    recompute(trail, chain, lambda _, body: body)
    assert trail.sql("SELECT chain, seq, body, hash FROM audit_event ORDER BY seq") == before
    held = trail.sql("SELECT seq, hash FROM audit_event ORDER BY seq")
    assert [anchor_line(chain, seq, digest, KEY) for seq, digest in held] == trail.anchor_lines()
    assert all(isinstance(row[2], bytes) and parse(row[2]).chain == chain for row in before)
