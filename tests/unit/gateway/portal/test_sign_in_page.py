"""Sign in and out over HTTP, and the ways that lead there and back."""

from pathlib import Path

import pytest

from gateway.portal.paths import own_path, path_of, sign_in_path
from tests.unit.gateway.portal.village import PART, village


@pytest.mark.parametrize(
    "path",
    [
        "//evil.test/p/x",
        "/\\evil.test",
        "https://evil.test/",
        "javascript:alert(1)",
        "/p/../login",
        "/login?next=/login",
        "/logout",
        "/p/a\r\nSet-Cookie: x=y",
        "/p/a\n",
        "/api/v1/me",
        "",
        None,
        "/find",
        "/p/" + "a" * 2000,
    ],
)
def test_nobody_is_sent_anywhere_but_to_our_own_pages(path: str | None) -> None:
    assert own_path(path) == "/"


@pytest.mark.parametrize(
    "path", ["/", "/p/abc_-9", "/h/abc", "/find/abc", "/systems", "/audit?actor=lu&from=2026-11-01"]
)
def test_our_own_pages_are_places_to_come_back_to(path: str) -> None:
    assert own_path(path) == path
    assert path_of(f"http://127.0.0.1:8080{path}") == path


def test_a_sign_in_path_carries_the_way_back_as_one_value() -> None:
    assert sign_in_path("/audit?actor=lu&from=x") == "/login?next=/audit%3Factor%3Dlu%26from%3Dx"
    assert path_of("http://[") == "/"


async def test_sign_in_leads_back_and_never_out(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        browser = await town.browser(None)
        closed = await browser.get("/systems")
        back = await browser.sign_in("lu", back="/systems")
        out = await (await town.browser(None)).sign_in("lu", back="//evil.test/")
    assert (closed.status_code, closed.headers["Location"]) == (303, "/login?next=/systems")
    assert (back.status_code, back.headers["Location"]) == (303, "/systems")
    assert out.headers["Location"] == "/"


async def test_a_wrong_password_is_told_first_and_not_repeated(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        browser = await town.browser(None)
        page = await browser.sign_in('lu"><x>', "not this one")
        empty = await browser.sign_in("lu", "")
    assert page.status_code == empty.status_code == 422
    assert "autofocus" in page.text
    assert page.text.index('role="alert" tabindex') < page.text.index("<h1>")
    assert "lu&#34;&gt;&lt;x&gt;" in page.text
    assert "not this one" not in page.text


async def test_many_wrong_passwords_lock_with_a_time(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        browser = await town.browser(None)
        pages = [await browser.sign_in("lu", f"wrong {number}") for number in range(12)]
    locked = [page for page in pages if page.status_code == 423]
    assert locked
    assert int(locked[0].headers["Retry-After"]) > 0
    assert "账号暂时锁定" in locked[0].text


async def test_forms_from_elsewhere_or_without_the_token_do_nothing(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        browser = await town.browser()
        crossed = await browser.post("/logout", headers={"Origin": "http://evil.test"})
        site = await browser.post("/logout", headers={"Sec-Fetch-Site": "same-site"})
        nowhere = await browser.post("/logout", headers={"Origin": "null"})
        bare = await browser.post("/logout", csrf_token="other")
        login = await browser.post(
            "/login", headers={"Origin": "http://evil.test"}, username="lu", password="x"
        )
        still = await browser.get("/systems")
        plain = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
        left = await browser.post("/logout", headers=plain)
        gone = await browser.get("/systems")
    assert [one.status_code for one in (crossed, site, nowhere, bare, login)] == [403] * 5
    assert "这一步没有做成" in bare.text
    assert still.status_code == 200
    assert left.headers["Location"] == "/login?out=1"
    assert gone.status_code == 303


async def test_a_session_that_is_over_sends_a_part_to_the_sign_in_page(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        browser = await town.browser()
        town.hamlet.clock.move(minutes=16)
        headers = {**PART, "HX-Current-URL": f"{town.base_url}/p/abc"}
        part = await browser.post("/find", headers=headers, query="陈")
        whole = await browser.post("/find", query="陈")
        page = await browser.get("/login?next=/p/abc")
    assert (part.status_code, part.headers["HX-Redirect"]) == (401, "/login?next=/p/abc")
    assert whole.headers["Location"] == "/login"
    assert "太久没有动" in page.text


async def test_large_letters_are_kept_by_the_browser(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        browser = await town.browser(None)
        before = await browser.get("/login")
        kept = await browser.post("/large", on="1", next="//evil.test")
        after = await browser.get("/login")
    assert kept.headers["Location"] == "/"
    assert 'class="large"' not in before.text
    assert 'class="large"' in after.text
