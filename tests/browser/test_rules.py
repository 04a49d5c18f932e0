"""What holds on every page: axe finds nothing, the policy refuses nothing, no name is left behind."""

from __future__ import annotations

import json
from urllib.parse import unquote

import pytest

from tests.browser.conftest import Visit
from tests.browser.guest import DESK, PHONE, Guest
from tests.flow.town import Town


async def every_page(one: Guest) -> list[str]:
    """Open one page after the other; return what axe, the policy and the window's width say of each."""
    findings: list[str] = []

    async def look(name: str) -> None:
        findings.extend(f"{name}: {json.dumps(found, ensure_ascii=False)}" for found in await one.axe())
        findings.extend(f"{name}: policy {refused}" for refused in await one.refused())
        wide = await one.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if wide > 0:
            findings.append(f"{name}: wider than the window by {wide}")

    await one.go("/")
    await look("today")
    await one.page.type("#q", "1204")
    await one.page.wait_for_selector("#found .hint")
    await look("typing")
    await one.find("90岁以上")
    await one.page.wait_for_selector("main .row")
    await look("found")
    await one.page.click("main .row >> nth=1")
    await one.page.wait_for_selector(".file")
    await look("person")
    await one.page.click("#f-id_number summary")
    await look("asked")
    await one.page.click("#f-id_number .sheet button >> nth=0")
    await one.page.wait_for_selector("#f-id_number.opened")
    await look("opened")
    await one.page.click(".acts a >> nth=0")
    await one.page.wait_for_url("**/h/*")
    await look("household")
    await one.find("鑫淼焱垚")
    await one.page.wait_for_selector("main .empty")
    await look("nobody")
    for path in ("/systems", "/audit", "/nowhere"):
        await one.go(path)
        await look(path)
    return findings


@pytest.mark.parametrize("width", [DESK, PHONE])
@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
async def test_axe_and_the_policy_find_nothing_on_any_page(visit: Visit, width: int, large: bool) -> None:
    async with visit(user="cadre", width=width) as one:
        if large:
            await one.go("/")
            await one.page.click("form[action='/large'] button")
            assert await one.page.evaluate("getComputedStyle(document.documentElement).fontSize") == "22px"
        assert await every_page(one) == []
        assert one.complaints == []


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_axe_finds_nothing_at_the_door_nor_in_the_trail(visit: Visit, width: int) -> None:
    async with visit(width=width) as one:
        await one.go("/login")
        assert await one.axe() == []
        await one.sign_in("nobody-here", "not the password")
        assert await one.axe() == []
    async with visit(user="auditor", width=width) as one:
        for path in ("/", "/audit", "/audit?actor=nobody"):
            await one.go(path)
            assert await one.axe() == []
            assert await one.refused() == []


async def test_axe_finds_what_is_planted(visit: Visit) -> None:
    """The negative control of axe."""
    async with visit(user="cadre") as one:
        await one.go("/")
        await one.page.evaluate(
            "document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=/x>')"
        )
        assert [found["rule"] for found in await one.axe()] == ["image-alt"]


async def test_the_policy_refuses_what_is_planted(visit: Visit) -> None:
    """The negative control: were nothing refused here, silence elsewhere would prove nothing."""
    async with visit(user="cadre") as one:
        await one.go("/")
        await one.page.evaluate(
            """() => {
              const script = document.createElement("script");
              script.textContent = "window.planted = 1";
              document.body.appendChild(script);
              document.body.setAttribute("style", "color: red");
              const image = document.createElement("img");
              image.src = "http://127.0.0.1:9/x.png";
              document.body.appendChild(image);
            }"""
        )
        await one.page.wait_for_timeout(200)
        refused = " ".join(await one.refused())
        assert "script-src" in refused
        assert "style-src" in refused
        assert "img-src" in refused
        assert await one.page.evaluate("window.planted") is None


async def test_nobodys_name_is_left_in_an_address_or_in_storage(visit: Visit, town: Town) -> None:
    person = town.fresh(where=lambda one: one["age"] >= 70)
    async with visit(user="cadre") as one:
        await one.go("/")
        await one.page.type("#q", person["name"])
        await one.page.wait_for_selector("#found .row")
        await one.find(person["name"] + " " + person["door"])
        await one.page.wait_for_selector("main .row, .file")
        await one.find(person["id_number"])
        await one.page.wait_for_url("**/p/*")
        await one.page.click("#f-phone summary")
        await one.page.click("#f-phone .sheet button >> nth=0")
        await one.page.wait_for_selector("#f-phone.opened")
        await one.go("/systems")
        await one.page.go_back()
        await one.page.wait_for_selector(".file")
        kept = await one.page.evaluate(
            "JSON.stringify([Object.assign({}, sessionStorage), Object.assign({}, localStorage),"
            " history.state, document.title])"
        )
        client = await one.context.new_cdp_session(one.page)
        history = json.dumps(await client.send("Page.getNavigationHistory"), ensure_ascii=False)
        assert await one.page.locator("#f-phone.opened").count() == 0
    told = unquote("\n".join([*one.addresses, kept, history]))
    for secret in (person["name"], person["id_number"], person["phone"], person["door"] + " "):
        assert secret not in told


@pytest.mark.parametrize("width", [DESK, PHONE])
async def test_what_is_touched_is_large_enough(visit: Visit, width: int) -> None:
    async with visit(user="cadre", width=width) as one:
        await one.go("/")
        await one.find("90岁以上")
        await one.page.wait_for_selector("main .row")
        small = [await small_targets(one)]
        await one.page.click("main .row >> nth=0")
        await one.page.wait_for_selector(".file")
        small.append(await small_targets(one))
        assert small == [[], []]


async def small_targets(one: Guest) -> list[str]:
    """Return what can be touched and is lower than 44 pixels."""
    found: list[str] = await one.page.evaluate(
        """Array.from(document.querySelectorAll("a:not(.skip), button, summary, input:not([type=hidden])"))
             .filter(node => node.offsetParent && node.getBoundingClientRect().height < 43.5)
             .map(node => node.outerHTML.slice(0, 120))"""
    )
    return found


async def test_pages_hold_still_and_stay_small(visit: Visit) -> None:
    async with visit(user="cadre") as one:
        await one.context.add_init_script(
            "window.shifted = 0; new PerformanceObserver(list => { for (const entry of list.getEntries())"
            " if (!entry.hadRecentInput) window.shifted += entry.value; })"
            ".observe({type: 'layout-shift', buffered: true});"
        )
        await one.go("/")
        await one.find("90岁以上")
        await one.page.wait_for_selector("main .row")
        assert await one.page.evaluate("document.querySelectorAll('*').length") <= 1500
        await one.page.click("main .row >> nth=0")
        await one.page.wait_for_selector(".file")
        await one.page.wait_for_timeout(300)
        assert await one.page.evaluate("window.shifted") <= 0.02
        assert await one.page.evaluate("document.querySelectorAll('*').length") <= 1500
