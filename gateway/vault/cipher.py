"""The ciphers that seal what the vault keeps: AES-256-GCM, or SM4-GCM where the state's are wanted."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher as Transform
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA256, SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.ciphers import BlockCipherAlgorithm
    from cryptography.hazmat.primitives.hashes import HashAlgorithm

_NONCE = 12
_TAG = 16


class Unreadable(GatewayError):
    """Find the key that sealed this, or enter the account anew: the stored bytes do not open."""


@dataclass(frozen=True, slots=True)
class Cipher:
    """An authenticated cipher in Galois/Counter mode (NIST SP 800-38D; SM4: RFC 8998)."""

    name: str
    mark: int
    """First byte of everything this cipher seals."""
    key_bytes: int
    _algorithm: Callable[[bytes], BlockCipherAlgorithm]
    _hash: type[HashAlgorithm]

    def new_key(self) -> bytes:
        """Return a random key of the cipher's length."""
        return os.urandom(self.key_bytes)

    def derive(self, secret: bytes, purpose: str) -> bytes:
        """Return a key of the cipher's length from a secret of any length (HKDF, RFC 5869)."""
        label = f"community-cloud/{purpose}/{self.name}".encode()
        return HKDF(algorithm=self._hash(), length=self.key_bytes, salt=None, info=label).derive(secret)

    def seal(self, key: bytes, content: bytes, bound: bytes) -> bytes:
        """Return mark, nonce (12 bytes), ciphertext, tag (16 bytes); it opens only with the same ``bound``.

        The nonce is random: one key may seal far less than 2**32 contents, and the vault's seal a few.
        """
        nonce = os.urandom(_NONCE)
        seal = Transform(self._algorithm(key), modes.GCM(nonce)).encryptor()
        seal.authenticate_additional_data(bytes([self.mark]) + bound)
        return bytes([self.mark]) + nonce + seal.update(content) + seal.finalize() + seal.tag

    def open(self, key: bytes, sealed: bytes, bound: bytes) -> bytes:
        """Return what was sealed; raises Unreadable when anything is not as it was."""
        if len(sealed) < 1 + _NONCE + _TAG or len(key) != self.key_bytes:
            raise Unreadable("too short")
        nonce, content, tag = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE : -_TAG], sealed[-_TAG:]
        seal = Transform(self._algorithm(key), modes.GCM(nonce, tag)).decryptor()
        seal.authenticate_additional_data(sealed[:1] + bound)
        try:
            return seal.update(content) + seal.finalize()
        except InvalidTag:
            raise Unreadable("sealed with another key, for another account, or changed since") from None


AES_256_GCM = Cipher("aes-256-gcm", 1, 32, algorithms.AES, SHA256)
SM4_GCM = Cipher("sm4-gcm", 2, 16, algorithms.SM4, SM3)
CIPHERS = {cipher.name: cipher for cipher in (AES_256_GCM, SM4_GCM)}
_BY_MARK = {cipher.mark: cipher for cipher in CIPHERS.values()}


def cipher_of(sealed: bytes) -> Cipher:
    """Return the cipher that sealed this, by its first byte; raises Unreadable for an unknown one."""
    found = _BY_MARK.get(sealed[0]) if sealed else None
    if found is None:
        raise Unreadable("sealed by a cipher that this gateway does not know")
    return found
