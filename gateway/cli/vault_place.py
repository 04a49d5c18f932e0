"""The vault of one installation, opened for a command."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.settings import ConfigurationFaults, read_whole

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from connectors.sdk import Connector
    from gateway.clock import Clock
    from gateway.identity.repository import AccountRepository
    from gateway.settings import Settings
    from gateway.upstream.clients import Clients
    from gateway.vault.entry import Owner
    from gateway.vault.vault import Vault


Language = Annotated[
    str,
    typer.Option(
        "--lang",
        metavar="zh|en",
        envvar=["LC_ALL", "LC_MESSAGES", "LANG"],
        show_envvar=False,
        help="Language of the report; the locale's if absent.",
    ),
]


@dataclass(frozen=True, slots=True)
class OpenVault:
    """A vault and what the commands need beside it."""

    settings: Settings
    vault: Vault
    accounts: AccountRepository
    clients: Clients
    clock: Clock


@asynccontextmanager
async def open_vault(place: Path) -> AsyncIterator[OpenVault]:
    """Open the vault of the installation at ``place``; raises ConfigurationFaults."""
    from gateway.clock import Clock
    from gateway.identity.repository import AccountRepository
    from gateway.store.engine import open_engine
    from gateway.upstream.clients import open_clients
    from gateway.vault.build import build_vault
    from gateway.vault.keyring import KeyFileFault, KeyRing
    from gateway.vault.repository import VaultRepository

    settings, clock = read_whole(place), Clock()
    try:
        ring = KeyRing.read(settings.key_file)
    except KeyFileFault as error:
        raise ConfigurationFaults([f"keys: {error}"]) from None
    engine = open_engine(settings.store_url)
    try:
        async with open_clients() as clients:
            send = clients.transport().handle_async_request
            vault = build_vault(settings.vault, ring, VaultRepository(engine), send, clock)
            yield OpenVault(settings, vault, AccountRepository(engine), clients, clock)
    finally:
        await engine.dispose()


def connectors_of(settings: Settings) -> Mapping[str, Connector[Any]]:
    """Return the connector of each configured system; raises ConfigurationFaults."""
    from gateway.upstream.registry import connect

    faults: list[str] = []
    connectors = connect(settings.systems, faults)
    if faults:
        raise ConfigurationFaults(faults)
    return connectors


def given_owner(username: str | None, *, service: bool) -> Owner | None:
    """Return the owner that the options name, None for neither; both are a usage error."""
    from gateway.identity.accounts import fold_username
    from gateway.vault.entry import SERVICE, Owner

    if username is not None and service:
        raise typer.BadParameter("give either --owner USER or --service")
    if service:
        return SERVICE
    return None if username is None else Owner(fold_username(username))


async def known_owner(opened: OpenVault, username: str | None, *, service: bool) -> Owner:
    """Return the owner that the options name; a person must have an account at the gateway."""
    owner = given_owner(username, service=service)
    if owner is None:
        raise typer.BadParameter("give either --owner USER or --service")
    if owner.username is not None:
        account = await opened.accounts.find(owner.username)
        if account is None or account.disabled:
            raise ConfigurationFaults(
                [f"--owner {owner.username}: there is no such account, or it is disabled"]
            )
    return owner


def known_system(settings: Settings, name: str) -> str:
    """Return a configured system's name; raises ConfigurationFaults for another."""
    if name not in settings.systems:
        known = ", ".join(settings.systems)
        raise ConfigurationFaults([f"{name}: there is no such system in systems.yaml; there are {known}"])
    return name
