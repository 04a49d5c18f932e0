"""Accounts of one's own at a line system: they end with one's last session here, and say what to do."""

from __future__ import annotations

from pathlib import Path

import orjson

from gateway.settings import Window
from gateway.web.words import ADVICE, Language
from tests.unit.gateway.pipeline.cards import card
from tests.unit.gateway.portal.village import village

PERSONAL = {"elderly": {"personal": True}}
PEOPLE = ([card(1)], [card(1, care_level="二级")], [card(1)])


async def test_the_last_sign_out_ends_the_session_there(tmp_path: Path) -> None:
    async with village(tmp_path, *PEOPLE, limits=PERSONAL) as place:
        desk, counter, other = await place.browser(), await place.browser(), await place.browser("luo")
        for browser in (desk, counter, other):
            assert "二级" in (await browser.get(place.person(1))).text
        elderly = place.hamlet.elderly
        assert sorted(elderly.holders.values()) == ["lu", "luo"]
        await desk.post("/logout")
        assert elderly.left == [], "lu still sits at the counter"
        await counter.post("/logout")
        assert elderly.left == ["lu"]
        assert "二级" in (await other.get(place.person(1))).text


async def test_a_session_that_runs_out_unseen_ends_the_one_there(tmp_path: Path) -> None:
    async with village(tmp_path, *PEOPLE, limits=PERSONAL) as place:
        browser = await place.browser()
        await browser.get(place.person(1))
        await place.services.leaving.sweep()
        assert place.hamlet.elderly.left == []
        place.hamlet.clock.move(minutes=20)
        await place.services.leaving.sweep()
        assert place.hamlet.elderly.left == ["lu"]


async def test_a_rejected_password_is_told_to_whose_it_is_with_what_to_do(tmp_path: Path) -> None:
    async with village(tmp_path, *PEOPLE, limits=PERSONAL) as place:
        place.hamlet.elderly.passwords["lu"] = "changed"
        lu, luo = await place.browser("lu"), await place.browser("luo")
        advice = ADVICE["needs_attention"][Language.ZH]
        for path in (place.person(1), "/systems"):
            assert advice in (await lu.get(path)).text
            assert advice not in (await luo.get(path)).text
        states = orjson.loads((await lu.get("/api/v1/systems")).content)["systems"]
        elderly = next(one for one in states if one["name"] == "elderly")
        assert (elderly["status"], elderly["why"], elderly["personal"]) == (
            "needs_attention",
            "needs_attention",
            True,
        )
        assert elderly["advice"] == advice
        assert place.hamlet.elderly.sign_ins == 2


async def test_maintenance_is_shown_with_its_end(tmp_path: Path) -> None:
    limits = {"elderly": {"windows": (Window.parse("08:00-09:30"),)}}
    async with village(tmp_path, *PEOPLE, limits=limits) as place:
        lu = await place.browser()
        page, file = await lu.get("/systems"), await lu.get(place.person(1))
        for shown in (page.text, file.text):
            assert ADVICE["maintenance"][Language.ZH] + "（今天 09:30止）" in shown
        assert "正在维护" in page.text
        states = orjson.loads((await lu.get("/api/v1/systems")).content)["systems"]
        elderly = next(one for one in states if one["name"] == "elderly")
        assert (elderly["status"], elderly["until"]) == ("maintenance", "2026-11-21T09:30:00+08:00")
        assert place.hamlet.elderly.sign_ins == 0
