from connectors.elderly import ElderlyConnector
from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract
from mocks.elderly import build
from tests.contract.town import city, elder, samples


class TestElderly(ConnectorContract):
    connector = ElderlyConnector
    samples = samples(elder())

    def make_mock(self) -> MockUpstream:
        accounts = {self.credential.username: self.credential.secret}
        return build(city(), accounts, seed=1)
