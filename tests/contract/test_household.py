from connectors.household import HouseholdConnector
from mocks.contracts.household import HouseholdContract


class TestHousehold(HouseholdContract):
    connector = HouseholdConnector
