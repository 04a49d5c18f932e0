"""Disability and veterans' benefits (残疾, 优抚): who is entitled, worked out when somebody asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

from mocks.city.codes import DocumentKind, Gender, ResidentType
from mocks.city.draws import chance, choose

if TYPE_CHECKING:
    from datetime import date

    from mocks.city.person import Person

_SEVERE: Final = 2
_VETERAN_FROM: Final = 50
_SURE_GRADE: Final = 3
_CATEGORY, _VETERAN, _VETERAN_KIND = range(31, 34)


class Disability(Enum):
    """Name a category of disability as GB/T 26341 does, by the number on the card."""

    SIGHT = ("1", "视力残疾")
    HEARING = ("2", "听力残疾")
    SPEECH = ("3", "言语残疾")
    LIMBS = ("4", "肢体残疾")
    INTELLECT = ("5", "智力残疾")
    MIND = ("6", "精神残疾")
    SEVERAL = ("7", "多重残疾")

    def __init__(self, code: str, text: str) -> None:
        """Keep both under their names."""
        self.code = code
        self.text = text


class Subsidy(Enum):
    """Name one of the two disability subsidies (残疾两项补贴) and its yuan a month, invented."""

    LIVING = ("困难残疾人生活补贴", 440)
    CARE = ("重度残疾人护理补贴", 330)

    def __init__(self, title: str, monthly: int) -> None:
        """Keep both under their names."""
        self.title = title
        self.monthly = monthly


class Veteran(Enum):
    """Name a kind of veteran in care (优抚对象) and the yuan a month, invented."""

    DISABLED = ("残疾军人", 2900)
    DEMOBILISED = ("复员军人", 2100)
    ILL = ("带病回乡退伍军人", 1300)
    FOUGHT = ("参战退役军人", 1500)
    KIN = ("烈士遗属", 3100)

    def __init__(self, title: str, monthly: int) -> None:
        """Keep both under their names."""
        self.title = title
        self.monthly = monthly


_CATEGORIES: Final = (
    *[Disability.LIMBS] * 9,
    *[Disability.HEARING] * 4,
    *[Disability.SIGHT] * 3,
    *[Disability.MIND] * 2,
    Disability.INTELLECT,
    Disability.SPEECH,
    Disability.SEVERAL,
)
_MEN: Final = (Veteran.DISABLED, *[Veteran.DEMOBILISED] * 3, *[Veteran.ILL] * 2, *[Veteran.FOUGHT] * 3)


@dataclass(frozen=True, slots=True)
class BenefitFacts:
    """Describe what a person gets; `grade` is 1 (gravest) to 4, or 0 with `category` None."""

    category: Disability | None
    grade: int
    subsidies: tuple[Subsidy, ...]
    veteran: Veteran | None

    @property
    def disability(self) -> str | None:
        """Return the words on the card: 肢体残疾二级."""
        return f"{self.category.text}{'一二三四'[self.grade - 1]}级" if self.category else None


def may_hold_card(person: Person) -> bool:
    """Say whether benefits can be paid to a person: a living citizen who is registered in the city."""
    citizen = person.document is DocumentKind.CITIZEN
    return citizen and person.died is None and person.resident_type is ResidentType.REGISTERED


def benefit_facts(
    seed: int, person: Person, on: date, *, poor: bool, sure: bool = False
) -> BenefitFacts | None:
    """Work out the facts on a day; None for who has neither a disability card nor a veteran's claim.

    `poor` says that the person's household has a relief case. Whoever is `sure` has a card at least.
    """
    if not may_hold_card(person):
        return None
    grade = person.disability or (_SURE_GRADE if sure else 0)
    veteran = _veteran(seed, person, on)
    if not grade and veteran is None:
        return None
    category = choose(_CATEGORIES, seed, person.pid, _CATEGORY) if grade else None
    subsidies = ((Subsidy.LIVING, grade and poor), (Subsidy.CARE, 0 < grade <= _SEVERE))
    return BenefitFacts(category, grade, tuple(one for one, due in subsidies if due), veteran)


def _veteran(seed: int, person: Person, on: date) -> Veteran | None:
    if person.age(on) < _VETERAN_FROM:
        return None
    man = person.gender is Gender.MALE
    if not chance(8 if man else 1, seed, person.pid, _VETERAN):
        return None
    return choose(_MEN, seed, person.pid, _VETERAN_KIND) if man else Veteran.KIN
