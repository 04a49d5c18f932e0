"""Where the vault's entries are kept: all SQL of this package.

Every method raises StoreUnavailable when the store does not answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.errors import GatewayError
from gateway.store.engine import store_errors
from gateway.store.tables import vault_entry as table
from gateway.vault.entry import Entry, EntryState, Owner, Sealed, Why

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class AccountShared(GatewayError):
    """Give each person an account of their own: this one is in the vault for another owner."""


class VaultRepository:
    """Keep entries, one for a system and an owner, and no account of a system under two owners."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, system: str, owner: Owner) -> Entry | None:
        """Return one entry."""
        with store_errors():
            async with self._engine.connect() as connection:
                row = (await connection.execute(select(table).where(_is(system, owner)))).one_or_none()
        return None if row is None else _entry(row)

    async def list(self, system: str | None = None, owner: Owner | None = None) -> tuple[Entry, ...]:
        """Return entries in the order of system and owner, of one system or one owner if given."""
        query = select(table).order_by(table.c.system, table.c.owner)
        if system is not None:
            query = query.where(table.c.system == system)
        if owner is not None:
            query = query.where(table.c.owner == str(owner))
        with store_errors():
            async with self._engine.connect() as connection:
                return tuple(map(_entry, await connection.execute(query)))

    async def after(self, number: int, limit: int) -> tuple[Entry, ...]:
        """Return the next entries by their number, to go through all of them in parts."""
        query = select(table).where(table.c.id > number).order_by(table.c.id).limit(limit)
        with store_errors():
            async with self._engine.connect() as connection:
                return tuple(map(_entry, await connection.execute(query)))

    async def count(self) -> int:
        """Return how many entries there are."""
        with store_errors():
            async with self._engine.connect() as connection:
                return int(await connection.scalar(select(func.count()).select_from(table)) or 0)

    async def holder(self, system: str, login_mark: bytes) -> Owner | None:
        """Return who has the account with this mark."""
        with store_errors():
            async with self._engine.connect() as connection:
                return await _holder(connection, system, login_mark)

    async def put(self, system: str, owner: Owner, sealed: Sealed, now: datetime) -> None:
        """Create the entry or replace its credential; its state becomes ``unchecked``.

        Raises AccountShared when another owner has the same account.
        """
        values = {
            **_columns(sealed),
            "login_mark": sealed.login_mark,
            "state": EntryState.UNCHECKED,
            "why": None,
            "since": now,
            "changed_at": now,
        }
        replace = update(table).where(_is(system, owner)).values(**values, version=table.c.version + 1)
        create = insert(table).values(**values, version=1, system=system, owner=str(owner))
        with store_errors():
            try:
                async with self._engine.begin() as connection:
                    if (await connection.execute(replace)).rowcount == 0:
                        await connection.execute(create)
            except IntegrityError:
                async with self._engine.connect() as connection:
                    holder = await _holder(connection, system, sealed.login_mark)
                if holder in (None, owner):
                    raise
                # The driver's own words stay out of the new error: they name columns and may quote values.
                raise AccountShared(str(holder)) from None

    async def remove(self, system: str, owner: Owner) -> bool:
        """Remove the entry; return whether there was one."""
        with store_errors():
            async with self._engine.begin() as connection:
                return (await connection.execute(delete(table).where(_is(system, owner)))).rowcount == 1

    async def note(self, entry: Entry, state: EntryState, why: Why | None, now: datetime) -> bool:
        """Note what signing in with this entry's credential has shown.

        Returns False, and notes nothing, when the credential has been changed or removed meanwhile.
        """
        same = (table.c.id == entry.id) & (table.c.version == entry.version)
        with store_errors():
            async with self._engine.begin() as connection:
                noted = await connection.execute(
                    update(table).where(same).values(state=state, why=why, since=now)
                )
                return noted.rowcount == 1

    async def rewrap(self, entry: Entry, sealed: Sealed) -> bool:
        """Replace how the credential is sealed, not what it is; False when the entry changed meanwhile."""
        same = (table.c.id == entry.id) & (table.c.wrapped_key == entry.sealed.wrapped_key)
        with store_errors():
            async with self._engine.begin() as connection:
                done = await connection.execute(update(table).where(same).values(**_columns(sealed)))
                return done.rowcount == 1


def _is(system: str, owner: Owner) -> ColumnElement[bool]:
    return (table.c.system == system) & (table.c.owner == str(owner))


async def _holder(connection: AsyncConnection, system: str, login_mark: bytes) -> Owner | None:
    same = (table.c.system == system) & (table.c.login_mark == login_mark)
    owner = await connection.scalar(select(table.c.owner).where(same))
    return None if owner is None else Owner.parse(owner)


def _columns(sealed: Sealed) -> dict[str, Any]:
    return {"key_id": sealed.key_id, "wrapped_key": sealed.wrapped_key, "sealed": sealed.content}


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        system=row.system,
        owner=Owner.parse(row.owner),
        sealed=Sealed(row.key_id, row.wrapped_key, row.sealed, row.login_mark),
        version=row.version,
        state=EntryState(row.state),
        why=None if row.why is None else Why(row.why),
        since=row.since,
        changed_at=row.changed_at,
    )
