import gc
import sys
import time
from collections.abc import Iterable
from datetime import date
from itertools import product
from random import Random

import pytest

from gateway.model import Person
from gateway.residents.directory import Directory
from gateway.residents.merge import merge
from gateway.residents.terms import MAX_TERMS, parse
from tests.unit.gateway.clock import StillClock
from tests.unit.gateway.pipeline.cards import Card, card, citizen

BASE = "household"
TODAY = date(2026, 11, 21)
CHILD = date(2015, 1, 1)


def people(household: Iterable[Card], elderly: Iterable[Card] = ()) -> tuple[Person, ...]:
    now = StillClock().now()
    said = {BASE: (list(household), now), "elderly": (list(elderly), now)}
    return merge(said, (BASE, "elderly"), BASE, TODAY)


def doors(directory: Directory, query: str) -> list[object]:
    return [person.fields["door"][0].value for person, _ in directory.find(parse(query))]


def names(directory: Directory, query: str) -> list[object]:
    return [person.fields["name"][0].value for person, _ in directory.find(parse(query))]


@pytest.fixture(scope="module")
def street() -> Directory:
    """A few doors and everybody behind them."""
    household = [
        card(1, name="陈桂芳", door="3-502", phone="13800001202", birth_date=date(1934, 5, 6)),
        card(2, name="王小明", door="3-501", birth_date=CHILD, identity=citizen(2, CHILD)),
        card(3, name="阿卜杜热合曼·买买提江", door="12-502"),
        card(4, name="单田芳", door="3-1202"),
        card(5, name="John Smith", door="3-5021", birth_date=CHILD, identity=citizen(5, CHILD)),
        card(6, name="陈?芳", door="13-502"),
        card(7, name="无门牌", door=None),
        card(8, name="尉迟敬德", door="13-2"),
    ]
    elderly = [card(1, name="陈桂芬", phone="15900007740", tags=("独居", "用餐")), card(4, tags=("独居",))]
    return Directory(people(household, elderly))


# ---- each kind of term


@pytest.mark.parametrize("query", ["陈桂芳", "桂芳", "陈 芳", "chenguifang", "cgf", "chengui", "CGF", "cg"])
def test_a_name_is_found_by_a_part_and_by_pinyin(street: Directory, query: str) -> None:
    assert "陈桂芳" in names(street, query)


@pytest.mark.parametrize("query", ["芳桂", "guifang", "gf", "陈桂芳芳"])
def test_a_name_is_not_found_by_what_it_is_not(street: Directory, query: str) -> None:
    assert "陈桂芳" not in names(street, query)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("陈桂芬", "陈桂芳"),
        ("shan", "单田芳"),
        ("dan", "单田芳"),
        ("买买提江", "阿卜杜热合曼·买买提江"),
        ("热合曼买买提", "阿卜杜热合曼·买买提江"),
        ("abudure", "阿卜杜热合曼·买买提江"),
        ("john", "John Smith"),
        ("SMITH", "John Smith"),
        ("Smith John", "John Smith"),
        ("yuchi", "尉迟敬德"),
        ("chenfang", "陈?芳"),
    ],
)
def test_names_of_all_sorts_are_found(street: Directory, query: str, name: str) -> None:
    assert name in names(street, query)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("3-502", ["3-502", "3-5021"]),
        ("3-50", ["3-501", "3-502", "3-5021"]),
        ("3号502室", ["3-502", "3-5021"]),
        ("3-5", ["3-501", "3-502", "3-5021"]),
        ("502", ["3-502", "12-502", "13-502"]),
        ("502室", ["3-502", "12-502", "13-502"]),
        ("1202室", ["3-1202"]),
        ("13-502", ["13-502"]),
        ("9-999", []),
    ],
)
def test_a_door_is_found_by_its_beginning_and_a_room_whole(
    street: Directory, query: str, found: list[str]
) -> None:
    assert doors(street, query) == found


def test_four_digits_may_be_a_room_or_a_tail(street: Directory) -> None:
    found = {str(person.fields["name"][0].value): matched for person, matched in street.find(parse("1202"))}
    assert found == {
        "陈桂芳": (frozenset({("phone", BASE)}),),
        "单田芳": (frozenset({("door", BASE)}),),
    }


@pytest.mark.parametrize("length", [4, 6, 8, 18])
def test_the_tail_of_a_number_is_found(street: Directory, length: int) -> None:
    found = list(street.find(parse(citizen(1).number[-length:].lower())))
    assert [person.fields["name"][0].value for person, _ in found] == ["陈桂芳"]
    assert found[0][1] == (frozenset({("id_number", BASE), ("id_number", "elderly")}),)


def test_a_tail_of_three_is_too_short_and_the_middle_is_no_tail(street: Directory) -> None:
    assert names(street, "740") == []
    assert names(street, "13800") == []
    assert names(street, "7740") == ["陈桂芳"]


def test_ages_and_tags(street: Directory) -> None:
    assert names(street, "90+ 独居") == ["陈桂芳", "单田芳"]
    assert names(street, "独居") == ["陈桂芳", "单田芳"]
    assert names(street, "92+") != []
    assert names(street, "93+") == []
    assert "王小明" in names(street, "11岁")
    assert names(street, "独") == [], "a tag is a whole word"


