"""Line systems disagree: both values are shown with their sources, and one person stays one person."""

from __future__ import annotations

from typing import Any

import pytest

from tests.flow.reader import Reader, shown, statuses
from tests.flow.town import Person, Town


async def _whole_record(cadre: Reader, person: Person) -> dict[str, Any]:
    """Look up until the slow system has answered as well."""
    for _ in range(6):
        record: dict[str, Any] = (await cadre.lookup(person["id_number"])).json()
        if "timeout" not in statuses(record).values():
            break
    return record


async def test_another_phone_is_a_conflict_with_both_sources(cadre: Reader, town: Town) -> None:
    person = town.fresh(disagreement="phone_differs")

    phone = (await _whole_record(cadre, person))["fields"]["phone"]

    assert phone["conflict"] is True
    assert phone["source"] == "household"
    assert [other["source"] for other in phone["others"]] == ["elderly"]
    assert phone["others"][0]["value"] != phone["value"]
    assert phone["others"][0]["as_of"]
    for value in (phone["value"], phone["others"][0]["value"]):
        assert "****" in value


async def test_both_phones_are_opened_for_a_purpose(cadre: Reader, town: Town) -> None:
    person = town.fresh(disagreement="phone_differs")
    token = (await _whole_record(cadre, person))["resident"]

    phone = (await cadre.reveal(token, "phone", purpose="visit")).json()["fields"]["phone"]

    assert phone["value"] == person["phone"]
    assert phone["others"][0]["value"].isdecimal()
    assert phone["others"][0]["value"] != person["phone"]


@pytest.mark.parametrize(
    ("disagreement", "field", "other_source"),
    [
        ("birth_differs", "birth_date", "elderly"),
        ("moved_not_updated", "address", "elderly"),
        ("name_mangled", "name", "relief"),
        ("card_name_mistyped", "name", "benefits"),
    ],
)
async def test_a_disagreement_is_shown_and_the_register_leads(
    cadre: Reader, town: Town, disagreement: str, field: str, other_source: str
) -> None:
    person = town.fresh(disagreement=disagreement)

    disputed = (await _whole_record(cadre, person))["fields"][field]

    assert disputed["conflict"] is True
    assert disputed["source"] == "household"
    assert other_source in {
        other["source"] for other in disputed["others"] if other["value"] != disputed["value"]
    }
    if field in {"birth_date", "name"}:
        assert disputed["value"] == person[field]


async def test_the_old_form_of_a_number_is_the_same_person(cadre: Reader, town: Town) -> None:
    person = town.fresh(disagreement="old_id")

    record = await _whole_record(cadre, person)
    rows = (await cadre.search(person["name"], limit=50)).json()["results"]

    assert statuses(record)["elderly"] == "ok"
    assert shown(record)["care_level"] == person["care_level"]
    assert "conflict" not in record["fields"]["id_number"]
    assert [row["resident"] for row in rows if row["door"] == person["door"]] == [record["resident"]]


async def test_the_old_form_on_a_disability_card_is_the_same_person(cadre: Reader, town: Town) -> None:
    person = town.fresh(disagreement="card_old_id")

    record = await _whole_record(cadre, person)

    assert statuses(record)["benefits"] == "ok"
    assert shown(record)["disability"] == person["disability"]
    assert "conflict" not in record["fields"]["id_number"]


@pytest.mark.parametrize(
    ("disagreement", "field"), [("meals_differ", "meal_service"), ("milk_differs", "milk_service")]
)
async def test_what_is_brought_and_what_was_granted_may_differ(
    cadre: Reader, town: Town, disagreement: str, field: str
) -> None:
    person = town.fresh(disagreement=disagreement)

    disputed = (await _whole_record(cadre, person))["fields"][field]

    assert disputed["conflict"] is True
    assert (disputed["source"], disputed["value"]) == ("elderly", bool(person[field]))
    assert [(other["source"], other["value"]) for other in disputed["others"]] == [
        ("meals", not person[field])
    ]


async def test_the_old_form_may_be_typed(cadre: Reader, town: Town) -> None:
    person = town.fresh(where=lambda each: each["birth_date"] < "1980")
    old = person["id_number"][:6] + person["id_number"][8:17]

    records = [await cadre.lookup(number) for number in (old, person["id_number"])]

    assert [answer.status_code for answer in records] == [200, 200]
    assert len({answer.json()["resident"] for answer in records}) == 1


async def test_a_duplicate_is_shown_once(cadre: Reader, town: Town) -> None:
    person = town.fresh(disagreement="duplicate")

    record = await _whole_record(cadre, person)
    rows = (await cadre.search(person["name"], limit=50)).json()["results"]
    household = (await cadre.household(record["household"])).json()

    assert [row["resident"] for row in rows if row["door"] == person["door"]] == [record["resident"]]
    assert [member["resident"] for member in household["members"]].count(record["resident"]) == 1


async def test_the_dead_are_marked_although_a_system_still_lists_them(cadre: Reader, town: Town) -> None:
    person = next(each for each in town.people() if each["disagreements"] == ["dead_still_listed"])

    record = await _whole_record(cadre, person)

    assert "已故" in record["fields"]["tags"]["value"]


async def test_an_old_programme_is_called_by_its_present_name(cadre: Reader, town: Town) -> None:
    person = next(
        each for each in town.people() if "relief_old_name" in each["disagreements"] and each["alive"]
    )

    record = await _whole_record(cadre, person)

    assert shown(record)["relief_programmes"] == [person["relief_programme"]]


async def test_somebody_without_a_citizen_id_has_a_record(cadre: Reader, town: Town) -> None:
    person = next(
        each
        for each in town.people()
        if each["id_type"] == "passport" and each["alive"] and each["age"] >= 14 and not each["disagreements"]
    )

    answer = await cadre.lookup(person["id_number"])
    rows = (await cadre.search(person["door"], limit=50)).json()["results"]

    assert answer.status_code == 200
    assert shown(answer.json())["name"] == person["name"]
    assert person["id_number"] not in answer.text
    assert answer.json()["resident"] in {row["resident"] for row in rows}


async def test_somebody_without_any_document_is_found_and_opened(cadre: Reader, town: Town) -> None:
    person = next(each for each in town.people() if each["id_type"] == "none" and each["alive"])

    rows = (await cadre.search(person["name"], limit=50)).json()["results"]
    token = next(row["resident"] for row in rows if row["door"] == person["door"])
    record = (await cadre.resident(token)).json()

    assert shown(record)["name"] == person["name"]
    assert "id_number" not in record["fields"]
