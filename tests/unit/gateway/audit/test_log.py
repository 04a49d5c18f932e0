import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.audit.body import Recorded
from gateway.audit.event import Actor, Event, EventAction
from gateway.audit.index import RUN_ROWS, micros
from gateway.audit.log import AuditLog
from gateway.clock import SHANGHAI
from gateway.errors import InvalidInput, StoreUnavailable
from gateway.store.engine import open_engine
from tests.unit.gateway.audit.trail import Trail

ANN, BEN, CAI = (bytes([n]) * 16 for n in (1, 2, 3))


async def fill(trail: Trail) -> dict[str, datetime]:
    """Write five looks, a minute apart except for two at the same moment; return when."""
    when: dict[str, datetime] = {}
    looks = (
        ("a", "cadre", EventAction.RESIDENT_READ, (ANN,)),
        ("b", "cadre", EventAction.HOUSEHOLD_READ, (ANN, BEN)),
        ("c", "street", EventAction.RESIDENT_READ, (BEN,)),
        ("d", "street", EventAction.RESIDENT_SEARCH, ()),
        ("e", "cadre", EventAction.RESIDENT_REVEAL, (ANN,)),
    )
    async with trail.opened() as running:
        for name, actor, action, subjects in looks:
            if name != "d":
                trail.clock.move(minutes=1)
            when[name] = trail.clock.now()
            look = trail.event(action=action, actor=Actor(actor), subjects=subjects, request_id=name)
            await running.writer.append(look)
    return when


def names(events: tuple[Event, ...]) -> str:
    return "".join(look.request_id or "-" for look in events)


async def ask(log: AuditLog, **wanted: object) -> str:
    found, more = await log.events(**wanted)  # type: ignore[arg-type]
    assert more is None
    return names(tuple(recorded.event for recorded in found))


RUNS = pytest.mark.parametrize(
    "run_rows", [2, 8, 17, RUN_ROWS], ids=["all in runs", "partly", "one run", "no run yet"]
)
"""With how many index rows a run is made; the five looks and the opening make 17."""


@RUNS
async def test_questions(trail: Trail, run_rows: int) -> None:
    trail.run_rows = run_rows
    when = await fill(trail)
    async with trail.opened() as running:
        log = running.log
        assert await ask(log, actor="cadre") == "eba"
        assert await ask(log, actor="street") == "dc"
        assert await ask(log, actor="nobody") == ""
        assert await ask(log, subject=ANN) == "eba"
        assert await ask(log, subject=BEN) == "cb"
        assert await ask(log, subject=CAI) == ""
        assert await ask(log, action=EventAction.RESIDENT_READ) == "ca"
        assert await ask(log, subject=ANN, action=EventAction.RESIDENT_REVEAL) == "e"
        assert await ask(log, since=when["b"], until=when["e"]) == "dcb"
        assert await ask(log, since=when["b"] + timedelta(microseconds=1), actor="cadre") == "e"
        assert await ask(log, until=when["b"], subject=ANN) == "a"
        assert await ask(log, subject=BEN, actor="cadre") == "b"
        # Both openings too, the second at the moment of the last look.
        assert sorted(await ask(log)) == sorted("--edcba")


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
@pytest.mark.parametrize("subject", [None, ANN])
@RUNS
async def test_pages_hold_each_event_once_newest_first(
    trail: Trail, limit: int, subject: bytes | None, run_rows: int
) -> None:
    trail.run_rows = run_rows
    await fill(trail)
    async with trail.opened() as running:
        whole, _ = await running.log.events(subject=subject, limit=500)
        pages: list[Recorded] = []
        cursor = None
        while True:
            page, cursor = await running.log.events(subject=subject, limit=limit, cursor=cursor)
            assert len(page) <= limit
            pages += page
            if cursor is None:
                break
    assert pages == list(whole)
    assert len(pages) == (7 if subject is None else 3)
    assert [recorded.event.at for recorded in pages] == sorted(
        (recorded.event.at for recorded in pages), reverse=True
    )


async def test_a_page_is_not_moved_by_what_comes_in(trail: Trail) -> None:
    await fill(trail)
    async with trail.opened() as running:
        _, cursor = await running.log.events(actor="cadre", limit=1)
        trail.clock.move(minutes=1)
        await running.writer.append(trail.event(request_id="f"))
        page, _ = await running.log.events(actor="cadre", limit=5, cursor=cursor)
    assert names(tuple(recorded.event for recorded in page)) == "ba"


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_a_page_has_a_sensible_size(trail: Trail, limit: int) -> None:
    async with trail.opened() as running:
        with pytest.raises(InvalidInput):
            await running.log.events(limit=limit)


