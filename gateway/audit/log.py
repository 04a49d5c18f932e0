"""The audit trail's evidence in the store: written, read back in order, and found again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.audit.body import Recorded, UnreadableBody, parse
from gateway.audit.chain import Head
from gateway.audit.event import SUBJECT_BYTES, Event, EventAction
from gateway.audit.index import RUN_ROWS, Found, Run, Wanted, find, fold, micros, rows_of, runs, stray
from gateway.errors import InvalidInput, StoreUnavailable
from gateway.store.engine import snapshot, store_errors
from gateway.store.many_rows import insert_rows
from gateway.store.tables import audit_event
from gateway.store.write_thread import WriteThread

log = structlog.get_logger()

LONGEST_PAGE = 500
_BATCH = 500
_CURSOR = re.compile(r"[1-9][0-9]{0,17}")


class Evidence(NamedTuple):
    """One event as it is stored; what is read is believed by nobody yet."""

    chain: str
    seq: int
    at: int
    """Microseconds since 1970; this and the next three say what the body says, for those who search."""
    actor: str
    action: str
    subjects: bytes
    """Pseudonyms of 16 bytes, end to end."""
    body: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Stored:
    """Evidence and the number that the store gave it: the order of writing."""

    id: int
    evidence: Evidence


def evidence(event: Event, chain: str, seq: int, body: bytes, digest: bytes) -> Evidence:
    """Return what is stored of an event."""
    return Evidence(
        chain,
        seq,
        micros(event.at),
        event.actor.account,
        event.action.value,
        b"".join(event.subjects),
        body,
        digest,
    )


class AuditLog:
    """Keep the events in the state store.

    Every method raises ``StoreUnavailable`` if the store does not answer. Nothing here checks a hash; that is
    :mod:`gateway.audit.verify`.
    """

    def __init__(self, engine: AsyncEngine, run_rows: int = RUN_ROWS) -> None:
        """Take the state store, which its owner closes, and how many index rows make a run.

        :meth:`close` ends what the log itself opened.
        """
        self._engine = engine
        self._thread = WriteThread(engine)
        self._run_rows = run_rows
        self._unfolded: int | None = None
        """Index rows that no run holds, None if only the store can tell."""

    async def close(self) -> None:
        """Close the connection that writes."""
        await self._thread.close()

    async def insert(self, group: Sequence[Evidence]) -> None:
        """Write a group in one transaction, durable when this returns.

        If it raises, or its caller is cancelled, the group may have been written or not; ask :meth:`head`.
        """
        subjects = sum(len(one.subjects) for one in group) // SUBJECT_BYTES

        def write(connection: Connection) -> int:
            insert_rows(connection, audit_event, Evidence._fields, group)
            return fold(connection, self._unfolded, rows_of(len(group), subjects), self._run_rows)

        # A commit that lands although it fails goes uncounted, and the next run is that much longer.
        self._unfolded = await self._thread.commit(write)

    async def head(self, chain: str) -> Head | None:
        """Return the last event of a chain, None if the chain has none."""
        last = select(audit_event.c.seq, audit_event.c.hash).where(audit_event.c.chain == chain)
        with store_errors():
            async with self._engine.connect() as connection:
                found = (await connection.execute(last.order_by(audit_event.c.seq.desc()).limit(1))).first()
        return None if found is None else Head(chain, found.seq, found.hash)

    async def heads(self) -> tuple[Head, ...]:
        """Return the last event of every chain, in order of name.

        Steps from chain to chain on their index: costs a few microseconds a chain, however long they are.
        """
        names = select(func.min(audit_event.c.chain).label("chain")).cte("names", recursive=True)
        behind = select(func.min(audit_event.c.chain)).where(audit_event.c.chain > names.c.chain)
        names = names.union_all(select(behind.scalar_subquery()).where(names.c.chain.is_not(None)))
        last = select(func.max(audit_event.c.seq)).where(audit_event.c.chain == names.c.chain)
        query = (
            select(audit_event.c.chain, audit_event.c.seq, audit_event.c.hash)
            .join(names, audit_event.c.chain == names.c.chain)
            .where(audit_event.c.seq == last.correlate(names).scalar_subquery())
            .order_by(audit_event.c.chain)
        )
        with store_errors():
            async with self._engine.connect() as connection:
                return tuple(Head(*row) for row in await connection.execute(query))

    async def hashes(self, chain: str, seqs: Collection[int]) -> dict[int, bytes]:
        """Return the stored hashes of some events of one chain; those that are missing are absent."""
        query = select(audit_event.c.seq, audit_event.c.hash).where(
            audit_event.c.chain == chain, audit_event.c.seq.in_(seqs)
        )
        with store_errors():
            async with self._engine.connect() as connection:
                return {row.seq: row.hash for row in await connection.execute(query)}

    async def batches(self, size: int = _BATCH) -> AsyncIterator[tuple[Stored, ...]]:
        """Read all evidence in order of chain and number, ``size`` events at a time.

        Each batch is of one moment. Events that are written meanwhile to a chain already passed are not seen.
        """
        place = tuple_(audit_event.c.chain, audit_event.c.seq)
        columns = [audit_event.c[name] for name in Evidence._fields]
        after = ("", 0)
        while True:
            query = select(audit_event.c.id, *columns).where(place > after).order_by(*place.clauses)
            with store_errors():
                async with self._engine.connect() as connection:
                    rows = await connection.execute(query.limit(size))
                    batch = tuple(Stored(number, Evidence(*row)) for number, *row in rows)
            if not batch:
                return
            yield batch
            after = (batch[-1].evidence.chain, batch[-1].evidence.seq)

    def runs(self) -> AsyncIterator[Run]:
        """Read the index, one run at a time."""
        return runs(self._engine)

    async def stray(self) -> int | None:
        """Return the number of a run that the index has rows of but does not list."""
        return await stray(self._engine)

    async def events(
        self,
        *,
        subject: bytes | None = None,
        actor: str | None = None,
        action: EventAction | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> tuple[tuple[Recorded, ...], str | None]:
        """Return a page of events, the last written first, and the cursor of the next page, None at the end.

        A record that cannot be read is not left out: it makes the page ``StoreUnavailable``.
        ``since`` is included, ``until`` is not. A cursor is a place, not a right, and need not be one that
        was given out. Raises ``InvalidInput`` for a limit outside 1 to 500 and for a word that is no cursor.
        """
        if not 1 <= limit <= LONGEST_PAGE:
            raise InvalidInput(("limit", "limit"))
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise InvalidInput(("cursor", "cursor"))
        before = None if cursor is None else int(cursor)
        rows = await self._find(Wanted(subject, actor, action, since, until, before), limit + 1)
        more = str(rows[limit - 1].id) if len(rows) > limit else None
        try:
            return tuple(parse(row.body) for row in rows[:limit]), more
        except UnreadableBody as fault:
            raise StoreUnavailable("a record cannot be read; run: community-cloud audit verify") from fault

    async def since(self, moment: datetime, action: EventAction) -> AsyncIterator[Event]:
        """Read all events of one kind since a moment, newest first, passing over any that cannot be read."""
        before: int | None = None
        while rows := await self._find(Wanted(action=action, since=moment, before=before), LONGEST_PAGE):
            for row in rows:
                try:
                    recorded = parse(row.body)
                except UnreadableBody:
                    log.error("audit.unreadable", chain=row.chain, seq=row.seq)
                else:
                    yield recorded.event
            before = rows[-1].id

    async def _find(self, wanted: Wanted, limit: int) -> Sequence[Found]:
        with store_errors():
            async with snapshot(self._engine) as connection:
                return await find(connection, wanted, limit)
