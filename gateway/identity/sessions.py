"""Signed-in sessions: opaque ids, stored by their hash, copied into memory for a second at a time."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from gateway.errors import StoreUnavailable
from gateway.identity import csrf
from policies.model import Subject

if TYPE_CHECKING:
    from datetime import datetime

    from gateway.clock import Clock
    from gateway.identity.accounts import Account
    from gateway.identity.repository import SessionRepository
    from gateway.tasks import Tasks

FRESH_S = 1.0
"""How old a copy in memory may be, so that logging out and disabling act everywhere within this time."""

_WRITE_USE_EVERY = timedelta(seconds=60)
_SHORT_IDLE_WRITES = 15
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_HASH_PREFIX = 16


@dataclass(frozen=True, slots=True)
class Session:
    """Who is calling, as the store had it at most a second ago."""

    hash_prefix: str
    """The first 64 bits of the id's SHA-256, hexadecimal: names the session in the audit log."""
    subject: Subject
    """With the roles held today only; ``account`` is the user name, by which auditors ask."""
    username: str
    display_name: str = field(repr=False)
    csrf_token: str = field(repr=False)
    created_at: datetime
    expires_at: datetime
    """The earlier of the idle end, should there be no further call, and the absolute end."""
    password_at: datetime
    """When the password was last given."""

    @property
    def scope(self) -> tuple[str, ...]:
        """Return the region codes of all roles held, sorted."""
        return tuple(sorted({region for held in self.subject.roles for region in held.scope}))


@dataclass(slots=True, eq=False)
class _Kept:
    session: Session
    fresh_until: float
    used_at: datetime
    """The last use this process knows of; the store hears of it once a minute."""


@dataclass(slots=True, eq=False)
class _Flight:
    """One reading of one session on which any number of callers wait."""

    departed: float
    task: asyncio.Task[Session | None] = field(init=False)


