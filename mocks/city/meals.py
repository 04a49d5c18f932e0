"""Community meals and milk (助餐, 送奶): on which days they are brought, worked out when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mocks.city.codes import MealService
from mocks.city.draws import choose

# Monday to Sunday.
_WORKDAYS: Final = "1111100"
_MEAL_DAYS: Final = (_WORKDAYS, _WORKDAYS, "1111110", "1010100", "0101010")
_MILK_DAYS: Final = ("1111111", "1010100", "1001000")
_NEVER: Final = "0000000"
_MEALS, _MILK = range(41, 43)


@dataclass(frozen=True, slots=True)
class MealPlan:
    """Say what is brought when: seven digits from Monday to Sunday, `1` for a day on which it comes."""

    meal: MealService | None
    meal_days: str
    milk: bool
    milk_days: str


def plan(seed: int, pid: int, meal: MealService | None, *, milk: bool) -> MealPlan:
    """Return on which days an elder gets what is ordered."""
    return MealPlan(
        meal,
        choose(_MEAL_DAYS, seed, pid, _MEALS) if meal else _NEVER,
        milk,
        choose(_MILK_DAYS, seed, pid, _MILK) if milk else _NEVER,
    )
