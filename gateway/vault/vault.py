"""The vault: credentials in, credentials out, sealed at rest by envelope encryption."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import orjson

from connectors.sdk import Credential
from gateway.errors import GatewayError
from gateway.vault.cipher import Unreadable, cipher_of
from gateway.vault.entry import EntryState, Sealed
from gateway.vault.repository import AccountShared
from gateway.vault.wrapping import KeyUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.clock import Clock
    from gateway.vault.cipher import Cipher
    from gateway.vault.entry import Entry, Owner, Why
    from gateway.vault.repository import VaultRepository
    from gateway.vault.wrapping import WrappingKeys

_PART = 100
"""Entries read at once while rotating."""

_PAD_TO = 128
"""Contents are padded to a multiple of so many bytes, so that a length says little about a password."""


class NotInVault(GatewayError):
    """Put the account into the vault: community-cloud vault set."""


class Kept(StrEnum):
    """What keeping a credential has changed."""

    CHANGED = "changed"
    NEW = "new"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation did."""

    total: int
    moved: int
    failed: tuple[Entry, ...]
    """Could not be opened; they stay as they were."""


class Vault:
    """Keep the accounts that the gateway signs in with.

    Each credential is sealed with a data key of its own, bound to its system and owner (associated data), and
    the data key is wrapped by a wrapping key named by id. NOT guaranteed: against somebody who can write to
    the database, that an entry's state and age are true, or that it is not an older copy of itself.
    """

    def __init__(
        self, repository: VaultRepository, keys: WrappingKeys, mark_key: bytes, cipher: Cipher, clock: Clock
    ) -> None:
        """Take the store, the wrapping keys, the key for marks and the cipher that seals from now on."""
        self._repository = repository
        self._keys = keys
        self._mark_key = mark_key
        self._cipher = cipher
        self._clock = clock

    async def keep(self, system: str, owner: Owner, credential: Credential, *, dry_run: bool = False) -> Kept:
        """Put a credential in, or with ``dry_run`` say what that would do.

        The same credential again changes nothing: a rejected password stays rejected. Raises AccountShared
        when another owner has this account, Unreadable, KeyUnavailable or StoreUnavailable.
        """
        entry = await self._repository.find(system, owner)
        if entry is not None and await self._is(entry, credential):
            return Kept.UNCHANGED
        mark = self._mark(system, credential.username)
        holder = await self._repository.holder(system, mark)
        if holder not in (None, owner):
            raise AccountShared(str(holder))
        if not dry_run:
            sealed = await self._seal(system, owner, credential, mark)
            await self._repository.put(system, owner, sealed, self._clock.now())
        return Kept.NEW if entry is None else Kept.CHANGED

    async def find(self, system: str, owner: Owner) -> Entry:
        """Return an entry without opening it; raises NotInVault."""
        entry = await self._repository.find(system, owner)
        if entry is None:
            raise NotInVault(f"{system} {owner}")
        return entry

    async def open(self, entry: Entry) -> Credential:
        """Return what an entry holds; raises Unreadable or KeyUnavailable.

        Look at :attr:`Entry.may_sign_in` before sending it anywhere.
        """
        sealed = entry.sealed
        key = await self._keys.unwrap(sealed.key_id, sealed.wrapped_key)
        content = cipher_of(sealed.content).open(key, sealed.content, _bound(entry.system, entry.owner))
        held = orjson.loads(content)
        return Credential(held["username"], held["password"])

    async def note(self, entry: Entry, state: EntryState, why: Why | None = None) -> bool:
        """Note what signing in with an entry has shown; False when its credential has changed meanwhile."""
        return await self._repository.note(entry, state, why, self._clock.now())

    async def remove(self, system: str, owner: Owner) -> None:
        """Remove an entry; raises NotInVault."""
        if not await self._repository.remove(system, owner):
            raise NotInVault(f"{system} {owner}")

    async def list(self, system: str | None = None, owner: Owner | None = None) -> tuple[Entry, ...]:
        """Return the entries, unopened, of one system or one owner if given."""
        return await self._repository.list(system, owner)

    async def rotate(self, progress: Callable[[int, int], None]) -> Rotation:
        """Have every data key wrapped by the current key and every content sealed by the current cipher.

        Entry by entry, each on its own: readers see the old or the new one, a kill leaves both readable, and
        another run does what is left. ``progress`` is told how many of how many are done. Raises
        KeyUnavailable when the current key cannot be asked.
        """
        total, done, moved, last = await self._repository.count(), 0, 0, 0
        failed: list[Entry] = []
        while part := await self._repository.after(last, _PART):
            for entry in part:
                try:
                    moved += await self._renew(entry)
                except Unreadable:
                    failed.append(entry)
                done += 1
                progress(done, max(total, done))
            last = part[-1].id
        return Rotation(done, moved, tuple(failed))

    async def _renew(self, entry: Entry) -> bool:
        sealed = entry.sealed
        if cipher_of(sealed.content) is not self._cipher:
            credential = await self.open(entry)
            renewed = await self._seal(entry.system, entry.owner, credential, sealed.login_mark)
        else:
            wrapped = await self._keys.renew(sealed.key_id, sealed.wrapped_key)
            renewed = replace(sealed, key_id=self._keys.current.id, wrapped_key=wrapped)
        return renewed != sealed and await self._repository.rewrap(entry, renewed)

    async def _seal(self, system: str, owner: Owner, credential: Credential, mark: bytes) -> Sealed:
        key = self._cipher.new_key()
        content = orjson.dumps({"username": credential.username, "password": credential.secret})
        content += b" " * (-len(content) % _PAD_TO)
        return Sealed(
            key_id=self._keys.current.id,
            wrapped_key=await self._keys.current.wrap(key),
            content=self._cipher.seal(key, content, _bound(system, owner)),
            login_mark=mark,
        )

    async def _is(self, entry: Entry, credential: Credential) -> bool:
        try:
            return await self.open(entry) == credential
        except Unreadable:
            return False

    def _mark(self, system: str, username: str) -> bytes:
        folded = unicodedata.normalize("NFKC", username).strip().casefold()
        return hmac.digest(self._mark_key, orjson.dumps([system, folded]), hashlib.sha256)


def _bound(system: str, owner: Owner) -> bytes:
    """Return what a sealed credential is bound to, unambiguous for any names."""
    return orjson.dumps(["vault-entry", system, str(owner)])


__all__ = ["AccountShared", "Kept", "KeyUnavailable", "NotInVault", "Rotation", "Unreadable", "Vault"]
