"""Insert many rows with few statements."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

_MOST = 128
"""Rows of one statement; SQLite takes 32,766 values."""


def insert_rows(connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[Any]) -> None:
    """Insert rows into SQLite, each a tuple of what the driver takes for these columns.

    sqlite3 lets go of Python's lock once for each row of ``executemany``, and getting it back from a busy
    event loop takes up to 5 ms. Here it is once for 128 rows or the next power of two that fits, so that few
    statements serve all lengths. PostgreSQL will want COPY; its branch belongs here.
    """
    start = 0
    while start < len(rows):
        count = min(1 << ((len(rows) - start).bit_length() - 1), _MOST)
        values = tuple(chain.from_iterable(rows[start : start + count]))
        connection.exec_driver_sql(_statement(table, columns, count, connection.dialect), values)
        start += count


@lru_cache
def _statement(table: Table, columns: tuple[str, ...], count: int, dialect: Dialect) -> str:
    one = str(insert(table).compile(dialect=dialect, column_keys=columns))
    return one + f", {one[one.rindex('(') :]}" * (count - 1)