class Sessions:
    """Start, find and end sessions.

    A session ends ``idle`` after its last use or ``absolute`` after sign-in. Uses are written at most once a
    minute (a fifteenth of a short ``idle``), so another process, or this one after a restart or with more
    than ``capacity`` sessions, may end a session that much early; none ends late.
    """

    def __init__(
        self,
        repository: SessionRepository,
        clock: Clock,
        tasks: Tasks,
        *,
        idle: timedelta = timedelta(minutes=15),
        absolute: timedelta = timedelta(hours=12),
        capacity: int = 10_000,
        patience_s: float = 5.0,
    ) -> None:
        self._repository = repository
        self._clock = clock
        self._tasks = tasks
        self._idle = idle
        self._absolute = absolute
        self._write_every = min(_WRITE_USE_EVERY, idle / _SHORT_IDLE_WRITES)
        self._capacity = capacity
        self._patience_s = patience_s
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()
        self._flights: dict[bytes, _Flight] = {}

    def __len__(self) -> int:
        """Return how many sessions this process knows of; some may be over."""
        return len(self._kept)

    async def start(self, account: Account) -> tuple[str, Session] | None:
        """Start a session under a new id of 256 random bits; return (id, session).

        None if the account was disabled or its password changed since it was read. Checks no password.
        """
        session_id = secrets.token_urlsafe(32)
        key = _key(session_id)
        read_at, now = self._clock.monotonic(), self._clock.now()
        ends = now + self._absolute
        if not await self._repository.start(key, account, now, ends):
            return None
        session = self._session(session_id, account, now, min(now + self._idle, ends))
        self._keep(key, session, read_at, now)
        return session_id, session

    async def get(self, session_id: str) -> Session | None:
        """Return the living session of an id, from memory if read less than a second ago; count it as a use.

        Raise StoreUnavailable if it must be read and the store fails or takes longer than ``patience_s``.
        """
        key = _key(session_id)
        kept = self._kept.get(key)
        if kept is not None and self._clock.monotonic() < kept.fresh_until:
            return kept.session
        # What cannot be an id costs the store nothing.
        return await self._read(key, session_id) if _ID.fullmatch(session_id) else None

    async def end(self, session_id: str) -> None:
        """End a session: here at once, in other processes within a second. None to end is no error."""
        key = _key(session_id)
        await self._repository.end(key)
        # A reading under way may have seen the session still: nobody else may join it, nor memory keep it.
        self._flights.pop(key, None)
        self._kept.pop(key, None)

    async def end_all(self, username: str) -> int:
        """End all sessions of an account, as ``end`` does; return how many there were."""
        ended = await self._repository.end_all(username)
        self._flights.clear()
        for key in [key for key, kept in self._kept.items() if kept.session.username == username]:
            del self._kept[key]
        return ended

    async def any_left(self, username: str) -> bool:
        """Tell whether an account has a session left, on any worker; raise StoreUnavailable."""
        now = self._clock.now()
        return await self._repository.any_left(username, now, now - self._idle - self._write_every)

    async def prune(self) -> int:
        """Remove sessions from the store whose time is up; return how many went."""
        now = self._clock.now()
        return await self._repository.prune(now, now - self._idle - self._write_every)

    async def _read(self, key: bytes, session_id: str) -> Session | None:
        """Join the reading under way, or start one; one begun too long ago is waited out, then repeated."""
        arrived = self._clock.monotonic()
        give_up = asyncio.get_running_loop().time() + self._patience_s
        while True:
            flight = self._flights.get(key) or self._depart(key, session_id)
            left = give_up - asyncio.get_running_loop().time()
            # Not awaited itself: a caller who is cancelled must not cancel it for the others.
            await asyncio.wait({flight.task}, timeout=left)
            if not flight.task.done() or flight.task.cancelled():
                raise StoreUnavailable
            if isinstance(flight.task.exception(), StoreUnavailable):
                # A new one each: raising one error for a thousand callers would pile up tracebacks on it.
                raise StoreUnavailable
            if flight.departed > arrived - FRESH_S:
                return flight.task.result()

    def _depart(self, key: bytes, session_id: str) -> _Flight:
        flight = self._flights[key] = _Flight(self._clock.monotonic())
        flight.task = self._tasks.start(self._fly(flight, key, session_id), "session.read")
        return flight

    async def _fly(self, flight: _Flight, key: bytes, session_id: str) -> Session | None:
        try:
            now = self._clock.now()
            stored = await self._repository.find(key)
            if stored is None:
                self._kept.pop(key, None)
                return None
            kept = self._kept.get(key)
            seen_at = max(stored.seen_at, kept.used_at) if kept else stored.seen_at
            if now >= min(seen_at + self._idle, stored.expires_at):
                self._kept.pop(key, None)
                return None
            if now - stored.seen_at >= self._write_every:
                await self._repository.seen(key, now)
            ends = min(now + self._idle, stored.expires_at)
            session = self._session(session_id, stored.account, stored.created_at, ends)
            if self._flights.get(key) is flight:
                self._keep(key, session, flight.departed, now)
            return session
        finally:
            if self._flights.get(key) is flight:
                del self._flights[key]

    def _session(self, session_id: str, account: Account, created_at: datetime, ends: datetime) -> Session:
        today = self._clock.today()
        return Session(
            hash_prefix=_key(session_id).hex()[:_HASH_PREFIX],
            subject=Subject(
                account=account.username,
                roles=tuple(held for held in account.roles if held.holds(today)),
                organisation=account.organisation,
                household=account.household,
            ),
            username=account.username,
            display_name=account.display_name,
            csrf_token=csrf.token(session_id),
            created_at=created_at,
            expires_at=ends,
            # A new password means a new session, so both began together.
            password_at=created_at,
        )

    def _keep(self, key: bytes, session: Session, read_at: float, now: datetime) -> None:
        """Copy into memory, counting age from when the reading began; let go of the longest unused."""
        lasts_s = min(FRESH_S, (session.expires_at - now).total_seconds())
        self._kept[key] = _Kept(session, read_at + lasts_s, now)
        self._kept.move_to_end(key)
        while len(self._kept) > self._capacity or self._front_is_over(now):
            self._kept.popitem(last=False)

    def _front_is_over(self, now: datetime) -> bool:
        return next(iter(self._kept.values())).used_at + self._idle <= now


def _key(session_id: str) -> bytes:
    return sha256(session_id.encode("utf-8", "surrogatepass")).digest()
