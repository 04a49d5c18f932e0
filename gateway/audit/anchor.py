"""The anchor: a file outside the database that says how far each chain had come, and under whose key."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.audit.chain import Head

_LINE = re.compile(rb"([\w.-]{1,40}) ([1-9][0-9]{0,18}) ([0-9a-f]{64}) ([0-9a-f]{64})")
_UNFINISHED = b" unfinished"


class AnchorFault(Exception):
    """Somebody changed the anchor file; the text is one sentence that names the line."""


@dataclass(frozen=True, slots=True)
class AnchorLine:
    """One line of the anchor whose HMAC is right."""

    number: int
    head: Head


class Anchor:
    """Append chain heads to a file, one line a group commit, in one write.

    A line is ``chain seq hash mac``: the hash of the chain's last event and HMAC-SHA256 over the three words
    before, all hashes in lower-case hex. Lines are not synced one by one: the death of the process (``kill
    -9``) loses none, but a power cut may lose those that the kernel had not yet written back (about half a
    minute's). The database syncs each commit *before* its line is written, so the anchor is never ahead of
    it, and a database that is behind its anchor was tampered with or is an old copy. A line that a crash cut
    off is closed with the word ``unfinished`` at the next start, which works on an append-only file too
    (``chattr +a``).

    Not promised: anything against someone who may write this file *and* the database. Keep it on another
    host.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        """Take the file, which may be absent, and the anchor key."""
        self._path = path
        self._key = key
        self._file: int | None = None
        self._torn = False

    def open(self) -> None:
        """Open the file for appending and create it if need be; raises ``OSError``."""
        created = not self._path.exists()
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._file = os.open(self._path, flags, 0o600)
        size = os.fstat(self._file).st_size
        self._torn = size > 0 and os.pread(self._file, 1, size - 1) != b"\n"
        if created:
            folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)

    def append(self, head: Head) -> None:
        """Add a line; raises ``OSError``, and then the line does not count.

        Does not wait for the disk, so it may run on the event loop; :meth:`sync` waits.
        """
        if self._file is None:
            raise OSError("the anchor is not open")
        words = _words(head)
        line = b"%b %b\n" % (words, self._mac(words).hex().encode("ascii"))
        if self._torn:
            line = b"%b\n%b" % (_UNFINISHED, line)
        self._torn = True
        if os.write(self._file, line) != len(line):
            raise OSError("the anchor's disk is full")
        self._torn = False

    def sync(self) -> None:
        """Wait until all lines are on disk; raises ``OSError``."""
        if self._file is not None:
            os.fsync(self._file)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def lines(self) -> Iterator[AnchorLine]:
        """Read the lines in their order, one at a time; an absent file has none.

        Raises :class:`AnchorFault` at a line that is damaged or has another key's HMAC, ``OSError`` if the
        file cannot be read. Passes over a line that a crash cut off.
        """
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                # Only the last line can lack its end: the process died in the middle of it, or is about to
                # go on.
                if not line.endswith(b"\n") or line.endswith(_UNFINISHED + b"\n"):
                    continue
                found = _LINE.fullmatch(line[:-1])
                if found is None:
                    raise AnchorFault(f"anchor line {number} is damaged")
                head = Head(found[1].decode("ascii"), int(found[2]), bytes.fromhex(found[3].decode("ascii")))
                if not hmac.compare_digest(self._mac(_words(head)).hex().encode("ascii"), found[4]):
                    where = f"chain {head.chain} event {head.seq}"
                    raise AnchorFault(f"anchor line {number} ({where}) was not written with this key")
                yield AnchorLine(number, head)

    def _mac(self, words: bytes) -> bytes:
        return hmac.digest(self._key, words, "sha256")


def _words(head: Head) -> bytes:
    return f"{head.chain} {head.seq} {head.hash.hex()}".encode("ascii")
