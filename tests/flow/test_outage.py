"""A line system that is dead, hung or refused hurts nobody else, and comes back by itself."""

from __future__ import annotations

import asyncio
import signal
import time
from datetime import datetime
from typing import Any

import httpx

from tests.flow.conftest import Demo, MakePlace
from tests.flow.place import TTL_S, Place
from tests.flow.reader import Reader, shown, statuses
from tests.flow.town import Person, Town

ANSWER_S = 1.0
SLACK = 5
DOWN = {"unavailable", "timeout"}


def on_relief(person: Person) -> bool:
    return bool(person["relief_status"] == "在保" and person["age"] >= 60)


async def _timed(asking: Any) -> httpx.Response:
    start = time.monotonic()
    answer: httpx.Response = await asking
    assert time.monotonic() - start < ANSWER_S * SLACK
    return answer


async def _wholly(cadre: Reader, person: Person) -> dict[str, Any]:
    """Look until every system has answered."""
    for _ in range(20):
        record: dict[str, Any] = (await cadre.lookup(person["id_number"])).json()
        if "sources" in record and set(statuses(record).values()) == {"ok"}:
            return record
        await asyncio.sleep(0.2)
    raise AssertionError(f"never whole: {record}")


async def _comes_back(cadre: Reader, town: Town, system: str, seconds: float) -> None:
    """Ask for people nobody has looked at until the system answers again."""
    for _ in range(int(seconds * 2)):
        answer = await cadre.lookup(town.fresh(where=lambda person: person["age"] >= 60)["id_number"])
        if answer.status_code == 200 and statuses(answer.json())[system] in {"ok", "not_found"}:
            return
        await asyncio.sleep(0.5)
    raise AssertionError(f"{system} did not come back within {seconds} s: {answer.text}")


async def test_relief_killed_and_back(place: Place) -> None:
    async with place.as_("wang") as cadre:
        # The place is shared: an earlier test's outage is not this one's subject.
        await _comes_back(cadre, place.town, "household", 60)
        seen, unseen = place.town.fresh(where=on_relief), place.town.fresh(where=on_relief)
        healthy = await _wholly(cadre, seen)
        place.lines["relief"].running.end(signal.SIGKILL)
        await asyncio.sleep(TTL_S + 0.2)

        warm = (await _timed(cadre.lookup(seen["id_number"]))).json()
        cold = (await _timed(cadre.lookup(unseen["id_number"]))).json()

        # Known before: still there, marked as what it was then.
        assert statuses(warm)["relief"] == "stale"
        assert warm["sources"]["relief"]["cache"] == "stale"
        assert warm["sources"]["relief"]["as_of"] == healthy["sources"]["relief"]["as_of"]
        assert warm["fields"]["relief_programmes"]["as_of"] == healthy["fields"]["relief_programmes"]["as_of"]
        assert shown(warm)["relief_programmes"] == [seen["relief_programme"]]
        assert statuses(cold)["relief"] in DOWN
        assert "relief_programmes" not in cold["fields"]
        for record in (warm, cold):
            assert statuses(record)["household"] == statuses(record)["elderly"] == "ok"
            assert record["complete"] is False

        place.lines["relief"].start()
        await _comes_back(cadre, place.town, "relief", 60)
        back = await _wholly(cadre, seen)

    before, after = (
        datetime.fromisoformat(record["fields"]["relief_programmes"]["as_of"]) for record in (healthy, back)
    )
    assert after > before


async def test_relief_stopped_and_back(place: Place) -> None:
    async with place.as_("wang") as cadre:
        # The place is shared: an earlier test's outage is not this one's subject.
        await _comes_back(cadre, place.town, "household", 60)
        seen, unseen = place.town.fresh(where=on_relief), place.town.fresh(where=on_relief)
        await _wholly(cadre, seen)
        place.lines["relief"].running.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(TTL_S + 0.2)

        warm = (await _timed(cadre.lookup(seen["id_number"]))).json()
        cold = (await _timed(cadre.lookup(unseen["id_number"]))).json()

        assert statuses(warm)["relief"] == "stale"
        assert shown(warm)["relief_programmes"] == [seen["relief_programme"]]
        assert statuses(cold)["relief"] in DOWN
        for record in (warm, cold):
            assert statuses(record)["household"] == statuses(record)["elderly"] == "ok"

        place.lines["relief"].running.process.send_signal(signal.SIGCONT)
        await _comes_back(cadre, place.town, "relief", 60)


