"""What the elderly-care service knows of a person of 60 or more, worked out when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mocks.city.codes import Marital, MealService, ResidentType
from mocks.city.draws import chance, choose

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mocks.city.person import Person

ELDER_FROM: Final = 60
MILK_FROM: Final = 90
# 老年综合津贴, yuan a month by age.
ALLOWANCES: Final = ((100, 600), (90, 350), (80, 180), (70, 150), (65, 75))
# Assessed need (统一需求评估) by age: the higher the age, the more hands of the deck hold a level.
_CARE_LEVELS: Final = (
    (90, (0, 1, 2, 2, 3, 3, 4, 4, 5, 6)),
    (80, (0, 0, 0, 0, 1, 2, 2, 3, 4, 5)),
    (70, (0, 0, 0, 0, 0, 0, 0, 0, 1, 2)),
    (60, (0,) * 29 + (2,)),
)
_LOST_CHILD, _CARE, _MEAL, _MEAL_HOW, _MILK, _BUTTON, _FRIEND, _CHILDLESS = range(11, 19)


@dataclass(frozen=True, slots=True)
class ElderlyFacts:
    """Describe an elder's situation and services.

    `only_elders` (纯老) includes living alone. `childless` (孤老) means alone without spouse or children;
    `lost_only_child` (失独) is never true of the childless. `care_level` is 0 (none) to 6. `allowance` is in
    yuan a month, for people registered in the city.
    """

    lives_alone: bool
    only_elders: bool
    childless: bool
    lost_only_child: bool
    care_level: int
    meal_service: MealService | None
    milk_service: bool
    allowance: int
    emergency_button: bool
    volunteer_pair: bool

    @property
    def tags(self) -> tuple[str, ...]:
        """Return the words that the service uses; one who lives alone is not tagged 纯老家庭 as well."""
        every = (
            ("独居", self.lives_alone),
            ("纯老家庭", self.only_elders and not self.lives_alone),
            ("孤老", self.childless),
            ("失独", self.lost_only_child),
            ("老伙伴", self.volunteer_pair),
            ("一键通", self.emergency_button),
            ("助餐", self.meal_service is not None),
        )
        return tuple(tag for tag, holds in every if holds)


def elderly_facts(seed: int, person: Person, companions: Sequence[Person], on: date) -> ElderlyFacts | None:
    """Work out the facts on a day; None below 60.

    `companions` are the living of the same household who live at the same door, the person not among them.
    """
    age = person.age(on)
    if age < ELDER_FROM:
        return None
    pid = person.pid
    alone = not companions
    childless = (
        alone
        and person.marital is not Marital.MARRIED
        and chance(100 if person.marital is Marital.SINGLE else 6, seed, pid, _CHILDLESS)
    )
    very_old = age >= 80  # services are offered from 80
    meals = chance(45 if alone and very_old else 22 if very_old else 5, seed, pid, _MEAL)
    # At home when one can walk there no more.
    care = next(choose(levels, seed, pid, _CARE) for since, levels in _CARE_LEVELS if age >= since)
    delivered = care >= 2 or chance(40, seed, pid, _MEAL_HOW)
    return ElderlyFacts(
        lives_alone=alone,
        only_elders=all(companion.age(on) >= ELDER_FROM for companion in companions),
        childless=childless,
        lost_only_child=not childless and chance(2, seed, pid, _LOST_CHILD),
        care_level=care,
        meal_service=(MealService.DELIVERY if delivered else MealService.CANTEEN) if meals else None,
        milk_service=age >= MILK_FROM and chance(85, seed, pid, _MILK),
        allowance=_allowance(age) if person.resident_type is ResidentType.REGISTERED else 0,
        emergency_button=alone and age >= 70 and chance(70, seed, pid, _BUTTON),
        volunteer_pair=very_old and chance(50 if alone else 10, seed, pid, _FRIEND),
    )


def _allowance(age: int) -> int:
    return next((amount for since, amount in ALLOWANCES if age >= since), 0)
