"""Many rows into several tables at once, for the few places where an answer waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.store.engine import open_sync_engine, store_errors

Row = tuple[Any, ...]


class BulkInsert:
    """Insert rows of several tables in one transaction and with one hop to the thread that writes.

    aiosqlite hops for each cursor, statement and commit: seven times for two tables, which costs as much as
    the write itself. PostgreSQL will want COPY instead; its branch belongs here.
    """

    def __init__(self, engine: AsyncEngine, *tables: Table) -> None:
        """Take the store and the tables, in the order in which :meth:`insert` takes their rows."""
        self._engine = open_sync_engine(engine.url)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-insert")
        self._statements = [str(insert(table).compile(dialect=self._engine.dialect)) for table in tables]
        self._converters = [_converters(table, self._engine.dialect) for table in tables]

    async def insert(self, *rows: Sequence[Row]) -> None:
        """Insert the rows of each table, values in the order of its columns, and commit.

        Raises ``StoreUnavailable``; then the rows may or may not have been committed. The same holds when the
        caller is cancelled.
        """
        with store_errors():
            await asyncio.get_running_loop().run_in_executor(self._thread, self._insert, rows)

    async def close(self) -> None:
        """Wait for what is under way and close the connection."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._engine.dispose)
        self._thread.shutdown()

    def _insert(self, tables: Sequence[Sequence[Row]]) -> None:
        with self._engine.begin() as connection:
            for statement, converters, rows in zip(self._statements, self._converters, tables, strict=True):
                if rows:
                    connection.exec_driver_sql(statement, [_converted(row, converters) for row in rows])


def _converters(table: Table, dialect: Dialect) -> list[tuple[int, Callable[[Any], Any]]]:
    """Return what the types of some columns do to a value on its way to the driver."""
    found = (
        (n, column.type.dialect_impl(dialect).bind_processor(dialect))
        for n, column in enumerate(table.columns)
    )
    return [(n, convert) for n, convert in found if convert is not None]


def _converted(row: Row, converters: Sequence[tuple[int, Callable[[Any], Any]]]) -> Row:
    values = list(row)
    for n, convert in converters:
        values[n] = convert(values[n])
    return tuple(values)
