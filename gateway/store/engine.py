"""The way to the database: the URL decides which one; SQLite needs nothing installed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from gateway.errors import StoreUnavailable

_CONNECTIONS = 5
"""One that writes and a few that read: SQLite has one writer at a time, and each connection is a thread."""

_WAIT_S = 5.0
"""How long to wait for a free connection."""

_BUSY_S = "5.0"
"""How long a writer waits for another one; ``?timeout=`` in the URL says otherwise."""

_PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON")

_CHECKPOINT_PAGES = 8000
"""About 32 MB of log before it is folded into the database: SQLite's own 1000 pages make it fold pages that
change again at once, which cost the audit trail a fifth of its speed."""


def open_engine(url: str) -> AsyncEngine:
    """Open the state store at ``sqlite+aiosqlite:///PATH``; close it with ``dispose()``.

    Nothing is connected yet. A commit is on disk when it returns (WAL, ``synchronous=FULL``), readers do not
    wait for the writer, foreign keys are enforced, and the text of an error never quotes values. A
    transaction begins with the first statement that writes (sqlite3's own rule): two reads see one state only
    inside :func:`snapshot`. Raises ``ValueError`` for another kind of store; PostgreSQL gets its branch here.
    """
    engine = create_async_engine(
        sqlite_url(url),
        hide_parameters=True,
        max_overflow=0,
        pool_size=_CONNECTIONS,
        pool_timeout=_WAIT_S,
        pool_use_lifo=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    return engine


def open_sync_engine(url: URL) -> Engine:
    """Open the same store for one thread that does its own waiting; close it with ``dispose()``."""
    engine = create_engine(
        url.set(drivername="sqlite"),
        connect_args={"check_same_thread": False},
        hide_parameters=True,
        max_overflow=0,
        pool_size=1,
    )
    event.listen(engine, "connect", _prepare)
    return engine


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Read with one view of the database, taken at the first statement; for reading only."""
    async with engine.connect() as connection:
        await connection.exec_driver_sql("BEGIN")
        yield connection


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn what a database raises into :class:`StoreUnavailable`."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise StoreUnavailable(type(error).__name__) from error


def sqlite_url(url: str) -> URL:
    """Check the address and add how long a writer waits; ``ValueError`` says what an address looks like."""
    address = make_url(url)
    if address.drivername != "sqlite+aiosqlite" or address.database in {None, "", ":memory:"}:
        raise ValueError("the state store is named by sqlite+aiosqlite:///PATH")
    return address if "timeout" in address.query else address.update_query_dict({"timeout": _BUSY_S})


def _prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in (*_PRAGMAS, f"wal_autocheckpoint = {_CHECKPOINT_PAGES}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
