"""A household: every member as this reader may see them, and nobody else."""

from __future__ import annotations

import re
from collections import Counter

from tests.flow.conftest import Demo
from tests.flow.reader import Reader, masked_number, shown
from tests.flow.town import HERE, THERE, Person, Town


def _families(town: Town) -> Counter[str]:
    return Counter(person["household"] for person in town.people() if person["alive"])


def _plain_family(town: Town, *, with_child: bool = False) -> tuple[Person, list[Person]]:
    """Return a grown-up with all of the same household, about all of whom the systems agree."""
    size = _families(town)

    def suits(person: Person) -> bool:
        family = [each for each in town.people() if each["household"] == person["household"]]
        return (
            person["age"] >= 18
            and size[person["household"]] >= 3
            and all(each["alive"] and not each["disagreements"] for each in family)
            and all(each["registered_committee"] == each["residence_committee"] == HERE for each in family)
            and any(each["age"] < 14 for each in family) is with_child
        )

    person = town.fresh(where=suits)
    return person, [each for each in town.people() if each["household"] == person["household"]]


async def test_a_household_shows_its_members_each_masked(cadre: Reader, town: Town) -> None:
    person, family = _plain_family(town)
    record = (await cadre.lookup(person["id_number"])).json()

    answer = await cadre.household(record["household"])

    household = answer.json()
    assert answer.status_code == 200
    assert household["household"] == record["household"]
    assert household["door"] == person["door"]
    assert {shown(member)["name"] for member in household["members"]} >= {each["name"] for each in family}
    assert record["resident"] in {member["resident"] for member in household["members"]}
    assert not re.search(r"\d{17}[\dX]", answer.text)
    for each in family:
        assert each["id_number"] not in answer.text
        assert each["phone"] not in answer.text
    numbers = {
        shown(member)["id_number"] for member in household["members"] if "id_number" in member["fields"]
    }
    assert masked_number(person["id_number"]) in numbers


async def test_a_child_is_shown_only_for_a_purpose_that_names_children(
    demo: Demo, cadre: Reader, town: Town
) -> None:
    person, family = _plain_family(town, with_child=True)
    children = {each["name"] for each in family if each["age"] < 14}
    token = (await cadre.lookup(person["id_number"])).json()["household"]
    async with demo.as_("street") as street:
        daily = await street.household(token)
        visit = await street.household(token, purpose="visit")

    assert daily.status_code == 200
    assert not any(child in daily.text for child in children)
    assert {shown(member).get("name") for member in visit.json()["members"]} >= children


async def test_the_service_team_sees_only_the_members_it_may_see(
    demo: Demo, cadre: Reader, town: Town
) -> None:
    def lives_with_younger(person: Person) -> bool:
        family = [
            each for each in town.people() if each["household"] == person["household"] and each["alive"]
        ]
        return person["age"] >= 81 and any(each["age"] < 79 for each in family)

    person = town.fresh(where=lives_with_younger)
    younger = [
        each["name"]
        for each in town.people()
        if each["household"] == person["household"] and each["age"] < 79
    ]
    token = (await cadre.lookup(person["id_number"])).json()["household"]
    async with demo.as_("service") as service:
        answer = await service.household(token)

    assert answer.status_code == 200
    assert person["name"] in answer.text
    assert not any(name in answer.text for name in younger)


async def test_a_household_elsewhere_is_refused_with_the_rule(demo: Demo, cadre: Reader) -> None:
    person = demo.town.fresh(THERE)
    async with demo.as_("cadre2") as colleague:
        token = (await colleague.lookup(person["id_number"])).json()["household"]

    answer = await cadre.household(token)

    assert answer.status_code == 403
    assert answer.json()["rule"]
    assert person["name"] not in answer.text


async def test_looking_at_a_household_is_written_down_for_each_member(
    cadre: Reader, auditor: Reader, town: Town
) -> None:
    person, _ = _plain_family(town)
    record = (await cadre.lookup(person["id_number"])).json()
    answer = await cadre.household(record["household"])

    for member in answer.json()["members"]:
        events = await auditor.events(resident=member["resident"])
        assert answer.headers["X-Request-Id"] in {event["request_id"] for event in events}


async def test_a_resident_token_is_no_household_token(cadre: Reader, town: Town) -> None:
    record = (await cadre.lookup(town.fresh()["id_number"])).json()

    assert (await cadre.household(record["resident"])).status_code == 404
    assert (await cadre.resident(record["household"])).status_code == 404
