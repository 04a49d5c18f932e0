"""The household register (人口信息): who is registered and who lives where."""

from connectors.household.connector import HouseholdConnector, HouseholdSettings
from connectors.household.records import HouseholdPerson

__all__ = ["HouseholdConnector", "HouseholdPerson", "HouseholdSettings"]
