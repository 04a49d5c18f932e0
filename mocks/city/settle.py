"""Fill the map with people."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Final

from mocks.city import first_look
from mocks.city.codes import DocumentKind, Education, Ethnicity, Gender, Kin, Marital
from mocks.city.draws import Deck
from mocks.city.families import Families
from mocks.city.housing import Housing, at_home
from mocks.city.names import Namer
from mocks.city.numbers import IdOffice, household_number, passport, phone
from mocks.city.person import Person

if TYPE_CHECKING:
    from mocks.city.families import Family, Member
    from mocks.city.housing import Abode
    from mocks.city.places import Committee, Places

# People are made as they stood on this day, whatever day the city is asked about: IDs never change.
EPOCH: Final = date(2026, 11, 21)
_EPOCH_ORDINAL: Final = EPOCH.toordinal()
_YEAR: Final = 365.2425
_OWN_PHONE_FROM: Final = 12
_OLD_FROM: Final = 70
_VERY_OLD_FROM: Final = 90
_COUPLE: Final = (Kin.HEAD, Kin.HUSBAND, Kin.WIFE)

E = Education
_SCHOOLING: Final = (
    (1985, [E.MIDDLE_SCHOOL, E.HIGH_SCHOOL, E.VOCATIONAL, *[E.COLLEGE] * 4, *[E.UNIVERSITY] * 7, E.GRADUATE]),
    (
        1965,
        [*[E.MIDDLE_SCHOOL] * 3, *[E.HIGH_SCHOOL] * 3, E.VOCATIONAL, *[E.COLLEGE] * 3, *[E.UNIVERSITY] * 3],
    ),
    (1945, [E.PRIMARY, *[E.MIDDLE_SCHOOL] * 7, *[E.HIGH_SCHOOL] * 5, E.VOCATIONAL, E.COLLEGE, E.UNIVERSITY]),
    (
        0,
        [
            E.OTHER,
            E.OTHER,
            *[E.PRIMARY] * 5,
            *[E.MIDDLE_SCHOOL] * 5,
            E.HIGH_SCHOOL,
            E.VOCATIONAL,
            E.UNIVERSITY,
        ],
    ),
)
_AT_SCHOOL: Final = ((7, E.OTHER), (13, E.PRIMARY), (16, E.MIDDLE_SCHOOL), (19, E.HIGH_SCHOOL))


@dataclass(slots=True)
class Settlement:
    """Hold all people in pid order, household after household, committee after committee.

    `household_starts[n]` is the index of household n's first member; `committee_starts[code]` is the
    number of the committee's first household. Both end with one entry past the last.
    """

    people: list[Person] = field(default_factory=list)
    household_starts: array[int] = field(default_factory=lambda: array("I"))
    committee_starts: dict[str, int] = field(default_factory=dict)

    def household_members(self, index: int) -> list[Person]:
        """Return the members of one household, the head first."""
        return self.people[self.household_starts[index] : self.household_starts[index + 1]]


def settle(seed: int, places: Places) -> Settlement:
    """Make everybody; the same seed and map give the same people."""
    settler = _Settler(seed, places)
    for committee in places.committees.values():
        settler.fill(committee)
    settler.settlement.household_starts.append(len(settler.settlement.people))
    return settler.settlement


class _Settler:
    def __init__(self, seed: int, places: Places) -> None:
        rng = Random(seed)
        self.settlement = Settlement()
        self._rng = rng
        self._places = places
        self._families = Families(rng)
        self._housing = Housing(rng, places)
        self._namer = Namer(rng)
        self._ids = IdOffice()
        self._days: dict[int, date] = {}
        self._old_die: Deck[bool] = Deck(rng, ((True, 1), (False, 59)))
        self._very_old_die: Deck[bool] = Deck(rng, ((True, 1), (False, 6)))

    def fill(self, committee: Committee) -> None:
        starts, people = self.settlement.household_starts, self.settlement.people
        self.settlement.committee_starts[committee.code] = first = len(starts)
        estate = self._places.estates[committee.code]
        missing, wanted = committee.size, first_look.wanted(committee.code)
        while missing:
            index = len(starts)
            starts.append(len(people))
            door = estate.home(index - first)
            if missing > wanted:
                family = self._families.deal(missing - wanted)
                abodes = self._housing.place(family, committee.code, door)
                deaths = [self._death(member) for member in family.members]
            else:  # luck brought too few: the last homes are theirs
                family, abodes, deaths = (
                    self._families.very_old_alone(),
                    [at_home(committee.code, door)],
                    [None],
                )
            missing -= len(family.members)
            self._move_in(family, abodes, deaths, household_number(index))
            if wanted and first_look.suits(people[starts[index] :], committee.code, EPOCH):
                wanted -= 1

    def _move_in(
        self, family: Family, abodes: list[Abode], deaths: list[date | None], household: str
    ) -> None:
        people = self.settlement.people
        lines: dict[int, str] = {}
        widowed = any(
            died and member.kin in _COUPLE for died, member in zip(deaths, family.members, strict=True)
        )
        head_phone = phone(len(people) + 1)
        for member, abode, died in zip(family.members, abodes, deaths, strict=True):
            pid = len(people) + 1
            birth = self._birth(member.age)
            if member.line not in lines:
                lines[member.line] = self._namer.line(family.ethnicity)
            document, number = self._document(family, pid, birth, male=member.male)
            marital = member.marital
            if widowed and not died and member.kin in _COUPLE and marital is Marital.MARRIED:
                marital = Marital.WIDOWED
            person = Person(
                pid,
                document,
                number,
                self._namer.name(lines[member.line], family.ethnicity, birth.year, male=member.male),
                Gender.MALE if member.male else Gender.FEMALE,
                birth,
                family.ethnicity,
                phone(pid) if member.age >= _OWN_PHONE_FROM else head_phone,
                household,
                member.kin,
                abode.registered,
                abode.registered_door,
                abode.residence,
                abode.residence_door,
                abode.status,
                abode.type,
                marital,
                self._education(member.age, birth.year),
                died,
                self._disability(member.age),
            )
            people.append(person)

    def _document(self, family: Family, pid: int, birth: date, *, male: bool) -> tuple[DocumentKind, str]:
        if not family.documented:
            return DocumentKind.NONE, ""
        if family.ethnicity is Ethnicity.OTHER:
            return DocumentKind.PASSPORT, passport(pid)
        return DocumentKind.CITIZEN, self._ids.issue(birth, male=male)

    def _day(self, ordinal: int) -> date:
        # Shared: a million people have some 38,000 birthdays.
        if ordinal not in self._days:
            self._days[ordinal] = date.fromordinal(ordinal)
        return self._days[ordinal]

    def _birth(self, age: int) -> date:
        return self._day(_EPOCH_ORDINAL - int(age * _YEAR) - 1 - int(self._rng.random() * 364))

    def _death(self, member: Member) -> date | None:
        if member.age < _OLD_FROM:
            return None
        dies = self._very_old_die if member.age >= _VERY_OLD_FROM else self._old_die
        return self._day(_EPOCH_ORDINAL - self._rng.randrange(10, 400)) if dies.deal() else None

    def _education(self, age: int, year: int) -> Education:
        for below, level in _AT_SCHOOL:
            if age < below:
                return level
        levels = next(levels for since, levels in _SCHOOLING if year >= since)
        return levels[int(self._rng.random() * len(levels))]

    def _disability(self, age: int) -> int:
        per_mille = 12 + age // 2 + (40 if age >= _OLD_FROM else 0)
        return 1 + int(self._rng.random() * 4) if self._rng.random() * 1000 < per_mille else 0
