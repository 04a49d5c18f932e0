"""The people are as old, as named and as related as people in such a city."""

from __future__ import annotations

from collections import Counter

import pytest

from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, City
from mocks.city.benefits import Disability, Subsidy, Veteran
from mocks.city.codes import DocumentKind, Ethnicity, Kin, ResidenceStatus, ResidentType
from mocks.city.elderly import ElderlyFacts, elderly_facts
from mocks.city.names import is_rare, mangled
from mocks.city.person import Person

DEMO = (DEMO_COMMITTEE, DEMO_COMMITTEE_2)


@pytest.fixture(scope="module", params=[1, 2])
def city(request: pytest.FixtureRequest) -> City:
    return City(request.param)


def living(city: City, committee: str, age_from: int) -> list[Person]:
    return [p for p in city.residents(committee) if city.age(p) >= age_from and p.died is None]


def facts(city: City, person: Person) -> ElderlyFacts:
    found = city.elderly_facts(person)
    assert found is not None
    return found


def test_a_third_is_over_60(city: City) -> None:
    share = sum(city.age(person) >= 60 for person in city.people) / len(city.people)
    assert 0.31 < share < 0.39


@pytest.mark.parametrize("committee", DEMO)
def test_some_over_90_and_some_of_them_alone(city: City, committee: str) -> None:
    oldest = living(city, committee, 90)
    assert 12 <= len(oldest) <= 25
    assert sum(facts(city, person).lives_alone for person in oldest) >= 2
    assert any(facts(city, person).milk_service for person in oldest)


@pytest.mark.parametrize("committee", DEMO)
def test_alone_means_that_nobody_else_lives_at_the_door(city: City, committee: str) -> None:
    at_door = Counter(p.residence_door for p in city.residents(committee) if p.died is None)
    for person in living(city, committee, 60):
        assert facts(city, person).lives_alone == (at_door[person.residence_door] == 1)


def test_services_fit_the_age(city: City) -> None:
    for person in city.people[::5]:
        known = city.elderly_facts(person)
        assert (known is not None) == (city.age(person) >= 60)
        if known is None:
            continue
        assert known.milk_service <= (city.age(person) >= 90)
        assert 0 <= known.care_level <= 6
        assert ("独居" in known.tags) == known.lives_alone
        assert ("助餐" in known.tags) == (known.meal_service is not None)
        assert known.childless <= known.lives_alone <= known.only_elders


@pytest.mark.parametrize(
    ("age", "yuan"), [(64, 0), (65, 75), (70, 150), (79, 150), (80, 180), (90, 350), (99, 350), (100, 600)]
)
def test_allowance_by_age(city: City, age: int, yuan: int) -> None:
    person = next(p for p in city.people if city.age(p) >= 60 and p.resident_type is ResidentType.REGISTERED)
    on = person.birth_date.replace(year=person.birth_date.year + age, day=min(person.birth_date.day, 28))
    on = on.replace(month=12, day=31)
    known = elderly_facts(1, person, [], on)
    assert known is not None
    assert known.allowance == yuan


def test_families_have_plausible_ages(city: City) -> None:
    numbers = {person.household for person in city.people[::3]}
    for household in filter(None, map(city.household, numbers)):
        head = household.members[0]
        assert head.kin is Kin.HEAD
        for member in household.members[1:]:
            gap = city.age(head) - city.age(member)
            if member.kin in {Kin.SON, Kin.DAUGHTER}:
                assert 18 <= gap <= 50
            if member.kin in {Kin.FATHER, Kin.MOTHER}:
                assert -50 <= gap <= -18
            if member.kin in {Kin.HUSBAND, Kin.WIFE}:
                assert abs(gap) <= 10
                assert member.gender != head.gender


def test_residence_status_says_what_the_places_say(city: City) -> None:
    for person in city.people:
        same = (person.registered, person.registered_door) == (person.residence, person.residence_door)
        assert (person.residence_status is ResidenceStatus.SAME) == same
    shares = Counter(person.residence_status for person in city.people)
    assert 0.02 < shares[ResidenceStatus.REGISTERED_HERE_ONLY] / len(city.people) < 0.08
    assert 0.05 < shares[ResidenceStatus.LIVES_HERE_ONLY] / len(city.people) < 0.2


