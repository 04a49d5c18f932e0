"""One lookup, several readers: a shared cache never shows one reader what another may see."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.flow.conftest import Demo
from tests.flow.reader import Reader, masked_number, shown, statuses
from tests.flow.town import Person, Town

NOT_FOR_SERVICE = {
    "address",
    "allowance",
    "benefit_amounts",
    "birth_date",
    "disability",
    "disability_subsidies",
    "ethnicity",
    "household_role",
    "id_number",
    "registered_address",
    "relief_benefits",
    "relief_programmes",
    "relief_status",
    "residence_status",
    "resident_type",
    "veteran_status",
}


def over_80(person: Person) -> bool:
    return bool(person["age"] >= 80)


def _is_service_view(record: dict[str, Any], text: str, person: Person) -> None:
    assert not NOT_FOR_SERVICE & record["fields"].keys()
    for system in ("relief", "benefits"):
        assert statuses(record)[system] == "denied"
        assert record["sources"][system].keys() <= {"status", "as_of", "cache", "detail"}
        assert record["sources"][system].get("as_of") is None
    assert shown(record)["name"] == person["name"]
    assert record["fields"]["phone"]["masked"] is True
    for hidden in (person["id_number"], masked_number(person["id_number"]), person["birth_date"]):
        assert hidden not in text
    assert not re.search(r"低保|特困|救助|残疾|优抚|军人", text)


def _is_cadre_view(record: dict[str, Any], person: Person) -> None:
    assert shown(record)["id_number"] == masked_number(person["id_number"])
    assert shown(record)["birth_date"] == person["birth_date"]
    assert statuses(record)["relief"] in {"ok", "not_found", "timeout"}


@pytest.mark.parametrize("first", ["cadre", "service"])
async def test_cadre_and_service_each_get_their_own_view_in_either_order(
    demo: Demo, town: Town, first: str
) -> None:
    person = town.fresh(where=over_80)
    order = ["cadre", "service"] if first == "cadre" else ["service", "cadre"]
    # Twice: the second round is answered from what the first one left behind.
    for username in order * 2:
        async with demo.as_(username) as reader:
            answer = await reader.lookup(person["id_number"])
        assert answer.status_code == 200, username
        if username == "service":
            _is_service_view(answer.json(), answer.text, person)
        else:
            _is_cadre_view(answer.json(), person)


async def test_a_case_of_relief_reads_denied_like_no_case_for_the_service_team(
    demo: Demo, cadre: Reader, town: Town
) -> None:
    with_case = town.fresh(where=lambda each: over_80(each) and each["relief_programme"] is not None)
    without = town.fresh(where=lambda each: over_80(each) and each["relief_programme"] is None)
    seen = []
    async with demo.as_("service") as service:
        for person in (with_case, without):
            await cadre.lookup(person["id_number"])
            answer = await service.lookup(person["id_number"])
            _is_service_view(answer.json(), answer.text, person)
            seen.append(
                (answer.json()["sources"]["relief"], answer.json()["withheld"], answer.json()["complete"])
            )

    assert seen[0] == seen[1]


async def test_the_service_team_sees_on_which_days_milk_comes(demo: Demo, town: Town) -> None:
    person = town.fresh(where=lambda each: each["age"] >= 90 and each["milk_service"])
    async with demo.as_("service") as service:
        record = (await service.lookup(person["id_number"])).json()

    assert statuses(record)["meals"] == "ok"
    assert shown(record)["milk_service"] is True
    assert record["fields"]["milk_days"]["source"] == "meals"
    assert shown(record)["milk_days"]


async def test_the_street_sees_that_somebody_has_a_card_and_no_sums(demo: Demo, town: Town) -> None:
    person = town.fresh(where=lambda each: each["disability"] and each["age"] >= 14)
    async with demo.as_("street") as street:
        record = (await street.lookup(person["id_number"])).json()

    assert shown(record)["disability"] == person["disability"]
    assert "benefit_amounts" not in record["fields"]


async def test_the_service_team_does_not_see_those_under_80_warm_or_cold(
    demo: Demo, cadre: Reader, town: Town
) -> None:
    warm, cold = (town.fresh(where=lambda each: 60 <= each["age"] < 79) for _ in range(2))
    token = (await cadre.lookup(warm["id_number"])).json()["resident"]
    async with demo.as_("service") as service:
        by_token = await service.resident(token)
        by_number = [
            await service.lookup(number) for number in (warm["id_number"], cold["id_number"], town.nobody())
        ]
        rows = (await service.search(warm["name"], limit=50)).json()["results"]

    assert by_token.status_code == 403
    assert by_token.json()["rule"]
    assert warm["name"] not in by_token.text
    assert {answer.status_code for answer in by_number} == {404}
    assert {answer.json()["code"] for answer in by_number} == {"not_found_in_scope"}
    assert warm["door"] not in {row["door"] for row in rows if row["name"] == warm["name"]}


async def test_a_search_shows_nothing_of_what_the_row_decision_withholds(demo: Demo, town: Town) -> None:
    async with demo.as_("service") as service:
        answer = await service.search("独居", limit=50)

    assert answer.status_code == 200
    assert answer.json()["results"]
    assert all(row["age"] >= 80 for row in answer.json()["results"])
    numbers = {person["id_number"] for person in town.people()}
    assert not numbers & set(re.findall(r"\d{17}[\dX]", answer.text))


async def test_search_is_no_oracle_for_numbers_that_are_masked(cadre: Reader, town: Town) -> None:
    person = town.fresh(where=lambda each: each["age"] >= 60)
    for tail in (person["id_number"][-4:], person["phone"][-4:]):
        answer = await cadre.search(tail, limit=50)  # daily_service opens neither
        assert answer.status_code in {200, 403}
        if answer.status_code == 200:
            rows = {(row["name"], row["door"]) for row in answer.json()["results"]}
            assert (person["name"], person["door"]) not in rows, tail


async def test_a_tail_finds_people_for_a_purpose_that_opens_the_number(cadre: Reader, town: Town) -> None:
    person = town.fresh(where=lambda each: each["age"] >= 60)

    answer = await cadre.search(person["phone"][-4:], purpose="visit", limit=50)

    assert answer.status_code == 200
    assert (person["name"], person["door"]) in {
        (row["name"], row["door"]) for row in answer.json()["results"]
    }
    assert person["phone"] not in answer.text


async def test_the_street_sees_more_people_and_less_of_each(demo: Demo, town: Town) -> None:
    person = town.fresh(where=lambda each: each["age"] >= 70)
    async with demo.as_("street") as street:
        record = (await street.lookup(person["id_number"])).json()

    assert shown(record)["name"] == person["name"]
    assert not {"birth_date", "ethnicity", "emergency_contact", "relief_benefits"} & record["fields"].keys()


async def test_the_resident_sees_the_own_household_and_no_other(demo: Demo, town: Town) -> None:
    async with demo.as_("resident") as resident:
        other = await resident.lookup(town.fresh()["id_number"])

    assert other.status_code == 404
    assert other.json()["code"] == "not_found_in_scope"
