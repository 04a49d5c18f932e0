"""Whatever a line system sends, its reader gets an answer, the other systems stand, and none of it shows."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.flow.conftest import Demo, MakeDemo
from tests.flow.reader import Reader, shown, statuses
from tests.flow.town import Person, Town

ANSWER_S, SLACK = 1.0, 5
DOWN = {"unavailable", "drifted", "timeout"}
FAULTS: dict[str, dict[str, object]] = {
    "garbage": {"garbage": True},
    "10 MB": {"oversize_mb": 10},
    "truncated": {"truncate": True},
    "maintenance": {"maintenance": True},
    "500": {"error_rate": 1.0},
    "redirect elsewhere": {"redirect_elsewhere": True},
    "quota used up": {"quota": 0},
    "429 with Retry-After": {"retry_after_s": 1},
    "429 without": {"retry_after_s": 0},
    "drip": {"drip": True},
}
# Under the declaration of the other one.
WRONG_CHARSET = {
    "household": "utf-8",
    "elderly": "gb18030",
    "relief": "utf-8",
    "benefits": "gb18030",
    "meals": "gb18030",
}
FOR_CADRES = {"relief", "benefits"}
# Words of the mocks' own error pages, and of what one would quote when a reply cannot be read.
THEIR_WORDS = re.compile(
    r"NullPointer|java\.|elsewhere|维护中|系统维护|errorMsg|过于频繁|超过限额|<html|<\?xml|soapenv|j_token|JSESSION"
    r"|超过有效期|操作失败|后端服务|升级|NONCE|SIGN_|SUCCESS|Traceback|Exception|Error\b|codec|\ufffd|\\x",
)


def over_60(person: Person) -> bool:
    return bool(person["age"] >= 60)


def over_80(person: Person) -> bool:
    return bool(person["age"] >= 80)


KNOWN: dict[str, Callable[[Person], bool]] = {
    "elderly": over_80,
    "relief": lambda person: person["relief_programme"] is not None,
    "benefits": lambda person: over_60(person) and person["disability"] is not None,
    "meals": lambda person: over_80(person) and bool(person["meal_service"]),
}


def _is_clean(answer: httpx.Response, person: Person, printed: str) -> None:
    for text in (answer.text, str(answer.headers), printed):
        assert not THEIR_WORDS.search(text), THEIR_WORDS.search(text)
    for secret in (person["id_number"], person["phone"]):
        assert secret not in answer.text
        assert secret not in printed


def _printed(demo: Demo, start: int = 0) -> str:
    return demo.gateway.running.err.read_text(errors="replace")[start:]


async def _looked_up(cadre: Reader, person: Person) -> httpx.Response:
    start = time.monotonic()
    answer = await cadre.lookup(person["id_number"])
    assert time.monotonic() - start < ANSWER_S * SLACK
    return answer


async def _well_again(
    reader: Reader, town: Town, system: str, where: Callable[[Person], bool] = over_60
) -> None:
    """Ask for somebody else after the healing; a good answer also keeps failures from adding up."""
    for _ in range(20):
        answer = await reader.lookup(town.fresh(where=where)["id_number"])
        if answer.status_code == 200 and statuses(answer.json())[system] in {"ok", "not_found"}:
            return
        await asyncio.sleep(0.2)
    raise AssertionError(f"{system} did not come back: {answer.text}")


def _fault(name: str, system: str) -> dict[str, object]:
    return {"charset": WRONG_CHARSET[system]} if name == "wrong charset" else FAULTS[name]


@pytest.mark.parametrize("name", [*FAULTS, "wrong charset"])
async def test_a_broken_register_is_a_plain_503(sick_demo: Demo, name: str) -> None:
    town = sick_demo.town
    person, before = town.fresh(where=over_80), len(_printed(sick_demo))
    async with sick_demo.as_("service") as service:  # not waiting for slow relief
        town.systems["household"].hurt(**_fault(name, "household"))
        answer = await _looked_up(service, person)
        town.heal()
        await _well_again(service, town, "household", over_80)

    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem: dict[str, Any] = answer.json()
    assert problem.keys() <= {"type", "title", "status", "detail", "code", "request_id"}
    _is_clean(answer, person, _printed(sick_demo, before))


@pytest.mark.parametrize("system", KNOWN)
@pytest.mark.parametrize("name", [*FAULTS, "wrong charset"])
async def test_a_broken_system_is_said_to_be_down_and_the_others_stand(
    sick_demo: Demo, system: str, name: str
) -> None:
    town = sick_demo.town
    person, before = town.fresh(where=KNOWN[system]), len(_printed(sick_demo))
    async with sick_demo.as_("cadre" if system in FOR_CADRES else "service") as reader:
        town.systems[system].hurt(**_fault(name, system))
        answer = await _looked_up(reader, person)
        town.heal()
        await _well_again(reader, town, system, over_60 if system in FOR_CADRES else over_80)

    assert answer.status_code == 200
    record = answer.json()
    found = statuses(record)
    assert found.pop(system) in DOWN
    assert found["household"] == "ok"
    if system != "relief":
        found.pop("relief")  # slow by nature
    assert set(found.values()) <= {"ok", "not_found", "denied"}
    assert record["complete"] is False
    assert system not in {field["source"] for field in record["fields"].values()}
    values = shown(record)
    assert (values["name"], values["age"], values["door"]) == (person["name"], person["age"], person["door"])
    if system == "relief":
        assert values.get("care_level") == person["care_level"]
    _is_clean(answer, person, _printed(sick_demo, before))


async def test_a_search_stands_while_the_elderly_system_is_broken(make_demo: MakeDemo) -> None:
    demo = make_demo()
    person = demo.town.fresh(where=over_80)
    demo.town.systems["elderly"].hurt(garbage=True)
    async with demo.as_("cadre") as cadre:
        answer = await cadre.search(person["name"], limit=50)

    assert answer.status_code == 200
    assert (person["name"], person["door"]) in {
        (row["name"], row["door"]) for row in answer.json()["results"]
    }
    assert answer.json()["complete"] is False
    assert statuses(answer.json())["elderly"] in DOWN
    _is_clean(answer, person, _printed(demo))


async def test_a_changed_login_gets_no_password_and_reads_drifted(make_demo: MakeDemo) -> None:
    demo = make_demo()
    people = demo.town.several(3)
    async with demo.as_("cadre") as cadre, demo.as_("admin") as admin:
        before = {name: system.stats() for name, system in demo.town.systems.items()}
        for system in demo.town.systems.values():
            system.hurt(login_form_changed=True, expire_sessions=True)
        answers = [await cadre.lookup(person["id_number"]) for person in people]
        systems = (await admin.ask("GET", "/api/v1/systems")).json()["systems"]
        demo.town.systems["household"].hurt(captcha=True, expire_sessions=True)
        captcha = await cadre.lookup(demo.town.fresh()["id_number"])

    # The register cannot be asked where anybody belongs.
    assert {answer.status_code for answer in [*answers, captcha]} == {503}
    assert {system["name"]: system["status"] for system in systems}["household"] == "drifted"
    after = demo.town.systems["household"].stats()
    # A form that is not known gets no password, and whoever waits does not ask for it again and again.
    assert after["logins"] == before["household"]["logins"]
    assert after["failed_logins"] == before["household"]["failed_logins"] == 0
    for answer, person in zip(answers, people, strict=True):
        _is_clean(answer, person, _printed(demo))
