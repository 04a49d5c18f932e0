"""Where an account's credential comes from, and where it is written down what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import structlog

from connectors.sdk import Unavailable
from gateway.errors import StoreUnavailable
from gateway.upstream.reasons import NeedsAttention, NoAccount
from gateway.vault.entry import EntryState, Why
from gateway.vault.vault import KeyUnavailable, NotInVault, Unreadable

if TYPE_CHECKING:
    from connectors.sdk import Credential
    from gateway.upstream.rejections import Rejections
    from gateway.vault.entry import Entry, Owner
    from gateway.vault.vault import Vault

log = structlog.get_logger()


class Login(Protocol):
    """What an account signs in with."""

    account: str
    """Names the account for the cache; it changes with the credential. Never the user name there."""

    async def credential(self) -> Credential:
        """Return the credential if it may be sent.

        Raises NeedsAttention for one that was rejected, NoAccount when there is none, Unavailable when that
        cannot be found out.
        """
        ...

    async def note(self, why: Why | None) -> None:
        """Write down what signing in with the last credential has shown; None when it let us in."""
        ...


class GivenLogin:
    """A credential that was handed over, by the configuration for one.

    Its rejection is written down by a keyed hash of it, never itself; without a place to write, it is known
    as long as this object lives.
    """

    def __init__(
        self, credential: Credential, account: str = "given", rejections: Rejections | None = None
    ) -> None:
        """Take the credential, a name for the account and where rejections are written down."""
        self.account = account
        self._credential = credential
        self._rejections = rejections
        self._rejected = False

    async def credential(self) -> Credential:
        """Return it unless it was rejected."""
        try:
            if self._rejected or (self._rejections and await self._rejections.holds(self._credential)):
                raise NeedsAttention("needs attention")
        except StoreUnavailable:
            raise Unavailable("the store does not answer") from None
        return self._credential

    async def note(self, why: Why | None) -> None:
        """Write down a rejection; all else is not kept."""
        if why is not Why.REJECTED:
            return
        self._rejected = True
        if self._rejections is not None:
            try:
                await self._rejections.add(self._credential)
            except StoreUnavailable:
                log.warning("upstream.note_failed", why=why)


class VaultLogin:
    """An entry of the vault, read anew for each sign-in: a password set by anybody is used from then on.

    A rejection is written down with the entry, so it counts in other processes and after a restart. While
    the store does not take it, this object remembers, and writes it down when next asked.
    """

    def __init__(self, vault: Vault, system: str, owner: Owner) -> None:
        """Take whose entry it is; it need not exist yet."""
        self._vault = vault
        self._system = system
        self._owner = owner
        self.account = str(owner)
        self._entry: Entry | None = None
        self._rejected: tuple[int, int] | None = None

    async def credential(self) -> Credential:
        """Read and open the entry."""
        try:
            entry = await self._vault.find(self._system, self._owner)
            if self._entry is not None and _which(self._entry) != _which(entry):
                # Another account, maybe: what the former one was shown is not kept for it.
                self.account = f"{self._owner}#{entry.id}.{entry.version}"
            self._entry = entry
            if self._rejected == _which(entry):
                await self.note(Why.REJECTED)
                raise NeedsAttention("needs attention")
            if not entry.may_sign_in:
                raise NeedsAttention("needs attention")
            return await self._vault.open(entry)
        except NotInVault:
            raise NoAccount("no account") from None
        except Unreadable:
            log.warning("upstream.account_unreadable", system=self._system)
            raise NoAccount("cannot be opened") from None
        except (KeyUnavailable, StoreUnavailable) as error:
            log.warning("upstream.vault_unavailable", system=self._system, error=type(error).__name__)
            raise Unavailable("the vault does not answer") from None

    async def note(self, why: Why | None) -> None:
        """Note it with the entry, unless its credential has changed meanwhile."""
        entry = self._entry
        if entry is None:
            return
        if why is Why.REJECTED:
            self._rejected = _which(entry)
        state = EntryState.OK if why is None else EntryState.NEEDS_ATTENTION
        if (entry.state, entry.why) == (state, why):
            return
        try:
            await self._vault.note(entry, state, why)
        except StoreUnavailable:
            log.warning("upstream.note_failed", system=self._system, why=why)


def _which(entry: Entry) -> tuple[int, int]:
    """Return what changes with the credential, and only then."""
    return entry.id, entry.version
