from connectors.benefits import BenefitsConnector
from mocks.contracts.benefits import BenefitsContract


class TestBenefits(BenefitsContract):
    connector = BenefitsConnector
