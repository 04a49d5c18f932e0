from connectors.household import HouseholdConnector
from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract
from mocks.household import build
from tests.contract.town import city, elder, samples


class TestHousehold(ConnectorContract):
    connector = HouseholdConnector
    samples = samples(elder())

    def make_mock(self) -> MockUpstream:
        accounts = {self.credential.username: self.credential.secret}
        return build(city(), accounts, seed=1)
