from connectors.meals import MealsConnector
from connectors.sdk.mock import MockUpstream
from connectors.sdk.testing import ConnectorContract
from mocks.meals import build
from tests.contract.town import city, fed, samples


class TestMeals(ConnectorContract):
    connector = MealsConnector
    samples = samples(fed())

    def make_mock(self) -> MockUpstream:
        accounts = {self.credential.username: self.credential.secret}
        return build(city(), accounts, seed=1)
