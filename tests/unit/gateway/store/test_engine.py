import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.clock import SHANGHAI
from gateway.errors import StoreUnavailable
from gateway.store.engine import open_engine, snapshot, store_errors
from gateway.store.tables import account, login_throttle, metadata, role_assignment
from gateway.store.write_thread import WriteThread

AT = datetime(2026, 11, 21, 8, 12, 30, 123456, SHANGHAI)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state.db"


@pytest.fixture
async def engine(path: Path) -> AsyncIterator[AsyncEngine]:
    engine = open_engine(f"sqlite+aiosqlite:///{path}?timeout=0.2")
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield engine
    await engine.dispose()


async def test_each_connection_is_durable_and_checks_references(engine: AsyncEngine) -> None:
    async with engine.connect() as one, engine.connect() as two:
        for connection in (one, two):
            assert await connection.scalar(text("PRAGMA journal_mode")) == "wal"
            assert await connection.scalar(text("PRAGMA synchronous")) == 2  # FULL
            assert await connection.scalar(text("PRAGMA foreign_keys")) == 1
            assert await connection.scalar(text("PRAGMA busy_timeout")) == 200
    orphan = insert(role_assignment).values(account_id=7, role="cadre", region="31")
    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await connection.execute(orphan)


async def test_a_writer_waits_five_seconds_unless_told_otherwise(path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{path}")
    async with engine.connect() as connection:
        assert await connection.scalar(text("PRAGMA busy_timeout")) == 5000
    await engine.dispose()


@pytest.mark.parametrize(
    "url",
    ["sqlite+aiosqlite://", "sqlite+aiosqlite:///:memory:", "sqlite:///state.db", "mysql+asyncmy://h/d"],
)
def test_other_stores_are_refused_with_a_sentence(url: str) -> None:
    with pytest.raises(ValueError, match="named by"):
        open_engine(url)


@pytest.mark.parametrize("zone", [SHANGHAI, UTC, timezone(timedelta(hours=-5))])
async def test_times_come_back_with_their_zone(engine: AsyncEngine, zone: timezone) -> None:
    row = {"name_hash": b"n" * 32, "failures": 1, "locked_until": None, "updated_at": AT.astimezone(zone)}
    async with engine.begin() as connection:
        await connection.execute(insert(login_throttle), row)
        found = (await connection.execute(select(login_throttle))).one()
        kept = await connection.scalar(text("SELECT updated_at FROM login_throttle"))
    assert found.updated_at == AT
    assert found.updated_at.utcoffset() == timedelta(hours=8)
    assert found.locked_until is None
    assert kept == "2026-11-21 00:12:30.123456"


async def test_a_time_without_zone_is_refused(engine: AsyncEngine) -> None:
    row = {"name_hash": b"n" * 32, "failures": 1, "locked_until": None, "updated_at": AT.replace(tzinfo=None)}
    with pytest.raises(StatementError, match="needs its zone"):
        async with engine.begin() as connection:
            await connection.execute(insert(login_throttle), row)


async def test_errors_never_quote_values(engine: AsyncEngine) -> None:
    row = {"username": "u", "display_name": "陈桂芳", "password_hash": "sentinel-hash", "created_at": AT}
    with pytest.raises(IntegrityError) as raised:
        async with engine.begin() as connection:
            await connection.execute(insert(account), [row, row])
    assert "sentinel-hash" not in str(raised.value)
    assert "陈桂芳" not in str(raised.value)


def writing(name: str) -> Callable[[Connection], None]:
    """Return what writes one row."""
    row = {"name_hash": name.encode() * 32, "failures": 1, "updated_at": AT}

    def write(connection: Connection) -> None:
        connection.execute(insert(login_throttle), row)

    return write


async def test_a_snapshot_does_not_see_later_writes(engine: AsyncEngine) -> None:
    count = text("SELECT count(*) FROM login_throttle")
    thread = WriteThread(engine)
    async with snapshot(engine) as connection:
        assert await connection.scalar(count) == 0
        await thread.commit(writing("a"))
        assert await connection.scalar(count) == 0
    async with snapshot(engine) as connection:
        assert await connection.scalar(count) == 1
    await thread.close()


async def test_a_locked_store_is_unavailable(engine: AsyncEngine, path: Path) -> None:
    thread = WriteThread(engine)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable):
        await thread.commit(writing("a"))
    other.execute("ROLLBACK")
    other.close()
    await thread.commit(writing("a"))
    await thread.close()


async def test_all_of_a_transaction_or_nothing(engine: AsyncEngine) -> None:
    def twice(connection: Connection) -> None:
        writing("a")(connection)
        writing("a")(connection)

    thread = WriteThread(engine)
    with pytest.raises(StoreUnavailable):
        await thread.commit(twice)
    await thread.commit(writing("b"))
    async with engine.connect() as connection:
        assert (await connection.scalars(select(login_throttle.c.name_hash))).all() == [b"b" * 32]
    await thread.close()


async def test_what_databases_raise_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable), store_errors():
        raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))
    with pytest.raises(StoreUnavailable), store_errors():
        raise OSError(28, "No space left on device")
    with pytest.raises(asyncio.CancelledError), store_errors():
        raise asyncio.CancelledError
