"""``demo``: the gateway, its mock line systems and its demo accounts on this machine, nothing else needed."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.place import CONFIG_NAME

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from gateway.app import Installation

PASSWORD_VARIABLE = "COMMUNITY_CLOUD_DEMO_PASSWORD"  # noqa: S105  # the name of a variable
COMMITTEE = "310109010003"
COMMITTEE_2 = "310110016005"
STREET = COMMITTEE[:9]
CITY = "31"

ACCOUNTS: tuple[tuple[str, str, str, str, str], ...] = (
    ("cadre", "陆敏", "cadre", COMMITTEE, "曲阳路街道玉田一居委"),
    ("secretary", "沈国强", "secretary", COMMITTEE, "曲阳路街道玉田一居委"),
    ("street", "顾晓燕", "street", STREET, "曲阳路街道办事处"),
    ("service", "为老服务队", "service", COMMITTEE, "曲阳路街道为老服务中心"),
    ("guard", "门岗", "guard", COMMITTEE, "曲阳路街道玉田物业"),
    ("resident", "居民", "resident", COMMITTEE, ""),
    ("auditor", "审计员", "auditor", CITY, "审计科"),
    ("security", "安全管理员甲", "security", CITY, "安全科"),
    ("security2", "安全管理员乙", "security", CITY, "安全科"),
    ("admin", "系统管理员", "admin", CITY, "信息科"),
    ("cadre2", "姚红", "cadre", COMMITTEE_2, "殷行街道市光二村居委"),
)
"""User name, shown name, role, scope, office."""


def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port on 127.0.0.1; 0 takes a free one.")
    ] = 8080,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Keep the state here; a temporary folder when absent."),
    ] = None,
    population: Annotated[int, typer.Option(min=500, help="People of the synthetic city.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Which synthetic city.")] = 1,
) -> None:
    """Try the gateway: mocks, accounts and all.

    Example: community-cloud demo --port 8080 --data ./demo-data
    """
    import uvloop

    from gateway import app

    try:
        listener = app.listen("127.0.0.1", port)
    except app.PortTaken as error:
        print(f"{error} Choose another one with --port.", file=sys.stderr)
        raise typer.Exit(1) from None
    with _folder(data) as folder:
        uvloop.run(_run(listener, folder, population, seed))


@contextmanager
def _folder(given: Path | None) -> Iterator[Path]:
    folder = given or Path(tempfile.mkdtemp(prefix="community-cloud-"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        if given is None:
            shutil.rmtree(folder, ignore_errors=True)


async def _run(listener: socket.socket, folder: Path, population: int, seed: int) -> None:
    import orjson

    from gateway import app, logs
    from gateway.cli.child import mocks_running

    password = os.environ.get(PASSWORD_VARIABLE) or secrets.token_urlsafe(9)
    state_file = folder / "demo.json"
    async with AsyncExitStack() as stack:
        mocks = await stack.enter_async_context(mocks_running(population, seed))
        _write_configuration(folder, listener.getsockname()[1], mocks)
        installation = app.prepare(folder / CONFIG_NAME)
        log = logs.configure(installation.settings.log_level)
        await _enrol(installation, password, await _a_household(mocks["city"]["base_url"]))

        def ready(address: str) -> None:
            systems = {name: {"base_url": system["base_url"]} for name, system in mocks["systems"].items()}
            state = {"base_url": address, "systems": systems, "city": mocks["city"]}
            state_file.write_bytes(orjson.dumps(state))
            stack.callback(state_file.unlink, missing_ok=True)
            _print_accounts(password)
            print(f"ready {address}", flush=True)

        await app.serve(installation, listener, ready, log)


def _write_configuration(folder: Path, port: int, mocks: dict[str, Any]) -> None:
    """Write the configuration that ``--data DIR`` of other commands finds.

    Secrets go to files of their own.
    """
    import yaml

    from gateway.vault.keyring import KeyRing

    systems = {}
    for name, system in mocks["systems"].items():
        account = next(one for one in system["accounts"] if one["username"] == "gateway")
        secret = folder / "secrets" / name
        secret.parent.mkdir(mode=0o700, exist_ok=True)
        secret.touch(mode=0o600)
        secret.write_text(account["password"], "utf-8")
        systems[name] = {
            "connector": name,
            "base_url": system["base_url"],
            "credential": {"username": account["username"], "secret": f"file:secrets/{name}"},
        }
    gateway = {"data": ".", "listen": {"host": "127.0.0.1", "port": port}}
    (folder / CONFIG_NAME).write_text(yaml.safe_dump(gateway), "utf-8")
    (folder / "systems.yaml").write_text(yaml.safe_dump(systems, sort_keys=False), "utf-8")
    if not (folder / "keys.json").exists():
        KeyRing.create(folder / "keys.json")


async def _a_household(city: str) -> str | None:
    """Return the household of somebody over 80 in the demo committee, for the resident's account."""
    import httpx
    import orjson

    from gateway.upstream.clients import open_transport

    async with open_transport() as transport:
        request = httpx.Request("GET", f"{city}/_mock/truth?committee={COMMITTEE}&age_from=80")
        people = orjson.loads((await transport.handle_async_request(request)).content)
    found = people["people"] if isinstance(people, dict) else people
    return next((person["household"] for person in found if person["alive"]), None)


async def _enrol(installation: Installation, password: str, household: str | None) -> None:
    """Create the demo accounts, or give them this start's password; a kept data folder keeps its sessions."""
    from gateway.clock import Clock
    from gateway.identity.accounts import AccountDetails
    from gateway.identity.enrolment import Enrolment
    from gateway.identity.passwords import Passwords
    from gateway.identity.repository import AccountRepository
    from gateway.store.engine import open_engine
    from gateway.store.migrate import upgrade
    from policies.model import RoleInScope

    await upgrade(installation.settings.store_url)
    engine = open_engine(installation.settings.store_url)
    passwords = Passwords()
    enrolment = Enrolment(AccountRepository(engine), passwords, Clock())
    try:
        async with asyncio.TaskGroup() as group:
            for username, shown, role, scope, office in ACCOUNTS:
                details = AccountDetails(
                    username,
                    shown,
                    (RoleInScope(role, (scope,)),),
                    office,
                    household if role == "resident" else None,
                )
                group.create_task(enrolment.enrol(details, password, any_password=True))
    finally:
        passwords.close()
        await engine.dispose()


def _print_accounts(password: str) -> None:
    print("Demo accounts (one password for all):")
    for username, shown, role, scope, office in ACCOUNTS:
        print(f"  {username:<10} {role:<10} {scope:<13} {shown} {office}")
    print(f"  password   {password}")
