"""Each listed disagreement exists, is where it should be, and shows in its system's view alone."""

from __future__ import annotations

from itertools import combinations

import pytest
from pypinyin import lazy_pinyin

from connectors.sdk.citizen_id import CitizenId
from mocks.city import DEMO_COMMITTEE, DEMO_COMMITTEE_2, City, Disagreement
from mocks.city.codes import DocumentKind
from mocks.city.person import Person
from mocks.city.relief import RENAMED

DEMO = (DEMO_COMMITTEE, DEMO_COMMITTEE_2)
# Who has a relief case or a disability card with the right birth or name is too few to choose by age.
AMONG_THE_OLDEST = set(Disagreement) - {
    Disagreement.CARD_NAME_MISTYPED,
    Disagreement.CARD_OLD_ID,
    Disagreement.NAME_MANGLED,
    Disagreement.RELIEF_OLD_NAME,
}


@pytest.fixture(scope="module", params=[1, 4])
def city(request: pytest.FixtureRequest) -> City:
    return City(request.param)


def affected(city: City, kind: Disagreement) -> list[Person]:
    return [person for person in city.people if kind in city.disagreements(person.pid)]


def elderly(city: City, person: Person) -> Person:
    view = city.elderly_view(person)
    assert view is not None
    return view


@pytest.mark.parametrize("committee", DEMO)
@pytest.mark.parametrize("kind", Disagreement)
def test_each_kind_twice_in_each_demo_committee(city: City, kind: Disagreement, committee: str) -> None:
    people = city.with_disagreement(kind, committee)
    assert len(people) >= 2
    assert [p.pid for p in people] == sorted({p.pid for p in people})
    assert all(kind in city.disagreements(p.pid) and p.residence == committee for p in people)


@pytest.mark.parametrize("committee", DEMO)
@pytest.mark.parametrize("kind", sorted(AMONG_THE_OLDEST))
def test_the_oldest_are_among_them(city: City, kind: Disagreement, committee: str) -> None:
    ages = [city.age(person) for person in city.with_disagreement(kind, committee)]
    assert max(ages) >= 90
    assert any(age >= 80 for age in ages if age != max(ages)) or ages.count(max(ages)) > 1


def test_disagreements_are_few(city: City) -> None:
    wrong = sum(bool(city.disagreements(person.pid)) for person in city.people)
    assert 0 < wrong / len(city.people) < 0.06


def test_no_list_where_nothing_is_wrong(city: City) -> None:
    assert city.with_disagreement(Disagreement.OLD_ID, "310109010999") == []
    assert city.disagreements(0) == ()


def test_phone_differs(city: City) -> None:
    phones = {person.phone for person in city.people}
    for person in affected(city, Disagreement.PHONE_DIFFERS):
        other = elderly(city, person).phone
        assert len(other) == 11
        assert other not in phones


def test_moved_not_updated(city: City) -> None:
    moved = affected(city, Disagreement.MOVED_NOT_UPDATED)
    for person in moved:
        view = elderly(city, person)
        assert (view.residence, view.residence_door) != (person.residence, person.residence_door)
        assert view.residence in city.places.committees
    for here, there in (DEMO, DEMO[::-1]):
        assert any(p.residence == here and elderly(city, p).residence == there for p in moved)
        stale = [view for view in city.elders(here) if city.person(view.pid).residence != here]
        assert stale


def test_old_id(city: City) -> None:
    for person in affected(city, Disagreement.OLD_ID):
        assert person.birth_date.year < 1980
        number = elderly(city, person).number
        assert len(number) == 15
        assert CitizenId.parse(number).number == person.number


def test_name_mangled(city: City) -> None:
    for person in affected(city, Disagreement.NAME_MANGLED):
        entry = city.relief_view(person)
        assert entry is not None
        assert "?" in entry.person.name
        assert "?" not in person.name
        assert len(entry.person.name) == len(person.name)


