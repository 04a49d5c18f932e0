"""Opening a masked field: with htmx in its place, without as a page, and every way it is refused."""

from pathlib import Path

from tests.unit.gateway.pipeline.cards import card
from tests.unit.gateway.portal.village import PART, village

FANG = card(1, name="陈桂芳", phone="13800006021")


async def test_a_purpose_opens_it_in_its_place(tmp_path: Path) -> None:
    async with village(tmp_path, [FANG]) as town:
        browser = await town.browser()
        page = await browser.get(town.person(1))
        part = await browser.post(f"{town.person(1)}/reveal", headers=PART, field="phone", purpose="visit")
        (event,) = [one for one in await town.hamlet.events() if one.action == "resident:reveal"]
    assert 'name="purpose" value="visit"' in page.text
    assert part.status_code == 200
    assert part.text.lstrip().startswith('<div class="f opened" id="f-phone" data-left="60"')
    assert '<b class="full num">13800006021</b><b class="cover num">138****6021</b>' in part.text
    assert (event.purpose, event.fields.revealed) == ("visit", ("phone",))


async def test_without_script_a_page_opens_it_and_goes_when_its_time_is_up(tmp_path: Path) -> None:
    async with village(tmp_path, [FANG]) as town:
        browser = await town.browser()
        page = await browser.post(f"{town.person(1)}/reveal", field="phone", purpose="visit")
    assert page.status_code == 200
    assert "13800006021" in page.text
    assert page.headers["Refresh"] == f"60; url={town.person(1)}"
    assert "319999" not in page.text


async def test_a_purpose_that_does_not_open_it_is_refused_in_its_place(tmp_path: Path) -> None:
    async with village(tmp_path, [FANG]) as town:
        browser = await town.browser()
        path = f"{town.person(1)}/reveal"
        part = await browser.post(path, headers=PART, field="phone", purpose="daily_service")
        page = await browser.post(path, field="phone", purpose="daily_service")
        none = await browser.post(path, headers=PART, field="phone")
        odd = await browser.post(path, headers=PART, field="<b>", purpose="visit")
    assert (part.status_code, page.status_code, none.status_code, odd.status_code) == (403, 403, 422, 422)
    assert "换一个合适的事由" in part.text
    assert "default-deny" in part.text
    assert "换一个合适的事由" in page.text
    assert "陈桂芳" in page.text
    assert '<details class="ask" open>' in page.text
    assert "13800006021" not in page.text
    assert "<b>" not in odd.text


async def test_a_purpose_that_needs_a_note_gets_one(tmp_path: Path) -> None:
    async with village(tmp_path, [FANG]) as town:
        browser = await town.browser()
        path = f"{town.person(1)}/reveal"
        page = await browser.get(town.person(1))
        without = await browser.post(path, headers=PART, field="phone", purpose="other")
        too_long = await browser.post(path, headers=PART, field="phone", purpose="other", note="长" * 501)
        told = await browser.post(path, headers=PART, field="phone", purpose="other", note="家属走失")
    assert '<textarea id="note-phone-other"' in page.text
    assert without.status_code == too_long.status_code == 422
    assert "写明情况" in without.text
    assert told.status_code == 200
    assert 'data-left="30"' in told.text


async def test_a_used_up_quota_says_when_it_returns(tmp_path: Path) -> None:
    async with village(tmp_path, [FANG]) as town:
        browser = await town.browser()
        path = f"{town.person(1)}/reveal"
        for _ in range(2):
            await browser.post(path, headers=PART, field="phone", purpose="visit")
        part = await browser.post(path, headers=PART, field="phone", purpose="visit")
        page = await browser.post(path, field="phone", purpose="visit")
    assert part.status_code == page.status_code == 429
    assert int(part.headers["Retry-After"]) > 0
    assert "明天零点恢复" in part.text
    assert "明天零点恢复" in page.text
