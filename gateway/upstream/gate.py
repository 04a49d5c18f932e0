"""The gate before a line system: every request to it passes here, signing in and looking included."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.settings.window import closed_until
from gateway.upstream.reasons import InMaintenance

if TYPE_CHECKING:
    from datetime import datetime

    import httpx

    from connectors.sdk.run import Send
    from gateway.clock import Clock
    from gateway.settings.window import Window
    from gateway.upstream.quota import PerDay, PerSecond


class Gate:
    """Hold requests to a system's quotas, and let none out in its maintenance windows.

    Does *not* say how long a request may wait here: that is the deadline of whoever asks.
    """

    def __init__(
        self,
        send: Send,
        clock: Clock,
        windows: tuple[Window, ...] = (),
        per_second: PerSecond | None = None,
        per_day: PerDay | None = None,
    ) -> None:
        """Take the way out and what limits it."""
        self._send = send
        self._clock = clock
        self._windows = windows
        self._per_second = per_second
        self._per_day = per_day

    @property
    def unlimited(self) -> bool:
        """Tell whether there is nothing to hold requests to."""
        return not self._windows and self._per_second is None and self._per_day is None

    @property
    def full(self) -> bool:
        """Tell whether a request would have to wait for the quota."""
        return self._per_second is not None and self._per_second.full

    def closed_until(self) -> datetime | None:
        """Return when the maintenance that is under way ends."""
        return closed_until(self._windows, self._clock.now()) if self._windows else None

    def check_open(self) -> None:
        """Raise InMaintenance while the system is not to be asked."""
        until = self.closed_until()
        if until is not None:
            raise InMaintenance(until)

    async def send(self, request: httpx.Request) -> httpx.Response:
        """Send a request when it may be sent; raises InMaintenance, Crowded or what sending raises."""
        if self._per_second is None:
            return await self._counted(request)
        async with self._per_second.place():
            return await self._counted(request)

    async def _counted(self, request: httpx.Request) -> httpx.Response:
        # After the wait: a window may have begun, and a request that is given up in the queue costs nothing.
        self.check_open()
        if self._per_day is not None:
            await self._per_day.take()
        return await self._send(request)