def test_dead_still_listed(city: City) -> None:
    dead = affected(city, Disagreement.DEAD_STILL_LISTED)
    assert all(person.died is not None and elderly(city, person).died is None for person in dead)
    struck_off = [p for p in city.people if p.died and p not in dead]
    assert struck_off
    assert all(city.elderly_view(person) is None for person in struck_off)


def test_duplicate(city: City) -> None:
    twice = {person.pid for person in affected(city, Disagreement.DUPLICATE)}
    for person in city.people:
        entries = city.household_entries(person)
        assert len({entry.local_number for entry in entries}) == (2 if person.pid in twice else 1)
        assert all(entry.person is person for entry in entries)


def test_birth_differs(city: City) -> None:
    for person in affected(city, Disagreement.BIRTH_DIFFERS):
        view = elderly(city, person)
        assert 20 <= (person.birth_date - view.birth_date).days < 50
        assert CitizenId.parse(view.number).number == person.number


def test_relief_old_name(city: City) -> None:
    old = affected(city, Disagreement.RELIEF_OLD_NAME)
    for person in old:
        entry = city.relief_view(person)
        assert entry is not None
        assert entry.former
        assert entry.programme_title == entry.case.programme.former_title
        assert entry.case.since < RENAMED
        assert set(entry.case.members) <= {other.pid for other in old}
    present = [city.relief_view(p) for p in city.people if p not in old]
    assert all(
        not entry.former and entry.programme_title == entry.case.programme.title for entry in present if entry
    )


def test_card_old_id(city: City) -> None:
    for person in affected(city, Disagreement.CARD_OLD_ID):
        entry = city.benefits_view(person)
        assert entry is not None
        assert len(entry.person.number) == 15
        assert CitizenId.parse(entry.person.number).number == person.number


def test_card_name_mistyped(city: City) -> None:
    for person in affected(city, Disagreement.CARD_NAME_MISTYPED):
        entry = city.benefits_view(person)
        assert entry is not None
        differ = [(a, b) for a, b in zip(entry.person.name, person.name, strict=True) if a != b]
        assert len(differ) == 1
        assert lazy_pinyin(differ[0][0]) == lazy_pinyin(differ[0][1])


def test_meals_and_milk_differ(city: City) -> None:
    for kind, ordered, of in (
        (Disagreement.MEALS_DIFFER, lambda plan: plan.meal is not None, "meal_service"),
        (Disagreement.MILK_DIFFERS, lambda plan: plan.milk, "milk_service"),
    ):
        for person in affected(city, kind):
            entry, facts = city.meals_view(person), city.elderly_facts(person)
            assert entry is not None
            assert ordered(entry.plan) != bool(getattr(facts, of))


def test_views_agree_where_nothing_is_wrong(city: City) -> None:
    for person in city.people[::3]:
        if city.disagreements(person.pid):
            continue
        assert city.elderly_view(person) in (None, person)
        benefits, meals, facts = (
            city.benefits_view(person),
            city.meals_view(person),
            city.elderly_facts(person),
        )
        for entry in (city.relief_view(person), benefits, meals):
            assert entry is None or entry.person == person
        if meals is not None:
            assert facts is not None
            assert (meals.plan.meal, meals.plan.milk) == (facts.meal_service, facts.milk_service)
        elif facts is not None and person.number and person.died is None:
            assert (facts.meal_service, facts.milk_service) == (None, False)


def test_the_elderly_system_lists_its_own_people_once(city: City) -> None:
    lists = {code: {view.pid for view in city.elders(code)} for code in city.places.committees}
    assert all(one.isdisjoint(other) for one, other in combinations(lists.values(), 2))
    known = {person.pid for person in city.people if city.elderly_view(person) is not None}
    assert set().union(*lists.values()) == known
    for person in city.people:
        if person.pid in known:
            assert person.document is not DocumentKind.NONE
            assert city.age(person) >= 60


def test_truth_names_the_disagreements(city: City) -> None:
    for row in city.truth(DEMO_COMMITTEE):
        person = city.by_document(row["id_number"]) if row["id_number"] else None
        if person is not None:
            assert row["disagreements"] == [str(kind) for kind in city.disagreements(person.pid)]
            assert row["alive"] == (person.died is None)
