from connectors.relief import ReliefConnector
from mocks.contracts.relief import ReliefContract


class TestRelief(ReliefContract):
    connector = ReliefConnector
