"""Many at once: one sign-in for all, one upstream call for all who ask the same."""

from __future__ import annotations

import asyncio

from tests.flow.conftest import Demo, MakeDemo
from tests.flow.reader import statuses
from tests.flow.town import HERE


async def test_two_hundred_lookups_outlive_the_end_of_all_sessions(make_demo: MakeDemo) -> None:
    demo = make_demo()
    household = demo.town.systems["household"]
    people = demo.town.several(200)
    async with demo.as_("cadre") as cadre:
        await cadre.lookup(demo.town.fresh()["id_number"])
        before = household.stats()
        household.hurt(latency_ms=20)
        running = [asyncio.create_task(cadre.lookup(person["id_number"])) for person in people]
        for _ in range(200):
            if household.stats()["calls"] - before["calls"] >= 20:
                break
            await asyncio.sleep(0.01)
        household.hurt(latency_ms=20, expire_sessions=True)
        asked_before_the_end = household.stats()["calls"]
        answers = await asyncio.gather(*running)

    assert asked_before_the_end - before["calls"] < 200, "sessions ended too late to prove anything"
    assert [answer.status_code for answer in answers] == [200] * 200
    assert {statuses(answer.json())["household"] for answer in answers} == {"ok"}
    for answer, person in zip(answers, people, strict=True):
        assert answer.json()["fields"]["name"]["value"] == person["name"]
    after = household.stats()
    assert after["logins"] - before["logins"] == 1
    assert after["failed_logins"] == 0


async def test_a_hundred_who_ask_the_same_make_one_call_to_each_system(make_demo: MakeDemo) -> None:
    demo = make_demo()
    person = demo.town.fresh(where=lambda each: each["relief_status"] == "在保" and each["age"] >= 60)
    async with demo.as_("cadre") as cadre, demo.as_("secretary") as secretary:
        before = demo.town.calls()
        answers = await asyncio.gather(
            *((cadre, secretary)[number % 2].lookup(person["id_number"]) for number in range(100))
        )
        for _ in range(50):  # relief may come after the answers have left
            if statuses((await cadre.lookup(person["id_number"])).json())["relief"] == "ok":
                break
            await asyncio.sleep(0.1)

    assert [answer.status_code for answer in answers] == [200] * 100
    assert len({answer.json()["resident"] for answer in answers}) == 1
    asked = demo.town.questions_since(before)
    assert {name: list(calls.values()) for name, calls in asked.items()} == {
        "household": [1],
        "elderly": [1],
        "relief": [1],
        "benefits": [1],
        "meals": [1],
    }

    await _a_hundred_searches_read_the_committees_list_once(demo)


async def _a_hundred_searches_read_the_committees_list_once(demo: Demo) -> None:
    async with demo.as_("cadre") as cadre:
        answers = await asyncio.gather(*(cadre.search("90+ 独居", limit=50) for _ in range(100)))
        complete = answers[0]
        for _ in range(50):
            complete = await cadre.search("90+ 独居", limit=50)
            if complete.json()["complete"]:
                break
            await asyncio.sleep(0.1)
        again = demo.town.calls()
        await cadre.search("独居")

    assert {answer.status_code for answer in answers} == {200}
    assert complete.json()["complete"] is True
    # Some 3,000 people here, a few hundred more who are only registered, 100 to a page.
    assert again["household"]["list"] <= (len(demo.town.people(HERE)) + 1000) // 100
    since = demo.town.calls_since(again)
    assert since["household"] == since["elderly"] == {}
