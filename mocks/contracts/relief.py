"""The contract of the relief connector: a mock of its system, and whom it knows."""

from __future__ import annotations

from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract
from mocks.contracts.town import city, on_relief, samples
from mocks.relief import build


class ReliefContract(ConnectorContract):
    """Every account that the tests make up is let in."""

    samples = samples(on_relief())

    def make_mock(self) -> MockUpstream:
        """Return a mock of the town."""
        return build(city(), {self.credential.username: self.credential.secret}, seed=1)
