"""One transaction at a time on a thread of its own, for the one place where every answer waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.store.engine import open_sync_engine, store_errors

T = TypeVar("T")


class WriteThread:
    """Run what writes with one hop to a thread that holds one connection.

    aiosqlite hops for each cursor, statement and commit, which costs as much as the write itself, and taking
    a connection from a pool costs as much as ten rows.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        """Take the store; nothing is connected yet."""
        self._engine = open_sync_engine(engine.url)
        self._connection: Connection | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-write")

    async def commit(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction of its own, commit it, and return what it returned.

        Raises ``StoreUnavailable``; then what it wrote may or may not have been committed. The same
        holds when the caller is cancelled.
        """
        with store_errors():
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._commit, work)

    async def close(self) -> None:
        """Wait for what is under way and close the connection."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _commit(self, work: Callable[[Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        try:
            with self._connection.begin():
                return work(self._connection)
        except BaseException:
            # The next one starts anew, whatever state this one was left in.
            self._connection.close()
            self._connection = None
            raise

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()
