"""Whatever the seed and the size, each demo committee has people of whom all systems know and agree."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, EPOCH, City, first_look
from mocks.city.person import Person
from mocks.city.relief import CaseStatus, Programme

DEMO = (DEMO_COMMITTEE, DEMO_COMMITTEE_2)
# In a city of 500 a demo committee has 125 people: too few for luck to bring what is wanted.
CITIES = [(1, 20_000), (2, 20_000), (3, 12_000), (4, 12_000), (77, 12_000), (1, 3_000), (5, 500), (6, 500)]


@pytest.fixture(scope="module", params=CITIES, ids=lambda each: f"seed{each[0]}-{each[1]}")
def city(request: pytest.FixtureRequest) -> City:
    return City(*request.param)


def told(city: City, committee: str) -> list[dict[str, Any]]:
    """What a newcomer looks for in the truth."""
    return [
        row
        for row in city.truth(committee, 90)
        if row["alive"]
        and row["id_type"] == "citizen"
        and row["living_alone"]
        and row["relief_status"] == "在保"
        and row["residence_committee"] == row["registered_committee"] == committee
        and row["disagreements"] == []
    ]


def shown(city: City, committee: str) -> list[Person]:
    people = [city.by_document(row["id_number"]) for row in told(city, committee)]
    assert None not in people
    return [person for person in people if person is not None]


@pytest.mark.parametrize("committee", DEMO)
def test_two_in_each_demo_committee_and_the_truth_tells(city: City, committee: str) -> None:
    assert len(told(city, committee)) >= 2


@pytest.mark.parametrize("committee", DEMO)
def test_the_systems_hold_the_same_of_them(city: City, committee: str) -> None:
    for person in shown(city, committee):
        assert [entry.person for entry in city.household_entries(person)] == [person]
        assert person.registered_door == person.residence_door
        assert city.elderly_view(person) == person
        assert person in city.elders(committee)
        facts, relief = city.elderly_facts(person), city.relief_view(person)
        assert facts is not None
        assert facts.lives_alone
        assert relief is not None
        assert relief.person == person
        assert relief.programme_title == relief.case.programme.title
        assert relief.case.status is CaseStatus.ACTIVE
        assert relief.case in city.relief_cases(committee)
        assert relief.case.members == (person.pid,)
        benefits, meals = city.benefits_view(person), city.meals_view(person)
        assert benefits is not None
        assert benefits.person == person
        assert benefits.facts.disability
        assert benefits.facts.subsidies
        assert meals is not None
        assert meals.person == person
        assert meals.plan.milk


@pytest.mark.parametrize("committee", DEMO)
def test_the_first_cases_are_theirs_and_last(city: City, committee: str) -> None:
    first = city.relief_cases(committee)[:2]
    assert [case.programme for case in first] == [Programme.MINIMUM_LIVING] * 2
    assert {case.members[0] for case in first} <= {person.pid for person in shown(city, committee)}


@pytest.mark.parametrize("committee", DEMO)
def test_suitable_are_those_alone_at_their_registered_home(city: City, committee: str) -> None:
    suitable = [
        person.pid
        for person in city.committee_people(committee)
        if (household := city.household(person.household))
        and person.died is None
        and first_look.suits(household.members, committee, EPOCH)
    ]
    people = [city.person(pid) for pid in suitable]
    assert len(people) >= 2
    assert all(city.age(p) >= 90 and not city.companions(p) for p in people)
    assert all(p.registered == p.residence == committee for p in people)


def test_nobody_suits_in_an_empty_or_another_house() -> None:
    city = City(5, 500)
    person = shown(city, DEMO_COMMITTEE)[0]
    assert first_look.suits([person], DEMO_COMMITTEE, EPOCH)
    assert not first_look.suits([person], DEMO_COMMITTEE_2, EPOCH)
    assert not first_look.suits([person], DEMO_COMMITTEE, person.birth_date)
    assert not first_look.suits([person, person], DEMO_COMMITTEE, EPOCH)
    assert not first_look.suits([], DEMO_COMMITTEE, EPOCH)


def test_other_committees_are_left_to_luck() -> None:
    assert [first_look.wanted(code) for code in (*DEMO, "310109010001")] == [2, 2, 0]
