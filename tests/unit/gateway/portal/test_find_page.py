"""Finding over HTTP: the words searched for stand on pages and nowhere else."""

from pathlib import Path
from urllib.parse import quote

from tests.unit.gateway.pipeline.cards import card
from tests.unit.gateway.portal.village import PART, village

TWO = [card(1, name="陈桂芳", door="3-502"), card(2, name="陈桂芬", door="4-101")]


async def test_enter_leads_to_an_address_that_tells_nothing(tmp_path: Path) -> None:
    async with village(tmp_path, TWO) as town:
        browser = await town.browser()
        sent = await browser.post("/find", query="陈桂")
        page = await browser.get(sent.headers["Location"])
        again = await browser.get(sent.headers["Location"])
        events = await town.hamlet.events()
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith("/find/")
    assert "陈" not in sent.headers["Location"]
    assert quote("陈") not in sent.headers["Location"]
    assert page.status_code == again.status_code == 200
    assert "找到 2 人" in page.text
    assert "陈桂芳" in page.text
    assert "陈桂芬" in page.text
    assert [event.action.value for event in events].count("resident:search") == 2


async def test_one_exact_match_opens_the_file(tmp_path: Path) -> None:
    async with village(tmp_path, TWO) as town:
        browser = await town.browser()
        sent = await browser.post("/find", query="陈桂芳")
        opened = await browser.get(sent.headers["Location"])
    assert (opened.status_code, opened.headers["Location"]) == (303, town.person(1))


async def test_a_search_is_for_its_session_and_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async with village(tmp_path, TWO) as town:
        browser, other = await town.browser(), await town.browser("wei")
        address = (await browser.post("/find", query="陈桂")).headers["Location"]
        foreign = await other.get(address)
        town.hamlet.clock.move(minutes=14, seconds=59)
        in_time = await browser.get(address)
        town.hamlet.clock.move(seconds=2)
        late = await browser.get(address)
        torn = await browser.get(address[:-1])
    assert in_time.status_code == 200
    assert foreign.status_code == late.status_code == 410
    assert "已经过期" in late.text
    assert "陈桂" not in foreign.text
    assert torn.status_code == 404


async def test_typing_gets_rows_and_a_way_to_all(tmp_path: Path) -> None:
    many = [card(number, name=f"陈{number}", door=f"1-{number}") for number in range(100, 112)]
    async with village(tmp_path, many) as town:
        browser = await town.browser()
        part = await browser.post("/find", headers=PART, query="陈")
        none = await browser.post("/find", headers=PART, query="鑫鑫")
        empty = await browser.post("/find", headers=PART, query="  ")
    assert part.text.count('class="row"') == 8
    assert "看全部结果" in part.text
    assert "<html" not in part.text
    assert "没有找到" in none.text
    assert not empty.text.strip()


async def test_a_tail_asks_why_and_then_finds(tmp_path: Path) -> None:
    async with village(tmp_path, [card(1, phone="13800006021"), card(2)]) as town:
        browser = await town.browser()
        address = (await browser.post("/find", query="6021")).headers["Location"]
        asked = await browser.get(address)
        told = (await browser.post("/find", query="6021", purpose="visit")).headers["Location"]
        opened = await browser.get(told)
        odd = (await browser.post("/find", query="6021", purpose="<b>")).headers["Location"]
        shrug = await browser.get(odd)
    assert "要先说明事由" in asked.text
    assert 'name="purpose" value="visit"' in asked.text
    assert opened.headers["Location"] == town.person(1)
    assert shrug.status_code == 200


async def test_with_a_system_silent_nobody_is_said_not_to_exist(tmp_path: Path) -> None:
    async with village(tmp_path, TWO, [card(1)]) as town:
        # Before anybody signs in: that loads the lists.
        town.hamlet.elderly.open.clear()
        browser = await town.browser()
        part = await browser.post("/find", headers=PART, query="鑫鑫")
        town.hamlet.elderly.open.set()
    assert "不能说查无此人" in part.text
    assert "暂时查不到" in part.text
