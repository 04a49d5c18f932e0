"""Where to find events by person, actor, action and time: runs, each sorted once and never touched again.

An index that every event changes writes one page for each person in it, all over the database. So events are
left as they come until they would make some ten thousand index rows, and these are then written in order, at
the end of their tables: a twentieth of the price. A question looks into each run, newest first (two
microseconds for one that has nothing), and reads the few thousand events that no run holds yet one by one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.audit.event import SUBJECT_BYTES, EventAction
from gateway.store.engine import snapshot, store_errors
from gateway.store.tables import audit_by_action, audit_by_actor, audit_by_subject, audit_event, audit_run

RUN_ROWS = 16_384
"""Index rows that make a run: about 10 ms of writing, and as much for who reads what no run holds yet."""

_ROWS_EACH = 2
"""Index rows of every event, by its actor and its action; each subject has one more."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

Found = Row[int, str, int, bytes]
"""Id, chain, number and body of an event."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question is about; whatever is None does not matter."""

    subject: bytes | None = None
    actor: str | None = None
    action: EventAction | None = None
    since: datetime | None = None
    """Included."""
    until: datetime | None = None
    """Not included."""
    before: int | None = None
    """Id of an event; only what was written before it."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """One event as the index sees it."""

    id: int
    chain: str
    seq: int
    at: int
    postings: frozenset[tuple[str, str | bytes]]
    """What it is found by: ``actor``, ``action`` or ``subject``, and the value."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it stands, and the events that it should hold, believed by nobody yet."""

    first: int
    last: int
    earliest: int
    latest: int
    events: tuple[Indexed, ...]
    postings: Mapping[int, frozenset[tuple[str, str | bytes]]]
    """By the event's id."""


