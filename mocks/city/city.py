"""The city that all mock line systems draw from, and the questions they may ask it."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any, Final

from connectors.sdk.citizen_id import CitizenId
from mocks.city import numbers
from mocks.city.benefits import BenefitFacts, benefit_facts
from mocks.city.contacts import emergency_contact
from mocks.city.disagreements import Disagreement, Disagreements
from mocks.city.draws import mix
from mocks.city.elderly import ELDER_FROM, ElderlyFacts, elderly_facts
from mocks.city.person import Household, Person
from mocks.city.places import Places, door_key
from mocks.city.relief import ReliefCase, ReliefOffice
from mocks.city.settle import EPOCH, settle
from mocks.city.views import (
    BenefitsEntry,
    HouseholdEntry,
    MealsEntry,
    ReliefEntry,
    as_benefits_knows,
    as_elderly_knows,
    as_meals_knows,
    as_relief_knows,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from mocks.city.contacts import Contact

_SMALLEST: Final = 500
_OLD_FORM: Final = 15


class City:
    """Hold a synthetic city: the same seed and population make the same people on every machine.

    `population` counts everybody ever made, the few recently dead among them; from 12,000 on both demo
    committees have 3,000 of them. `as_of` is the day for ages and what depends on them; it changes nobody's
    birth date or number. Raises ValueError for fewer than 500 people, or a day before EPOCH.
    """

    def __init__(self, seed: int = 1, population: int = 20_000, as_of: date = EPOCH) -> None:
        """Build it: some 20 microseconds and 600 bytes for each person."""
        if population < _SMALLEST:
            raise ValueError(f"a city needs at least {_SMALLEST} people")
        if as_of < EPOCH:
            raise ValueError(f"this city begins on {EPOCH}")
        self.seed = seed
        self.as_of = as_of
        self.places = Places(population)
        self._settlement = settle(seed, self.places)
        self._committee_codes = list(self._settlement.committee_starts)
        self._first_households = list(self._settlement.committee_starts.values())
        self._by_document = {person.number: person for person in self.people if person.number}
        # Whom a committee has but no household of it: they moved in, or are only registered there.
        self._arrived: defaultdict[str, list[Person]] = defaultdict(list)
        self._only_registered: defaultdict[str, list[Person]] = defaultdict(list)
        for code in self._committee_codes:
            for person in self._listed_at(code):
                if person.residence not in (code, ""):
                    self._arrived[person.residence].append(person)
                if person.registered not in (code, ""):
                    self._only_registered[person.registered].append(person)
        self._cases: dict[str, list[ReliefCase]] = {}
        self._case_of: dict[int, ReliefCase] = {}
        self._shown_first = spared = self._open_cases()
        candidates = {
            code: [person for person in self.residents(code) if person.pid not in spared]
            for code in self.places.committees
        }
        self._wrong = Disagreements(seed, self.places, candidates, self._case_of)

    def _open_cases(self) -> set[int]:
        office = ReliefOffice(Random(mix(self.seed, 2)))
        for code in self._committee_codes:
            cases = list(office.open_cases(self._settlement, code, self._households_of(code)))
            self._cases[code] = cases
            self._case_of.update((pid, case) for case in cases for pid in case.members)
        return office.spared

    # People

    @property
    def people(self) -> Sequence[Person]:
        """Return everybody in pid order."""
        return self._settlement.people

    def person(self, pid: int) -> Person:
        """Return a person by pid; raises KeyError for a pid that nobody has."""
        if not 1 <= pid <= len(self.people):
            raise KeyError(pid)
        return self.people[pid - 1]

    def age(self, person: Person) -> int:
        """Return the age in whole years on the city's day."""
        return person.age(self.as_of)

    def by_document(self, number: str) -> Person | None:
        """Find by citizen ID, also in the 15-digit form, or by passport number."""
        compact = number.strip().upper()
        if len(compact) == _OLD_FORM:
            try:
                compact = CitizenId.parse(compact, today=self.as_of).number
            except ValueError:
                return None
        return self._by_document.get(compact)

    def by_local_number(self, number: str) -> Person | None:
        """Find by the household system's own number; a duplicate has two."""
        pid, second = numbers.local_pid(number)
        if not 1 <= pid <= len(self.people) or (
            second and Disagreement.DUPLICATE not in self.disagreements(pid)
        ):
            return None
        return self.people[pid - 1]

    def household(self, number: str) -> Household | None:
        """Find a household; its members are all who are listed in it, wherever they live."""
        index = numbers.household_index(number)
        if not 0 <= index < len(self._settlement.household_starts) - 1:
            return None
        place = bisect(self._first_households, index) - 1
        code = self._committee_codes[place]
        door = self.places.estates[code].home(index - self._first_households[place])
        return Household(number, code, door, tuple(self._settlement.household_members(index)))

    def companions(self, person: Person) -> list[Person]:
        """Return the living of the same household who live at the same door, without the person."""
        home = person.residence, person.residence_door
        return [
            other
            for other in self._settlement.household_members(numbers.household_index(person.household))
            if other.pid != person.pid
            and other.died is None
            and (other.residence, other.residence_door) == home
        ]

    # Places

    def address(self, region: str, door: str) -> str:
        """Write out an address: `city.address(person.residence, person.residence_door)`."""
        return self.places.address(region, door)

    def residents(self, committee: str) -> list[Person]:
        """Return who lives in a committee, registered there or not; the dead where they lived."""
        here = [person for person in self._listed_at(committee) if person.residence == committee]
        return [*here, *self._arrived.get(committee, ())]

    def committee_people(self, committee: str) -> list[Person]:
        """Return who lives or is registered in a committee, each once."""
        return [
            *self._listed_at(committee),
            *self._arrived.get(committee, ()),
            *self._only_registered.get(committee, ()),
        ]

    def search(self, name: str, prefix: str = "31") -> Iterator[Person]:
        """Walk the people with `name` in their names who live or are registered under a code prefix."""
        seen: set[int] = set()
        for committee in self.places.committees_in(prefix):
            for person in self.committee_people(committee.code):
                if name in person.name and person.pid not in seen:
                    seen.add(person.pid)
                    yield person

    def _households_of(self, committee: str) -> range:
        place = bisect(self._committee_codes, committee) - 1
        if place < 0 or self._committee_codes[place] != committee:
            return range(0)
        ends = [*self._first_households[place + 1 : place + 2], len(self._settlement.household_starts) - 1]
        return range(self._first_households[place], ends[0])

    def _listed_at(self, committee: str) -> Sequence[Person]:
        households = self._households_of(committee)
        starts = self._settlement.household_starts
        return self.people[starts[households.start] : starts[households.stop]]

    # What the systems see

    def disagreements(self, pid: int) -> tuple[Disagreement, ...]:
        """Return what some system has wrong about a person."""
        return self._wrong.of(pid)

    def with_disagreement(self, kind: Disagreement, committee: str) -> list[Person]:
        """Return a committee's residents with that disagreement (of a relief case, the applicants)."""
        return self._wrong.listed(kind, committee)

    def household_entries(self, person: Person) -> list[HouseholdEntry]:
        """Return the household system's rows of a person: two for a duplicate, else one."""
        rows = [HouseholdEntry(numbers.local_number(person.pid), person)]
        if Disagreement.DUPLICATE in self.disagreements(person.pid):
            rows.append(HouseholdEntry(numbers.local_number(person.pid, duplicate=True), person))
        return rows

    def elderly_view(self, person: Person) -> Person | None:
        """Return a person as the elderly system has them.

        None for whom it does not have: those under 60, without a document, living outside the city, and
        the dead that it was told of.
        """
        wrong = self.disagreements(person.pid)
        believed = as_elderly_knows(person, wrong, self._wrong.old_homes.get(person.pid))
        known = (
            person.number and self.age(person) >= ELDER_FROM and believed.residence in self.places.committees
        )
        return believed if known and believed.died is None else None

    def elders(self, committee: str) -> list[Person]:
        """Return the elderly system's people of a committee, as it has them, by where it thinks they live."""
        candidates = [*self.residents(committee), *self._wrong.believed_in.get(committee, ())]
        views = {person.pid: self.elderly_view(person) for person in candidates}
        return [view for view in views.values() if view is not None and view.residence == committee]

    def elderly_facts(self, person: Person) -> ElderlyFacts | None:
        """Return an elder's situation and services; None below 60."""
        facts = elderly_facts(self.seed, person, self.companions(person), self.as_of)
        # Whom the demo shows first is known to the meals system too.
        return replace(facts, milk_service=True) if facts and person.pid in self._shown_first else facts

    def emergency_contact(self, person: Person) -> Contact:
        """Return the relative to call."""
        members = self._settlement.household_members(numbers.household_index(person.household))
        return emergency_contact(self.seed, person, members, self.as_of)

    def relief_case(self, pid: int) -> ReliefCase | None:
        """Return the case that a person is a member of."""
        return self._case_of.get(pid)

    def relief_cases(self, committee: str) -> list[ReliefCase]:
        """Return the cases of those registered in a committee."""
        return self._cases.get(committee, [])

    def relief_view(self, person: Person) -> ReliefEntry | None:
        """Return a person as the relief system has them; None without a case."""
        case = self._case_of.get(person.pid)
        return as_relief_knows(person, self.disagreements(person.pid), case) if case else None

    def benefit_facts(self, person: Person) -> BenefitFacts | None:
        """Return what a person gets for a disability or as a veteran; None for nothing."""
        poor, sure = person.pid in self._case_of, person.pid in self._shown_first
        return benefit_facts(self.seed, person, self.as_of, poor=poor, sure=sure)

    def benefits_view(self, person: Person) -> BenefitsEntry | None:
        """Return a person as the benefits system has them; None for whom it does not have."""
        facts = self.benefit_facts(person)
        return as_benefits_knows(person, self.disagreements(person.pid), facts) if facts else None

    def meals_view(self, person: Person) -> MealsEntry | None:
        """Return a person as the meals system has them.

        None for whom it does not have: who never ordered, those without a document, and the dead.
        """
        facts = self.elderly_facts(person) if person.number and person.died is None else None
        return as_meals_knows(self.seed, person, self.disagreements(person.pid), facts) if facts else None

    def truth(self, committee: str, age_from: int = 0) -> list[dict[str, Any]]:
        """Return what is so, as plain dicts, of the residents of at least that age, in walking order.

        The dead are among them, with `alive` false. Of them, and of those under 60, the services are None.
        """
        people = [person for person in self.residents(committee) if self.age(person) >= age_from]
        people.sort(key=lambda person: (door_key(person.residence_door), person.pid))
        return [self._truth_of(person) for person in people]

    def _truth_of(self, person: Person) -> dict[str, Any]:
        facts = self.elderly_facts(person) if person.died is None else None
        case, benefits = self._case_of.get(person.pid), self.benefit_facts(person)
        return {
            "id_number": person.number or None,
            "id_type": str(person.document),
            "name": person.name,
            "birth_date": person.birth_date.isoformat(),
            "age": self.age(person),
            "gender": str(person.gender),
            "door": person.residence_door,
            "household": person.household,
            "phone": person.phone,
            "living_alone": facts.lives_alone if facts else None,
            "care_level": facts.care_level if facts else None,
            "milk_service": facts.milk_service if facts else None,
            "meal_service": facts.meal_service and str(facts.meal_service) if facts else None,
            "relief_programme": case.programme.title if case else None,
            "relief_status": str(case.status) if case else None,
            "disability": benefits.disability if benefits else None,
            "veteran": benefits.veteran.title if benefits and benefits.veteran else None,
            "alive": person.died is None,
            "residence_committee": person.residence,
            "registered_committee": person.registered,
            "disagreements": [str(kind) for kind in self.disagreements(person.pid)],
        }
