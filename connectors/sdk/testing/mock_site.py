"""A mock in this process, as the transport that respx's router gives: nothing is patched."""

from __future__ import annotations

import httpx
import respx

from connectors.sdk.mock.faults import Faults
from connectors.sdk.mock.upstream import MockUpstream
from connectors.sdk.testing.site import Counts, OwnTime


class MockSite:
    """Be a :class:`connectors.sdk.testing.site.Site`."""

    live = False

    def __init__(self, mock: MockUpstream) -> None:
        """Take a mock that nobody else uses: its time becomes this site's own."""
        self._mock = mock
        self._time = OwnTime()
        mock.sleep = self._time.sleep
        router = respx.Router(assert_all_called=False)
        router.route().mock(side_effect=mock.handle)
        self.transport: httpx.AsyncBaseTransport = httpx.MockTransport(router.async_handler)

    def monotonic(self) -> float:
        """Return the asking task's own seconds."""
        return self._time.monotonic()

    async def set_faults(self, faults: Faults) -> None:
        """Replace the switches."""
        self._mock.set_faults(faults)

    async def counts(self) -> Counts:
        """Return the mock's counts."""
        return Counts(self._mock.stats.logins, self._mock.stats.failed_logins)

    async def close(self) -> None:
        """Make the mock well again."""
        self._mock.set_faults(Faults())
