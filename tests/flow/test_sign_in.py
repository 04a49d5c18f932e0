"""Signing in, staying in, and getting out."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.flow.conftest import Demo
from tests.flow.reader import API, Reader
from tests.flow.running import PASSWORD

SEARCH = f"{API}/residents/search"
PUBLIC = {
    ("POST", f"{API}/session"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/openapi.json"),
    ("GET", "/docs"),
    # Line systems sign their messages and have no session.
    ("POST", f"{API}/webhooks/{{system}}"),
}


def _cookie(answer: Any) -> str:
    found = re.match(r"session=([^;]+)", answer.headers["set-cookie"])
    assert found
    return found[1]


async def test_a_session_says_who_and_until_when(demo: Demo) -> None:
    async with demo.as_stranger() as stranger:
        answer = await stranger.sign_in("cadre")

    assert answer.status_code == 201
    body = answer.json()
    assert body["user"]["username"] == "cadre"
    assert (
        datetime.now(UTC)
        < datetime.fromisoformat(body["expires_at"])
        <= datetime.now(UTC) + timedelta(hours=12)
    )
    assert len(body["csrf_token"]) >= 32
    assert len(_cookie(answer)) >= 43  # 256 bits
    assert _cookie(answer) not in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(demo: Demo) -> None:
    async with demo.as_stranger() as stranger:
        answer = await stranger.sign_in("cadre")

    flags = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert not any(flag.startswith("domain") for flag in flags)


async def test_a_wrong_password_and_an_unknown_name_read_the_same(demo: Demo) -> None:
    bodies = []
    async with demo.as_stranger() as stranger:
        for username in ("street", "nobody-of-that-name"):
            answer = await stranger.sign_in(username, "not-the-password-at-all")
            assert answer.status_code == 401
            assert "set-cookie" not in answer.headers
            bodies.append({key: value for key, value in answer.json().items() if key != "request_id"})

    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("username", ["security2", "a-name-nobody-has"])
async def test_five_wrong_passwords_lock_for_a_while(demo: Demo, username: str) -> None:
    async with demo.as_stranger() as stranger:
        tries = [await stranger.sign_in(username, f"wrong-password-{number}") for number in range(5)]
        locked = await stranger.sign_in(username, PASSWORD)
    async with demo.as_("cadre"):
        pass  # others are not locked out with them

    assert {answer.status_code for answer in tries[:4]} == {401}
    assert tries[4].status_code in {401, 423}
    assert locked.status_code == 423
    assert locked.headers["content-type"].startswith("application/problem+json")
    assert 1 <= int(locked.headers["Retry-After"]) <= 900


async def test_failed_and_locked_sign_ins_are_written_down_without_the_password(
    demo: Demo, auditor: Reader
) -> None:
    async with demo.as_stranger() as stranger:
        answer = await stranger.sign_in("secretary", "a-password-nobody-has")

    event = await auditor.event_of(answer)
    assert event["action"] == "session:failed"
    assert "a-password-nobody-has" not in str(event)


async def test_without_a_csrf_token_nothing_changes(cadre: Reader) -> None:
    del cadre.http.headers["X-CSRF-Token"]
    for token in (None, "", "not-the-token"):
        headers = {} if token is None else {"X-CSRF-Token": token}
        answer = await cadre.ask("POST", SEARCH, json={"query": "独居"}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"]
    assert (await cadre.ask("GET", f"{API}/me")).status_code == 200


async def test_a_token_of_another_session_does_not_count(demo: Demo, cadre: Reader) -> None:
    async with demo.as_("cadre") as other:
        token = other.http.headers["X-CSRF-Token"]
    answer = await cadre.ask("POST", SEARCH, json={"query": "独居"}, headers={"X-CSRF-Token": token})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_another_sites_page_changes_nothing(cadre: Reader, headers: dict[str, str]) -> None:
    assert (await cadre.ask("POST", SEARCH, json={"query": "独居"}, headers=headers)).status_code == 403


async def test_another_sites_page_signs_nobody_in(demo: Demo) -> None:
    async with demo.as_stranger() as stranger:
        stranger.http.headers["Origin"] = "http://evil.example"
        answer = await stranger.sign_in("cadre")

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_our_own_page_may(demo: Demo, cadre: Reader) -> None:
    headers = {"Origin": demo.gateway.base_url, "Sec-Fetch-Site": "same-origin"}

    assert (await cadre.ask("POST", SEARCH, json={"query": "独居"}, headers=headers)).status_code == 200


async def test_signing_out_ends_the_session_at_once(demo: Demo) -> None:
    async with demo.as_("cadre") as cadre:
        cookie = cadre.http.cookies["session"]
        gone = await cadre.ask("DELETE", f"{API}/session")
        with_old_cookie = await cadre.ask("GET", f"{API}/me", headers={"Cookie": f"session={cookie}"})

    assert gone.status_code == 204
    assert with_old_cookie.status_code == 401


async def test_signing_out_ends_no_other_session(demo: Demo, cadre: Reader) -> None:
    async with demo.as_("cadre") as other:
        await other.ask("DELETE", f"{API}/session")

    assert (await cadre.ask("GET", f"{API}/me")).status_code == 200


async def test_each_sign_in_gives_a_new_session_and_ends_the_former(demo: Demo) -> None:
    async with demo.as_stranger() as stranger:
        first = _cookie(await stranger.sign_in("cadre"))
        second = _cookie(await stranger.sign_in("cadre"))
        # Rotated: what the browser held before is worth nothing after.
        before = await stranger.ask("GET", f"{API}/me", headers={"Cookie": f"session={first}"})

    assert first != second
    assert before.status_code == 401


async def test_a_session_that_was_planted_is_not_taken_over(demo: Demo) -> None:
    planted = "A" * 43
    async with demo.as_stranger() as stranger:
        stranger.http.headers["Cookie"] = f"session={planted}"
        answer = await stranger.sign_in("cadre")

    assert answer.status_code == 201
    assert _cookie(answer) != planted


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "é", "A" * 4000])
async def test_a_made_up_session_is_none(demo: Demo, cookie: str) -> None:
    async with demo.as_stranger() as stranger:
        headers = {"Cookie": f"session={cookie}".encode()}
        answer = await stranger.http.get(f"{API}/me", headers=headers)  # type: ignore[arg-type]

    assert answer.status_code == 401


async def test_every_route_that_is_not_public_asks_for_a_session(demo: Demo) -> None:
    async with demo.as_stranger() as stranger:
        described = (await stranger.ask("GET", "/openapi.json")).json()
        asked = [
            (method.upper(), path)
            for path, methods in described["paths"].items()
            for method in methods
            if (method.upper(), path) not in PUBLIC
        ]
        for method, path in asked:
            answer = await stranger.ask(method, re.sub(r"\{\w+\}", "AAAA", path))
            assert answer.status_code == 401, (method, path)
            assert answer.json()["code"]

    assert {path for _, path in asked} >= {
        f"{API}/me",
        SEARCH,
        f"{API}/residents/lookup",
        f"{API}/residents/{{resident}}",
        f"{API}/residents/{{resident}}/reveal",
        f"{API}/households/{{household}}",
        f"{API}/systems",
        f"{API}/audit",
    }
