"""Decide where families live and where they are registered."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from enum import Enum, auto
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from mocks.city.codes import Ethnicity, ResidenceStatus, ResidentType
from mocks.city.draws import Deck
from mocks.city.place_names import KASHGAR, OUTSIDE, VILLAGES

if TYPE_CHECKING:
    from random import Random

    from mocks.city.families import Family
    from mocks.city.places import Places


class Abode(NamedTuple):
    """Hold where somebody is registered and where they live."""

    registered: str
    registered_door: str
    residence: str
    residence_door: str
    status: ResidenceStatus
    type: ResidentType


class _Situation(Enum):
    SETTLED = auto()
    REGISTERED_ELSEWHERE = auto()
    ONE_AWAY = auto()
    ALL_AWAY = auto()


class Housing:
    """Give doors away: a home to every household, an empty door to each who moved in alone."""

    def __init__(self, rng: Random, places: Places) -> None:
        """Draw from `rng`."""
        self._rng = rng
        self._estates = places.estates
        self._codes = list(places.committees)
        self._upto = list(accumulate(committee.size for committee in places.committees.values()))
        self._vacancies: Counter[str] = Counter()
        self._outside = list(OUTSIDE)
        self._situations: Deck[_Situation] = Deck(
            rng,
            (
                (_Situation.SETTLED, 83),
                (_Situation.REGISTERED_ELSEWHERE, 8),
                (_Situation.ONE_AWAY, 7),
                (_Situation.ALL_AWAY, 2),
            ),
        )

    def place(self, family: Family, committee: str, door: str) -> list[Abode]:
        """Return each member's abode; `committee` and `door` are where the household is listed."""
        count = len(family.members)
        if family.documented and family.ethnicity is not Ethnicity.OTHER and not family.from_outside:
            return self._of_the_city(family, committee, door)
        origin = "", ""
        if family.from_outside:
            origin = self._outside_the_city(KASHGAR if family.ethnicity is Ethnicity.UYGHUR else None)
            kind = ResidentType.MIGRANT
        else:
            kind = ResidentType.OVERSEAS if family.documented else ResidentType.UNDOCUMENTED
        return [Abode(*origin, committee, door, ResidenceStatus.LIVES_HERE_ONLY, kind)] * count

    def _of_the_city(self, family: Family, committee: str, door: str) -> list[Abode]:
        count = len(family.members)
        here = committee, door
        situation = self._situations.deal()
        if situation is _Situation.REGISTERED_ELSEWHERE:
            other = self._other_committee(committee)
            origin = other, self._estates[other].home(self._rng.randrange(50))
            return [Abode(*origin, *here, ResidenceStatus.LIVES_HERE_ONLY, ResidentType.REGISTERED)] * count
        settled = at_home(committee, door)
        if situation is _Situation.SETTLED:
            return [settled] * count
        home = self._new_home(committee)
        away = Abode(*here, *home, ResidenceStatus.REGISTERED_HERE_ONLY, ResidentType.REGISTERED)
        if situation is _Situation.ALL_AWAY:
            return [away] * count
        leaver = _who_leaves(family)
        return [away if index == leaver else settled for index in range(count)]

    def _outside_the_city(self, region: str | None = None) -> tuple[str, str]:
        village = f"{self._rng.choice(VILLAGES)}村{self._rng.randrange(1, 13)}组"
        return region or self._rng.choice(self._outside), village

    def _other_committee(self, committee: str) -> str:
        while True:
            other = self._codes[bisect(self._upto, int(self._rng.random() * self._upto[-1]))]
            if other != committee:
                return other

    def _new_home(self, committee: str) -> tuple[str, str]:
        if self._rng.randrange(10) < 4:  # four of ten leave the city
            return self._outside_the_city()
        other = self._other_committee(committee)
        self._vacancies[other] += 1
        return other, self._estates[other].vacancy(self._vacancies[other] - 1)


def at_home(committee: str, door: str) -> Abode:
    """Return the abode of one who is registered where they live."""
    return Abode(committee, door, committee, door, ResidenceStatus.SAME, ResidentType.REGISTERED)


def _who_leaves(family: Family) -> int | None:
    """Pick the member who moved out alone: the last adult but the head, if there is one."""
    adults = [index for index, member in enumerate(family.members) if index and member.age >= 18]
    return adults[-1] if adults else None
