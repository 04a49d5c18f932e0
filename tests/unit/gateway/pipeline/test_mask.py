"""mask: both decisions count, values are compared, and a search is no oracle."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.sdk import FindHousehold, FindPerson
from gateway.errors import Denied
from gateway.model import Outcome, Person, SearchPeople
from policies.documents import Forbid, Purpose, Quota, Reveal, Role, Where
from policies.model import Action, Reason, RoleInScope, Subject
from tests.unit.gateway.pipeline.cards import HERE, THERE, card, citizen
from tests.unit.gateway.pipeline.hamlet import (
    BASE,
    CADRE,
    LOOKS,
    MASK,
    ROLES,
    SHOW,
    WITHHOLD,
    Hamlet,
    grant,
    hamlet,
    reader,
)

CHEN, YOUNG = citizen(1), citizen(7, date(1990, 1, 1))
PHONE, OTHER_PHONE = "13800006021", "15900007740"
ANYWHERE = Where(region="any")


def values(person: Person, name: str) -> dict[str, object]:
    return {value.source: value.value for value in person.fields.get(name, ())}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Hamlet]:
    """Chen, whose phone differs in two systems, with a younger relative."""
    opener = Role(
        role="opener",
        title="只开养老",
        grants=(grant("elderly", actions=LOOKS, phone=MASK),),
        reveal=(Reveal(fields=("phone",), purposes=("visit",), for_seconds=30),),
    )
    shower = Role(role="shower", title="只看养老", grants=(grant("elderly", phone=SHOW),))
    veiled = Role(
        role="veiled",
        title="看不见姓名",
        grants=(
            grant(BASE, name=MASK, age=WITHHOLD, phone=MASK, id_number=WITHHOLD, door=SHOW, tags=WITHHOLD),
            grant("elderly", phone=WITHHOLD),
        ),
        reveal=(Reveal(fields=("phone",), purposes=("visit",), for_seconds=60),),
    )
    barred = CADRE.model_copy(
        update={
            "role": "barred",
            "forbid": (Forbid(actions=LOOKS, fields=("phone", "tags")),),
            "quota": Quota(),
        }
    )
    half = Role(role="half", title="一半", grants=(grant(BASE, name=SHOW), grant("elderly", phone=SHOW)))
    shy = CADRE.model_copy(
        update={"role": "shy", "grants": (grant(BASE, name=MASK, door=SHOW), *CADRE.grants[1:])}
    )
    roles = {**ROLES, **{role.role: role for role in (opener, shower, veiled, barred, half, shy)}}
    household = [
        card(1, name="陈桂芳", phone=PHONE, door="3-502", tags=("独居",)),
        card(
            7, identity=YOUNG, name="陈小明", household="H1", birth_date=date(1990, 1, 1), phone=OTHER_PHONE
        ),
    ]
    elderly = [card(1, name="陈桂芳", phone=OTHER_PHONE, care_level="二级", tags=("用餐",))]
    async with hamlet(tmp_path, household, elderly, [card(1, phone="13100001111")], roles=roles) as running:
        yield running


async def one(town: Hamlet, **given: object) -> Person:
    outcome = await town.ask(FindPerson(CHEN), **given)
    (person,) = outcome.people
    return person


# ---- what leaves


async def test_each_field_leaves_in_the_shape_its_effect_asks(town: Hamlet) -> None:
    person = await one(town)
    assert values(person, "name") == {"household": "陈桂芳", "elderly": "陈桂芳", "relief": "陈1"}
    assert values(person, "phone") == {"household": "138****6021", "elderly": "159****7740"}
    assert [value.masked for value in person.fields["phone"]] == [True, True]
    assert [value.masked for value in person.fields["name"]] == [False, False, False]
    assert values(person, "id_number") == {"household": "3****************" + CHEN.number[-1]}
    assert set(person.fields) == {
        "name",
        "phone",
        "id_number",
        "birth_date",
        "age",
        "door",
        "care_level",
        "tags",
    }


async def test_what_is_seen_stands_before_what_is_masked(tmp_path: Path) -> None:
    mixed = Role(
        role="mixed",
        title="有遮有显",
        grants=(grant(BASE, phone=MASK, tags=MASK), grant("elderly", phone=SHOW, tags=SHOW)),
    )
    people = [card(1, phone=PHONE, tags=("独居",))], [card(1, phone=PHONE, tags=("用餐",))]
    async with hamlet(tmp_path, *people, roles={"mixed": mixed}) as town:
        person = await one(town, subject=reader("mixed"))
    assert [(value.source, value.value) for value in person.fields["phone"]] == [
        ("elderly", PHONE),
        ("household", "138****6021"),
    ]
    assert [value.value for value in person.fields["tags"]] == [("用餐",), "***"]


async def test_each_row_is_decided_again(town: Hamlet) -> None:
    outcome = await town.ask(FindHousehold("H1"), subject=reader("service"))
    assert [values(person, "name")["household"] for person in outcome.people] == ["陈桂芳"], "80 and older"
    outcome = await town.ask(FindHousehold("H1"))
    assert [values(person, "name")["household"] for person in outcome.people] == ["陈桂芳", "陈小明"]


async def test_of_two_decisions_the_narrower_counts(town: Hamlet) -> None:
    """A person whom the register lists in one place and another system in a second one."""
    mover = Subject("lu", (RoleInScope("cadre", (HERE,)), RoleInScope("veiled", (THERE,))), household=None)
    town.household.cards.append(
        card(8, household="H1", name="陈搬走", residence_region=THERE, registered_region=THERE, phone=PHONE)
    )
    outcome = await town.ask(FindHousehold("H1"), subject=mover)
    moved = next(person for person in outcome.people if person.identity == citizen(8))
    # The place allows the name, the row only its mask; the row shows the door, the place too.
    assert values(moved, "name") == {"household": "陈**"}
    assert "age" not in moved.fields


async def test_the_narrower_counts_the_other_way_round(town: Hamlet) -> None:
    """The place gives the mask of a name, the row would show it."""
    mover = Subject("lu", (RoleInScope("veiled", (HERE,)), RoleInScope("cadre", (THERE,))))
    town.household.cards.append(
        card(8, household="H1", name="陈搬走", residence_region=THERE, registered_region=THERE, phone=PHONE)
    )
    outcome = await town.ask(FindHousehold("H1"), subject=mover)
    moved = next(person for person in outcome.people if person.identity == citizen(8))
    assert values(moved, "name") == {"household": "陈**"}
    assert "age" not in moved.fields


async def test_what_one_reader_was_shown_reaches_no_other(town: Hamlet) -> None:
    """Views are kept: the same people, from the same cached answers, looked at by readers in turn."""
    narrow = Subject("n", (RoleInScope("shy", (HERE,)), RoleInScope("cadre", (THERE,))))
    wide = Subject("w", (RoleInScope("cadre", (HERE, THERE)),))
    town.household.cards.append(
        card(8, household="H1", name="陈搬走", residence_region=THERE, registered_region=THERE, phone=PHONE)
    )
    looks = ((wide, "陈搬走"), (narrow, "陈**"), (wide, "陈搬走"), (narrow, "陈**"))
    for number, (subject, name) in enumerate(looks):
        # The row's decision is the same for both, the household's is not; another account has its own quota.
        reading = replace(subject, account=f"reader{number}")
        people = (await town.ask(FindHousehold("H1"), subject=reading)).people
        moved = next(person for person in people if person.identity == citizen(8))
        assert values(moved, "name") == {"household": name}
    for role, fields in (("cadre", 8), ("service", 4), ("veiled", 3), ("cadre", 8), ("service", 4)):
        assert len((await one(town, subject=reader(role, account=role))).fields) == fields


async def test_a_child_is_shown_only_for_purposes_that_name_children(tmp_path: Path) -> None:
    child = citizen(9, date(2020, 1, 1))
    household = [card(1), card(9, identity=child, birth_date=date(2020, 1, 1), household="H1")]
    grown_only = Role(
        role="grown", title="成人", grants=(grant(BASE, Where(region="own", children=("visit",)), name=SHOW),)
    )
    async with hamlet(tmp_path, household, roles={"grown": grown_only}) as town:
        found = await town.ask(FindHousehold("H1"), subject=reader("grown"))
        assert [person.identity for person in found.people] == [CHEN]
        found = await town.ask(FindHousehold("H1"), subject=reader("grown"), purpose="visit")
        assert len(found.people) == 2


# ---- withheld and conflicts


async def test_what_is_withheld_does_not_depend_on_what_there_is(town: Hamlet) -> None:
    full = await one(town, subject=reader("veiled"))
    town.household.cards[0] = card(1, name=None, phone=None, id_number=None)
    town.elderly.cards.clear()
    town.clock.move(days=3)
    empty = await one(town, subject=reader("veiled"))
    assert full.withheld == empty.withheld
    assert full.withheld["age"] == "veiled:household:1"
    assert full.withheld["relief_benefits"] == "default-deny"
    assert "phone" not in full.withheld, "another system lets it out"
    assert empty.fields == {}


async def test_a_forbid_is_named_and_wins_over_every_grant(town: Hamlet) -> None:
    both = Subject("lu", (RoleInScope("cadre", (HERE,)), RoleInScope("barred", (HERE,))))
    person = await one(town, subject=both)
    assert {"phone", "tags"}.isdisjoint(person.fields)
    assert person.withheld["phone"] == person.withheld["tags"] == "barred:forbid:1"


async def test_values_that_differ_are_a_conflict(town: Hamlet) -> None:
    person = await one(town)
    assert person.conflicts == {"phone", "name"}
    assert "tags" not in person.conflicts, "words add up"


async def test_a_conflict_is_taken_over_what_is_seen_alone(town: Hamlet) -> None:
    assert (await one(town, subject=reader("shower"))).conflicts == frozenset()
    half = await one(town, subject=reader("half"))
    assert values(half, "phone") == {"elderly": OTHER_PHONE}, "the register's is withheld, and differs"
    assert half.conflicts == frozenset()
    assert "phone" not in (await one(town, subject=reader("service"))).conflicts


@pytest.mark.parametrize("spelling", ["陈桂芳 ", "陈 桂芳", "陈桂芳\u3000"])
async def test_blanks_are_no_conflict(town: Hamlet, spelling: str) -> None:
    town.elderly.cards[0] = card(1, name=spelling, phone=PHONE)
    town.relief.cards.clear()
    assert (await one(town)).conflicts == frozenset()


async def test_one_system_that_holds_a_person_twice_may_disagree_with_itself(town: Hamlet) -> None:
    town.household.cards.append(card(1, name="陈桂芬"))
    person = await one(town, subject=reader("service"))
    assert [value.value for value in person.fields["name"]][:2] == ["陈桂芳", "陈桂芬"]
    assert "name" in person.conflicts


# ---- reveal


async def reveal(town: Hamlet, *fields: str, **given: object) -> Person:
    return await one(town, action=Action.REVEAL, reveal=fields, purpose="visit", **given)


async def test_a_reveal_opens_what_was_asked_and_no_more(town: Hamlet) -> None:
    person = await reveal(town, "phone")
    assert set(person.fields) == {"phone"}
    assert values(person, "phone") == {"household": PHONE, "elderly": OTHER_PHONE}
    assert person.opened_s == {"phone": 60}, "the shorter of role and purpose"


async def test_a_reveal_that_cannot_open_all_opens_nothing(town: Hamlet) -> None:
    with pytest.raises(Denied) as refused:
        await reveal(town, "phone", "door")
    assert refused.value.reason is Reason.PURPOSE_CLOSED


async def test_a_reveal_opens_each_system_by_itself(town: Hamlet) -> None:
    opens = RoleInScope("opener", (HERE,))
    person = await reveal(town, "phone", subject=Subject("lu", (opens,)))
    assert values(person, "phone") == {"elderly": OTHER_PHONE}
    assert person.opened_s == {"phone": 30}
    veils = RoleInScope("veiled", (HERE,))
    both = await reveal(town, "phone", subject=Subject("lu", (opens, veils)))
    assert values(both, "phone") == {"household": PHONE, "elderly": OTHER_PHONE}
    assert both.opened_s == {"phone": 30}, "the shorter time"


async def test_a_reveal_answers_nothing_that_stays_masked(tmp_path: Path) -> None:
    masks = Role(role="masks", title="遮盖", grants=(grant(BASE, phone=MASK),))
    opens = Role(
        role="opens",
        title="打开",
        grants=(grant("elderly", phone=MASK),),
        reveal=(Reveal(fields=("phone",), purposes=("visit",), for_seconds=30),),
    )
    roles = {"masks": masks, "opens": opens}
    subject = Subject("lu", tuple(RoleInScope(role, (HERE,)) for role in roles))
    async with hamlet(tmp_path, [card(1, phone=PHONE)], [card(1, phone=OTHER_PHONE)], roles=roles) as town:
        assert values(await one(town, subject=subject), "phone") == {
            "household": "138****6021",
            "elderly": "159****7740",
        }
        assert values(await reveal(town, "phone", subject=subject), "phone") == {"elderly": OTHER_PHONE}


async def test_what_may_be_opened_is_said_with_the_record(town: Hamlet) -> None:
    assert (await one(town)).revealable == {"id_number", "phone"}
    assert (await one(town, subject=reader("service"))).revealable == frozenset()


# ---- search


async def search(town: Hamlet, text: str, limit: int = 20, **given: object) -> Outcome:
    return await town.ask(SearchPeople(text, limit), **given)


async def found(town: Hamlet, text: str, limit: int = 20, **given: object) -> int:
    return len((await search(town, text, limit, **given)).people)


async def test_a_row_holds_what_a_row_needs(town: Hamlet) -> None:
    (row,) = (await search(town, "桂芳")).people
    assert set(row.fields) == {"name", "age", "door", "tags"}


async def test_a_match_on_a_hidden_field_finds_nobody(town: Hamlet) -> None:
    veiled = reader("veiled")
    assert await found(town, "桂芳") == 1
    assert await found(town, "桂芳", subject=veiled) == 0
    assert await found(town, "cgf", subject=veiled) == 0
    assert await found(town, "90+", subject=veiled) == 0
    assert await found(town, "独居", subject=veiled) == 0
    assert await found(town, "3-502", subject=veiled) == 1, "the door is shown"
    assert await found(town, "3-502 独居", subject=veiled) == 0, "every term must be seen"


async def test_a_match_counts_for_the_system_that_shows_it(town: Hamlet) -> None:
    town.household.cards[0] = card(1, name="陈桂芳", tags=("独居",))
    assert await found(town, "用餐") == 1, "elderly care's own tag"
    assert await found(town, "用餐", subject=reader("service")) == 0, "this role sees no tags there"


async def test_the_tail_of_a_masked_number_needs_a_purpose_that_opens_it(town: Hamlet) -> None:
    assert await found(town, "6021") == 0
    assert await found(town, "6021", purpose="visit") == 1
    assert await found(town, CHEN.number[-4:], purpose="visit") == 1
    assert await found(town, CHEN.number[-4:], purpose="visit", subject=reader("veiled")) == 0, "withheld"
    assert await found(town, "7740", purpose="visit", subject=reader("veiled")) == 1, (
        "of the register's alone"
    )
    assert (await search(town, "6021")).hints == ("tail_needs_purpose",)


async def test_of_what_is_masked_only_a_tail_may_find(tmp_path: Path) -> None:
    """A name could be guessed letter by letter, though the purpose would open it whole."""
    role = Role(
        role="names",
        title="姓名",
        grants=(grant(BASE, name=MASK, door=MASK, age=SHOW),),
        reveal=(Reveal(fields=("name", "door"), purposes=("visit",), for_seconds=60),),
    )
    opens = {"visit": Purpose(title="走访", title_en="Visit", opens={"name": 60, "door": 60})}
    people = [card(1, name="陈桂芳", door="3-502")]
    async with hamlet(tmp_path, people, roles={"names": role}, purposes=opens) as town:
        names = reader("names")
        assert await found(town, "90+", subject=names, purpose="visit") == 1
        for text in ("桂芳", "cgf", "3-502", "502"):
            assert await found(town, text, subject=names, purpose="visit") == 0


async def test_a_confirmed_tail_is_recorded_as_opened(town: Hamlet) -> None:
    await search(town, "6021", purpose="visit")
    assert (await town.events())[-1].fields.revealed == ("phone",)


async def test_a_tail_finds_nobody_once_the_reveals_are_used_up(town: Hamlet) -> None:
    for _ in range(2):
        await reveal(town, "phone")
    assert await found(town, "6021", purpose="visit") == 0


async def test_the_limit_counts_rows_that_are_let_out(town: Hamlet) -> None:
    town.household.cards += [
        card(
            number,
            name="陈邻居",
            birth_date=date(1990, 1, 1),
            identity=citizen(number, date(1990, 1, 1)),
            door=f"1-{number}",
        )
        for number in range(20, 40)
    ]
    assert await found(town, "陈", limit=5) == 5
    assert await found(town, "陈", limit=5, subject=reader("service")) == 1, "the young ones do not count"


async def test_a_record_without_effect_is_dropped(tmp_path: Path) -> None:
    """Not every system has every field: what policy has not heard of stays."""
    mute = Role(role="mute", title="无", grants=(grant(BASE, ANYWHERE),))
    async with hamlet(tmp_path, [card(1, phone=PHONE)], roles={"mute": mute}) as town:
        assert (await one(town, subject=reader("mute"))).fields == {}
