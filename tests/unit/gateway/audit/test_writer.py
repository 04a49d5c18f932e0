import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing

import pytest

from gateway.audit.body import Recorded, parse
from gateway.audit.event import EventAction
from gateway.audit.writer import AuditWriter
from gateway.errors import Busy, StoreUnavailable
from tests.unit.gateway.audit.trail import Trail, append_all, full_disk


def stored(trail: Trail, chain: str) -> list[Recorded]:
    rows = trail.sql("SELECT body FROM audit_event WHERE chain = ? ORDER BY seq", chain)
    return [parse(body) for (body,) in rows if isinstance(body, bytes)]


def requests(trail: Trail, chain: str) -> list[str]:
    return [recorded.event.request_id for recorded in stored(trail, chain)[1:]]


@asynccontextmanager
async def locked(trail: Trail) -> AsyncIterator[None]:
    """Hold the database's write lock, as another process may."""
    with closing(sqlite3.connect(trail.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def waiting(writer: AuditWriter, count: int) -> None:
    """Let the loop run until so many events wait behind the group that is under way."""
    while len(writer._waiting) < count:
        await asyncio.sleep(0)


async def test_an_acknowledged_event_is_stored_and_anchored(trail: Trail) -> None:
    async with trail.opened() as running:
        event = trail.event(7)
        await running.writer.append(event)
        assert [recorded.event for recorded in stored(trail, running.writer.chain)][1:] == [event]
        [(seq, digest)] = trail.sql("SELECT seq, hash FROM audit_event ORDER BY seq DESC LIMIT 1")
        assert isinstance(digest, bytes)
        assert trail.anchor_lines()[-1].startswith(f"{running.writer.chain} {seq} {digest.hex()} ".encode())


async def test_each_start_opens_a_chain_that_names_all_earlier_ones(trail: Trail) -> None:
    one = await trail.written(3)
    two = await trail.written(0)
    async with trail.opened() as running:
        three = running.writer.chain
        heads = (await running.log.heads())[:2]
    openings = [stored(trail, chain)[0].event for chain in (one, two, three)]
    assert [opening.action for opening in openings] == [EventAction.CHAIN_OPENED] * 3
    assert [[(head.chain, head.seq) for head in opening.heads] for opening in openings] == [
        [],
        [(one, 4)],
        [(one, 4), (two, 1)],
    ]
    assert openings[2].heads == heads


async def test_a_thousand_at_once_share_few_commits(trail: Trail) -> None:
    async with trail.opened() as running:
        await append_all(running.writer, (trail.event(n) for n in range(1000)))
        chain = running.writer.chain
    # One for the opening, one for the first, then 256 at a time.
    assert trail.commits() <= 8
    assert (await trail.verified()).events == 1001
    # In the order in which they came.
    assert requests(trail, chain) == [f"request-{n}" for n in range(1000)]


async def test_what_comes_while_one_commit_runs_goes_into_the_next(trail: Trail) -> None:
    async with trail.opened() as running:
        async with locked(trail):
            first = asyncio.gather(running.writer.append(trail.event(0)))
            await asyncio.sleep(0.01)
            rest = [asyncio.ensure_future(running.writer.append(trail.event(n))) for n in range(1, 20)]
            await waiting(running.writer, 19)
        await first
        await asyncio.gather(*rest)
    assert trail.commits() == 3


async def test_a_full_queue_refuses_at_once(trail: Trail) -> None:
    async with trail.opened(queue=5) as running:
        async with locked(trail):
            first = asyncio.gather(running.writer.append(trail.event(0)))
            await asyncio.sleep(0.01)
            rest = asyncio.gather(*(running.writer.append(trail.event(n)) for n in range(1, 6)))
            await waiting(running.writer, 5)
            with pytest.raises(Busy):
                await running.writer.append(trail.event(99))
        await first
        await rest
        await running.writer.append(trail.event(6))
        assert requests(trail, running.writer.chain) == [f"request-{n}" for n in range(7)]


async def test_a_cancelled_caller_leaves_its_event(trail: Trail) -> None:
    async with trail.opened() as running:
        async with locked(trail):
            under_way = asyncio.gather(running.writer.append(trail.event(0)))
            await asyncio.sleep(0.01)
            queued = asyncio.gather(running.writer.append(trail.event(1)))
            await waiting(running.writer, 1)
            for caller in (under_way, queued):
                caller.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await caller
        await running.writer.append(trail.event(2))
        assert requests(trail, running.writer.chain) == ["request-0", "request-1", "request-2"]


async def test_close_writes_what_waits_and_takes_no_more(trail: Trail) -> None:
    async with trail.opened() as running:
        callers = asyncio.gather(*(running.writer.append(trail.event(n)) for n in range(600)))
        await asyncio.sleep(0)
        assert running.writer.accepting
        await running.writer.close()
        assert not running.writer.accepting
        await callers
        with pytest.raises(StoreUnavailable):
            await running.writer.append(trail.event())
    assert (await trail.verified()).events == 601


async def test_nothing_is_taken_before_the_opening(trail: Trail) -> None:
    async with trail.opened() as running:
        other = AuditWriter(running.log, running.anchor, running.usage, trail.clock, running.writer._tasks)
        with pytest.raises(StoreUnavailable):
            await other.append(trail.event())
        await other.close()


async def test_an_event_that_cannot_be_encoded_fails_alone(trail: Trail) -> None:
    async with trail.opened() as running:
        results = await asyncio.gather(
            running.writer.append(trail.event(1)),
            running.writer.append(trail.event(2, request_id="\ud800")),
            running.writer.append(trail.event(3)),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [type(None), TypeError, type(None)]
        assert requests(trail, running.writer.chain) == ["request-1", "request-3"]


# --- failures


async def outcomes(writer: AuditWriter, trail: Trail, numbers: range) -> set[type | None]:
    results = await asyncio.gather(*(writer.append(trail.event(n)) for n in numbers), return_exceptions=True)
    return {None if result is None else type(result) for result in results}


async def test_a_locked_store_fails_everybody_who_waits(trail: Trail) -> None:
    async with trail.opened(group=4) as running:
        await running.writer.append(trail.event(0))
        async with locked(trail):
            started = asyncio.get_running_loop().time()
            assert await outcomes(running.writer, trail, range(1, 100)) == {StoreUnavailable}
            # All at the first time-out (0.2 s), not one time-out a group.
            assert asyncio.get_running_loop().time() - started < 1.5
        # It comes back by itself.
        assert await outcomes(running.writer, trail, range(100, 110)) == {None}
        assert requests(trail, running.writer.chain) == [f"request-{n}" for n in (0, *range(100, 110))]
    assert (await trail.verified()).fault is None


async def test_a_table_that_is_gone_and_back(trail: Trail) -> None:
    async with trail.opened() as running:
        await running.writer.append(trail.event(0))
        trail.sql("ALTER TABLE audit_event RENAME TO away")
        assert await outcomes(running.writer, trail, range(1, 5)) == {StoreUnavailable}
        trail.sql("ALTER TABLE away RENAME TO audit_event")
        await running.writer.append(trail.event(5))
        assert requests(trail, running.writer.chain) == ["request-0", "request-5"]
    assert (await trail.verified()).fault is None


async def test_a_commit_that_landed_although_it_failed_is_built_upon(trail: Trail) -> None:
    """The anchor's disk is full: the group stands in the database, yet its callers must not answer."""
    async with trail.opened() as running:
        await running.writer.append(trail.event(0))
        async with full_disk(running.anchor):
            assert await outcomes(running.writer, trail, range(1, 4)) == {StoreUnavailable}
            assert await outcomes(running.writer, trail, range(4, 6)) == {StoreUnavailable}
        await running.writer.append(trail.event(6))
        assert requests(trail, running.writer.chain) == [f"request-{n}" for n in range(7)]
    report = await trail.verified()
    assert (report.fault, report.events) == (None, 8)


async def test_a_store_that_lost_recorded_events_is_not_written_on(trail: Trail) -> None:
    async with trail.opened() as running:
        await append_all(running.writer, (trail.event(n) for n in range(3)))
        async with full_disk(running.anchor):
            assert await outcomes(running.writer, trail, range(3, 4)) == {StoreUnavailable}
        chain = running.writer.chain
        trail.sql("DELETE FROM audit_event WHERE seq > 2")
        assert await outcomes(running.writer, trail, range(4, 8)) == {StoreUnavailable}
    assert len(stored(trail, chain)) == 2
    assert f"chain {chain} event 3 is missing" in str((await trail.verified()).fault)


async def test_an_anchor_that_cannot_be_written_keeps_the_trail_closed(trail: Trail) -> None:
    async with trail.opened() as running:
        other = AuditWriter(running.log, running.anchor, running.usage, trail.clock, running.writer._tasks)
        async with full_disk(running.anchor):
            with pytest.raises(StoreUnavailable):
                await other.open()
            with pytest.raises(StoreUnavailable):
                await other.append(trail.event())
        await other.open()
        await other.append(trail.event())
        await other.close()
    # The opening that was written but not anchored is what a crash would have left, too.
    report = await trail.verified()
    assert (report.fault, report.events) == (None, 4)


async def test_a_store_that_is_down_keeps_the_trail_closed(trail: Trail) -> None:
    async with trail.opened() as running:
        other = AuditWriter(running.log, running.anchor, running.usage, trail.clock, running.writer._tasks)
        async with locked(trail):
            with pytest.raises(StoreUnavailable):
                await other.open()
        assert not other.accepting


async def test_a_cancelled_writer_leaves_nobody_waiting(trail: Trail) -> None:
    """Somebody ends the tasks before the writer: everybody is told, nothing hangs."""
    async with trail.opened() as running:
        async with locked(trail):
            under_way = asyncio.gather(running.writer.append(trail.event(0)), return_exceptions=True)
            await asyncio.sleep(0.01)
            queued = asyncio.gather(running.writer.append(trail.event(1)), return_exceptions=True)
            await waiting(running.writer, 1)
            await running.writer._tasks.close()
        assert [type(result) for result in await under_way + await queued] == [StoreUnavailable] * 2
        with pytest.raises(StoreUnavailable):
            await running.writer.append(trail.event(2))
    assert (await trail.verified()).fault is None


async def test_two_processes_write_side_by_side(trail: Trail) -> None:
    async with trail.opened() as one, trail.opened() as two:
        await asyncio.gather(
            append_all(one.writer, (trail.event(n) for n in range(50))),
            append_all(two.writer, (trail.event(n) for n in range(50))),
        )
    report = await trail.verified()
    assert (report.fault, report.events) == (None, 102)
