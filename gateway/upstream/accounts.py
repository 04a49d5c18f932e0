"""The accounts of one line system: one for everybody, or one for each person."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from gateway.vault.entry import SERVICE, Owner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.upstream.account import UpstreamAccount

NOBODY = ""
"""The reader of what no person asks for; nobody has this user name."""


class Accounts:
    """Say which account a reader's questions are asked with.

    ``reader`` is the user name of the gateway's own account. A personal account that is not in the vault is
    an account too: it cannot sign in, and says so.
    """

    def __init__(
        self,
        make: Callable[[Owner], UpstreamAccount],
        *,
        personal: bool,
        equal: Mapping[str, str] | None = None,
    ) -> None:
        """Take what makes an owner's account, and the names under which owners see the same (``equal``)."""
        self.personal = personal
        self._make = make
        self._equal = equal or {}
        self._service = None if personal else make(SERVICE)
        self._of: dict[str, UpstreamAccount] = {}

    def of(self, reader: str) -> UpstreamAccount:
        """Return the account that asks for this reader."""
        if self._service is not None:
            return self._service
        account = self._of.get(reader)
        if account is None:
            account = self._of[reader] = self._make(Owner(reader))
        return account

    def entitlement(self, reader: str) -> str:
        """Name what this reader's account may see: cached answers are kept by it."""
        if self._service is not None:
            return self._service.entitlement
        equal = self._equal.get(reader)
        return self.of(reader).entitlement if equal is None else f"equal:{equal}"

    @property
    def signed_in(self) -> tuple[str, ...]:
        """Return the readers whose personal accounts have a session."""
        return tuple(reader for reader, account in self._of.items() if account.signed_in)

    @property
    def signed_in_at(self) -> float:
        """Return when any account last signed in, monotonic; 0 if none has."""
        known = [*self._of.values(), *([] if self._service is None else [self._service])]
        return max((account.signed_in_at for account in known), default=0.0)

    async def end(self, reader: str) -> None:
        """Sign a reader's personal account out; a service account stays."""
        account = self._of.pop(reader, None)
        if account is not None:
            await account.end()

    async def close(self) -> None:
        """Sign all out."""
        everyone = [*self._of.values(), *([] if self._service is None else [self._service])]
        self._of.clear()
        await asyncio.gather(*(account.close() for account in everyone))
