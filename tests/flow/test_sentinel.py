"""No name, number or phone of anybody looked at stands in a URL, a log, an error, a header or our files."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx

from tests.flow.conftest import Demo, MakeDemo
from tests.flow.reader import API, Reader
from tests.flow.running import PASSWORD
from tests.flow.town import THERE, Person


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield quote(text)
    yield quote(text).lower()
    yield json.dumps(text).strip('"')
    yield repr(text.encode())[2:-1]


def _secrets(person: Person) -> set[str]:
    number = person["id_number"]
    whole = {person["name"], number, number[:6] + number[8:17], person["phone"]}
    return {spelling for text in whole for spelling in _spellings(text)}


async def _every_look(reader: Reader, person: Person) -> str:
    """Look in every way there is, rightly."""
    found = await reader.lookup(person["id_number"])
    assert found.status_code == 200, found.text
    token = found.json()["resident"]
    await reader.search(person["name"])
    await reader.search(person["id_number"])
    await reader.search(person["phone"][-4:], purpose="visit")
    await reader.search(person["door"])
    await reader.resident(token, purpose="visit")
    await reader.household(found.json()["household"])
    note = f"上门前打 {person['phone']}，证件 {person['id_number']}"
    await reader.reveal(token, "id_number", "phone", purpose="visit", note=note)
    await reader.resident(token)
    return str(token)


async def _every_slip(reader: Reader, person: Person) -> None:
    """Put a person where none belongs: other fields, wrong types, addresses, headers."""
    number, name = person["id_number"], person["name"]
    residents = f"{API}/residents"
    for body in (
        {"id_number": int(number[:17])},
        {"id_number": [number]},
        {"id_number": number, "purpose": number},
        {"id_number": number, "purpose": name},
        {"id_number": number, "note": [name, number]},
        {"id_number": f"{number}{number}{number}"},
        {"id_number": f"{number[:-1]}?"},
    ):
        await reader.ask("POST", f"{residents}/lookup", json=body)
    for body in ({"query": [name]}, {"query": name, "limit": number}, {"query": name, "purpose": name}):
        await reader.ask("POST", f"{residents}/search", json=body)
    await reader.ask(
        "POST", f"{residents}/search", content=f'{{"query": "{name}', headers={"Content-Type": "text/plain"}
    )
    await reader.ask(
        "POST",
        f"{residents}/search",
        content=f'{{"query": "{name}'.encode(),
        headers={"Content-Type": "application/json"},
    )
    await reader.ask("GET", f"{residents}/{number}")
    await reader.ask("GET", f"{residents}/{quote(name)}")
    await reader.ask("GET", f"{residents}/by-number/{number}")
    await reader.ask("GET", f"/{quote(name)}", params={"number": number})
    await reader.ask("GET", f"{API}/me", params={"purpose": number})
    await reader.ask("GET", f"{API}/audit", params={"resident": number, "actor": name})
    await reader.ask(
        "GET", f"{API}/me", headers={"X-Request-Id": number, "User-Agent": number, "Referer": number}
    )
    await reader.ask("GET", f"{API}/me", headers={"X-Large": number * 4000})
    await reader.ask("GET", f"{API}/me", headers={"X-Forwarded-For": number, "Accept-Language": number})


async def _broken_systems(demo: Demo, reader: Reader, people: list[Person]) -> None:
    """Let the systems fail in the middle of looks."""
    for faults in ({"garbage": True}, {"error_rate": 1.0}, {"truncate": True}):
        for system in ("elderly", "relief", "benefits", "meals", "household"):
            demo.town.systems[system].hurt(**faults)
            await reader.lookup(people.pop()["id_number"])
            demo.town.heal()


def _urls(heard: list[httpx.Response]) -> str:
    """Return the addresses we gave out, and those a well-behaved client asked for."""
    return "\n".join(answer.headers.get("location", "") for answer in heard)


async def test_nobody_looked_at_leaves_a_trace_outside_the_answers(
    make_demo: MakeDemo, tmp_path: Path
) -> None:
    data = tmp_path / "kept"
    demo = make_demo(data=data)
    town = demo.town
    seen = [town.fresh(where=lambda each: len(each["name"]) >= 3) for _ in range(3)]
    unlucky = [town.fresh(where=lambda each: len(each["name"]) >= 3) for _ in range(15)]
    outsider = town.fresh(THERE, where=lambda each: len(each["name"]) >= 3)
    async with demo.as_("cadre") as cadre, demo.as_("cadre2") as colleague, demo.as_("auditor") as auditor:
        tokens = [await _every_look(cadre, person) for person in seen]
        rightly = len(cadre.heard)
        for person in seen:
            await _every_slip(cadre, person)
        await cadre.lookup(outsider["id_number"])
        elsewhere = (await colleague.lookup(outsider["id_number"])).json()["resident"]
        await cadre.resident(elsewhere)
        await _broken_systems(demo, cadre, list(unlucky))
        for token in tokens:
            await auditor.events(resident=token)
        heard = [*cadre.heard, *colleague.heard, *auditor.heard]
        credentials = {
            PASSWORD,
            *(reader.http.cookies["session"] for reader in (cadre, colleague, auditor)),
            *(reader.http.headers["X-CSRF-Token"] for reader in (cadre, colleague, auditor)),
        }
    code = demo.gateway.running.end(signal.SIGTERM)

    assert code == 0
    secrets = {spelling for person in [*seen, *unlucky, outsider] for spelling in _secrets(person)}
    asked = "\n".join(str(answer.request.url) for answer in cadre.heard[:rightly])
    errors = "\n".join(answer.text for answer in heard if answer.status_code >= 400)
    headers = "\n".join(f"{name}: {value}" for answer in heard for name, value in answer.headers.items())
    events = "\n".join(answer.text for answer in auditor.heard)
    logs = demo.gateway.running.err.read_text()
    assert len([answer for answer in heard if answer.status_code >= 400]) > 50
    assert logs.count('"request_id"') >= 80
    for place, text in {
        "addresses asked": asked,
        "addresses given": _urls(heard),
        "errors": errors,
        "headers": headers,
        "audit events": events,
        "standard output": demo.gateway.running.out.read_text(),
        "log": logs,
    }.items():
        found = {secret for secret in secrets if secret in text}
        assert not found, (place, found)
    assert not {word for word in credentials if word in logs}
    for path in (path for path in data.rglob("*") if path.is_file()):
        content = path.read_bytes()
        found = {secret for secret in secrets if secret.encode() in content}
        assert not found, (path.name, found)
        assert not {word for word in credentials if word.encode() in content}, path.name
