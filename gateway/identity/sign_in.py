"""Sign in with user name and password: one path, one time, whether or not there is such a user."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from gateway.errors import Busy, WrongPassword
from gateway.identity.accounts import fold_username, is_username

if TYPE_CHECKING:
    from gateway.clock import Clock
    from gateway.identity.passwords import Passwords
    from gateway.identity.repository import AccountRepository
    from gateway.identity.sessions import Session, Sessions
    from gateway.identity.throttle import Throttle

TIDY_EVERY_S = 600.0
"""How often expired sessions and forgotten failures are swept out, at the next sign-in."""


class SignIn:
    """Check a password and start a session, at most ``at_once`` tries under way in this process.

    Tries for one user name take turns, so that a burst of guesses cannot pass before a failure counts.
    N processes on one store may let N - 1 guesses more through. Nothing is audited here.
    """

    def __init__(
        self,
        accounts: AccountRepository,
        passwords: Passwords,
        throttle: Throttle,
        sessions: Sessions,
        clock: Clock,
        *,
        at_once: int = 256,
    ) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._throttle = throttle
        self._sessions = sessions
        self._clock = clock
        self._free = at_once
        self._tidied: float | None = None
        self._turns: WeakValueDictionary[bytes, asyncio.Lock] = WeakValueDictionary()

    async def sign_in(self, username: str, password: str) -> tuple[str, Session]:
        """Return (session id, session), the id new each time.

        Raise WrongPassword for a wrong password, an unknown user and a disabled account alike; AccountLocked
        while the name must wait, without looking at the password; Busy; StoreUnavailable.
        """
        if self._free == 0:
            raise Busy
        self._free -= 1
        try:
            await self._tidy()
            name = fold_username(username)
            key = self._throttle.key_of(name)
            async with self._turns.setdefault(key, asyncio.Lock()):
                return await self._attempt(name, key, password)
        finally:
            self._free += 1

    async def _attempt(self, name: str, key: bytes, password: str) -> tuple[str, Session]:
        failed_before = await self._throttle.check(key)
        account = await self._accounts.find(name if is_username(name) else "")
        fits = await self._passwords.verify(account.password_hash if account else None, password)
        # The store would refuse a disabled account too, but by a longer way that could be timed.
        if account is not None and fits and not account.disabled:
            started = await self._sessions.start(account)
            if started is not None:
                if failed_before:
                    await self._throttle.succeeded(key)
                if self._passwords.outdated(account.password_hash):
                    await self._accounts.renew_hash(account, await self._passwords.hash(password))
                return started
        await self._throttle.failed(key)
        raise WrongPassword

    async def _tidy(self) -> None:
        now = self._clock.monotonic()
        if self._tidied is None or now - self._tidied >= TIDY_EVERY_S:
            self._tidied = now
            await self._sessions.prune()
            await self._throttle.prune()
