"""The audit trail's tables: the evidence, and the index that is derived from it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, Row, and_, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.audit.body import Recorded, UnreadableBody, parse
from gateway.audit.chain import Head
from gateway.audit.cursor import Cursor
from gateway.audit.event import Event, EventAction
from gateway.errors import InvalidInput, StoreUnavailable
from gateway.store.bulk import BulkInsert
from gateway.store.engine import snapshot, store_errors
from gateway.store.tables import audit_event, audit_index

log = structlog.get_logger()

LONGEST_PAGE = 500
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event with its canonical bytes and its place in the chain."""

    event: Event
    body: bytes
    head: Head


@dataclass(frozen=True, slots=True)
class Evidence:
    """One stored event, as it stands, believed by nobody yet."""

    chain: str
    seq: int
    body: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One row of the derived index."""

    chain: str
    seq: int
    position: int
    at: datetime
    actor: str
    action: str
    subject: bytes | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Some evidence in order of chain and number, and all index rows from the batch before up to its end."""

    evidence: tuple[Evidence, ...]
    index: tuple[IndexRow, ...]


def index_rows(event: Event, chain: str, seq: int) -> list[IndexRow]:
    """Return the index rows that an event has: one for each subject, or one without."""
    subjects: Sequence[bytes | None] = event.subjects or (None,)
    return [
        IndexRow(chain, seq, position, event.at, event.actor.account, event.action.value, subject)
        for position, subject in enumerate(subjects)
    ]


class AuditLog:
    """Keep the events in the state store.

    Every method raises ``StoreUnavailable`` if the store does not answer. Nothing here checks a hash; that is
    :mod:`gateway.audit.verify`.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the state store, which its owner closes; :meth:`close` ends what the log itself opened."""
        self._engine = engine
        self._bulk = BulkInsert(engine, audit_event, audit_index)

    async def close(self) -> None:
        """Close the connection that writes."""
        await self._bulk.close()

    async def insert(self, group: Sequence[Sealed]) -> None:
        """Write a group in one transaction, durable when this returns.

        If it raises, or its caller is cancelled, the group may have been written or not; ask :meth:`head`.
        """
        await self._bulk.insert(
            [(sealed.head.chain, sealed.head.seq, sealed.body, sealed.head.hash) for sealed in group],
            [
                (row.chain, row.seq, row.position, row.at, row.actor, row.action, row.subject)
                for sealed in group
                for row in index_rows(sealed.event, sealed.head.chain, sealed.head.seq)
            ],
        )

    async def head(self, chain: str) -> Head | None:
        """Return the last event of a chain, None if the chain has none."""
        last = select(audit_event.c.seq, audit_event.c.hash).where(audit_event.c.chain == chain)
        with store_errors():
            async with self._engine.connect() as connection:
                found = (await connection.execute(last.order_by(audit_event.c.seq.desc()).limit(1))).first()
        return None if found is None else Head(chain, found.seq, found.hash)

    async def heads(self) -> tuple[Head, ...]:
        """Return the last event of every chain, in order of name.

        Steps from chain to chain on the primary key: costs a few microseconds a chain, however long they are.
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

    async def batches(self, size: int = _BATCH) -> AsyncIterator[Batch]:
        """Read all evidence and all index rows, ``size`` events at a time.

        Each batch is of one moment. Events that are written meanwhile to a chain already passed are not
        seen. The last batch has no evidence, and the index rows behind all evidence.
        """
        event_key = tuple_(audit_event.c.chain, audit_event.c.seq)
        index_key = tuple_(audit_index.c.chain, audit_index.c.seq)
        after = ("", 0)
        while True:
            events = select(audit_event).where(event_key > after).order_by(*event_key.clauses).limit(size)
            rows = select(audit_index).where(index_key > after)
            with store_errors():
                async with snapshot(self._engine) as connection:
                    evidence = tuple(Evidence(*row) for row in await connection.execute(events))
                    if evidence:
                        after = (evidence[-1].chain, evidence[-1].seq)
                        rows = rows.where(index_key <= after)
                    rows = rows.order_by(*index_key.clauses, audit_index.c.position)
                    index = tuple(IndexRow(*row) for row in await connection.execute(rows))
            yield Batch(evidence, index)
            if not evidence:
                return

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
        """Return a page of events, newest first, and the cursor of the next page, None at the end.

        A record that cannot be read is not left out: it makes the page ``StoreUnavailable``.
        ``since`` is included, ``until`` is not. Raises ``InvalidInput`` for a limit outside 1 to 500 and for
        a cursor that is none of ours.
        """
        if not 1 <= limit <= LONGEST_PAGE:
            raise InvalidInput(("limit", f"between 1 and {LONGEST_PAGE}"))
        after = None if cursor is None else Cursor.parse(cursor)
        rows = await self._rows(subject, actor, action, since, until, after, limit + 1)
        more = str(_place(rows[limit - 1])) if len(rows) > limit else None
        try:
            return tuple(parse(row.body) for row in rows[:limit]), more
        except UnreadableBody as fault:
            raise StoreUnavailable("a record cannot be read; run: community-cloud audit verify") from fault

    async def since(self, moment: datetime, action: EventAction) -> AsyncIterator[Event]:
        """Read all events of one kind since a moment, newest first, passing over any that cannot be read."""
        after: Cursor | None = None
        while rows := await self._rows(None, None, action, moment, None, after, LONGEST_PAGE):
            for row in rows:
                try:
                    recorded = parse(row.body)
                except UnreadableBody:
                    log.error("audit.unreadable", chain=row.chain, seq=row.seq)
                else:
                    yield recorded.event
            after = _place(rows[-1])

    async def _rows(
        self,
        subject: bytes | None,
        actor: str | None,
        action: EventAction | None,
        since: datetime | None,
        until: datetime | None,
        after: Cursor | None,
        limit: int,
    ) -> Sequence[Row[datetime, str, int, bytes]]:
        index = audit_index.c
        wanted: list[ColumnElement[bool]] = [
            # An event has one row for each subject, and each subject stands in it once.
            index.position == 0 if subject is None else index.subject == subject,
        ]
        if actor is not None:
            wanted.append(index.actor == actor)
        if action is not None:
            wanted.append(index.action == action.value)
        if since is not None:
            wanted.append(index.at >= since)
        if until is not None:
            wanted.append(index.at < until)
        if after is not None:
            wanted.append(_behind(after))
        query = (
            select(index.at, index.chain, index.seq, audit_event.c.body)
            .join(audit_event, and_(audit_event.c.chain == index.chain, audit_event.c.seq == index.seq))
            .where(*wanted)
            .order_by(index.at.desc(), index.chain.desc(), index.seq.desc())
            .limit(limit)
        )
        with store_errors():
            async with self._engine.connect() as connection:
                return (await connection.execute(query)).all()


def _place(row: Row[datetime, str, int, bytes]) -> Cursor:
    return Cursor(row.at, row.chain, row.seq)


def _behind(last: Cursor) -> ColumnElement[bool]:
    index = audit_index.c
    place = tuple_(index.at, index.chain, index.seq)
    # The first condition says nothing new, but an index can use it.
    return and_(index.at <= last.at, place < (last.at, last.chain, last.seq))
