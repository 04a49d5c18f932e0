"""Community meals and milk (助餐, 送奶): forms and JSON behind a CAS server."""

from connectors.meals.connector import MealsConnector
from connectors.meals.records import Diner

__all__ = ["Diner", "MealsConnector"]
