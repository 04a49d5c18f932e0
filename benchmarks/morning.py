"""``python -m benchmarks.morning``: what a committee's morning costs the line systems.

Plays :mod:`benchmarks.workload` (its docstring is the workload) against the whole gateway over HTTP, with the
product's own mocks behind it and the shipped policies, on a clock that jumps from act to act: three hours
take some seconds, and everything that expires, expires. The relief mock's natural latency is switched off; that
changes no count.
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp
import uvloop
from aiohttp import web

from benchmarks.cores import CannotMeasure
from benchmarks.installation import COMMITTEE, Account, enrol, write_configuration
from benchmarks.reader import API
from benchmarks.workload import LOOKUPS, READERS, Act, Event, morning
from connectors.sdk import Identity, IdentityKind
from connectors.sdk.mock import MockUpstream
from gateway import app, logs
from gateway.clock import SHANGHAI, Clock
from gateway.keys import Services
from gateway.vault.keyring import KeyRing
from mocks import elderly, household, relief
from mocks.city import City, city_day
from mocks.server import application, serving

GOAL = 120
"""Most calls for 1,000 lookups, all three systems together, without the directories' pages."""

_BEGINS = time(8, 30)
_LISTS = {"list", "queryList"}
_LOGIN = "login"
_DIRECTORY_S = 30.0


class _Jumping(Clock):
    """A clock that stands still between two acts."""

    def __init__(self) -> None:
        self._begins = datetime.combine(datetime.now(SHANGHAI).date(), _BEGINS, SHANGHAI)
        self._passed = 0.0

    def now(self) -> datetime:
        return self._begins + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return 1_000.0 + self._passed

    def jump(self, to_s: float) -> None:
        """Go on to so many seconds after the beginning."""
        self._passed = max(self._passed, to_s)


@dataclass(frozen=True, slots=True)
class Morning:
    """What the line systems were asked."""

    acts: Mapping[str, int]
    people: int
    """Different people whose files were opened."""
    calls: Mapping[str, int]
    """Questions about people, by system, without directory pages."""
    pages: Mapping[str, int]
    """Pages of the committee's lists, by system: once in twelve hours."""
    logins: Mapping[str, int]
    sign_ins: int
    """Sign-ins of the readers: a session ends after 15 idle minutes."""
    incomplete: int
    """Files that came without one of the systems."""

    @property
    def per_thousand(self) -> float:
        """Return the calls for 1,000 lookups, all systems together."""
        return sum(self.calls.values()) * 1000 / self.acts[Act.OPEN]

    def as_text(self) -> str:
        """Return it for people."""
        told = ", ".join(f"{count} {act}" for act, count in self.acts.items())
        verdict = "reached" if self.per_thousand <= GOAL else "ABOVE"
        return (
            f"a committee's morning: {told}; {self.people} different people, {self.sign_ins} sign-ins, "
            f"{self.incomplete} incomplete files\n"
            f"upstream calls for 1,000 lookups: {self.per_thousand:.0f} (goal {GOAL}: {verdict}), "
            f"{_told(self.calls)}; apart from them directory pages {_told(self.pages)}, "
            f"sign-ins upstream {_told(self.logins)}"
        )

    def as_dict(self) -> dict[str, Any]:
        """Return it for programs."""
        return {
            "acts": dict(self.acts),
            "people": self.people,
            "calls_per_thousand": round(self.per_thousand, 1),
            "goal": GOAL,
            "calls": dict(self.calls),
            "directory_pages": dict(self.pages),
            "upstream_sign_ins": dict(self.logins),
            "reader_sign_ins": self.sign_ins,
            "incomplete": self.incomplete,
        }


