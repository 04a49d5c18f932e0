"""What the line systems get wrong about people, and about whom.

Every disagreement stands in a list, so that a test can ask who is affected, and a demonstration can show it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from enum import StrEnum
from random import Random
from typing import TYPE_CHECKING, Final, NamedTuple

from mocks.city.benefits import may_hold_card
from mocks.city.codes import DocumentKind
from mocks.city.draws import mix
from mocks.city.names import is_rare, mistyped
from mocks.city.places import DEMO_COMMITTEE, DEMO_COMMITTEE_2, DEMO_COMMITTEES
from mocks.city.relief import RENAMED
from mocks.city.settle import EPOCH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mocks.city.person import Person
    from mocks.city.places import Places
    from mocks.city.relief import ReliefCase

_ELDER_FROM: Final = 60
_NINETY: Final = 90
_EIGHTY: Final = 80
_OLD_IDS_BEFORE: Final = date(1980, 1, 1)
# So many of each kind stand in each demo committee, whatever the shares say.
_AT_LEAST: Final = 2


class Disagreement(StrEnum):
    """Name one way in which a system differs from what the city knows."""

    BIRTH_DIFFERS = "birth_differs"
    """The elderly system has another birth date, some weeks early (a lunar date), under the same ID."""

    CARD_NAME_MISTYPED = "card_name_mistyped"
    """The benefits system has another character of the same sound in the name."""

    CARD_OLD_ID = "card_old_id"
    """The benefits system stores the 15-digit form of the ID; only for births before 1980."""

    DEAD_STILL_LISTED = "dead_still_listed"
    """The household system has the death; the elderly system still lists the person as living."""

    DUPLICATE = "duplicate"
    """The household system lists the person twice, under two local numbers."""

    MEALS_DIFFER = "meals_differ"
    """The meals system brings meals to somebody who has none, or brings them no more; only from 80 on."""

    MILK_DIFFERS = "milk_differs"
    """The meals system brings milk to somebody who gets none, or brings it no more; only from 90 on."""

    MOVED_NOT_UPDATED = "moved_not_updated"
    """The elderly system still has the person at an old door, mostly in another committee."""

    NAME_MANGLED = "name_mangled"
    """The relief system has `?` in place of a rare character."""

    OLD_ID = "old_id"
    """The elderly system stores the 15-digit form of the ID; only for births before 1980."""

    PHONE_DIFFERS = "phone_differs"
    """The elderly system has another phone."""

    RELIEF_OLD_NAME = "relief_old_name"
    """The relief system keeps the case under the programme's name of before 2024-12-31, and its code."""


_SHARES: Final = {
    Disagreement.BIRTH_DIFFERS: 0.01,
    Disagreement.CARD_NAME_MISTYPED: 0.03,
    Disagreement.CARD_OLD_ID: 0.03,
    Disagreement.DEAD_STILL_LISTED: 0.5,
    Disagreement.DUPLICATE: 0.003,
    Disagreement.MEALS_DIFFER: 0.04,
    Disagreement.MILK_DIFFERS: 0.1,
    Disagreement.MOVED_NOT_UPDATED: 0.015,
    Disagreement.NAME_MANGLED: 0.7,
    Disagreement.OLD_ID: 0.02,
    Disagreement.PHONE_DIFFERS: 0.03,
    Disagreement.RELIEF_OLD_NAME: 0.5,
}
# Drawn after all others and by a die of their own: whoever was affected before there were these still is.
_LATER: Final = (
    Disagreement.CARD_NAME_MISTYPED,
    Disagreement.CARD_OLD_ID,
    Disagreement.MEALS_DIFFER,
    Disagreement.MILK_DIFFERS,
)
_FIRST: Final = tuple(kind for kind in Disagreement if kind not in _LATER)


class Home(NamedTuple):
    """Say where: a 12-digit committee code and a door."""

    committee: str
    door: str


