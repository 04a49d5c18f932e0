"""What one line system believes of a person: the truth with that system's disagreements applied.

Formats and code numbers are the mocks' business; here only the facts differ.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.sdk.citizen_id import CitizenId
from mocks.city.codes import MealService, ResidenceStatus
from mocks.city.disagreements import Disagreement, Home, other_birth_date
from mocks.city.meals import MealPlan, plan
from mocks.city.names import mangled, mistyped
from mocks.city.numbers import phone

if TYPE_CHECKING:
    from collections.abc import Collection

    from mocks.city.benefits import BenefitFacts
    from mocks.city.elderly import ElderlyFacts
    from mocks.city.person import Person
    from mocks.city.relief import ReliefCase


@dataclass(frozen=True, slots=True)
class HouseholdEntry:
    """Hold one row of the household system: its own number (RYBH) and the person."""

    local_number: str
    person: Person


@dataclass(frozen=True, slots=True)
class ReliefEntry:
    """Hold what the relief system knows of one person: their case, and the name it has for the programme.

    With `former` the programme is kept under its name of before 2024-12-31, and under that name's code.
    """

    person: Person
    case: ReliefCase
    programme_title: str
    former: bool


@dataclass(frozen=True, slots=True)
class BenefitsEntry:
    """Hold what the benefits system knows of one person."""

    person: Person
    facts: BenefitFacts


@dataclass(frozen=True, slots=True)
class MealsEntry:
    """Hold what the meals system knows of one person."""

    person: Person
    plan: MealPlan


def as_elderly_knows(person: Person, wrong: Collection[Disagreement], old_home: Home | None) -> Person:
    """Return the person as the elderly system has them."""
    if Disagreement.PHONE_DIFFERS in wrong:
        person = replace(person, phone=phone(person.pid, 1))
    if Disagreement.OLD_ID in wrong:
        person = replace(person, number=CitizenId(person.number).old_form)
    if Disagreement.BIRTH_DIFFERS in wrong:
        person = replace(person, birth_date=other_birth_date(person))
    if Disagreement.DEAD_STILL_LISTED in wrong:
        person = replace(person, died=None)
    if old_home is not None:
        at_home = person.registered == old_home.committee
        status = ResidenceStatus.SAME if at_home else ResidenceStatus.LIVES_HERE_ONLY
        person = replace(
            person,
            residence=old_home.committee,
            residence_door=old_home.door,
            residence_status=status,
        )
    return person


def as_relief_knows(person: Person, wrong: Collection[Disagreement], case: ReliefCase) -> ReliefEntry:
    """Return the person and case as the relief system has them."""
    former = case.programme.former_title if Disagreement.RELIEF_OLD_NAME in wrong else None
    if Disagreement.NAME_MANGLED in wrong:
        person = replace(person, name=mangled(person.name))
    return ReliefEntry(person, case, former or case.programme.title, former is not None)


def as_benefits_knows(person: Person, wrong: Collection[Disagreement], facts: BenefitFacts) -> BenefitsEntry:
    """Return the person as the benefits system has them."""
    if Disagreement.CARD_NAME_MISTYPED in wrong:
        person = replace(person, name=mistyped(person.name))
    if Disagreement.CARD_OLD_ID in wrong:
        person = replace(person, number=CitizenId(person.number).old_form)
    return BenefitsEntry(person, facts)


def as_meals_knows(
    seed: int, person: Person, wrong: Collection[Disagreement], facts: ElderlyFacts
) -> MealsEntry | None:
    """Return the person as the meals system has them; None for whom it has never brought anything."""
    meal, milk = facts.meal_service, facts.milk_service
    if Disagreement.MEALS_DIFFER in wrong:
        meal = None if meal else MealService.CANTEEN
    if Disagreement.MILK_DIFFERS in wrong:
        milk = not milk
    if not (meal or milk or facts.meal_service or facts.milk_service):
        return None
    return MealsEntry(person, plan(seed, person.pid, meal, milk=milk))
