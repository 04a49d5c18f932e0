"""Whom the demo shows first: the very old alone, known to every system, of whom no system is wrong.

Each demo committee has a few whatever the seed and the size, or a newcomer's first list could come out
without a single field of the relief system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mocks.city.codes import DocumentKind, Kin, ResidenceStatus
from mocks.city.places import DEMO_COMMITTEES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from mocks.city.person import Person

_WANTED: Final = 2
_NINETY: Final = 90


def wanted(committee: str) -> int:
    """Return how many such people a committee must have; 0 for all but the demo committees."""
    return _WANTED if committee in DEMO_COMMITTEES else 0


def suits(household: Sequence[Person], committee: str, on: date) -> bool:
    """Say whether a household is one such person: 90 or more, a citizen, at home and registered there.

    `household` holds all its members, the dead too. Relief and disagreements are not looked at.
    """
    living = [person for person in household if person.died is None]
    return len(living) == 1 and _suits_alone(living[0], committee, on)


def _suits_alone(person: Person, committee: str, on: date) -> bool:
    return (
        person.kin is Kin.HEAD
        and person.age(on) >= _NINETY
        and person.document is DocumentKind.CITIZEN
        and person.residence_status is ResidenceStatus.SAME
        and person.residence == committee
    )
