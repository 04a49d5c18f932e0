"""Merging: nothing dropped, nothing invented, and no order of arrival in it."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk import Identity
from gateway.clock import SHANGHAI
from gateway.residents.merge import age_on, merge
from policies.model import ResourceFacts
from tests.unit.gateway.pipeline.cards import HERE, THERE, Card, card, citizen

ORDER = ("household", "elderly", "relief")
BASE = "household"
TODAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 12, tzinfo=SHANGHAI)

cards = st.builds(
    lambda number, local, **given: card(number, local_id=local, **given),
    st.integers(1, 4),
    st.text("0123456789", min_size=1, max_size=3),
    name=st.sampled_from([None, "", "陈桂芳", "陈桂芬", "陈?芳"]),
    phone=st.sampled_from([None, "", "13800006021", "15900007740"]),
    birth_date=st.sampled_from([None, date(1934, 5, 6), date(1934, 5, 7)]),
    residence_region=st.sampled_from(["", HERE, THERE]),
    registered_region=st.sampled_from(["", HERE, THERE]),
    tags=st.sampled_from([None, (), ("独居",), ("独居", "用餐")]),
    identity=st.integers(1, 4).map(citizen),
)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, tuple[list[Card], datetime]]:
    """Draw what some systems say; a system numbers each of its cards once."""
    said: dict[str, tuple[list[Card], datetime]] = {}
    for number, system in enumerate(ORDER):
        if draw(st.booleans()):
            held = draw(st.lists(cards, max_size=5, unique_by=lambda one: one.local_id))
            said[system] = (held, NOON - timedelta(minutes=number))
    return said


Said = Mapping[str, tuple[list[Card], datetime]]


def of(said: Said, identity: Identity) -> list[tuple[str, Card]]:
    return [(system, one) for system, (held, _) in said.items() for one in held if one.identity == identity]


@given(answers(), st.randoms())
def test_no_order_of_arrival_stands_in_the_result(
    said: dict[str, tuple[list[Card], datetime]], random: Random
) -> None:
    once = merge(said, ORDER, BASE, TODAY)
    shuffled = list(said.items())
    random.shuffle(shuffled)
    late: dict[str, tuple[list[Card], datetime]] = {}
    for system, (held, as_of) in shuffled:
        late[system] = (random.sample(held, len(held)), as_of)
    assert merge(late, ORDER, BASE, TODAY) == once


@given(answers())
def test_there_is_one_person_for_each_identity(said: Said) -> None:
    people = merge(said, ORDER, BASE, TODAY)
    identities = {one.identity for held, _ in said.values() for one in held}
    assert len(people) == len(identities)
    assert {person.identity for person in people} == identities


@given(answers())
def test_every_value_is_kept_once_with_its_source_and_nothing_is_made_up(said: Said) -> None:
    for person in merge(said, ORDER, BASE, TODAY):
        expected: dict[str, set[tuple[object, str, datetime]]] = {}
        for system, one in of(said, person.identity):
            for name in Card.kinds:
                value = getattr(one, name)
                if value not in (None, "", ()):
                    expected.setdefault(name, set()).add((value, system, said[system][1]))
            if one.birth_date:
                age = age_on(TODAY, one.birth_date)
                expected.setdefault("age", set()).add((age, system, said[system][1]))
        found = {
            name: [(value.value, value.source, value.as_of) for value in values]
            for name, values in person.fields.items()
        }
        assert {name: set(values) for name, values in found.items()} == expected
        for values in found.values():
            assert len(set(values)) == len(values)
            sources = [ORDER.index(source) for _, source, _ in values]
            assert sources == sorted(sources), "in the order of the configuration"


@given(answers())
def test_only_the_base_register_places_a_person(said: Said) -> None:
    for person in merge(said, ORDER, BASE, TODAY):
        own = sorted(
            (one for system, one in of(said, person.identity) if system == BASE), key=lambda one: one.local_id
        )
        if not own:
            assert (person.facts, person.household) == (ResourceFacts(), None)
            continue
        main = next((one for one in own if one.residence_region), own[0])
        assert person.facts == ResourceFacts(
            registered_region=main.registered_region,
            residence_region=main.residence_region,
            household=main.household,
            age=age_on(TODAY, main.birth_date) if main.birth_date else None,
        )
        assert person.household == main.household


@given(st.dates(date(1900, 1, 1), TODAY), st.dates(TODAY, date(2060, 1, 1)))
def test_an_age_is_the_number_of_birthdays_had(birth: date, today: date) -> None:
    def birthday(year: int) -> date:
        try:
            return birth.replace(year=year)
        except ValueError:
            return date(year, 3, 1)

    had = sum(birthday(year) <= today for year in range(birth.year + 1, today.year + 1))
    assert age_on(today, birth) == had