def _told(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


@dataclass(slots=True)
class _Player:
    """Everybody who looks, one after the other."""

    base_url: str
    http: aiohttp.ClientSession
    clock: _Jumping
    services: Services
    people: Sequence[Mapping[str, Any]]
    password: str = field(repr=False)
    headers: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    sign_ins: int = 0
    incomplete: int = 0

    async def play(self, event: Event) -> None:
        """Do one act; a reader whose session has ended signs in again."""
        self.clock.jump(event.at)
        person = self.people[event.person]
        tokens = self.services.tokens
        token = tokens.of_person(Identity(IdentityKind.CITIZEN, person["id_number"]))
        match event.act:
            case Act.SEARCH:
                await self._ask(event.reader, "POST", "/residents/search", {"query": event.typed})
            case Act.OPEN:
                record = await self._ask(event.reader, "GET", f"/residents/{token}")
                self.incomplete += not record["complete"]
            case Act.HOUSEHOLD:
                household_token = tokens.of_household(person["household"])
                await self._ask(event.reader, "GET", f"/households/{household_token}")
            case Act.REVEAL:
                body = {"fields": ["id_number"], "purpose": "verify_identity"}
                await self._ask(event.reader, "POST", f"/residents/{token}/reveal", body)

    async def sign_in(self, reader: str) -> None:
        """Sign a reader in."""
        self.sign_ins += 1
        body = {"username": reader, "password": self.password}
        async with self.http.post(f"{self.base_url}{API}/session", json=body) as answer:
            said = await answer.json()
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
        self.headers[reader] = {"Cookie": cookie, "X-CSRF-Token": said["csrf_token"]}

    async def directory(self, reader: str) -> None:
        """Wait until the committee's directory is there, as it is some seconds after the first sign-in."""
        async with asyncio.timeout(_DIRECTORY_S):
            # An HTTP API has no event to wait for.
            while not (  # noqa: ASYNC110
                await self._ask(reader, "POST", "/residents/search", {"query": "90+"})
            )["complete"]:
                await asyncio.sleep(0.1)

    async def _ask(self, reader: str, method: str, path: str, body: object = None) -> Any:
        for _ in range(2):
            async with self.http.request(
                method, f"{self.base_url}{API}{path}", json=body, headers=self.headers.get(reader, {})
            ) as answer:
                if answer.status == web.HTTPOk.status_code:
                    return await answer.json()
                if answer.status != web.HTTPUnauthorized.status_code:
                    raise CannotMeasure(
                        f"{reader}: {method} {path.split('/')[1]} was answered {answer.status}"
                    )
            await self.sign_in(reader)
        raise CannotMeasure(f"{reader} cannot sign in")


async def play(folder: Path, lookups: int = LOOKUPS) -> Morning:
    """Play the morning in an installation made in ``folder``; fewer ``lookups`` end it earlier."""
    clock, password = _Jumping(), secrets.token_urlsafe(16)
    city = City(1, 20_000, as_of=city_day(datetime.now(UTC)))
    mocks = _mocks(city, password, clock)
    async with AsyncExitStack() as stack:
        systems = {
            name: Account(
                await stack.enter_async_context(serving(application(city.truth, mock))), password=password
            )
            for name, mock in mocks.items()
        }
        config = write_configuration(folder, systems)
        KeyRing.create(folder / "keys.json")
        installation = app.prepare(config)
        await enrol(installation.settings.store_url, READERS, password)
        services = await stack.enter_async_context(app.open_services(installation, clock))
        runner = web.AppRunner(app.application(services), access_log=None)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        http = await stack.enter_async_context(session)
        people = [person for person in city.truth(COMMITTEE) if _in_reach(person)]
        address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        player = _Player(address, http, clock, services, people, password)
        first = next(iter(READERS))
        await player.sign_in(first)
        await player.directory(first)
        played = await _until(player, morning(people), lookups)
        return _counted(player, played, mocks)


async def _until(player: _Player, events: Sequence[Event], lookups: int) -> list[Event]:
    """Play until so many files have been opened; return what was played."""
    played: list[Event] = []
    opened = 0
    for event in events:
        if opened == lookups:
            break
        await player.play(event)
        played.append(event)
        opened += event.act is Act.OPEN
    return played


def _counted(player: _Player, played: Sequence[Event], mocks: Mapping[str, MockUpstream]) -> Morning:
    acts = Counter(event.act.value for event in played)
    by_operation = {name: mock.stats.by_operation for name, mock in mocks.items()}
    return Morning(
        acts={act.value: acts[act.value] for act in Act},
        people=len({event.person for event in played if event.act is Act.OPEN}),
        calls={
            name: sum(count for operation, count in counts.items() if operation not in {*_LISTS, _LOGIN})
            for name, counts in by_operation.items()
        },
        pages={name: sum(counts[one] for one in _LISTS) for name, counts in by_operation.items()},
        logins={name: mock.stats.logins for name, mock in mocks.items()},
        sign_ins=player.sign_ins,
        incomplete=player.incomplete,
    )


def _mocks(city: City, password: str, clock: Clock) -> dict[str, MockUpstream]:
    accounts = {"gateway": password}

    def seconds() -> float:
        return clock.now().timestamp()

    return {
        "household": household.build(city, accounts, seed=1),
        "elderly": elderly.build(city, accounts, clock=seconds),
        "relief": relief.build(city, accounts, clock=seconds, latency_ms=(0, 0)),
    }


def _in_reach(person: Mapping[str, Any]) -> bool:
    """Tell whether a cadre of the committee may see the person in daily service."""
    here = person["residence_committee"] == COMMITTEE
    return bool(here and person["alive"] and person["id_type"] == "citizen" and person["age"] >= 18)


def run(folder: Path, lookups: int = LOOKUPS) -> Morning:
    """Play the morning from this thread; how this process logs is its owner's affair."""
    return uvloop.run(play(folder, lookups))


def main() -> int:
    """Print what the morning cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.morning", description=__doc__)
    parser.add_argument("--lookups", type=int, default=LOOKUPS, help="end after so many opened files")
    arguments = parser.parse_args()
    logs.configure("error")
    with TemporaryDirectory(prefix="morning-") as folder:
        found = run(Path(folder), arguments.lookups)
    print(found.as_text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
