from typing import ClassVar

from connectors.benefits import BenefitsConnector
from connectors.sdk import Algorithm
from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract
from mocks.benefits import build
from tests.contract.town import beneficiary, city, samples


class TestBenefits(ConnectorContract):
    connector = BenefitsConnector
    settings: ClassVar = {"algorithm": "hmac-sm3"}
    samples = samples(beneficiary())

    def make_mock(self) -> MockUpstream:
        accounts = {self.credential.username: self.credential.secret}
        return build(city(), accounts, seed=1, algorithm=Algorithm.HMAC_SM3)
