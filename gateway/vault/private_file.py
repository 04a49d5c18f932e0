"""Files that only their owner may read: written once, refused when they stand open to others."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_MAX_BYTES = 4096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFileFault(Exception):
    """Mend the key file; the text is one sentence that says how, without anything from the file."""


def read_private(path: Path) -> bytes:
    """Return the first 4097 bytes of a file; a key file is shorter.

    Raises :class:`KeyFileFault` if it is absent, cannot be read, or is open to others.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise KeyFileFault(f"There is no key file {path}.") from None
    except OSError as error:
        raise KeyFileFault(f"The key file {path} cannot be read: {error.strerror}.") from None
    if mode & _OTHERS:
        raise KeyFileFault(
            f"The key file {path} may be read by others (mode {stat.S_IMODE(mode):04o}); "
            f"run: chmod 600 {path}"
        )
    return content


def write_private(path: Path, content: bytes) -> None:
    """Write a new file with mode 0600, durable when this returns.

    Raises :class:`KeyFileFault` if it exists or cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        raise KeyFileFault(f"The key file {path} exists already and is never overwritten.") from None
    except OSError as error:
        raise KeyFileFault(f"The key file {path} cannot be created: {error.strerror}.") from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _sync_folder(path.parent)
    except OSError as error:
        # Half a key file would stand in the way of the next try.
        path.unlink(missing_ok=True)
        raise KeyFileFault(f"The key file {path} cannot be written: {error.strerror}.") from None


def _sync_folder(folder: Path) -> None:
    """Make the new name in the folder durable, not only the file's content."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
