"""A village: the hamlet of the pipeline's tests, with accounts, sessions and the whole application."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from aiohttp.test_utils import TestServer

from gateway.app import application
from gateway.cache.memory import MemoryCache
from gateway.identity.accounts import AccountDetails
from gateway.identity.enrolment import Enrolment
from gateway.identity.passwords import Cost, Passwords
from gateway.identity.repository import AccountRepository, SessionRepository, ThrottleRepository
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.throttle import Throttle
from gateway.keys import Services
from gateway.residents.tokens import Tokens
from gateway.settings import Settings
from gateway.upstream.leaving import Leaving
from gateway.upstream.system import fields_of
from policies.documents import Grant, Purpose, Reveal, Role
from policies.engine import Engine
from policies.model import GATEWAY, Action, RoleInScope
from tests.unit.gateway.pipeline.cards import HERE, Card, citizen
from tests.unit.gateway.pipeline.hamlet import CADRE, SERVICE, Hamlet, hamlet

PASSWORD = "herons over Suzhou Creek"
BROWSER = {"Accept": "text/html,application/xhtml+xml"}
PART = {"HX-Request": "true", "Accept": "*/*"}
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

ROLES = {
    "cadre": CADRE.model_copy(
        update={
            "grants": (*CADRE.grants, Grant(system=GATEWAY, actions=(Action.READ_SYSTEMS,))),
            "reveal": (
                *CADRE.reveal,
                Reveal(fields=("phone",), purposes=("other",), for_seconds=30),
            ),
        }
    ),
    "service": SERVICE,
    "auditor": Role(
        role="auditor", title="审计员", grants=(Grant(system=GATEWAY, actions=(Action.READ_AUDIT,)),)
    ),
}
PURPOSES = {
    "daily_service": Purpose(title="日常服务", title_en="Daily service"),
    "visit": Purpose(title="上门走访", title_en="Home visit", opens={"id_number": 60, "phone": 600}),
    "audit": Purpose(title="审计检查", title_en="Audit"),
    "other": Purpose(title="其他", title_en="Other", note_required=True, opens={"phone": 30}),
}


@dataclass(slots=True)
class Browser:
    """A client that keeps cookies and the token of its forms."""

    http: httpx.AsyncClient
    token: str = ""

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Open a page."""
        return await self.http.get(path, headers=headers)

    async def post(
        self, path: str, headers: Mapping[str, str] | None = None, **fields: str
    ) -> httpx.Response:
        """Send a form as a page of ours does."""
        return await self.http.post(path, data={"csrf_token": self.token, **fields}, headers=headers)

    async def sign_in(self, username: str = "lu", password: str = PASSWORD, back: str = "") -> httpx.Response:
        """Sign in and read the landing page."""
        answer = await self.post("/login", username=username, password=password, next=back)
        if answer.status_code == 303:
            page = await self.get("/")
            found = _TOKEN.search(page.text)
            assert found is not None
            self.token = found[1]
        return answer


@dataclass(slots=True)
class Village:
    """A running application and what stands behind it."""

    hamlet: Hamlet
    services: Services
    base_url: str
    stack: AsyncExitStack

    async def browser(self, username: str | None = "lu") -> Browser:
        """Open a browser; signed in unless nobody is named."""
        http = httpx.AsyncClient(base_url=self.base_url, headers=BROWSER, trust_env=False, timeout=20)
        one = Browser(await self.stack.enter_async_context(http))
        if username:
            assert (await one.sign_in(username)).status_code == 303
        return one

    def person(self, number: int) -> str:
        """Return the path of somebody's file."""
        return f"/p/{self.services.tokens.of_person(citizen(number))}"


@asynccontextmanager
async def village(
    folder: Path, *people: Iterable[Card], roles: Mapping[str, Role] | None = None, **more: Any
) -> AsyncIterator[Village]:
    """Serve the application over systems that hold these people."""
    async with AsyncExitStack() as stack:
        known = dict(roles or ROLES)
        town = await stack.enter_async_context(
            hamlet(folder, *people, roles=known, purposes=PURPOSES, **more)
        )
        engine = town.audit.engine
        passwords, accounts = Passwords(Cost(memory_kib=8, passes=1)), AccountRepository(engine)
        stack.callback(passwords.close)
        sessions = Sessions(SessionRepository(engine), town.clock, town.tasks)
        policy = Engine(
            known,
            PURPOSES,
            {name: fields_of(line.connector) for name, line in town.lines.items()} | {GATEWAY: ()},
            "v1",
        )
        services = Services(
            settings=Settings(data=folder, systems={}, answer_deadline_s=0.2),
            clock=town.clock,
            pipeline=town.pipeline,
            policy=lambda: policy,
            systems=town.lines,
            webhooks={},
            cache=MemoryCache(bytes(32), town.clock),
            tokens=Tokens(bytes(range(64))),
            sessions=sessions,
            sign_in=SignIn(
                accounts,
                passwords,
                Throttle(ThrottleRepository(engine), bytes(32), town.clock),
                sessions,
                town.clock,
            ),
            leaving=Leaving([line.accounts for line in town.lines.values()], sessions.any_left),
            recorder=town.recorder,
            audit_log=town.audit.log,
        )
        enrolment = Enrolment(accounts, passwords, town.clock)
        for username, role in (("lu", "cadre"), ("luo", "cadre"), ("wei", "service"), ("shen", "auditor")):
            details = AccountDetails(username, f"{username}某", (RoleInScope(role, (HERE,)),), "玉田一居委")
            await enrolment.enrol(details, PASSWORD, any_password=True)
        server = TestServer(application(services))
        await server.start_server()
        stack.push_async_callback(server.close)
        yield Village(town, services, str(server.make_url("")).rstrip("/"), stack)
