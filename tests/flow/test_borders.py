"""Beyond one's own street nothing tells whether a person exists, and every try is written down."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.flow.conftest import Demo
from tests.flow.reader import Reader
from tests.flow.town import HERE, THERE, Town

CHANGING = {"x-request-id", "date"}


def _what_shows(answer: httpx.Response) -> tuple[int, dict[str, str], dict[str, Any]]:
    """Return all of an answer that could tell one person from another."""
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in CHANGING}
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    return answer.status_code, headers, body


async def test_by_number_an_outsider_is_like_nobody(cadre: Reader, auditor: Reader, town: Town) -> None:
    seen = []
    calls = []
    for number in (town.fresh(THERE)["id_number"], town.nobody()):
        before = town.calls()
        answer = await cadre.lookup(number)
        calls.append(town.questions_since(before))
        seen.append(_what_shows(answer))
        assert number not in answer.text
        assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
        event = await auditor.event_of(answer)
        assert event["action"] == "resident:lookup"
        assert event["outcome"] == "not_found_in_scope"
        assert event["subjects"]

    assert seen[0] == seen[1]
    assert seen[0][0] == 404
    assert seen[0][2]["code"] == "not_found_in_scope"
    assert calls[0] == calls[1]
    assert sum(sum(counts.values()) for counts in calls[0].values()) <= 1


async def test_the_second_try_tells_no_more_than_the_first(cadre: Reader, town: Town) -> None:
    outsider, nobody = town.fresh(THERE)["id_number"], town.nobody()
    for number in (outsider, nobody):
        await cadre.lookup(number)
    calls = []
    for number in (outsider, nobody):
        before = town.calls()
        await cadre.lookup(number)
        calls.append(town.questions_since(before))

    assert calls[0] == calls[1]


async def test_a_search_by_full_number_finds_an_outsider_as_little_as_nobody(
    cadre: Reader, town: Town
) -> None:
    seen, calls = [], []
    for number in (town.fresh(THERE)["id_number"], town.nobody()):
        before = town.calls()
        seen.append(_what_shows(await cadre.search(number)))
        calls.append(town.questions_since(before))

    assert seen[0] == seen[1]
    assert seen[0][0] == 200
    assert seen[0][2]["results"] == []
    assert calls[0] == calls[1]


async def test_a_search_by_name_does_not_leave_the_area(cadre: Reader, town: Town) -> None:
    names_here = {person["name"] for person in town.people(HERE)}
    outsider = town.fresh(THERE, where=lambda each: each["name"] not in names_here)

    answer = await cadre.search(outsider["name"], limit=50)

    assert answer.json()["results"] == []


async def test_by_token_an_outsider_is_refused_with_the_rule_and_written_down(
    demo: Demo, cadre: Reader, auditor: Reader, town: Town
) -> None:
    outsider = town.fresh(THERE)
    async with demo.as_("cadre2") as colleague:
        own = await colleague.lookup(outsider["id_number"])
        token = own.json()["resident"]
    assert own.status_code == 200

    answers = [
        await cadre.resident(token),
        await cadre.reveal(token, "id_number", purpose="visit"),
    ]

    for answer in answers:
        assert answer.status_code == 403
        assert answer.json()["rule"] == "default-deny"
        assert answer.json()["code"]
        assert outsider["name"] not in answer.text
    told = {event["request_id"]: event for event in await auditor.events(resident=token, actor="cadre")}
    for answer in answers:
        event = told[answer.headers["X-Request-Id"]]
        assert event["decision"] == "deny"
        assert event["rules"] == ["default-deny"] or event["outcome"] == "denied"
        assert event["fields"]["shown"] == event["fields"]["revealed"] == []


async def test_somebody_registered_here_who_lives_elsewhere_is_in_scope(cadre: Reader, town: Town) -> None:
    elsewhere = next(
        (
            person
            for person in town.people(THERE)
            if person["alive"] and person["registered_committee"] == HERE and person["id_type"] == "citizen"
        ),
        None,
    )
    arrived = next(
        person
        for person in town.people(HERE)
        if person["alive"] and person["registered_committee"] != HERE and person["id_type"] == "citizen"
    )

    for person in filter(None, (elsewhere, arrived)):
        assert (await cadre.lookup(person["id_number"])).status_code == 200


@pytest.mark.parametrize("username", ["admin", "auditor", "guard", "security"])
async def test_who_reads_no_residents_learns_nothing_of_any(
    demo: Demo, cadre: Reader, auditor: Reader, town: Town, username: str
) -> None:
    insider, nobody = town.fresh()["id_number"], town.nobody()
    token = (await cadre.lookup(town.fresh()["id_number"])).json()["resident"]
    async with demo.as_(username) as reader:
        for ask, status in ((reader.lookup, 404), (reader.search, 200)):
            seen, calls = [], []
            for number in (insider, nobody):
                before = town.calls()
                answer = await ask(number)
                seen.append(_what_shows(answer))
                calls.append(town.questions_since(before))
            assert seen[0] == seen[1]
            assert calls[0] == calls[1]
            assert seen[0][0] == status
        assert seen[0][2]["results"] == []
        by_token = await reader.resident(token)
        by_words = await reader.search("独居")

    assert by_words.status_code == 403
    assert by_words.json()["rule"] == "default-deny"
    assert by_token.status_code == 403
    assert by_token.json()["rule"] == "default-deny"
    assert (await auditor.event_of(by_token))["decision"] == "deny"


@pytest.mark.parametrize("username", ["admin", "cadre", "guard", "service", "street", "security", "resident"])
async def test_the_audit_is_for_auditors_only(demo: Demo, username: str) -> None:
    async with demo.as_(username) as reader:
        answer = await reader.ask("GET", "/api/v1/audit")

    assert answer.status_code == 403
    assert answer.json()["rule"] == "default-deny"


async def test_the_other_cadre_sees_its_own_and_not_ours(demo: Demo, town: Town) -> None:
    own, ours = town.fresh(THERE), town.fresh(HERE)
    async with demo.as_("cadre2") as colleague:
        found = await colleague.search(own["name"], limit=50)
        record = await colleague.lookup(own["id_number"])
        other = await colleague.lookup(ours["id_number"])

    assert (own["name"], own["door"]) in {(row["name"], row["door"]) for row in found.json()["results"]}
    assert {row["committee"] for row in found.json()["results"]} == {THERE}
    assert record.status_code == 200
    assert other.status_code == 404