class Disagreements:
    """List who is affected by what, and where the elderly system thinks that people live."""

    def __init__(
        self,
        seed: int,
        places: Places,
        candidates: Mapping[str, list[Person]],
        cases: Mapping[int, ReliefCase],
    ) -> None:
        """Choose the affected among each committee's candidates, residents all; `cases` is keyed by pid."""
        self._rng: Random
        self._places = places
        self._cases = cases
        self._of_person: dict[int, tuple[Disagreement, ...]] = {}
        self._listed: defaultdict[tuple[Disagreement, str], list[Person]] = defaultdict(list)
        self.old_homes: dict[int, Home] = {}
        self.believed_in: defaultdict[str, list[Person]] = defaultdict(list)
        for kinds, die in ((_FIRST, 1), (_LATER, 3)):
            self._rng = Random(mix(seed, die))
            for committee, people in candidates.items():
                self._choose(kinds, committee, people)

    def of(self, pid: int) -> tuple[Disagreement, ...]:
        """Return what is wrong about a person, in alphabetical order."""
        return self._of_person.get(pid, ())

    def listed(self, kind: Disagreement, committee: str) -> list[Person]:
        """Return the committee's residents with that disagreement, in pid order."""
        return sorted(self._listed.get((kind, committee), ()), key=lambda person: person.pid)

    def _choose(self, kinds: Collection[Disagreement], committee: str, people: list[Person]) -> None:
        candidates: dict[Disagreement, list[Person]] = {kind: [] for kind in kinds}
        possible = self._possible if kinds is _FIRST else _possible_later
        for person in people:
            for kind in possible(person):
                candidates[kind].append(person)
        for kind, affected in candidates.items():
            count = int(len(affected) * _SHARES[kind] + self._rng.random())
            if committee in DEMO_COMMITTEES:
                count = max(count, _AT_LEAST)
            for person in self._pick(affected, count):
                self._note(kind, committee, person)

    def _possible(self, person: Person) -> Iterable[Disagreement]:
        case = self._cases.get(person.pid)
        if case is not None:
            if is_rare(person.name):
                yield Disagreement.NAME_MANGLED
            if case.programme.former_title and case.since < RENAMED and case.members[0] == person.pid:
                yield Disagreement.RELIEF_OLD_NAME
        if person.document is DocumentKind.NONE:
            return
        if person.died is None:
            yield Disagreement.DUPLICATE
        if person.age(EPOCH) < _ELDER_FROM:
            return
        if person.died is not None:
            yield Disagreement.DEAD_STILL_LISTED
            return
        yield Disagreement.MOVED_NOT_UPDATED
        yield Disagreement.PHONE_DIFFERS
        if person.document is DocumentKind.CITIZEN:
            yield Disagreement.BIRTH_DIFFERS
            if person.birth_date < _OLD_IDS_BEFORE:
                yield Disagreement.OLD_ID

    def _pick(self, possible: list[Person], count: int) -> list[Person]:
        """Choose so many, first one over 90 and one over 80 of whom nothing else is wrong yet."""
        chosen: list[Person] = []
        order = self._rng.sample(possible, len(possible)) if count else []
        if count >= _AT_LEAST:
            free = [person for person in order if person.pid not in self._of_person]
            for age in (_NINETY, _EIGHTY):
                old = (person for person in free if person.age(EPOCH) // 10 * 10 == age)
                chosen.extend(person for person in [next(old, None)] if person is not None)
        rest = (person for person in order if person not in chosen)
        return [*chosen, *(person for person, _ in zip(rest, range(count - len(chosen)), strict=False))]

    def _note(self, kind: Disagreement, committee: str, person: Person) -> None:
        affected = [person.pid]
        if kind is Disagreement.RELIEF_OLD_NAME:
            affected = list(self._cases[person.pid].members)
        for pid in affected:
            self._of_person[pid] = tuple(sorted({*self.of(pid), kind}))
        first = not self._listed[kind, committee]
        self._listed[kind, committee].append(person)
        if kind is Disagreement.MOVED_NOT_UPDATED:
            home = self._old_home(committee, swap=first)
            self.old_homes[person.pid] = home
            self.believed_in[home.committee].append(person)

    def _old_home(self, committee: str, *, swap: bool) -> Home:
        """Invent where a person lived before; between the demo committees at least one moved each way."""
        other = committee
        if swap and committee in DEMO_COMMITTEES:
            other = DEMO_COMMITTEE_2 if committee == DEMO_COMMITTEE else DEMO_COMMITTEE
        elif self._rng.random() < 0.75:  # one in four moved within the committee
            nearby = [place.code for place in self._places.committees_in(committee[:6])]
            other = self._rng.choice(nearby)
        return Home(other, self._places.estates[other].vacancy(self._rng.randrange(200, 260)))


def _possible_later(person: Person) -> Iterable[Disagreement]:
    if person.disability and may_hold_card(person):
        if mistyped(person.name) != person.name:
            yield Disagreement.CARD_NAME_MISTYPED
        if person.birth_date < _OLD_IDS_BEFORE:
            yield Disagreement.CARD_OLD_ID
    age = person.age(EPOCH)
    if age >= _EIGHTY and person.died is None and person.document is not DocumentKind.NONE:
        yield Disagreement.MEALS_DIFFER
        if age >= _NINETY:
            yield Disagreement.MILK_DIFFERS


def other_birth_date(person: Person) -> date:
    """Return the birth date that the elderly system has instead: a lunar date taken for a solar one."""
    return person.birth_date - timedelta(days=20 + mix(person.pid, 2) % 30)
