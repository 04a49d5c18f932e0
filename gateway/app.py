"""Composition root: settings -> stores -> pipeline -> routes, and the same way back at the end."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web

from connectors.sdk import Credential
from connectors.sdk.webhook import key_of
from gateway.audit.anchor import Anchor
from gateway.audit.log import AuditLog
from gateway.audit.recorder import Recorder
from gateway.audit.usage import UsageCounters
from gateway.audit.writer import AuditWriter
from gateway.cache.memory import MemoryCache
from gateway.clock import Clock
from gateway.garbage import look_seldom
from gateway.identity.passwords import Passwords
from gateway.identity.repository import AccountRepository, SessionRepository, ThrottleRepository
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import SignIn
from gateway.identity.throttle import Throttle
from gateway.keys import DOCS, OPENAPI, SERVICES, Services
from gateway.logs import RequestLog
from gateway.pipeline.build import build
from gateway.portal.routes import add_pages
from gateway.residents.tokens import Tokens
from gateway.settings import ConfigurationFaults, Settings, read, resolve
from gateway.settings import Credential as CredentialReference
from gateway.store.engine import open_engine
from gateway.store.migrate import upgrade
from gateway.tasks import Tasks
from gateway.upstream.account import Means
from gateway.upstream.clients import BadTls, context_of, open_clients
from gateway.upstream.lease import Leases
from gateway.upstream.leaving import Leaving
from gateway.upstream.lines import Lines
from gateway.upstream.registry import catalogue, connect
from gateway.upstream.repository import UpstreamRepository
from gateway.upstream.webhook import Webhook
from gateway.vault.build import build_vault
from gateway.vault.keyring import KeyFileFault, KeyRing
from gateway.vault.keys import key_faults
from gateway.vault.repository import VaultRepository
from gateway.web import admin
from gateway.web.docs import draw
from gateway.web.front import Front
from gateway.web.limits import MAX_BODY
from gateway.web.middleware import edge
from gateway.web.openapi import describe
from gateway.web.protocol import Protocol
from gateway.web.routes import ROUTES, add_routes
from policies.load import SHIPPED, PolicyFaults
from policies.load import load as load_policy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from connectors.sdk import Connector
    from policies.engine import Engine


SWEEP_S = 60.0
"""How often upstream sessions of people who have gone unseen are ended."""


@dataclass(frozen=True, slots=True)
class Installation:
    """A configuration in which nothing is wrong, with everything that checking it has made."""

    settings: Settings
    connectors: Mapping[str, Connector[Any]]
    credentials: Mapping[str, Credential]
    policy: Engine
    keys: KeyRing
    canaries: Mapping[str, Credential] = field(default_factory=dict)
    """Test accounts by system."""
    webhooks: Mapping[str, bytes] = field(default_factory=dict)
    """Keys that systems sign their messages with."""


def prepare(file: Path) -> Installation:
    """Read and check a configuration; raises ConfigurationFaults with all that is wrong in it."""
    settings, faults = read(file)
    connectors = connect(settings.systems, faults)
    # With a system missing, every policy that names it would read as a fault of its own.
    all_systems = not any(fault.startswith("systems.yaml") for fault in faults)
    service = {name: system.credential for name, system in settings.systems.items()}
    tests = {name: system.canary.credential for name, system in settings.systems.items()}
    credentials = _resolved(service, "credential", file.parent, faults)
    canaries = _resolved(tests, "canary.credential", file.parent, faults)
    webhooks: dict[str, bytes] = {}
    for name, system in settings.systems.items():
        try:
            context_of(system.tls)
        except BadTls as error:
            faults.append(f"systems.yaml: {name}: tls.{error}")
        if system.webhook is not None:
            try:
                webhooks[name] = key_of(resolve(system.webhook.secret, file.parent).value)
            except ValueError as error:
                faults.append(f"systems.yaml: {name}: webhook.secret: {error}")
    policy = None
    if all_systems:
        try:
            policy = load_policy(settings.policies or SHIPPED, catalogue(settings.systems, connectors))
        except PolicyFaults as error:
            faults += [f"policies: {fault}" for fault in error.faults]
    keys = None
    try:
        keys = KeyRing.read(settings.key_file)
    except KeyFileFault as error:
        faults.append(f"keys: {error}")
    else:
        faults += key_faults(settings.vault, keys)
    if faults or policy is None or keys is None:
        raise ConfigurationFaults(faults)
    return Installation(settings, connectors, credentials, policy, keys, canaries, webhooks)


def _resolved(
    named: Mapping[str, CredentialReference | None], place: str, home: Path, faults: list[str]
) -> dict[str, Credential]:
    """Return the credentials of the systems that have one in the configuration and not in the vault."""
    found: dict[str, Credential] = {}
    for name, reference in named.items():
        if reference is not None:
            try:
                secret = resolve(reference.secret, home)
                found[name] = Credential(reference.username, secret.value)
            except ValueError as error:
                faults.append(f"systems.yaml: {name}: {place}.secret: {error}")
    return found


class PortTaken(Exception):
    """Another program listens there."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raises PortTaken with a sentence."""
    try:
        return socket.create_server((host, port), backlog=1024)
    except OSError as error:
        why = (
            "is taken by another program"
            if error.errno == errno.EADDRINUSE
            else f"cannot be used: {error.strerror}"
        )
        raise PortTaken(f"Port {port} on {host} {why}.") from None


