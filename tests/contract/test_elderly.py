from connectors.elderly import ElderlyConnector
from mocks.contracts.elderly import ElderlyContract


class TestElderly(ElderlyContract):
    connector = ElderlyConnector
