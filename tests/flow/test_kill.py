"""`kill -9` in the middle of work: what was answered is written down, and all of it comes back."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx

from tests.flow.conftest import Demo, MakeDemo
from tests.flow.reader import Reader
from tests.flow.running import answers, command, wait_until


class Load:
    """Readers who look up one person after the other until nobody answers any more."""

    def __init__(self, demo: Demo) -> None:
        self._numbers = [person["id_number"] for person in demo.town.several(60)]
        self.answered: list[tuple[str, str]] = []
        """Request id and resident's token of each lookup that came back whole."""

    async def look(self, reader: Reader, start: int) -> None:
        for turn in range(2000):
            number = self._numbers[(start + turn * 7) % len(self._numbers)]
            try:
                answer = await reader.lookup(number)
            except httpx.TransportError:
                return
            if answer.status_code == 503:
                continue
            assert answer.status_code == 200, answer.text
            self.answered.append((answer.headers["X-Request-Id"], answer.json()["resident"]))


async def test_every_answered_lookup_is_in_the_log_after_kill_9(make_demo: MakeDemo, tmp_path: Path) -> None:
    data = tmp_path / "kept"
    demo = make_demo(data=data)
    load = Load(demo)
    async with demo.as_("cadre") as cadre, demo.as_("secretary") as secretary:
        cookie = f"session={cadre.http.cookies['session']}"
        readers = [
            asyncio.create_task(load.look((cadre, secretary)[number % 2], number * 5)) for number in range(12)
        ]
        for _ in range(400):
            if len(load.answered) >= 300:
                break
            await asyncio.sleep(0.05)
        with closing(sqlite3.connect(data / "state.db", isolation_level=None)) as another:
            # Another program holds the database while answers are due: none may leave unrecorded.
            another.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.4)
            demo.gateway.running.process.kill()
            await asyncio.gather(*readers)
    demo.gateway.running.process.wait()
    addresses = [demo.town.city, *(system.base_url for system in demo.town.systems.values())]
    # The mocks are the demo's children: they go with it.
    wait_until(
        lambda: not any(answers(f"{address}/_mock/stats") for address in addresses), 15, "the mocks are gone"
    )

    assert len(load.answered) >= 300
    verdict = command("audit", "verify", "--data", data)
    assert (verdict.returncode, verdict.stdout.split()[0]) == (0, "ok"), verdict.stdout + verdict.stderr

    again = make_demo(data=data)
    async with again.as_("auditor") as auditor:
        events = {event["request_id"]: event for event in await auditor.events(action="resident:lookup")}
        missing = [request_id for request_id, _ in load.answered if request_id not in events]
        assert not missing
        of_one = await auditor.events(resident=load.answered[0][1])
        assert load.answered[0][0] in {event["request_id"] for event in of_one}
    async with again.as_stranger() as returned:
        # Sessions and tokens outlive the process.
        path = f"/api/v1/residents/{load.answered[0][1]}"
        assert (await returned.ask("GET", path, headers={"Cookie": cookie})).status_code == 200
    verdict = command("audit", "verify", "--data", data)
    assert verdict.returncode == 0
    assert int(verdict.stdout.split()[1]) >= len(load.answered)
