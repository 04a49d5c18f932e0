"""The city is the same every time, counts right, and finds people."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import pairwise

import pytest

from connectors.sdk.citizen_id import CitizenId
from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, EPOCH, City
from mocks.city.codes import DocumentKind
from mocks.city.places import door_key

DEMO = (DEMO_COMMITTEE, DEMO_COMMITTEE_2)


@pytest.fixture(scope="module")
def city() -> City:
    return City()


def digest(city: City) -> str:
    told = [
        (person, city.disagreements(person.pid), city.relief_case(person.pid), city.elderly_view(person))
        for person in city.people
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def test_same_seed_same_city_whatever_the_hash_seed() -> None:
    source = (
        "import sys; sys.path[:0] = ['.', 'tests/unit/mocks']; import test_city as t; "
        "print(t.digest(t.City(5, 2_000)))"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", source],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for hash_seed in ("1", "77")
    }
    assert digests == {digest(City(5, 2_000))}


def test_other_seed_other_people() -> None:
    assert City(1, 600).people[0] != City(2, 600).people[0]


@pytest.mark.parametrize("population", [500, 1_234, 20_000, 31_337])
def test_the_population_is_exact(population: int) -> None:
    city = City(3, population)
    assert len(city.people) == population
    assert [person.pid for person in city.people] == list(range(1, population + 1))
    assert sum(committee.size for committee in city.places.committees.values()) == population


def test_demo_committees_have_about_3000_people(city: City) -> None:
    for code in DEMO:
        assert city.places.committees[code].size == 3_000
        assert 2_850 <= len(city.residents(code)) <= 3_100


def test_every_id_is_valid_synthetic_unique_and_true(city: City) -> None:
    citizens = [person for person in city.people if person.document is DocumentKind.CITIZEN]
    assert len({person.number for person in citizens}) == len(citizens) > 19_000
    for person in citizens:
        citizen_id = CitizenId.parse(person.number, today=EPOCH)
        assert (citizen_id.region, citizen_id.birth_date) == ("319999", person.birth_date)
        assert citizen_id.gender == person.gender


def test_passports_and_people_without_a_document(city: City) -> None:
    passports = [person.number for person in city.people if person.document is DocumentKind.PASSPORT]
    assert len(set(passports)) == len(passports) >= 20
    without = [person for person in city.people if person.document is DocumentKind.NONE]
    assert all(person.number == "" for person in without)
    for code in DEMO:
        assert len([person for person in without if person.residence == code]) >= 2


def test_phones_are_of_no_carrier_and_shared_by_children_only(city: City) -> None:
    grown = [person.phone for person in city.people if city.age(person) >= 13]
    assert len(set(grown)) == len(grown)
    assert all(len(phone) == 11 and phone[:3] in "154 160 161 163 164 168 169" for phone in grown)


def test_find_by_document(city: City) -> None:
    for person in city.people[::997]:
        if person.number:
            assert city.by_document(f" {person.number.lower()} ") is person
    elder = next(person for person in city.people if person.birth_date.year < 1950 and person.number)
    assert city.by_document(CitizenId(elder.number).old_form) is elder


@pytest.mark.parametrize("number", ["", "319999", "319999500230123", "319999190001010016", "?" * 15])
def test_unknown_documents_find_nobody(city: City, number: str) -> None:
    assert city.by_document(number) is None


def test_find_by_local_number(city: City) -> None:
    for person in city.people[::997]:
        for entry in city.household_entries(person):
            assert city.by_local_number(entry.local_number) is person
    for nonsense in ("", "x", "²", "0", "3101000000", "3901000001", "9999999999"):
        assert city.by_local_number(nonsense) is None


def test_find_by_household(city: City) -> None:
    for person in city.people[::501]:
        household = city.household(person.household)
        assert household is not None
        assert person in household.members
        assert {member.household for member in household.members} == {household.number}
        assert household.committee in city.places.committees
        if person.residence == household.committee:
            assert person.residence_door == household.door
    for nonsense in ("", "x", "0", "600000000", "699999999"):
        assert city.household(nonsense) is None


def test_households_do_not_share_doors(city: City) -> None:
    doors = Counter(
        (household.committee, household.door)
        for number in {person.household for person in city.people}
        if (household := city.household(number))
    )
    assert set(doors.values()) == {1}


def test_find_by_pid(city: City) -> None:
    assert city.person(1) is city.people[0]
    for nobody in (0, -1, 20_001):
        with pytest.raises(KeyError):
            city.person(nobody)


def test_committee_people_are_those_who_live_or_are_registered_there(city: City) -> None:
    for code in DEMO:
        expected = {p.pid for p in city.people if code in (p.residence, p.registered)}
        found = [person.pid for person in city.committee_people(code)]
        assert len(found) == len(expected)
        assert set(found) == expected
        assert {p.pid for p in city.residents(code)} == {p.pid for p in city.people if p.residence == code}
    assert city.committee_people("310109010999") == []
    assert city.residents("310109010000") == []


def test_search_stays_within_a_code_prefix(city: City) -> None:
    for prefix in ("31", "310109", "310109010", DEMO_COMMITTEE):
        found = [person.pid for person in city.search("陈", prefix)]
        expected = {
            person.pid
            for person in city.people
            if "陈" in person.name
            and (person.residence.startswith(prefix) or person.registered.startswith(prefix))
        }
        assert len(found) == len(expected) > 0
        assert set(found) == expected
    assert list(city.search("查无此人", "31")) == []
    assert list(city.search("陈", "44")) == []


def test_truth_is_complete_plain_and_in_walking_order(city: City) -> None:
    rows = city.truth(DEMO_COMMITTEE, 60)
    assert len(rows) == sum(city.age(person) >= 60 for person in city.residents(DEMO_COMMITTEE))
    assert all(type(value) in (str, int, bool, list, type(None)) for row in rows for value in row.values())
    assert set(rows[0]) == {
        "id_number", "id_type", "name", "birth_date", "age", "gender", "door", "household", "phone",
        "living_alone", "care_level", "milk_service", "meal_service", "relief_programme", "relief_status",
        "disability", "veteran", "alive", "residence_committee", "registered_committee", "disagreements",
    }  # fmt: skip
    assert all(door_key(before["door"]) <= door_key(after["door"]) for before, after in pairwise(rows))
    assert len(city.truth(DEMO_COMMITTEE)) == len(city.residents(DEMO_COMMITTEE))
    assert city.truth("000000000000") == []


def test_time_changes_ages_and_nobody() -> None:
    later = City(1, 1_000, as_of=date(2031, 11, 21))
    city = City(1, 1_000)
    assert list(later.people) == list(city.people)
    assert {later.age(a) - city.age(b) for a, b in zip(later.people, city.people, strict=True)} == {5}
    with pytest.raises(ValueError, match="begins"):
        City(1, 1_000, as_of=date(2020, 1, 1))


def test_too_small_a_city_is_refused() -> None:
    with pytest.raises(ValueError, match="500"):
        City(1, 499)
