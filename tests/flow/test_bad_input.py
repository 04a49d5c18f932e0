"""What is asked wrongly is answered plainly, in the reader's language, and never with a 500."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.flow.conftest import Demo
from tests.flow.reader import API, Reader
from tests.flow.town import Town

SEARCH = f"{API}/residents/search"
LOOKUP = f"{API}/residents/lookup"
JSON = {"Content-Type": "application/json"}


def _is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code", "request_id"} <= problem.keys()
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return problem


@pytest.mark.parametrize(
    "body", [b"", b"{", b"not json", b"\xff\xfe", b'{"query": "\xb3\xc2"}', b"[" * 20_000]
)
async def test_what_is_no_json_is_400(cadre: Reader, body: bytes) -> None:
    _is_problem(await cadre.ask("POST", SEARCH, content=body, headers=JSON), 400)


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
async def test_another_type_is_415(cadre: Reader, kind: str) -> None:
    answer = await cadre.ask("POST", SEARCH, content=b'{"query": "x"}', headers={"Content-Type": kind})

    _is_problem(answer, 415)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"query": "x", "surplus": 1}, "surplus"),
        ({"limit": 5}, "query"),
        ({"query": ""}, "query"),
        ({"query": "x" * 65}, "query"),
        ({"query": 5}, "query"),
        ({"query": "x", "limit": 0}, "limit"),
        ({"query": "x", "limit": 10**30}, "limit"),
        ({"query": "x", "purpose": "no_such_purpose"}, "purpose"),
        ({"query": "x", "purpose": "other"}, "note"),
        ({"query": "x", "purpose": None, "note": 3}, "note"),
    ],
    ids=str,
)
async def test_a_field_that_is_wrong_is_named(cadre: Reader, body: dict[str, object], field: str) -> None:
    problem = _is_problem(await cadre.ask("POST", SEARCH, json=body), 422)

    assert field in {error["field"] for error in problem["errors"]}
    assert all(error["message"] for error in problem["errors"])


@pytest.mark.parametrize("body", ["[]", '"x"', "5", "null"])
async def test_json_that_is_no_object_is_refused(cadre: Reader, body: str) -> None:
    answer = await cadre.ask("POST", SEARCH, content=body, headers=JSON)

    _is_problem(answer, answer.status_code)
    assert answer.status_code in {400, 422}


async def test_all_wrong_fields_are_named_at_once(cadre: Reader) -> None:
    answer = await cadre.ask("POST", SEARCH, json={"query": "", "limit": -1, "surplus": True})

    fields = {error["field"] for error in _is_problem(answer, 422)["errors"]}
    assert fields == {"query", "limit", "surplus"}


@pytest.mark.parametrize("number", ["", " ", "!!!", "陈桂芳", "31999919500230123X"])
async def test_what_can_be_no_document_number_is_422(cadre: Reader, number: str) -> None:
    problem = _is_problem(await cadre.lookup(number), 422)

    assert {error["field"] for error in problem["errors"]} == {"id_number"}


async def test_a_mistyped_check_digit_is_told_so(cadre: Reader, town: Town) -> None:
    number = town.nobody()
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")

    _is_problem(await cadre.lookup(wrong), 422)


async def test_purposes_are_checked_on_every_look(cadre: Reader, town: Town) -> None:
    record = (await cadre.lookup(town.fresh()["id_number"])).json()
    token, household = record["resident"], record["household"]
    unknown = [
        await cadre.resident(token, purpose="no_such_purpose"),
        await cadre.household(household, purpose="no_such_purpose"),
        await cadre.reveal(token, "id_number", purpose="no_such_purpose"),
        await cadre.lookup(town.fresh()["id_number"], purpose="no_such_purpose"),
        await cadre.reveal(token, "id_number", purpose="other"),
        await cadre.lookup(town.fresh()["id_number"], purpose="other"),
        await cadre.resident(token, purpose="other"),
    ]

    for answer in unknown:
        _is_problem(answer, 422)


async def test_a_field_that_does_not_exist_is_not_revealed(cadre: Reader, town: Town) -> None:
    token = (await cadre.lookup(town.fresh()["id_number"])).json()["resident"]

    for fields in (["no_such_field"], [], ["id_number"] * 17, "id_number"):
        answer = await cadre.ask(
            "POST", f"{API}/residents/{token}/reveal", json={"fields": fields, "purpose": "visit"}
        )
        assert answer.status_code in {403, 422}, fields
        assert "fields" not in answer.json()


async def _megabytes() -> AsyncIterator[bytes]:
    for _ in range(66):
        yield b" " * 1024


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_over_64_kib_is_413(cadre: Reader, chunked: bool) -> None:
    content = _megabytes() if chunked else b" " * (65 * 1024)

    _is_problem(await cadre.ask("POST", SEARCH, content=content, headers=JSON), 413)


@pytest.mark.parametrize(
    "token", ["x", "A" * 47, "..%2f..%2fetc", "%00", "%E9%99%88", "A" * 3000, "null", "-"]
)
async def test_a_token_that_is_none_is_404(cadre: Reader, token: str) -> None:
    for path in (f"{API}/residents/{token}", f"{API}/households/{token}"):
        _is_problem(await cadre.ask("GET", path), 404)
    reveal = await cadre.ask(
        "POST", f"{API}/residents/{token}/reveal", json={"fields": ["id_number"], "purpose": "visit"}
    )
    _is_problem(reveal, 404)


async def test_a_token_with_one_letter_changed_is_404(cadre: Reader, town: Town) -> None:
    token = (await cadre.lookup(town.fresh()["id_number"])).json()["resident"]
    for place in (0, len(token) // 2, len(token) - 1):
        letter = "A" if token[place] != "A" else "B"
        _is_problem(await cadre.resident(token[:place] + letter + token[place + 1 :]), 404)
    _is_problem(await cadre.resident(f"{token}="), 404)


@pytest.mark.parametrize(
    "path", ["/nothing", f"{API}/nothing", f"{API}/residents", "/api/v2/me", f"{API}/me/"]
)
async def test_an_unknown_route_is_404(cadre: Reader, path: str) -> None:
    _is_problem(await cadre.ask("GET", path), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", SEARCH), ("PUT", f"{API}/me"), ("DELETE", LOOKUP), ("PATCH", f"{API}/session")],
)
async def test_a_wrong_method_is_405(cadre: Reader, method: str, path: str) -> None:
    answer = await cadre.ask(method, path)

    _is_problem(answer, 405)
    assert "POST" in answer.headers["allow"] or "GET" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("accepted", "chinese"),
    [
        (None, True),
        ("zh-CN,zh;q=0.9,en;q=0.8", True),
        ("en", False),
        ("en-GB,en;q=0.9,zh;q=0.1", False),
        ("zh;q=0.1, en", False),
        ("fr, zh;q=0.5", True),
        (";;;q=q,,", True),
    ],
)
async def test_words_are_chinese_or_english(cadre: Reader, accepted: str | None, chinese: bool) -> None:
    headers = {"Accept-Language": accepted} if accepted else {}
    problem = _is_problem(await cadre.ask("GET", f"{API}/residents/x", headers=headers), 404)

    assert bool(re.search(r"[\u4e00-\u9fff]", problem["title"] + problem["detail"])) is chinese


@pytest.mark.parametrize(
    "query", [{"cursor": "garbage"}, {"from": "yesterday"}, {"limit": "0"}, {"surplus": "1"}]
)
async def test_the_audits_questions_are_checked(auditor: Reader, query: dict[str, str]) -> None:
    _is_problem(await auditor.ask("GET", f"{API}/audit", params=query), 422)


async def test_an_audit_of_a_token_that_is_none(auditor: Reader) -> None:
    answer = await auditor.ask("GET", f"{API}/audit", params={"resident": "garbage"})

    assert answer.status_code in {404, 422}


async def test_headers_too_large_are_refused(demo: Demo) -> None:
    async with demo.as_stranger() as stranger:
        answer = await stranger.ask("GET", "/healthz", headers={"X-Large": "x" * 60_000})

    assert answer.status_code in {400, 431}
    assert "xxxx" not in answer.text
