"""What is remembered of line systems over a restart: all SQL of this package.

Every method raises StoreUnavailable when the store does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.store.engine import store_errors
from gateway.store.tables import upstream_rejection as rejection
from gateway.store.tables import upstream_system as system

if TYPE_CHECKING:
    from datetime import date, datetime

    from sqlalchemy.ext.asyncio import AsyncEngine


class UpstreamRepository:
    """Keep rejected credentials by their marks, and of each system its day's calls and its login."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def is_rejected(self, mark: bytes) -> bool:
        """Tell whether a mark is there."""
        with store_errors():
            async with self._engine.connect() as connection:
                return bool(await connection.scalar(select(exists().where(rejection.c.mark == mark))))

    async def reject(self, mark: bytes, now: datetime) -> None:
        """Keep a mark."""
        with store_errors():
            try:
                async with self._engine.begin() as connection:
                    await connection.execute(insert(rejection).values(mark=mark, at=now))
            except IntegrityError:
                pass  # another process was told the same

    async def reserve(self, name: str, day: date, calls: int, limit: int) -> int:
        """Take so many calls of a day's ``limit``, or what is left of it; return how many.

        What was taken counts as made, by whichever process and however it ended.
        """
        row = system.c.name == name
        await self._ensure(name)
        with store_errors():
            async with self._engine.begin() as connection:
                new_day = system.c.day.is_distinct_from(day)
                # Written first, and always: it locks the row (in SQLite the store) until the end.
                await connection.execute(
                    update(system).where(row).values(calls=case((new_day, 0), else_=system.c.calls), day=day)
                )
                made = int(await connection.scalar(select(system.c.calls).where(row)) or 0)
                taken = max(0, min(calls, limit - made))
                await connection.execute(update(system).where(row).values(calls=made + taken))
        return taken

    async def fingerprint(self, name: str) -> str | None:
        """Return the fingerprint of the login that last let us in."""
        with store_errors():
            async with self._engine.connect() as connection:
                found = await connection.scalar(select(system.c.fingerprint).where(system.c.name == name))
        return None if found is None else str(found)

    async def keep_fingerprint(self, name: str, fingerprint: str) -> None:
        """Keep the fingerprint of the login that let us in."""
        await self._ensure(name)
        with store_errors():
            async with self._engine.begin() as connection:
                change = update(system).where(system.c.name == name)
                await connection.execute(change.values(fingerprint=fingerprint))

    async def _ensure(self, name: str) -> None:
        with store_errors():
            async with self._engine.connect() as connection:
                if await connection.scalar(select(exists().where(system.c.name == name))):
                    return
            try:
                async with self._engine.begin() as connection:
                    await connection.execute(insert(system).values(name=name, calls=0))
            except IntegrityError:
                pass  # another process was first
