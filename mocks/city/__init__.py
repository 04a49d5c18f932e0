"""One deterministic synthetic city. Nobody in it exists: every citizen ID has the unused region 319999."""

from mocks.city.city import City
from mocks.city.day import city_day
from mocks.city.disagreements import Disagreement
from mocks.city.places import DEMO_COMMITTEE, DEMO_COMMITTEE_2
from mocks.city.settle import EPOCH

__all__ = ["DEMO_COMMITTEE", "DEMO_COMMITTEE_2", "EPOCH", "City", "Disagreement", "city_day"]
