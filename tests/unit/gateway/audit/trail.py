"""A whole audit trail on real files, to be opened, closed, damaged and opened again."""

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.audit.anchor import Anchor
from gateway.audit.event import Actor, Event, EventAction, EventOutcome, FieldNames, Verdict
from gateway.audit.index import RUN_ROWS
from gateway.audit.log import AuditLog
from gateway.audit.usage import UsageCounters
from gateway.audit.verify import Report, verify
from gateway.audit.writer import AuditWriter
from gateway.store.engine import open_engine
from gateway.store.tables import metadata
from gateway.tasks import Tasks
from tests.unit.gateway.clock import StillClock

KEY = bytes(range(32))


@dataclass
class Open:
    """The parts of a running trail."""

    engine: AsyncEngine
    log: AuditLog
    anchor: Anchor
    usage: UsageCounters
    writer: AuditWriter


@dataclass
class Trail:
    """Where the trail lies."""

    folder: Path
    clock: StillClock = field(default_factory=StillClock)
    run_rows: int = RUN_ROWS

    @property
    def database(self) -> Path:
        return self.folder / "state.db"

    @property
    def anchor(self) -> Path:
        return self.folder / "audit.anchor"

    @property
    def url(self) -> str:
        return f"sqlite+aiosqlite:///{self.database}?timeout=0.2"

    @asynccontextmanager
    async def opened(self, *, queue: int = 4096, group: int = 256) -> AsyncIterator[Open]:
        """Run a writer on the trail, as a process does between its start and its clean stop."""
        engine = open_engine(self.url)
        async with engine.begin() as connection:
            await connection.run_sync(metadata.create_all)
        log, anchor, usage, tasks = (
            AuditLog(engine, self.run_rows),
            Anchor(self.anchor, KEY),
            UsageCounters(),
            Tasks(),
        )
        anchor.open()
        writer = AuditWriter(log, anchor, usage, self.clock, tasks, queue=queue, group=group)
        try:
            await writer.open()
            yield Open(engine, log, anchor, usage, writer)
        finally:
            await writer.close()
            await tasks.close()
            anchor.close()
            await log.close()
            await engine.dispose()

    async def written(self, count: int, *, together: int = 1) -> str:
        """Write one chain of `count` events after the opening, `together` in each commit; return its name."""
        async with self.opened() as trail:
            for first in range(0, count, together):
                await append_all(trail.writer, (self.event(n) for n in range(first, first + together)))
            self.clock.move(seconds=1)
            return trail.writer.chain

    async def verified(self, key: bytes = KEY) -> Report:
        engine = open_engine(self.url)
        log = AuditLog(engine)
        try:
            return await verify(log, Anchor(self.anchor, key))
        finally:
            await log.close()
            await engine.dispose()

    def event(self, n: int = 0, action: EventAction = EventAction.RESIDENT_READ, **other: object) -> Event:
        subject = n.to_bytes(16, "big")
        given: dict[str, object] = {
            "at": self.clock.now(),
            "request_id": f"request-{n}",
            "actor": Actor("cadre"),
            "action": action,
            "outcome": EventOutcome.OK,
            "subjects": (subject,),
            "fields": FieldNames(shown=("name",), masked=("phone",)),
            "decision": Verdict.ALLOW,
        }
        return Event(**(given | other))  # type: ignore[arg-type]

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Do to the database what somebody with a shell can do; return the rows."""
        with closing(sqlite3.connect(self.database)) as db:
            rows = db.execute(statement, values).fetchall()
            db.commit()
        return rows

    def anchor_lines(self) -> list[bytes]:
        return self.anchor.read_bytes().splitlines(keepends=True)

    def commits(self) -> int:
        return len(self.anchor_lines())


async def append_all(writer: AuditWriter, events: Iterable[Event]) -> None:
    await asyncio.gather(*(writer.append(event) for event in events))


@asynccontextmanager
async def full_disk(anchor: Anchor) -> AsyncIterator[None]:
    """Let the anchor's file be on a full disk for a while: its descriptor leads to /dev/full."""
    descriptor = anchor._file
    assert descriptor is not None
    kept, full = os.dup(descriptor), os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, descriptor)
    try:
        yield
    finally:
        os.dup2(kept, descriptor)
        os.close(kept)
        os.close(full)


@contextmanager
def room_for(path: Path, count: int) -> Iterator[None]:
    """Let no file grow beyond the length of this one and `count` bytes: a real short write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
