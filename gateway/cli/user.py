"""``user``: local accounts."""

from __future__ import annotations

import asyncio
import getpass
import re
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.place import Config, Data, config_file

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from gateway.identity.accounts import AccountDetails
    from gateway.identity.repository import AccountRepository
    from policies.model import RoleInScope

app = typer.Typer(
    help="Local accounts. Example: community-cloud user list --data ./demo-data", no_args_is_help=True
)

_REGION = re.compile(r"[0-9]{2,12}")

Username = Annotated[str, typer.Argument(metavar="USERNAME")]


@app.command()
def add(
    username: Username,
    role: Annotated[
        list[str],
        typer.Option("--role", metavar="ROLE:REGION", help="e.g. cadre:310109010003; repeat for more."),
    ],
    name: Annotated[str, typer.Option(help="The name that pages show.")],
    organisation: Annotated[str, typer.Option(help="The office.")] = "",
    config: Config = None,
    data: Data = None,
) -> None:
    """Create an account, or change the one there is; asks for the password.

    Example: community-cloud user add wang --role cadre:310109010003 --name 王芳 --data ./demo-data
    """
    from gateway.identity.accounts import AccountDetails, fold_username

    place = config_file(config, data)
    details = AccountDetails(username, name, _roles(role, place), organisation)
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    asyncio.run(_save(place, details, password))
    print(f"ok {fold_username(username)}")


@app.command()
def disable(username: Username, config: Config = None, data: Data = None) -> None:
    """Disable an account; its sessions end within a second.

    Example: community-cloud user disable wang --data ./demo-data
    """
    from gateway.identity.accounts import fold_username

    if not asyncio.run(_disable(config_file(config, data), fold_username(username))):
        print("there is no such account", file=sys.stderr)
        sys.exit(1)
    print("ok")


@app.command("list")
def list_(config: Config = None, data: Data = None) -> None:
    """List the accounts with their roles.

    Example: community-cloud user list --data ./demo-data
    """
    for line in asyncio.run(_lines(config_file(config, data))):
        print(line)


def _roles(given: list[str], place: Path) -> tuple[RoleInScope, ...]:
    """Return the roles as written, or report every one that no policy knows."""
    from gateway.app import prepare
    from gateway.settings import ConfigurationFaults
    from policies.model import RoleInScope

    known = prepare(place).policy.roles
    scopes: dict[str, list[str]] = {}
    faults = []
    for one in given:
        role, _, region = one.partition(":")
        if role not in known:
            faults.append(f"--role {one}: there is no role {role!r}; there are {', '.join(sorted(known))}")
        if not _REGION.fullmatch(region):
            # Without a region the role would hold nowhere, and nobody would be told.
            faults.append(f"--role {one}: write ROLE:REGION with a region code of 2 to 12 digits")
        scopes.setdefault(role, []).append(region)
    if faults:
        raise ConfigurationFaults(faults)
    return tuple(RoleInScope(role, tuple(regions)) for role, regions in scopes.items())


@asynccontextmanager
async def _accounts(place: Path) -> AsyncIterator[AccountRepository]:
    from gateway.app import prepare
    from gateway.identity.repository import AccountRepository
    from gateway.store.engine import open_engine

    engine = open_engine(prepare(place).settings.store_url)
    try:
        yield AccountRepository(engine)
    finally:
        await engine.dispose()


async def _save(place: Path, details: AccountDetails, password: str) -> None:
    from gateway.clock import Clock
    from gateway.identity.enrolment import Enrolment
    from gateway.identity.passwords import Passwords

    async with _accounts(place) as accounts:
        passwords = Passwords()
        try:
            await Enrolment(accounts, passwords, Clock()).enrol(details, password)
        finally:
            passwords.close()


async def _disable(place: Path, username: str) -> bool:
    async with _accounts(place) as accounts:
        return await accounts.set_disabled(username, disabled=True)


async def _lines(place: Path) -> list[str]:
    async with _accounts(place) as accounts:
        return [
            "\t".join(
                [
                    account.username,
                    account.display_name,
                    " ".join(f"{held.role}:{','.join(held.scope)}" for held in account.roles),
                    "disabled" if account.disabled else "",
                ]
            ).rstrip()
            for account in await accounts.list()
        ]
