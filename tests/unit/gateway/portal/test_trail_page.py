"""留痕 over HTTP."""

from pathlib import Path

from tests.unit.gateway.pipeline.cards import card
from tests.unit.gateway.portal.village import village


async def test_the_auditor_sees_who_looked_and_filters(tmp_path: Path) -> None:
    async with village(tmp_path, [card(1, name="陈桂芳"), card(2, name="陈桂芬")]) as town:
        cadre, auditor = await town.browser(), await town.browser("shen")
        for number in (1, 2, 1):
            await cadre.get(town.person(number))
        page = await auditor.get("/audit")
        one = await auditor.get(f"/audit?resident={town.person(1).removeprefix('/p/')}")
        mine = await auditor.get("/audit?actor=lu&action=resident:read&from=2026-11-21&to=2026-11-21")
        none = await auditor.get("/audit?to=2026-11-20")
        home = await auditor.get("/")
    assert page.status_code == 200
    assert page.text.count("<b>看档案</b>") == 3
    assert "日常服务" in page.text
    assert "陈桂" not in page.text
    assert "319999" not in page.text
    assert one.text.count("<b>看档案</b>") == 2
    assert mine.text.count("<b>看档案</b>") == 3
    assert "没有这样的记录" in none.text
    assert 'href="/audit"' in home.text
    assert 'id="q"' not in home.text


async def test_one_persons_events_are_a_link_away(tmp_path: Path) -> None:
    async with village(tmp_path, [card(1), card(2)]) as town:
        cadre, auditor = await town.browser(), await town.browser("shen")
        await cadre.get(town.person(1))
        await cadre.get(town.person(2))
        page = await auditor.get("/audit?action=resident:read")
        link = page.text.partition('<a class="go" href="')[2].partition('"')[0]
        one = await auditor.get(link)
    assert link.startswith("/audit?who=")
    assert one.text.count("<b>看档案</b>") == 1


async def test_pages_go_back_in_time(tmp_path: Path) -> None:
    async with village(tmp_path, [card(1)]) as town:
        cadre, auditor = await town.browser(), await town.browser("shen")
        for _ in range(55):
            await cadre.get(town.person(1))
        page = await auditor.get("/audit?actor=lu")
        link = page.text.partition('<p class="pages">')[2].partition('href="')[2].partition('"')[0]
        older = await auditor.get(link.replace("&amp;", "&"))
    assert "actor=lu" in link
    assert "cursor=" in link
    assert len(page.content) <= 60_000
    assert older.text.count("<b>看档案</b>") == 5
    assert "回到最新" in older.text


async def test_bad_filters_are_told_and_others_are_denied(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        cadre, auditor = await town.browser(), await town.browser("shen")
        denied = await cadre.get("/audit")
        bad = [
            await auditor.get(path)
            for path in (
                "/audit?from=yesterday",
                "/audit?action=<b>",
                "/audit?who=zz",
                "/audit?resident=x",
                "/audit?cursor=x",
            )
        ]
    assert denied.status_code == 403
    assert "您的角色没有这项权限" in denied.text
    assert [one.status_code for one in bad] == [422] * 5
    assert all("<html" in one.text for one in bad)
