"""Whether a message really comes from the line system that it says, and for the first time."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING

from cachetools import TTLCache

from connectors.sdk.webhook import signature
from gateway.errors import Busy, NotVerified

if TYPE_CHECKING:
    from gateway.clock import Clock

TOLERANCE_S = 300
"""How far a message's time may be from ours."""
MAX_IDS = 100_000
"""Messages remembered; more within ten minutes are refused."""
_ID = re.compile(r"[A-Za-z0-9_-]{8,128}")
_TIME = re.compile(r"[0-9]{10}")


class Webhook:
    """Check the messages of one line system (Standard Webhooks 1.0.0).

    Ids are remembered in this process only: a restart within the tolerance lets one through again, which
    makes the gateway forget the same things once more.
    """

    def __init__(self, key: bytes, clock: Clock, max_ids: int = MAX_IDS) -> None:
        """Take the key that the system signs with."""
        self._key = key
        self._clock = clock
        self._seen: TTLCache[str, None] = TTLCache(max_ids, 2 * TOLERANCE_S, timer=clock.monotonic)

    def check(self, message_id: str, timestamp: str, signatures: str, body: bytes) -> None:
        """Return if the message is signed, timely and new; raises NotVerified, or Busy for too many.

        ``signatures`` holds one or several, separated by blanks, so that a system can change its key.
        """
        if not (_ID.fullmatch(message_id) and _TIME.fullmatch(timestamp)):
            raise NotVerified
        expected = signature(self._key, message_id, timestamp, body).encode()
        signed = [hmac.compare_digest(expected, one.encode()) for one in signatures.split(" ")[:8]]
        if not any(signed) or abs(self._clock.now().timestamp() - int(timestamp)) > TOLERANCE_S:
            raise NotVerified
        if message_id in self._seen:
            raise NotVerified
        if len(self._seen) >= self._seen.maxsize:
            raise Busy("too many messages")
        self._seen[message_id] = None
