"""The contract of the benefits connector: a mock of its system, and whom it knows."""

from __future__ import annotations

from connectors.sdk import Algorithm
from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract
from mocks.benefits import build
from mocks.contracts.town import beneficiary, city, samples


class BenefitsContract(ConnectorContract):
    """Every account that the tests make up is let in."""

    settings = {"algorithm": "hmac-sm3"}  # noqa: RUF012  # a class attribute by contract
    samples = samples(beneficiary())

    def make_mock(self) -> MockUpstream:
        """Return a mock of the town."""
        return build(
            city(), {self.credential.username: self.credential.secret}, seed=1, algorithm=Algorithm.HMAC_SM3
        )
