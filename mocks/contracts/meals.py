"""The contract of the meals connector: a mock of its system, and whom it knows."""

from __future__ import annotations

from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract
from mocks.contracts.town import city, fed, samples
from mocks.meals import build


class MealsContract(ConnectorContract):
    """Every account that the tests make up is let in."""

    samples = samples(fed())

    def make_mock(self) -> MockUpstream:
        """Return a mock of the town."""
        return build(city(), {self.credential.username: self.credential.secret}, seed=1)
