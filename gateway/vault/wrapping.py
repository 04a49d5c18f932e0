"""Keys that wrap data keys, each by its id: kept here, or in a server that never gives them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gateway.errors import GatewayError
from gateway.vault.cipher import Unreadable, cipher_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.vault.cipher import Cipher


class KeyUnavailable(GatewayError):
    """Try again when the key server answers and takes our token; nothing in the vault is lost."""


class WrappingKey(Protocol):
    """A key-encryption key. Each method raises Unreadable or KeyUnavailable."""

    @property
    def id(self) -> str:
        """Return the name under which entries remember it."""
        ...

    async def wrap(self, key: bytes) -> bytes:
        """Return a data key wrapped."""
        ...

    async def unwrap(self, wrapped: bytes) -> bytes:
        """Return the data key."""
        ...

    async def renew(self, wrapped: bytes) -> bytes:
        """Return it wrapped as :meth:`wrap` would do now; the same bytes if they are that already."""
        ...


class LocalKey:
    """Wrap with a secret of 32 bytes that this process holds; shown nowhere."""

    def __init__(self, id_: str, secret: bytes, cipher: Cipher) -> None:
        """Take the key's id, its bytes and the cipher that wraps from now on; any known one is unwrapped."""
        self.id = id_
        self._secret = secret
        self._cipher = cipher

    def __repr__(self) -> str:
        return f"LocalKey({self.id!r}, ...)"

    async def wrap(self, key: bytes) -> bytes:
        """Wrap, bound to the key's id."""
        return self._cipher.seal(self._derived(self._cipher), key, self._bound)

    async def unwrap(self, wrapped: bytes) -> bytes:
        """Unwrap whichever cipher wrapped it."""
        cipher = cipher_of(wrapped)
        return cipher.open(self._derived(cipher), wrapped, self._bound)

    async def renew(self, wrapped: bytes) -> bytes:
        """Return it as it is: a key held here has one version, and who changes the cipher seals all anew."""
        return wrapped

    @property
    def _bound(self) -> bytes:
        return f"vault-key/{self.id}".encode()

    def _derived(self, cipher: Cipher) -> bytes:
        return cipher.derive(self._secret, "vault-wrap")


class WrappingKeys:
    """All keys that entries may be wrapped with; the first one wraps from now on."""

    def __init__(self, keys: Sequence[WrappingKey]) -> None:
        """Take the keys, at least one, the current one first."""
        self.current = keys[0]
        self._by_id = {key.id: key for key in keys}

    async def unwrap(self, key_id: str, wrapped: bytes) -> bytes:
        """Return a data key wrapped by the key of that id."""
        return await self._key(key_id).unwrap(wrapped)

    async def renew(self, key_id: str, wrapped: bytes) -> bytes:
        """Return the data key as the current key wraps it now; the same bytes if nothing is to be done."""
        if key_id == self.current.id:
            return await self.current.renew(wrapped)
        return await self.current.wrap(await self.unwrap(key_id, wrapped))

    def _key(self, key_id: str) -> WrappingKey:
        found = self._by_id.get(key_id)
        if found is None:
            raise Unreadable(f"wrapped with the key {key_id!r}, which the configuration does not name")
        return found
