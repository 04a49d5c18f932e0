"""Where accounts, sessions and failed sign-ins are kept: all SQL of this package.

Every method raises StoreUnavailable when the store does not answer.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, exists, insert, literal, select, update

from gateway.errors import InvalidInput
from gateway.identity.accounts import Account, AccountDetails
from gateway.store.engine import store_errors
from gateway.store.tables import account, login_throttle, role_assignment, session
from policies.model import RoleInScope

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from datetime import date, datetime, timedelta

    from sqlalchemy import Row
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_ACCOUNT = select(
    account,
    role_assignment.c.role,
    role_assignment.c.region,
    role_assignment.c.valid_from,
    role_assignment.c.valid_until,
).select_from(account.outerjoin(role_assignment))
_IN_ORDER = (account.c.username, role_assignment.c.id)
_FIND = _ACCOUNT.where(account.c.username == bindparam("name")).order_by(*_IN_ORDER)
_LIVE_SESSION = (
    _ACCOUNT.add_columns(
        session.c.created_at.label("started_at"), session.c.seen_at, session.c.expires_at.label("ends_at")
    )
    .join(session, session.c.account_id == account.c.id)
    .where(session.c.id_hash == bindparam("key"), account.c.disabled.is_(False))
    .order_by(*_IN_ORDER)
)


class AccountRepository:
    """Keep accounts with their roles."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, username: str) -> Account | None:
        """Return the account of a folded user name, also a disabled one."""
        async with _reading(self._engine) as connection:
            rows = (await connection.execute(_FIND, {"name": username})).all()
        return _account(rows) if rows else None

    async def list(self) -> tuple[Account, ...]:
        """Return all accounts in the order of their user names."""
        async with _reading(self._engine) as connection:
            rows = (await connection.execute(_ACCOUNT.order_by(*_IN_ORDER))).all()
        by_id: dict[int, list[Row[Any]]] = {}
        for row in rows:
            by_id.setdefault(row.id, []).append(row)
        return tuple(_account(group) for group in by_id.values())

    async def save(self, details: AccountDetails, password_hash: str | None, now: datetime) -> Account:
        """Create the account or replace what stands in it, roles included; return it.

        Without a hash the password stays, and a new account raises InvalidInput; a new hash ends its
        sessions. ``disabled`` is *not* touched.
        """
        details = details.checked()
        values: dict[str, Any] = {
            "display_name": details.display_name,
            "organisation": details.organisation,
            "household": details.household,
        }
        if password_hash is not None:
            values["password_hash"] = password_hash
        async with _writing(self._engine) as connection:
            same = account.c.username == details.username
            number = await connection.scalar(
                update(account).where(same).values(values).returning(account.c.id)
            )
            if number is None:
                if password_hash is None:
                    raise InvalidInput(("password", "give a new account a password"))
                values |= {"username": details.username, "disabled": False, "created_at": now}
                number = await connection.scalar(insert(account).values(values).returning(account.c.id))
            elif password_hash is not None:
                await connection.execute(delete(session).where(session.c.account_id == number))
            await connection.execute(delete(role_assignment).where(role_assignment.c.account_id == number))
            await connection.execute(insert(role_assignment), _assignments(number, details.roles))
            rows = (await connection.execute(_FIND, {"name": details.username})).all()
        return _account(rows)

    async def set_disabled(self, username: str, *, disabled: bool) -> bool:
        """Disable an account and end its sessions, or enable it; tell whether there is such an account."""
        async with _writing(self._engine) as connection:
            same = account.c.username == username
            change = update(account).where(same).values(disabled=disabled).returning(account.c.id)
            number = await connection.scalar(change)
            if disabled and number is not None:
                await connection.execute(delete(session).where(session.c.account_id == number))
        return number is not None

    async def renew_hash(self, found: Account, password_hash: str) -> None:
        """Replace the hash of the same password, unless the password was changed meanwhile. Sessions stay."""
        same = (account.c.id == found.id) & (account.c.password_hash == found.password_hash)
        async with _writing(self._engine) as connection:
            await connection.execute(update(account).where(same).values(password_hash=password_hash))


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session and its account, which is not disabled."""

    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    """The absolute end."""
    account: Account


class SessionRepository:
    """Keep sessions by the SHA-256 of their ids."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def start(self, key: bytes, owner: Account, now: datetime, expires_at: datetime) -> bool:
        """Insert a session, unless the account was disabled or its password changed since it was read."""
        values = select(
            literal(key, session.c.id_hash.type),
            account.c.id,
            literal(now, session.c.created_at.type),
            literal(now, session.c.seen_at.type),
            literal(expires_at, session.c.expires_at.type),
        ).where(
            account.c.id == owner.id,
            account.c.disabled.is_(False),
            account.c.password_hash == owner.password_hash,
        )
        columns = ["id_hash", "account_id", "created_at", "seen_at", "expires_at"]
        async with _writing(self._engine) as connection:
            return (await connection.execute(insert(session).from_select(columns, values))).rowcount == 1

    async def find(self, key: bytes) -> StoredSession | None:
        """Return the session, its time up or not, with its account as it is now; None if that is disabled."""
        async with _reading(self._engine) as connection:
            rows = (await connection.execute(_LIVE_SESSION, {"key": key})).all()
        if not rows:
            return None
        first = rows[0]
        return StoredSession(first.started_at, first.seen_at, first.ends_at, _account(rows))

    async def seen(self, key: bytes, now: datetime) -> None:
        """Note that the session was used, unless another process noted a later use."""
        later = update(session).where(session.c.id_hash == key, session.c.seen_at < now)
        async with _writing(self._engine) as connection:
            await connection.execute(later.values(seen_at=now))

    async def end(self, key: bytes) -> bool:
        """Remove a session; tell whether there was one."""
        async with _writing(self._engine) as connection:
            return (await connection.execute(delete(session).where(session.c.id_hash == key))).rowcount == 1

    async def any_left(self, username: str, now: datetime, idle_since: datetime) -> bool:
        """Tell whether an account has a session whose time is not up."""
        number = select(account.c.id).where(account.c.username == username).scalar_subquery()
        living = (session.c.expires_at > now) & (session.c.seen_at > idle_since)
        async with _reading(self._engine) as connection:
            found = select(exists().where(session.c.account_id == number, living))
            return bool(await connection.scalar(found))

    async def end_all(self, username: str) -> int:
        """Remove every session of an account; return how many there were."""
        number = select(account.c.id).where(account.c.username == username).scalar_subquery()
        async with _writing(self._engine) as connection:
            return (await connection.execute(delete(session).where(session.c.account_id == number))).rowcount

    async def prune(self, now: datetime, idle_since: datetime) -> int:
        """Remove sessions whose time is up; return how many went."""
        over = (session.c.expires_at <= now) | (session.c.seen_at <= idle_since)
        async with _writing(self._engine) as connection:
            return (await connection.execute(delete(session).where(over))).rowcount


