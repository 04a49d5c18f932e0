"""Accounts given to people: details and password checked, hashed and saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import InvalidInput
from gateway.identity.password_rules import problems

if TYPE_CHECKING:
    from gateway.clock import Clock
    from gateway.identity.accounts import Account, AccountDetails
    from gateway.identity.passwords import Passwords
    from gateway.identity.repository import AccountRepository


class Enrolment:
    """Create and change local accounts."""

    def __init__(self, accounts: AccountRepository, passwords: Passwords, clock: Clock) -> None:
        self._accounts = accounts
        self._passwords = passwords
        self._clock = clock

    async def enrol(
        self, details: AccountDetails, password: str | None, *, any_password: bool = False
    ) -> Account:
        """Create the account or replace its details; return it as saved.

        Without a password the old one stays. The old one given again changes nothing: its sessions live on.
        Another ends them. ``any_password`` lets a demo use a password that the rules refuse. Raise
        InvalidInput, Busy, StoreUnavailable.
        """
        details = details.checked()
        if password is not None and not any_password and (wrong := problems(password, details.username)):
            raise InvalidInput(*(("password", problem) for problem in wrong))
        encoded = None if password is None else await self._hash(details.username, password)
        return await self._accounts.save(details, encoded, self._clock.now())

    async def _hash(self, username: str, password: str) -> str | None:
        """Return the hash to save, or None if the account has this password already."""
        account = await self._accounts.find(username)
        if account is not None and await self._passwords.verify(account.password_hash, password):
            return None
        return await self._passwords.hash(password)