def test_names_fit_the_generation(city: City) -> None:
    born = {
        decade: Counter(c for p in city.people if p.birth_date.year // 10 == decade for c in p.name[1:])
        for decade in (194, 201)
    }
    assert born[194]["兰"] > 5
    assert born[201]["兰"] == 0
    assert born[201]["梓"] > 5
    assert born[194]["梓"] == 0


def test_names_of_peoples_and_of_foreigners(city: City) -> None:
    uyghurs = [person for person in city.people if person.ethnicity is Ethnicity.UYGHUR]
    assert uyghurs
    assert all("·" in person.name and not is_rare(person.name) for person in uyghurs)
    foreigners = [p.name for p in city.people if p.document is DocumentKind.PASSPORT]
    assert sum(name.isascii() for name in foreigners) > len(foreigners) / 2
    assert len({person.ethnicity for person in city.people}) >= 9


def test_a_few_names_are_beyond_old_character_sets(city: City) -> None:
    rare = [person.name for person in city.people if is_rare(person.name)]
    assert 0.005 < len(rare) / len(city.people) < 0.03
    assert any(ord(character) > 0xFFFF for name in rare for character in name)


def test_mangled_names() -> None:
    assert mangled("陈桂芳") == "陈桂芳"
    assert mangled("王𬱖㛃") == "王??"
    assert mangled("阿卜杜热合曼·买买提江") == "阿卜杜热合曼·买买提江"


def test_contacts_are_living_relatives(city: City) -> None:
    inside = 0
    for person in city.people[::7]:
        contact = city.emergency_contact(person)
        assert contact.name
        assert contact.relation
        assert len(contact.phone) == 11
        if contact.pid is None:
            assert contact.phone not in {person.phone, ""}
            continue
        inside += 1
        other = city.person(contact.pid)
        assert other.pid != person.pid
        assert other.died is None
        assert other.household == person.household
        assert (other.name, other.phone) == (contact.name, contact.phone)
        if contact.relation in {"儿子", "女儿"}:
            assert city.age(other) < city.age(person)
        if contact.relation in {"父亲", "母亲"}:
            assert city.age(other) > city.age(person)
    assert inside > 1_000


def test_children_share_a_surname_with_a_parent(city: City) -> None:
    for household in filter(None, (city.household(person.household) for person in city.people[::11])):
        head, *others = household.members
        spouses = [m for m in others if m.kin in {Kin.HUSBAND, Kin.WIFE}]
        for child in others:
            if child.kin in {Kin.SON, Kin.DAUGHTER} and head.ethnicity is Ethnicity.HAN and spouses:
                assert child.name[0] in {head.name[0], spouses[0].name[0]}


def test_two_in_a_hundred_households_have_relief(city: City) -> None:
    cases = [case for code in city.places.committees for case in city.relief_cases(code)]
    households = len({person.household for person in city.people})
    assert 0.012 < len(cases) / households < 0.028
    assert len({case.number for case in cases}) == len(cases)
    assert len({case.programme for case in cases}) >= 5
    for case in cases:
        members = [city.person(pid) for pid in case.members]
        assert members[0].kin is Kin.HEAD
        assert all(m.registered == case.committee and m.household == case.household for m in members)
        assert all(member.died is None for member in members)
        assert case.monthly_amount > 0
        assert all(city.relief_case(pid) is case for pid in case.members)


def test_a_few_in_a_hundred_have_a_card_or_a_veterans_claim(city: City) -> None:
    known = [(person, found) for person in city.people if (found := city.benefit_facts(person))]
    assert 0.03 < len(known) / len(city.people) < 0.09
    for person, found in known:
        assert person.died is None
        assert person.number.startswith("319999")
        assert (found.category is None) == (found.grade == 0) == (found.disability is None)
        assert found.veteran or found.category
        assert found.veteran is None or city.age(person) >= 50
        assert not found.subsidies or found.category
        assert (Subsidy.CARE in found.subsidies) == (0 < found.grade <= 2)
        assert Subsidy.LIVING not in found.subsidies or city.relief_case(person.pid)
    assert {found.veteran for _, found in known} == {None, *Veteran}
    assert {found.category for _, found in known} == {None, *Disability}


def test_meals_and_milk_come_on_some_days(city: City) -> None:
    entries = [entry for person in city.people if (entry := city.meals_view(person))]
    assert len(entries) > 300
    for entry in entries:
        plan = entry.plan
        assert ("1" in plan.meal_days) == (plan.meal is not None)
        assert ("1" in plan.milk_days) == plan.milk
        assert {len(plan.meal_days), len(plan.milk_days)} == {7}
        assert entry.person.died is None
