"""Password hashes: argon2id, off the event loop, and no more of them at once than the machine can bear."""

from __future__ import annotations

import asyncio
import secrets
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.errors import Busy, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

MAX_LENGTH = 256
"""Characters. Longer ones are nobody's password, and hashing them would be work for an attacker's benefit."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one hash costs (RFC 9106): memory in KiB, passes, lanes. The default is OWASP's least."""

    memory_kib: int = 19 * 1024
    passes: int = 2
    lanes: int = 1


class Passwords:
    """Hash and verify passwords on own threads: a few at once, ``waiting`` more in line, the rest refused.

    Full-width digits and letters, which a Chinese input method writes by accident, count as the plain ones
    (NFKC, as NIST SP 800-63B advises).
    """

    def __init__(self, cost: Cost | None = None, *, threads: int = 2, waiting: int = 128) -> None:
        cost = cost or Cost()
        self._hasher = PasswordHasher(cost.passes, cost.memory_kib, cost.lanes, type=Type.ID)
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._places = threading.BoundedSemaphore(threads + waiting)
        # Nobody's password: what a try for an unknown user is verified against, so that it takes as long.
        self._nobody = self._hasher.hash(secrets.token_bytes(32))

    async def hash(self, password: str) -> str:
        """Return the encoded hash with its salt and parameters; raise Busy, or InvalidInput above MAX_LENGTH.

        Whether the password is a good one is *not* looked at: see :mod:`gateway.identity.password_rules`.
        """
        if len(password) > MAX_LENGTH:
            raise InvalidInput(("password", f"use at most {MAX_LENGTH} characters"))
        return await self._run(lambda: self._hasher.hash(_octets(password)))

    async def verify(self, encoded: str | None, password: str) -> bool:
        """Tell whether the password fits the hash; raise Busy.

        ``None`` (an unknown user, an account without a password) takes as long and fits nothing. So does a
        hash that cannot be read.
        """
        if len(password) > MAX_LENGTH:
            encoded, password = None, ""
        return await self._run(lambda: self._fits(encoded, _octets(password)))

    def outdated(self, encoded: str) -> bool:
        """Tell whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(encoded)

    def close(self) -> None:
        """Refuse new work, drop what waits, and wait for the hashes under way (a tenth of a second)."""
        self._executor.shutdown(cancel_futures=True)

    def _fits(self, encoded: str | None, password: bytes) -> bool:
        try:
            self._hasher.verify(encoded or self._nobody, password)
        except InvalidHashError:
            return self._fits(None, password)
        except VerificationError:
            return False
        return bool(encoded)

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Busy
        future = self._executor.submit(work)
        # Released when the thread is done, not when the caller gives up: a cancelled caller frees no thread.
        future.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(future)


def _octets(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
