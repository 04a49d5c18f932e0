"""The gateway's keys: one root secret in a file, one derived key for each purpose."""

from __future__ import annotations

import base64
import binascii
import json
import os
from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.vault.private_file import KeyFileFault, read_private, write_private

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["KeyFileFault", "KeyRing"]

_ROOT_BYTES = 32


class KeyRing:
    """Hold one key for each purpose, derived from a root secret by HKDF-SHA256 (RFC 5869, no salt).

    The labels are fixed for ever: another label or another root makes every issued token, every pseudonym and
    every anchor line unreadable. A key says nothing about the root or about its sisters. ``repr()`` shows no
    key. The root is not kept, but Python cannot promise that no copy of it stays in memory.
    """

    __slots__ = ("audit_anchor", "audit_subject", "cache", "login", "token", "vault", "vault_mark")

    def __init__(self, root: bytes) -> None:
        """Derive the keys from 32 random bytes."""
        if len(root) != _ROOT_BYTES:
            raise KeyFileFault(f"The root secret must be {_ROOT_BYTES} bytes long.")
        self.audit_anchor = _derived(root, "audit-anchor")
        self.audit_subject = _derived(root, "audit-subject")
        self.cache = _derived(root, "cache")
        self.login = _derived(root, "login")
        self.token = _derived(root, "token", length=64)
        """64 bytes, as AES-256-SIV takes them (RFC 5297); the others are 32 bytes long."""
        self.vault = _derived(root, "vault")
        """Wraps the vault's data keys where the configuration names no other key."""
        self.vault_mark = _derived(root, "vault-mark")
        """Makes the marks by which the vault tells that an account is in it already."""

    @classmethod
    def create(cls, path: Path) -> Self:
        """Write a new key file that only its owner may read, and return its keys.

        Raises :class:`KeyFileFault` if the file exists or cannot be written.
        """
        root = os.urandom(_ROOT_BYTES)
        text = json.dumps({"version": 1, "root": base64.b64encode(root).decode()}) + "\n"
        write_private(path, text.encode("ascii"))
        return cls(root)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a key file and return its keys.

        Raises :class:`KeyFileFault` if it is absent, damaged, of another version, or open to others.
        """
        return cls(_root(read_private(path), path))

    def __repr__(self) -> str:
        return "KeyRing(...)"


def _root(content: bytes, path: Path) -> bytes:
    try:
        held = json.loads(content)
        version = held["version"]
        root = base64.b64decode(held["root"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error):
        raise KeyFileFault(f"The key file {path} is damaged; restore it from its backup.") from None
    if version != 1:
        raise KeyFileFault(f"The key file {path} is of a version that this gateway does not know.")
    if len(root) != _ROOT_BYTES:
        raise KeyFileFault(f"The key file {path} is damaged; restore it from its backup.")
    return root


def _derived(root: bytes, purpose: str, length: int = 32) -> bytes:
    label = f"community-cloud/{purpose}/1".encode()
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=label).derive(root)