@dataclass(frozen=True, slots=True)
class StoredFailures:
    """Failures in a row of one user name."""

    failures: int
    locked_until: datetime | None


class ThrottleRepository:
    """Keep failed sign-ins by the keyed hash of the user name."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def find(self, key: bytes, forget_before: datetime) -> StoredFailures | None:
        """Return the failures on record, if the last one is not forgotten yet."""
        row = select(login_throttle).where(
            login_throttle.c.name_hash == key, login_throttle.c.updated_at >= forget_before
        )
        async with _reading(self._engine) as connection:
            found = (await connection.execute(row)).one_or_none()
        if found is None:
            return None
        return StoredFailures(found.failures, found.locked_until)

    async def add_failure(
        self,
        key: bytes,
        now: datetime,
        forget_before: datetime,
        wait_after: Callable[[int], timedelta | None],
    ) -> int:
        """Count a failure, lock the name as long as ``wait_after`` says, and return the failures in a row."""
        table = login_throttle
        forgotten = table.c.updated_at < forget_before
        count = update(table).where(table.c.name_hash == key).returning(table.c.failures)
        values = {"failures": case((forgotten, 1), else_=table.c.failures + 1), "updated_at": now}
        async with _writing(self._engine) as connection:
            failures = await connection.scalar(count.values(values))
            if failures is None:
                failures = 1
                await connection.execute(
                    insert(table).values(name_hash=key, failures=failures, updated_at=now)
                )
            if wait := wait_after(failures):
                lock = update(table).where(table.c.name_hash == key)
                await connection.execute(lock.values(locked_until=now + wait))
        return int(failures)

    async def clear(self, key: bytes) -> None:
        """Forget the failures of a name."""
        async with _writing(self._engine) as connection:
            await connection.execute(delete(login_throttle).where(login_throttle.c.name_hash == key))

    async def prune(self, forget_before: datetime) -> int:
        """Remove what is forgotten; return how many rows went."""
        old = delete(login_throttle).where(login_throttle.c.updated_at < forget_before)
        async with _writing(self._engine) as connection:
            return (await connection.execute(old)).rowcount


@asynccontextmanager
async def _reading(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with store_errors():
        async with engine.connect() as connection:
            yield connection


@asynccontextmanager
async def _writing(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    with store_errors():
        async with engine.begin() as connection:
            yield connection


def _account(rows: Sequence[Row[Any]]) -> Account:
    """Make one account of its rows, one a role and region."""
    first = rows[0]
    periods: dict[tuple[str, date | None, date | None], list[str]] = {}
    for row in rows:
        if row.role is not None:
            periods.setdefault((row.role, row.valid_from, row.valid_until), []).append(row.region)
    return Account(
        id=first.id,
        username=first.username,
        display_name=first.display_name,
        roles=tuple(
            RoleInScope(role, tuple(regions), begin, end) for (role, begin, end), regions in periods.items()
        ),
        organisation=first.organisation,
        household=first.household,
        disabled=first.disabled,
        created_at=first.created_at,
        password_hash=first.password_hash,
    )


def _assignments(number: int, roles: tuple[RoleInScope, ...]) -> list[dict[str, Any]]:
    return [
        {
            "account_id": number,
            "role": held.role,
            "region": region,
            "valid_from": held.valid_from,
            "valid_until": held.valid_until,
        }
        for held in roles
        for region in held.scope
    ]
