"""The whole gateway on a loopback port, over three boxes of cards that are servers themselves."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import httpx
import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

from connectors.sdk import ConnectorSettings, Credential
from connectors.sdk.webhook import signature
from gateway.app import Installation, answering, open_services
from gateway.clock import Clock
from gateway.identity.accounts import AccountDetails
from gateway.identity.enrolment import Enrolment
from gateway.identity.passwords import Cost, Passwords
from gateway.identity.repository import AccountRepository
from gateway.keys import Services
from gateway.logs import RequestLog
from gateway.settings import Settings
from gateway.store.engine import open_engine
from gateway.store.migrate import upgrade
from gateway.upstream.system import fields_of
from gateway.vault.keyring import KeyRing
from policies.documents import Grant, Quota, Role
from policies.engine import Engine
from policies.model import Action, RoleInScope
from tests.unit.gateway.pipeline.cards import HERE, PASSWORD, Card, CardConnector, Cards
from tests.unit.gateway.pipeline.hamlet import PURPOSES, ROLES, SYSTEMS

USERS = {"cadre": "cadre", "auditor": "auditor", "admin": "admin"}
PASSPHRASE = "herons over Suzhou Creek"
OFFICES = {
    "auditor": Role(
        role="auditor", title="审计员", grants=(Grant(system="gateway", actions=(Action.READ_AUDIT,)),)
    ),
    "admin": Role(
        role="admin",
        title="系统管理员",
        grants=(Grant(system="gateway", actions=(Action.PURGE_CACHE, Action.READ_SYSTEMS)),),
    ),
}

WEBHOOK_KEY = b"egrets over the Huangpu river"

UNLIMITED = ROLES["cadre"].model_copy(update={"quota": Quota()})
"""Many tests share one site, and a day."""


def signed(raw: bytes) -> dict[str, str]:
    """Return the headers of a message from the elderly system."""
    message_id, timestamp = uuid4().hex, str(int(time.time()))
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(WEBHOOK_KEY, message_id, timestamp, raw),
    }


@dataclass
class Site:
    """A running gateway, what stands behind it, and a browser without memory in front."""

    url: str
    services: Services
    systems: Mapping[str, Cards]
    client: aiohttp.ClientSession
    log: io.BytesIO = field(default_factory=io.BytesIO)
    sessions: dict[str, tuple[str, str]] = field(default_factory=dict)
    """User -> (cookie, CSRF token)."""

    async def ask(
        self,
        method: str,
        path: str,
        user: str | None = None,
        *,
        body: object = None,
        **headers: str,
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if user is not None:
            cookie, token = await self.signed_in(user)
            sent = {"Cookie": f"session={cookie}", "X-CSRF-Token": token} | sent
        content = {"data": body} if isinstance(body, bytes) else {"json": body} if body is not None else {}
        async with self.client.request(
            method,
            self.url + path,
            headers=sent,
            allow_redirects=False,
            **content,
        ) as response:
            raw = await response.read()
            return Answer(response.status, response.headers, raw)

    async def logged(self) -> list[dict[str, Any]]:
        """Return the lines of all requests so far."""
        await asyncio.sleep(0)  # the last ones go out when the loop has turned
        return [orjson.loads(line) for line in self.log.getvalue().splitlines()]

    async def signed_in(self, user: str) -> tuple[str, str]:
        if user not in self.sessions:
            answer = await self.ask(
                "POST", "/api/v1/session", body={"username": user, "password": PASSPHRASE}
            )
            assert answer.status == 201, answer.raw
            cookie = answer.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
            self.sessions[user] = (cookie, answer.json["csrf_token"])
        return self.sessions[user]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.raw)


@asynccontextmanager
async def site(folder: Path, *people: list[Card], **settings: object) -> AsyncIterator[Site]:
    """Run the gateway over systems that hold these people; accounts are named by their roles."""
    async with AsyncExitStack() as stack:
        held = [*people, *([] for _ in SYSTEMS)]
        systems = {name: Cards(list(cards)) for name, cards in zip(SYSTEMS, held, strict=False)}
        addresses = {name: await stack.enter_async_context(served(cards)) for name, cards in systems.items()}
        installation = installed(folder, addresses, settings)
        await enrol(installation)
        services = await stack.enter_async_context(open_services(installation, Clock()))
        log = io.BytesIO()
        connection = await stack.enter_async_context(answering(services, RequestLog(log)))
        listening = await asyncio.get_running_loop().create_server(connection, "127.0.0.1", 0)
        await stack.enter_async_context(listening)
        client = await stack.enter_async_context(aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()))
        port = listening.sockets[0].getsockname()[1]
        yield Site(f"http://127.0.0.1:{port}", services, systems, client, log)


@asynccontextmanager
async def served(cards: Cards) -> AsyncIterator[str]:
    """Serve a box of cards over HTTP."""

    async def handle(request: web.Request) -> web.Response:
        asked = httpx.Request(
            request.method,
            str(request.url),
            headers=list(request.headers.items()),
            content=await request.read(),
        )
        answer = await cards.handle(asked)
        return web.Response(status=answer.status_code, body=answer.content)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    async with TestServer(app) as server:
        yield str(server.make_url("/"))


def installed(folder: Path, addresses: Mapping[str, str], settings: Mapping[str, object]) -> Installation:
    blocks = {
        name: {
            "connector": "cards",
            "base_url": address,
            "credential": {"username": "gateway", "secret": "env:CARDS"},
        }
        for name, address in addresses.items()
    }
    connectors = {name: CardConnector(address, ConnectorSettings()) for name, address in addresses.items()}
    catalogue = {name: fields_of(connector) for name, connector in connectors.items()}
    return Installation(
        Settings.model_validate({"data": folder, "systems": blocks, "answer_deadline_s": 5, **settings}),
        connectors,
        {name: Credential("gateway", PASSWORD) for name in addresses},
        Engine({**ROLES, **OFFICES, "cadre": UNLIMITED}, PURPOSES, {**catalogue, "gateway": ()}, "v1"),
        KeyRing(bytes(range(32))),
        webhooks={"elderly": WEBHOOK_KEY, "relief": WEBHOOK_KEY[::-1]},
    )


async def enrol(installation: Installation) -> None:
    await upgrade(installation.settings.store_url)
    engine = open_engine(installation.settings.store_url)
    passwords = Passwords(Cost(memory_kib=8, passes=1))
    try:
        enrolment = Enrolment(AccountRepository(engine), passwords, Clock())
        for user, role in USERS.items():
            details = AccountDetails(user, f"{role}某", (RoleInScope(role, (HERE,)),))
            await enrolment.enrol(details, PASSPHRASE)
    finally:
        passwords.close()
        await engine.dispose()