def micros(moment: datetime) -> int:
    """Return whole microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def fold(connection: Connection, rows: int | None, grown: int, enough: int) -> int:
    """Write a run, in the transaction under way, once there are enough index rows that none holds.

    ``rows`` is how many there were before the last events were inserted (None: look), ``grown`` how many
    these add (:func:`rows_of`). Return how many there are now.
    """
    rows = _unfolded_rows(connection) if rows is None else rows + grown
    if rows < enough:
        return rows
    while _write_run(connection, enough // _ROWS_EACH):
        pass
    return 0


def rows_of(events: int, subjects: int) -> int:
    """Return how many index rows so many events of so many people together have."""
    return _ROWS_EACH * events + subjects


async def find(connection: AsyncConnection, wanted: Wanted, limit: int) -> Sequence[Found]:
    """Return events, the last written first; the connection must show one state of the store."""
    folded = await connection.scalar(select(_FOLDED)) or 0
    found = list(await connection.execute(_in_tail(wanted, folded, limit)))
    if len(found) == limit or not folded:
        return found
    keys = [(table, key) for table, key in _keys(wanted) if key is not None]
    if keys:
        return found + list(await connection.execute(_in_runs(keys, wanted, limit - len(found))))
    column = audit_run.c
    within = select(func.min(column.first), func.max(column.last)).where(*_within(wanted))
    first, last = (await connection.execute(within)).one()
    if first is None:
        return found
    # One bound on each side: of two, SQLite takes the wrong one and reads all that lies between them.
    last = last if wanted.before is None else min(last, wanted.before - 1)
    between = [audit_event.c.id.between(first, last), *_at(wanted)]
    return found + list(await connection.execute(_newest_first(between, limit - len(found))))


async def runs(engine: AsyncEngine) -> AsyncIterator[Run]:
    """Read all runs in their order, one at a time, each as of one moment."""
    after = 0
    event, columns = audit_event.c, audit_run.c
    while True:
        behind = select(columns.first, columns.last, columns.earliest, columns.latest).where(
            columns.last > after
        )
        with store_errors():
            async with snapshot(engine) as connection:
                run = (await connection.execute(behind.order_by(columns.last).limit(1))).first()
                if run is None:
                    return
                held = select(event.id, event.chain, event.seq, event.at, event.actor, event.action)
                held = held.add_columns(event.subjects).where(event.id.between(run.first, run.last))
                rows = await connection.execute(held.order_by(event.id))
                indexed = tuple(map(_indexed, rows))
                postings: dict[int, set[tuple[str, str | bytes]]] = {}
                for by, table in _TABLES.items():
                    listed = select(table.c.event, table.c.key).where(table.c.run == run.last)
                    for number, key in await connection.execute(listed):
                        postings.setdefault(number, set()).add((by, key))
        kept = {number: frozenset(keys) for number, keys in postings.items()}
        yield Run(run.first, run.last, run.earliest, run.latest, indexed, kept)
        after = run.last


async def stray(engine: AsyncEngine) -> int | None:
    """Return the number of a run that has index rows but is none, None if all are."""
    known = select(audit_run.c.last)
    tables = (select(table.c.run).where(table.c.run.not_in(known)) for table in _TABLES.values())
    with store_errors():
        async with engine.connect() as connection:
            return (await connection.execute(union_all(*tables).limit(1))).scalar()


_TABLES: Final = {"action": audit_by_action, "actor": audit_by_actor, "subject": audit_by_subject}

_FOLDED: Final = func.max(audit_run.c.last)


def _indexed(row: Any) -> Indexed:
    starts = range(0, len(row.subjects), SUBJECT_BYTES)
    keys = {("subject", row.subjects[start : start + SUBJECT_BYTES]) for start in starts}
    keys |= {("actor", row.actor), ("action", row.action)}
    return Indexed(row.id, row.chain, row.seq, row.at, frozenset(keys))


def _unfolded_rows(connection: Connection) -> int:
    folded = func.coalesce(select(_FOLDED).scalar_subquery(), 0)
    each = _ROWS_EACH + func.length(audit_event.c.subjects) // SUBJECT_BYTES
    found: int | None = connection.scalar(select(func.sum(each)).where(audit_event.c.id > folded))
    return found or 0


def _write_run(connection: Connection, most: int) -> bool:
    """Write one run of at most so many events; tell whether there were any."""
    event = audit_event.c
    after = connection.scalar(select(_FOLDED)) or 0
    next_ones = select(event.id).where(event.id > after).order_by(event.id).limit(most).subquery()
    last = connection.scalar(select(func.max(next_ones.c.id)))
    if last is None:
        return False
    these = event.id.between(after + 1, last)
    times = select(literal(last), literal(after + 1), func.min(event.at), func.max(event.at)).where(these)
    connection.execute(insert(audit_run).from_select(["last", "first", "earliest", "latest"], times))
    for by, column in (("actor", event.actor), ("action", event.action)):
        keys = select(literal(last), column, event.id).where(these).order_by(column, event.id)
        connection.execute(insert(_TABLES[by]).from_select(["run", "key", "event"], keys))
    people = _each_subject(these, last)
    connection.execute(insert(audit_by_subject).from_select(["run", "key", "event"], people))
    return True


def _each_subject(these: ColumnElement[bool], run: int) -> Select[Any]:
    """Take the subjects of events apart: the n-th of all that have so many."""
    event = audit_event.c
    most = select(func.max(func.length(event.subjects)) // SUBJECT_BYTES).where(these).scalar_subquery()
    number = select(literal(0).label("n")).cte("number", recursive=True)
    number = number.union_all(select(number.c.n + 1).where(number.c.n + 1 < most))
    start = number.c.n * SUBJECT_BYTES
    subject = func.substr(event.subjects, start + 1, SUBJECT_BYTES)
    return (
        select(literal(run), subject.label("subject"), event.id)
        .select_from(audit_event.join(number, start < func.length(event.subjects)))
        .where(these)
        .order_by("subject", event.id)
    )


def _in_tail(wanted: Wanted, folded: int, limit: int) -> Select[Any]:
    """Look at each event that no run holds."""
    event = audit_event.c
    conditions = [event.id > folded, *_at(wanted)]
    if wanted.before is not None:
        conditions.append(event.id < wanted.before)
    if wanted.actor is not None:
        conditions.append(event.actor == wanted.actor)
    if wanted.action is not None:
        conditions.append(event.action == wanted.action.value)
    if wanted.subject is not None:
        conditions.append(func.instr(event.subjects, wanted.subject) > 0)
    return _newest_first(conditions, limit)


def _in_runs(keys: Sequence[tuple[Table, object]], wanted: Wanted, limit: int) -> Select[Any]:
    """Go from run to run by the first key, and look the others up."""
    event, run = audit_event.c, audit_run.c
    (table, key), *others = keys
    # The sum makes SQLite begin with the runs; it would rather read all postings and sort them.
    joined = audit_run.join(table, table.c.run == run.last + 0)
    conditions = [table.c.key == key, *_within(wanted), *_at(wanted)]
    for other, other_key in others:
        joined = joined.join(other, and_(other.c.run == table.c.run, other.c.event == table.c.event))
        conditions.append(other.c.key == other_key)
    if wanted.before is not None:
        conditions += [run.first < wanted.before, table.c.event < wanted.before]
    return (
        select(event.id, event.chain, event.seq, event.body)
        .select_from(joined.join(audit_event, event.id == table.c.event))
        .where(*conditions)
        .order_by(run.last.desc(), table.c.event.desc())
        .limit(limit)
    )


def _newest_first(conditions: Sequence[ColumnElement[bool]], limit: int) -> Select[Any]:
    event = audit_event.c
    query = select(event.id, event.chain, event.seq, event.body).where(*conditions)
    return query.order_by(event.id.desc()).limit(limit)


def _keys(wanted: Wanted) -> tuple[tuple[Table, object], ...]:
    """Return what is wanted beside the time, the rarest first."""
    return (
        (audit_by_subject, wanted.subject),
        (audit_by_actor, wanted.actor),
        (audit_by_action, wanted.action),
    )


def _within(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Pass over runs that lie before or behind the time wanted."""
    conditions = []
    if wanted.since is not None:
        conditions.append(audit_run.c.latest >= micros(wanted.since))
    if wanted.until is not None:
        conditions.append(audit_run.c.earliest < micros(wanted.until))
    return conditions


def _at(wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = []
    if wanted.since is not None:
        conditions.append(audit_event.c.at >= micros(wanted.since))
    if wanted.until is not None:
        conditions.append(audit_event.c.at < micros(wanted.until))
    return conditions