async def test_no_question_reads_the_whole_table(trail: Trail) -> None:
    """A question that does is a way to stop the gateway."""
    trail.run_rows = 2
    await fill(trail)
    async with trail.opened() as running, planned(running.engine) as plans:
        log = running.log
        cursor = str(trail.sql("SELECT max(id) FROM audit_event")[0][0])
        for question in (
            {},
            {"since": trail.clock.now()},
            {"actor": "cadre"},
            {"action": EventAction.RESIDENT_READ},
            {"subject": ANN},
            {"actor": "cadre", "subject": ANN, "since": trail.clock.now()},
        ):
            await log.events(**question, cursor=cursor)
        asked = len(plans)
        await log.head("c")
        await log.hashes("c", [1, 2])
        _ = [batch async for batch in log.batches()]
        _ = [run async for run in log.runs()]
        await log.heads()
    # Each: how far the runs go, what no run holds, the runs; two ask first which runs are of that time.
    assert asked == 6 * 3 + 2
    # The list of runs may be walked: it has one row for thousands of events.
    scans = [step for plan in plans for step in plan if step.startswith("SCAN") and " USING " not in step]
    assert {step for step in scans if step != "SCAN audit_run"} == {"SCAN names"}
    assert not [step for plan in plans[:asked] for step in plan if "TEMP B-TREE" in step]


@asynccontextmanager
async def planned(engine: AsyncEngine) -> AsyncIterator[list[list[str]]]:
    """Ask SQLite how it does every query that is made meanwhile."""
    plans: list[list[str]] = []

    def explain(connection: Connection, _cursor: object, statement: str, values: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            raw = connection.connection.dbapi_connection
            assert raw is not None
            cursor = raw.cursor()
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.append([str(row[3]) for row in cursor.fetchall()])
            cursor.close()

    event.listen(engine.sync_engine, "before_cursor_execute", explain)
    yield plans
    event.remove(engine.sync_engine, "before_cursor_execute", explain)


async def test_evidence_is_read_in_order_and_in_batches(trail: Trail) -> None:
    first = await trail.written(5)
    second = await trail.written(3)
    async with trail.opened() as running:
        batches = [batch async for batch in running.log.batches(size=4)]
        third = running.writer.chain
    assert [len(batch) for batch in batches] == [4, 4, 3]
    read = [(one.evidence.chain, one.evidence.seq) for batch in batches for one in batch]
    assert read == [(first, n) for n in range(1, 7)] + [(second, n) for n in range(1, 5)] + [(third, 1)]
    assert [one.id for batch in batches for one in batch] == list(range(1, 12))
    at = micros(datetime(2026, 11, 21, 8, 12, tzinfo=SHANGHAI))
    assert batches[0][1].evidence[:6] == (first, 2, at, "cadre", "resident:read", bytes(16))


async def test_heads(trail: Trail) -> None:
    first = await trail.written(5)
    second = await trail.written(0)
    async with trail.opened() as running:
        heads = await running.log.heads()
        assert [(head.chain, head.seq) for head in heads] == [
            (first, 6),
            (second, 1),
            (running.writer.chain, 1),
        ]
        assert await running.log.head(first) == heads[0]
        assert await running.log.head("absent") is None
        stored = await running.log.hashes(first, [1, 6, 7])
        assert set(stored) == {1, 6}
        assert stored[6] == heads[0].hash


async def test_no_heads_in_an_empty_log(trail: Trail) -> None:
    async with trail.opened() as running:
        trail.sql("DELETE FROM audit_event")
        assert await running.log.heads() == ()


async def test_a_record_that_cannot_be_read_is_not_left_out(trail: Trail) -> None:
    await fill(trail)
    trail.sql("UPDATE audit_event SET body = 'junk' WHERE seq = 3")
    async with trail.opened() as running:
        with pytest.raises(StoreUnavailable, match="audit verify"):
            await running.log.events()


async def test_a_store_that_is_gone(trail: Trail) -> None:
    async with trail.opened() as running:
        trail.sql("DROP TABLE audit_event")
        with pytest.raises(StoreUnavailable):
            await running.log.events()
        with pytest.raises(StoreUnavailable):
            await running.log.heads()
        with pytest.raises(StoreUnavailable):
            await running.log.head("c")
        with pytest.raises(StoreUnavailable):
            await running.log.hashes("c", [1])
        with pytest.raises(StoreUnavailable):
            await trail.verified()


# --- cursors


@given(st.text(max_size=30).filter(lambda word: not re.fullmatch("[1-9][0-9]{0,17}", word)))
@example("")
@example("0")
@example("-1")
@example("1" * 19)
@example("１")
async def test_any_other_word_is_refused(word: str) -> None:
    # The word is looked at before the store, so none is needed.
    with pytest.raises(InvalidInput) as raised:
        await AuditLog(open_engine("sqlite+aiosqlite:////nowhere/state.db")).events(cursor=word)
    assert raised.value.problems == (("cursor", "cursor"),)