@asynccontextmanager
async def open_services(installation: Installation, clock: Clock) -> AsyncIterator[Services]:
    """Open stores and clients, build the pipeline, and close everything in the reverse order."""
    settings, keys = installation.settings, installation.keys
    await upgrade(settings.store_url)
    async with AsyncExitStack() as stack:
        tasks = Tasks()
        engine = open_engine(settings.store_url)
        stack.push_async_callback(engine.dispose)
        clients = await stack.enter_async_context(open_clients())
        send = clients.transport().handle_async_request
        stack.push_async_callback(tasks.close)
        log, usage = AuditLog(engine), UsageCounters()
        stack.push_async_callback(log.close)
        anchor = Anchor(settings.anchor_file, keys.audit_anchor)
        anchor.open()
        stack.callback(anchor.close)
        writer = AuditWriter(log, anchor, usage, clock, tasks)
        await writer.open()
        stack.push_async_callback(writer.close)
        policy = installation.policy
        recorder = Recorder(writer, usage, keys.audit_subject, lambda: policy, clock)
        vault = build_vault(settings.vault, keys, VaultRepository(engine), send, clock)
        means = Means(send, tasks, clock, Leases())
        shared = Lines(vault, UpstreamRepository(engine), keys.vault_mark, means, clients)
        lines = {
            name: shared.system(
                name,
                system,
                installation.connectors[name],
                installation.credentials.get(name),
                installation.canaries.get(name),
            )
            for name, system in settings.systems.items()
        }
        for line in lines.values():
            stack.push_async_callback(line.accounts.close)
            if not line.accounts.personal:
                # Before the first reader needs it: a slow system's sign-in alone can take the whole answer
                # deadline.
                tasks.detach(line.account.session(), f"first sign-in {line.name}")
            tasks.detach(line.watch.check(), f"first look {line.name}")
            tasks.repeat(line.watch.check, settings.systems[line.name].canary.every_s, f"look {line.name}")
        cache = MemoryCache(keys.cache, clock, settings.cache.max_bytes)
        passwords = Passwords()
        stack.callback(passwords.close)
        accounts = AccountRepository(engine)
        sessions = Sessions(
            SessionRepository(engine),
            clock,
            tasks,
            idle=timedelta(seconds=settings.sessions.idle_s),
            absolute=timedelta(seconds=settings.sessions.absolute_s),
        )
        leaving = Leaving([line.accounts for line in lines.values()], sessions.any_left)
        tasks.repeat(leaving.sweep, SWEEP_S, "sweep upstream sessions")
        yield Services(
            settings=settings,
            clock=clock,
            pipeline=build(
                lines,
                settings.base_register,
                lambda: policy,
                recorder,
                cache,
                clock,
                tasks,
            ),
            policy=lambda: policy,
            systems=lines,
            webhooks={name: Webhook(key, clock) for name, key in installation.webhooks.items()},
            cache=cache,
            tokens=Tokens(keys.token),
            sessions=sessions,
            sign_in=SignIn(
                accounts, passwords, Throttle(ThrottleRepository(engine), keys.login, clock), sessions, clock
            ),
            leaving=leaving,
            recorder=recorder,
            audit_log=log,
        )


def application(services: Services, log: RequestLog | None = None) -> web.Application:
    """Return the HTTP application over opened services; without a ``log`` requests leave no line."""
    around = edge(log or RequestLog(None, on=False), services.requests)
    app = web.Application(middlewares=[around], client_max_size=MAX_BODY)
    app[SERVICES] = services
    app[OPENAPI] = describe(ROUTES)
    app[DOCS] = draw(app[OPENAPI])
    add_routes(app)
    add_pages(app, services)
    return app


@asynccontextmanager
async def answering(services: Services, log: RequestLog) -> AsyncIterator[Callable[[], Protocol]]:
    """Yield what makes a connection of the gateway's; at the end those under way are answered."""
    app = application(services, log)
    runner = web.AppRunner(app, shutdown_timeout=5)
    await runner.setup()
    server = runner.server
    if server is None:
        raise RuntimeError("the runner is set up before it is served")
    Front(app, server)
    try:
        yield lambda: Protocol(server, log)
    finally:
        await runner.cleanup()


async def serve(
    installation: Installation, listener: socket.socket, ready: Callable[[str], None], log: RequestLog
) -> None:
    """Serve on a listening socket until SIGINT or SIGTERM; ``ready`` is told the address."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with (
        open_services(installation, Clock()) as services,
        answering(services, log) as connection,
        admin.listening(services),
        await loop.create_server(connection, sock=listener) as listening,
    ):
        look_seldom()
        host, port = listener.getsockname()[:2]
        ready(f"http://{host}:{port}")
        await stop.wait()
        # New connections are refused first; those under way are answered before the services go.
        listening.close()
