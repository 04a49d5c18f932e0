from connectors.meals import MealsConnector
from mocks.contracts.meals import MealsContract


class TestMeals(MealsContract):
    connector = MealsConnector
