"""What goes wrong is a page for browsers and a problem for programs."""

from pathlib import Path

from tests.unit.gateway.pipeline.cards import card
from tests.unit.gateway.portal.village import PART, village


async def test_browsers_get_pages_and_programs_problems(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        browser = await town.browser()
        page = await browser.get("/nowhere")
        token = await browser.get("/p/nobody")
        method = await browser.http.put("/")
        program = await browser.get("/nowhere", Accept="application/json")
        api = await browser.get("/api/v1/nowhere")
        part = await browser.get("/p/nobody", **PART)
    for one in (page, token, method):
        assert one.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "script-src 'self'" in one.headers["Content-Security-Policy"]
    assert (page.status_code, token.status_code, method.status_code) == (404, 404, 405)
    assert "Allow" in method.headers
    assert page.headers["X-Request-Id"] in page.text
    assert 'class="rail"' in token.text
    assert program.headers["Content-Type"] == api.headers["Content-Type"] == "application/problem+json"
    assert "<html" not in part.text
    assert part.status_code == 404


async def test_nothing_is_shown_that_cannot_be_recorded(tmp_path: Path) -> None:
    async with village(tmp_path, [card(1, name="陈桂芳")]) as town:
        browser = await town.browser()
        await browser.get(town.person(1))
        await town.hamlet.audit.writer.close()
        page = await browser.get(town.person(1))
    assert page.status_code == 503
    assert "Retry-After" in page.headers
    assert "陈桂芳" not in page.text
    assert "<html" in page.text


async def test_without_the_base_register_a_page_says_so(tmp_path: Path) -> None:
    async with village(tmp_path, [card(1)]) as town:
        browser = await town.browser()
        town.hamlet.household.open.clear()
        page = await browser.get(town.person(1))
        town.hamlet.household.open.set()
    assert page.status_code == 503
    assert "人口" in page.text


async def test_a_form_that_is_none_is_refused(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        browser = await town.browser()
        json = await browser.http.post("/find", json={"query": "x"})
        large = await browser.post("/find", query="x" * 70_000)
        charset = await browser.http.post(
            "/login",
            content=b"username=%ff",
            headers={"Content-Type": "application/x-www-form-urlencoded; charset=none"},
        )
    assert (json.status_code, large.status_code, charset.status_code) == (400, 413, 400)
