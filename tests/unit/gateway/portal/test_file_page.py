"""A person's file over HTTP: what it says, and what it never lets through."""

import re
from pathlib import Path

import httpx

from gateway.portal.render import HEADERS
from policies.model import Effect
from tests.unit.gateway.pipeline.cards import Card, card
from tests.unit.gateway.portal.village import PART, ROLES, village

EVIL = '<script>alert("x")</script>'
_VALUE = re.compile(r"<b[^>]*>([^<]*)</b>")


def fang(**more: object) -> Card:
    usual = {
        "name": "陈桂芳",
        "gender": "女",
        "phone": "13800006021",
        "door": "3-502",
        "tags": ("独居",),
    }
    return card(1, **{**usual, **more})


async def test_values_stand_with_seal_and_time(tmp_path: Path) -> None:
    async with village(tmp_path, [fang()], [card(1, care_level="二级")], [card(1)]) as town:
        page = await (await town.browser()).get(town.person(1))
    assert page.status_code == 200
    assert "3号楼 502室" in page.text
    assert "女 · 92 岁" in page.text
    assert "今天 08:12" in page.text
    assert re.search(r"3\*{16}[\dX]", page.text)
    assert "319999" not in page.text
    assert "138****6021" in page.text
    assert "13800006021" not in page.text
    assert page.text.count("没有登记") >= 1


async def test_two_systems_that_disagree_are_both_shown(tmp_path: Path) -> None:
    async with village(tmp_path, [fang()], [card(1, phone="15900007740")], [card(1)]) as town:
        page = await (await town.browser()).get(town.person(1))
    assert "138****6021" in page.text
    assert "159****7740" in page.text
    assert "两处不一致" in page.text


async def test_what_is_withheld_says_so_with_the_rule(tmp_path: Path) -> None:
    cadre = ROLES["cadre"]
    base, *others = cadre.grants
    hidden = base.model_copy(update={"fields": {**base.fields, "birth_date": Effect.WITHHOLD}})
    roles = {**ROLES, "cadre": cadre.model_copy(update={"grants": (hidden, *others)})}
    async with village(tmp_path, [fang()], [], [], roles=roles) as town:
        page = await (await town.browser()).get(town.person(1))
    row = page.text.partition('id="f-birth_date"')[2].partition("</dd>")[0]
    assert "按规定不显示" in row
    assert "cadre:household:1" in row
    assert "1934" not in page.text


async def test_a_silent_system_leaves_gaps_that_say_they_are_gaps(tmp_path: Path) -> None:
    async with village(tmp_path, [fang()], [card(1, care_level="二级")], [card(1)]) as town:
        browser = await town.browser()
        town.hamlet.elderly.open.clear()
        page = await browser.get(town.person(1))
        address = re.search(r'hx-get="([^"]+)" hx-trigger="load delay:', page.text)
        assert address is not None
        late = await browser.get(address[1], **PART)
        last = await browser.get(address[1].replace("try=1", "try=4"), **PART)
        town.hamlet.elderly.open.set()
        filled = await browser.get(address[1], **PART)
    row = page.text.partition('id="f-care_level"')[2].partition("</dd>")[0]
    assert "暂时查不到" in row
    assert "暂时查不到" in page.text.partition('id="strips"')[2][:600]
    assert "没有登记" not in row
    assert "try=2" in late.text
    assert "hx-get" not in last.text
    assert "再查一次" in last.text
    assert "二级" in filled.text
    assert "hx-get" not in filled.text
    assert 'id="strips" hx-swap-oob="true"' in filled.text


async def test_old_data_say_how_old_they_are(tmp_path: Path) -> None:
    async with village(tmp_path, [fang()], [card(1, care_level="二级")], [card(1)]) as town:
        browser = await town.browser()
        await browser.get(town.person(1))
        town.hamlet.clock.move(minutes=12)
        town.hamlet.elderly.always = httpx.Response(500)
        page = await browser.get(town.person(1))
    row = page.text.partition('id="f-care_level"')[2].partition("</dd>")[0]
    assert "停在 今天 08:12" in row
    assert "暂时连不上" in page.text
    assert "其他都是最新的" in page.text


async def test_two_old_systems_do_not_call_each_other_fresh(tmp_path: Path) -> None:
    async with village(tmp_path, [fang()], [card(1, care_level="二级")], [card(1)]) as town:
        browser = await town.browser()
        await browser.get(town.person(1))
        town.hamlet.clock.move(minutes=12)
        town.hamlet.elderly.always = town.hamlet.relief.always = httpx.Response(500)
        page = await browser.get(town.person(1))
    assert page.text.count('<p class="strip amber">') == 2
    assert "其他都是最新的" not in page.text


async def test_hostile_text_is_text(tmp_path: Path) -> None:
    evil = fang(name=EVIL, gender="'\"><img src=x onerror=y>", door=EVIL, tags=(EVIL,), phone=None)
    long = card(2, name="𠮷" * 300 + "?", door="?" * 300)
    async with village(tmp_path, [evil, long], [card(1, care_level="{{ 7 * 7 }}")], [card(1)]) as town:
        browser = await town.browser()
        first, second = await browser.get(town.person(1)), await browser.get(town.person(2))
    assert "<script>alert" not in first.text
    assert "<img src=x" not in first.text
    assert "&lt;script&gt;" in first.text
    assert "49" not in _VALUE.findall(first.text)
    assert "𠮷" * 300 in second.text


async def test_a_page_has_the_headers_and_the_size_of_one(tmp_path: Path) -> None:
    async with village(tmp_path, [fang()], [card(1, care_level="二级")], [card(1)]) as town:
        page = await (await town.browser()).get(town.person(1))
    assert page.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert len(page.content) <= 60_000
    assert not re.search(r'\sstyle=|\son[a-z]+="|<style|<script(?! src=)', page.text)
    assert "陈桂芳" not in page.text.partition("<title>")[2].partition("</title>")[0]


async def test_out_of_scope_says_whom_to_ask(tmp_path: Path) -> None:
    async with village(tmp_path, [fang(registered_region="", residence_region="")], [], []) as town:
        page = await (await town.browser()).get(town.person(1))
    assert page.status_code == 403
    assert "default-deny" in page.text
    assert "请联系" in page.text
    assert "陈桂芳" not in page.text


async def test_a_household_leads_to_its_members(tmp_path: Path) -> None:
    people = [fang(), card(2, name="陈小明", door="3-502", household="H1")]
    async with village(tmp_path, people, [], []) as town:
        browser = await town.browser()
        file = await browser.get(town.person(1))
        address = re.search(r'href="(/h/[^"]+)"', file.text)
        assert address is not None
        page = await browser.get(address[1])
    assert page.status_code == 200
    assert "陈小明" in page.text
    assert town.person(2) in page.text
