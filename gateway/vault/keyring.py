"""The gateway's keys: one root secret in a file, one derived key for each purpose."""

from __future__ import annotations

import base64
import binascii
import json
import os
import stat
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ROOT_BYTES = 32
_MAX_FILE_BYTES = 4096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFileFault(Exception):
    """Mend the key file; the text is one sentence that says how, without anything from the file."""


class KeyRing:
    """Hold one key for each purpose, derived from a root secret by HKDF-SHA256 (RFC 5869, no salt).

    The labels are fixed for ever: another label or another root makes every issued token, every pseudonym and
    every anchor line unreadable. A key says nothing about the root or about its sisters. ``repr()`` shows no
    key. The root is not kept, but Python cannot promise that no copy of it stays in memory.
    """

    __slots__ = ("audit_anchor", "audit_subject", "cache", "login", "token")

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

    @classmethod
    def create(cls, path: Path) -> Self:
        """Write a new key file that only its owner may read, and return its keys.

        Raises :class:`KeyFileFault` if the file exists or cannot be written.
        """
        root = os.urandom(_ROOT_BYTES)
        text = json.dumps({"version": 1, "root": base64.b64encode(root).decode()}) + "\n"
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise KeyFileFault(f"The key file {path} exists already and is never overwritten.") from None
        except OSError as error:
            raise KeyFileFault(f"The key file {path} cannot be created: {error.strerror}.") from None
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            _sync_folder(path.parent)
        except OSError as error:
            # Half a key file would stand in the way of the next try.
            path.unlink(missing_ok=True)
            raise KeyFileFault(f"The key file {path} cannot be written: {error.strerror}.") from None
        return cls(root)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a key file and return its keys.

        Raises :class:`KeyFileFault` if it is absent, damaged, of another version, or open to others.
        """
        try:
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                content = file.read(_MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            raise KeyFileFault(f"There is no key file {path}.") from None
        except OSError as error:
            raise KeyFileFault(f"The key file {path} cannot be read: {error.strerror}.") from None
        if mode & _OTHERS:
            raise KeyFileFault(
                f"The key file {path} may be read by others (mode {stat.S_IMODE(mode):04o}); "
                f"run: chmod 600 {path}"
            )
        return cls(_root(content, path))

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


def _sync_folder(folder: Path) -> None:
    """Make the new name in the folder durable, not only the file's content."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
