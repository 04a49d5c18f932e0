from connectors.relief import ReliefConnector
from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract
from mocks.relief import build
from tests.contract.town import city, on_relief, samples


class TestRelief(ConnectorContract):
    connector = ReliefConnector
    samples = samples(on_relief())

    def make_mock(self) -> MockUpstream:
        accounts = {self.credential.username: self.credential.secret}
        return build(city(), accounts, seed=1)