# ---- together


def test_all_terms_must_match(street: Directory) -> None:
    assert names(street, "陈 3-502") == ["陈桂芳"]
    assert names(street, "陈 3-501") == []
    assert names(street, "cgf 90+ 独居 7740") == ["陈桂芳"]


@pytest.mark.parametrize("query", ["", " ", "12", "·", "?"])
def test_a_search_that_says_nothing_finds_nobody(street: Directory, query: str) -> None:
    assert [name for name in names(street, query) if name != "陈?芳"] == []


def test_each_match_says_which_systems_value_it_was(street: Directory) -> None:
    ((_, matched),) = street.find(parse("陈桂芬 独居 90+"))
    assert matched == (
        frozenset({("name", "elderly")}),
        frozenset({("tags", "elderly")}),
        frozenset({("age", BASE), ("age", "elderly")}),
    )


def test_an_age_matches_by_the_systems_that_say_so() -> None:
    """The register has the birth of 1946, the elderly's system that of 1934: 80 and 92 years."""
    older = [card(1, identity=citizen(1), birth_date=date(1934, 5, 6))]
    differ = Directory(people([card(1, identity=citizen(1), birth_date=date(1946, 5, 6))], older))
    matched = {text: [on for _, (on,) in differ.find(parse(text))] for text in ("80+", "81+", "92+", "93+")}
    assert matched == {
        "80+": [frozenset({("age", BASE), ("age", "elderly")})],
        "81+": [frozenset({("age", "elderly")})],
        "92+": [frozenset({("age", "elderly")})],
        "93+": [],
    }


@pytest.mark.parametrize("query", ["陈", "陈 3-502", "90+ 独居", "1202", "cg", "nobody"])
def test_what_is_asked_again_finds_the_same(street: Directory, query: str) -> None:
    first, again = (list(street.find(parse(query))) for _ in range(2))
    assert first == again


def test_people_stand_in_the_order_of_buildings_and_rooms(street: Directory) -> None:
    everybody = [person.fields.get("door") for person, _ in street.find(parse("0+"))]
    shown = [door[0].value if door else None for door in everybody]
    assert shown == ["3-501", "3-502", "3-1202", "3-5021", "12-502", "13-2", "13-502", None]
    assert len(street) == len(shown)


def test_it_agrees_with_looking_through_everybody() -> None:
    """Indexes against a plain walk, over names and doors made of few parts so that much overlaps."""
    random = Random(1)
    household = [
        card(
            number,
            name="".join(random.choices("陈单桂芳明", k=random.randint(2, 3))),
            door=f"{random.randint(1, 3)}-{random.randint(1, 12)}0{random.randint(1, 2)}",
            phone=f"138{random.randint(0, 99_999_999):08}",
        )
        for number in range(1, 300)
    ]
    directory = Directory(people(household))
    by_number = {one.identity: one for one in household}
    for a, b in product("陈单桂芳明", repeat=2):
        found = {by_number[person.identity].local_id for person, _ in directory.find(parse(a + b))}
        assert found == {one.local_id for one in household if a + b in str(one.name)}
    for door in ("1-1", "2-10", "3-12", "1-101"):
        found = {by_number[person.identity].local_id for person, _ in directory.find(parse(door))}
        assert found == {one.local_id for one in household if str(one.door).startswith(door)}
    for one in household[:20]:
        tail = str(one.phone)[-4:]
        found = {by_number[person.identity].local_id for person, _ in directory.find(parse(tail))}
        assert found == {
            other.local_id
            for other in household
            if str(other.phone).endswith(tail)
            or str(other.id_number).endswith(tail)
            or str(other.door).endswith(f"-{tail}")
        }


def test_a_committee_of_three_thousand_is_built_and_searched_in_time() -> None:
    """Times are reported (``pytest -rP``); the bounds only catch another order of growth."""
    random = Random(1)
    household = [
        card(
            1 + number % 900,
            identity=citizen(1 + number % 900, born := date(1930 + number // 900 * 20, 1 + number % 12, 1)),
            birth_date=born,
            name=random.choice("陈王李单曾张赵") + "".join(random.choices("桂芳小明国强丽华行乐", k=2)),
            door=f"{number // 100}-{number % 20 + 1}0{number % 4 + 1}",
            phone=f"138{random.randint(0, 99_999_999):08}",
            tags=("独居",) if number % 10 == 0 else None,
        )
        for number in range(3000)
    ]
    merged = people(household)
    gc.collect()
    started = time.perf_counter()
    directory = Directory(merged)
    built = time.perf_counter() - started
    sys.stdout.write(f"build {built * 1000:.1f} ms\n")
    assert len(directory) == len(merged) > 2900
    assert built < 3, "about 0.1 s on a slow core; a search waits for it at most once a day"
    for query in ("陈", "cg", "90+ 独居", "3-5", "6021", "c" * MAX_TERMS):
        started = time.perf_counter()
        found = len(list(directory.find(parse(query))))
        taken = time.perf_counter() - started
        sys.stdout.write(f"find {query}: {found} in {taken * 1000:.2f} ms\n")
        assert taken < 0.5
