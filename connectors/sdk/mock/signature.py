"""A door that wants every request signed, once, and in time."""

from __future__ import annotations

import hmac
import re
import time
from collections.abc import Callable, Mapping
from typing import Final

import httpx

from connectors.sdk.auth.signature import Seal, SigningStyle
from connectors.sdk.mock.door import Door, Refusal, Refused
from connectors.sdk.mock.upstream import MockUpstream

_TIMESTAMP: Final = re.compile(r"[0-9]{1,16}")


class SignatureDoor(Door):
    """Verify signatures in one style; refuse a nonce that was used, and a timestamp out of the window."""

    def __init__(
        self,
        mock: MockUpstream,
        style: SigningStyle,
        clients: Mapping[str, str],
        *,
        check: str,
        window_s: float = 600,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take the style, client -> secret, the path to try them out at, and how far clocks may differ."""
        super().__init__(mock, clock=clock)
        self._style = style
        self._clients = clients
        self._window_s = window_s
        self._used: dict[str, float] = {}
        """Nonce -> the time, in seconds, when its timestamp leaves the window."""
        self.check(check)

    def admit(self, request: httpx.Request) -> str:
        """Verify in the order in which least is given away: client, clock, signature, nonce."""
        style, headers = self._style, request.headers
        wanted = (style.client_header, style.timestamp_header, style.nonce_header, style.signature_header)
        client, timestamp, nonce, shown = (str(headers.get(name, "")) for name in wanted)
        if not (client and timestamp and nonce and shown):
            raise Refused(Refusal.MISSING)
        if client not in self._clients:
            raise Refused(Refusal.CREDENTIAL)
        said_s = int(timestamp) / style.ticks_per_s if _TIMESTAMP.fullmatch(timestamp) else 0.0
        if abs(said_s - self.now()) > self._window_s:
            raise Refused(Refusal.CLOCK)
        expected = style.signature(request, Seal(client, self._clients[client], timestamp, nonce))
        if not hmac.compare_digest(expected.encode(), shown.encode()):
            raise Refused(Refusal.SIGNATURE)
        if style.body_header and headers.get(style.body_header) != style.body_digest(request):
            raise Refused(Refusal.SIGNATURE)
        self._use(nonce, said_s + self._window_s)
        return client

    def _use(self, nonce: str, until: float) -> None:
        """Take a nonce; a real system remembers it as long as its timestamp could pass."""
        if nonce in self._used:
            raise Refused(Refusal.REPLAY)
        # In order of arrival, nearly that of the timestamps: a few are kept longer than need be.
        while self._used and self._used[oldest := next(iter(self._used))] < self.now():
            del self._used[oldest]
        self._used[nonce] = until
