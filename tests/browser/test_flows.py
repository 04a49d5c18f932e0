"""The morning's work at a browser, with and without JavaScript; clicks are counted."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Route

from tests.browser.conftest import Visit
from tests.browser.guest import DESK, PHONE
from tests.flow.running import PASSWORD
from tests.flow.town import Town

WITH_AND_WITHOUT = pytest.mark.parametrize("js", [True, False], ids=["script", "plain"])
WIDTHS = pytest.mark.parametrize("width", [DESK, PHONE])
_WHOLE_ID = re.compile(r"319999\d{11}[\dX]")


@WITH_AND_WITHOUT
@WIDTHS
async def test_somebody_over_90_in_two_and_their_number_in_two_more(
    visit: Visit, js: bool, width: int
) -> None:
    async with visit(user="cadre", js=js, width=width) as one:
        await one.go("/")
        await one.act(one.page.get_by_role("button", name="90岁以上"))
        await one.act(one.page.locator("main .row").first)
        await one.page.wait_for_url("**/p/*")
        assert one.clicks == 2
        assert int((await one.page.inner_text("h1 small")).split("·")[1].split()[0]) >= 90
        assert not _WHOLE_ID.search(await one.page.content())
        await one.act(one.page.locator("#f-id_number summary"))
        await one.act(one.page.get_by_role("button", name="核对身份").locator("visible=true"))
        await one.page.wait_for_selector("#f-id_number.opened")
        assert one.clicks == 4
        assert _WHOLE_ID.search(await one.page.inner_text("#f-id_number"))
        assert not one.complaints


@WITH_AND_WITHOUT
async def test_sign_in_find_by_enter_sign_out(visit: Visit, town: Town, js: bool) -> None:
    person = town.fresh()
    async with visit(js=js) as one:
        await one.sign_in("cadre")
        assert "陆敏" in await one.page.inner_text("h1")
        await one.find(person["id_number"])
        await one.page.wait_for_url("**/p/*")
        assert person["name"] in await one.page.inner_text("h1")
        await one.page.click("form[action='/logout'] button")
        await one.page.wait_for_url("**/login?out=1")
        assert "已退出" in await one.page.inner_text("main")
        await one.page.go_back()
        await one.page.wait_for_load_state()
        assert person["name"] not in await one.page.content()


@WITH_AND_WITHOUT
async def test_a_wrong_password_keeps_the_name_and_takes_the_focus(visit: Visit, js: bool) -> None:
    async with visit(js=js) as one:
        await one.sign_in("nobody-here", "not the password")
        assert await one.page.input_value("#username") == "nobody-here"
        assert await one.page.input_value("#password") == ""
        assert "用户名或密码不对" in await one.page.inner_text(".fault")
        if js:
            assert await one.page.evaluate("document.activeElement.className") == "fault"


@WITH_AND_WITHOUT
async def test_a_session_that_is_over_leads_back_to_where_one_was(visit: Visit, js: bool) -> None:
    async with visit(user="cadre", js=js) as one:
        await one.go("/systems")
        await one.context.clear_cookies()
        await one.page.reload()
        await one.page.fill("#username", "cadre")
        await one.page.fill("#password", PASSWORD)
        await one.page.press("#password", "Enter")
        await one.page.wait_for_url("**/systems")


async def test_typing_after_the_session_is_over_leads_to_sign_in_and_back(visit: Visit) -> None:
    async with visit(user="cadre") as one:
        await one.go("/systems")
        await one.context.clear_cookies()
        await one.page.type("#q", "李")
        await one.page.wait_for_url("**/login?next=/systems")


async def test_typing_finds_and_the_keyboard_alone_opens(visit: Visit, town: Town) -> None:
    person = town.fresh()
    async with visit(user="cadre") as one:
        await one.go("/")
        # With a Chinese input method the key sends another character: its place counts.
        await one.page.evaluate(
            "document.body.dispatchEvent("
            "new KeyboardEvent('keydown', {key: '、', code: 'Slash', bubbles: true}))"
        )
        assert await one.page.evaluate("document.activeElement.id") == "q"
        await one.page.keyboard.type(person["name"])
        await one.page.wait_for_selector("#found .row")
        await one.page.keyboard.press("ArrowDown")
        assert await one.page.evaluate("document.activeElement.className") == "row"
        await one.page.keyboard.press("ArrowUp")
        assert await one.page.evaluate("document.activeElement.id") == "q"
        await one.page.keyboard.press("ArrowDown")
        await one.page.keyboard.press("Enter")
        await one.page.wait_for_url("**/p/*")
        summary = one.page.locator("#f-id_number summary")
        await summary.focus()
        await one.page.keyboard.press("Enter")
        await one.page.keyboard.press("Tab")
        await one.page.keyboard.press("Enter")
        await one.page.wait_for_selector("#f-id_number.opened")
        assert await one.page.evaluate("document.activeElement.hasAttribute('data-hide')")
        await one.page.keyboard.press("Enter")
        assert await one.page.locator("#f-id_number.opened").count() == 0
        assert not _WHOLE_ID.search(await one.page.content())


async def test_escape_closes_what_is_open(visit: Visit) -> None:
    async with visit(user="cadre") as one:
        await one.go("/")
        await one.page.type("#q", "李")
        await one.page.wait_for_selector("#found .row")
        await one.page.keyboard.press("Escape")
        assert await one.page.locator("#found .row").count() == 0
        await one.find("90岁以上")
        await one.page.click("main .row >> nth=0")
        await one.page.click("#f-phone summary")
        await one.page.keyboard.press("Escape")
        assert await one.page.locator("details.ask[open]").count() == 0


async def test_an_input_method_asks_once_when_it_is_done(visit: Visit) -> None:
    async with visit(user="cadre") as one:
        await one.go("/")
        await one.page.focus("#q")
        client = await one.context.new_cdp_session(one.page)
        for part in ("l", "li", "li'm"):
            await client.send(
                "Input.imeSetComposition",
                {"text": part, "selectionStart": len(part), "selectionEnd": len(part)},
            )
            await one.page.wait_for_timeout(350)
        sent = [address for address in one.addresses if address.endswith("/find")]
        assert not sent
        await client.send("Input.insertText", {"text": "李"})
        await one.page.wait_for_selector("#found .row")
        assert len([address for address in one.addresses if address.endswith("/find")]) == 1


async def test_a_value_is_covered_when_its_time_is_up_and_when_nobody_looks(visit: Visit) -> None:
    async with visit(user="cadre") as one:
        await one.page.clock.install()
        await one.go("/")
        await one.find("90岁以上")
        await one.page.click("main .row >> nth=0")
        for ends in ("time", "hidden"):
            await one.page.click("#f-phone summary")
            await one.page.click("#f-phone .sheet button >> nth=0")
            await one.page.wait_for_selector("#f-phone.opened .full")
            if ends == "time":
                await one.page.clock.run_for(30_000)
                assert "30 秒后遮住" in await one.page.inner_text("#f-phone")
                await one.page.clock.run_for(31_000)
            else:
                await one.page.evaluate(
                    "Object.defineProperty(document, 'hidden', {get: () => true});"
                    "document.dispatchEvent(new Event('visibilitychange'))"
                )
            assert await one.page.locator(".full").count() == 0
            assert "****" in await one.page.inner_text("#f-phone")


@WITH_AND_WITHOUT
async def test_print_covers_what_is_open_and_bears_the_mark(visit: Visit, js: bool) -> None:
    async with visit(user="cadre", js=js) as one:
        await one.go("/")
        await one.find("90岁以上")
        await one.page.click("main .row >> nth=0")
        await one.page.click("#f-phone summary")
        await one.page.click("#f-phone .sheet button >> nth=0")
        await one.page.wait_for_selector("#f-phone.opened")
        await one.page.emulate_media(media="print")
        assert not await one.page.locator("#f-phone .full").is_visible()
        assert await one.page.locator("#f-phone .cover").is_visible()
        assert await one.page.locator(".mark").is_visible()
        assert not await one.page.locator(".top").is_visible()


@WITH_AND_WITHOUT
async def test_a_refusal_stands_where_one_asked(visit: Visit, js: bool) -> None:
    async def ask_for_nothing_good(route: Route) -> None:
        asked = route.request.post_data or ""
        await route.continue_(post_data=asked.replace("purpose=visit", "purpose=daily_service"))

    async with visit(user="cadre", js=js) as one:
        await one.page.route("**/reveal", ask_for_nothing_good)
        await one.go("/")
        await one.find("90岁以上")
        await one.page.click("main .row >> nth=0")
        await one.page.click("#f-phone summary")
        await one.page.click("#f-phone .sheet button >> nth=0")
        await one.page.wait_for_selector("#f-phone .refused")
        assert "换一个合适的事由" in await one.page.inner_text("#f-phone .sheet")
        assert "****" in await one.page.inner_text("#f-phone .v")


async def test_a_hanging_system_leaves_the_page_quick_and_its_card_fills_in(visit: Visit, town: Town) -> None:
    over_60 = town.fresh(where=lambda person: person["age"] >= 80)
    async with visit(user="cadre") as one:
        await one.go("/")
        await one.find(over_60["name"] + " " + over_60["door"])
        await one.page.wait_for_load_state()
        other = town.fresh(where=lambda person: person["age"] >= 80)
        await one.find(other["name"])
        await one.page.wait_for_load_state()
        town.systems["elderly"].hurt(latency_ms=2500)
        third = town.fresh(where=lambda person: person["age"] >= 80)
        await one.find(third["id_number"])
        await one.page.wait_for_url("**/p/*")
        assert third["name"] in await one.page.inner_text("h1")
        assert "暂时查不到" in await one.page.inner_text("#card-services")
        await one.page.wait_for_selector("#f-care_level .seal", timeout=20_000)
        assert "已经查到" in await one.page.inner_text("#strips")
        assert await one.refused() == []


@WITH_AND_WITHOUT
async def test_a_system_that_never_answers_ends_in_words(visit: Visit, town: Town, js: bool) -> None:
    person = town.fresh(where=lambda one: one["age"] >= 80)
    async with visit(user="cadre", js=js) as one:
        town.systems["relief"].hurt(hang=True)
        await one.go("/")
        await one.find(person["id_number"])
        await one.page.wait_for_url("**/p/*")
        await one.page.wait_for_selector("#card-relief .down")
        text = await one.page.inner_text("#card-relief")
        assert "暂时查不到" in text
        assert "没有这个人的记录" not in text
        if js:
            await one.page.wait_for_selector("#card-relief .down a", timeout=30_000)


async def test_the_auditor_sees_it(visit: Visit, town: Town) -> None:
    person = town.fresh()
    async with visit(user="cadre") as one:
        await one.go("/")
        await one.find(person["id_number"])
        await one.page.wait_for_url("**/p/*")
        await one.page.click("#f-id_number summary")
        await one.page.get_by_role("button", name="紧急救助").locator("visible=true").click()
        await one.page.wait_for_selector("#f-id_number.opened")
    async with visit(user="auditor") as one:
        await one.go("/")
        await one.page.click("main a.tile")
        await one.page.select_option("#action", "resident:reveal")
        await one.page.click("main form.filter button")
        first = one.page.locator(".trail > li").first
        text = await first.inner_text()
        assert "cadre" in text
        assert "紧急救助" in text
        assert "证件号" in text
        assert person["name"] not in await one.page.content()
        await first.locator("a").click()
        assert "看档案" in await one.page.inner_text(".trail")