async def test_the_register_killed_warm_is_stale_and_cold_is_503(place: Place) -> None:
    async with place.as_("wang") as cadre:
        # The place is shared: an earlier test's outage is not this one's subject.
        await _comes_back(cadre, place.town, "household", 60)
        seen, unseen = place.town.fresh(where=on_relief), place.town.fresh(where=on_relief)
        healthy = await _wholly(cadre, seen)
        place.lines["others"].running.end(signal.SIGKILL)
        await asyncio.sleep(TTL_S + 0.2)

        warm = await _timed(cadre.lookup(seen["id_number"]))
        by_token = await _timed(cadre.resident(healthy["resident"]))
        cold = await _timed(cadre.lookup(unseen["id_number"]))

    for answer in (warm, by_token):
        assert answer.status_code == 200
        assert statuses(answer.json())["household"] == "stale"
        assert answer.json()["fields"]["name"]["as_of"] == healthy["fields"]["name"]["as_of"]
    assert cold.status_code == 503
    assert cold.headers["content-type"].startswith("application/problem+json")
    assert cold.json()["code"]
    assert unseen["id_number"] not in cold.text


async def test_relief_that_hangs_leaves_the_others_as_quick_as_ever(sick_demo: Demo) -> None:
    town = sick_demo.town
    async with sick_demo.as_("cadre") as cadre:
        town.systems["relief"].hurt(hang=True)
        people = [town.fresh(where=lambda person: person["age"] >= 60) for _ in range(8)]
        answers = await asyncio.gather(*(_timed(cadre.lookup(person["id_number"])) for person in people))
        for answer in answers:
            assert answer.status_code == 200
            found = statuses(answer.json())
            assert found.pop("relief") in DOWN
            assert found.pop("household") == found.pop("elderly") == "ok", "the others stand"
            assert set(found.values()) <= {"ok", "not_found"}, "not everybody has benefits or meals"
            assert answer.json()["complete"] is False

        async with sick_demo.as_("service") as service:  # asks relief nothing, so waits for nothing
            elder = town.fresh(where=lambda person: person["age"] >= 80)
            unhurt = await service.lookup(elder["id_number"])
        assert unhurt.json()["complete"] is True

        town.systems["relief"].heal()
        await _comes_back(cadre, town, "relief", 60)


async def test_what_comes_after_the_deadline_is_there_for_the_next_look(sick_demo: Demo) -> None:
    town = sick_demo.town
    person = town.fresh(where=on_relief)
    async with sick_demo.as_("cadre") as cadre:
        town.systems["relief"].hurt(latency_ms=1200)
        first = (await _timed(cadre.lookup(person["id_number"]))).json()
        before = town.calls()
        for _ in range(40):
            later = (await cadre.lookup(person["id_number"])).json()
            if statuses(later)["relief"] == "ok":
                break
            await asyncio.sleep(0.1)

    assert statuses(first)["relief"] == "timeout"
    assert shown(later)["relief_programmes"] == [person["relief_programme"]]
    assert "relief" not in {name for name, calls in town.calls_since(before).items() if calls}


async def test_a_wrong_password_is_tried_once_however_many_look(make_place: MakePlace) -> None:
    place = make_place(wrong=("elderly",))
    elders = [place.town.fresh(where=lambda person: person["age"] >= 60) for _ in range(30)]
    async with place.as_("wang") as cadre, place.as_("gu") as admin:
        answers = await asyncio.gather(*(cadre.lookup(person["id_number"]) for person in elders))
        systems = (await admin.ask("GET", "/api/v1/systems")).json()["systems"]

    assert {answer.status_code for answer in answers} == {200}
    assert {statuses(answer.json())["elderly"] for answer in answers} == {"unavailable"}
    assert {system["name"]: system["status"] for system in systems}["elderly"] == "needs_attention"
    stats = place.town.systems["elderly"].stats()
    assert (stats["logins"], stats["failed_logins"]) == (0, 1)


async def test_a_gateway_starts_and_waits_for_line_systems_that_are_down(place: Place) -> None:
    number = place.town.fresh()["id_number"]
    for lines in place.lines.values():
        lines.running.end(signal.SIGKILL)
    place.restart()
    async with place.as_("wang") as cadre:
        answer = await _timed(cadre.lookup(number))
        assert answer.status_code == 503
        place.revive()
        await _comes_back(cadre, place.town, "household", 60)
