"""``vault``: the accounts on line systems, in place of the password sheet."""

from __future__ import annotations

import asyncio
import getpass
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
import typer

from gateway.cli.place import Config, Data, config_file
from gateway.cli.vault_place import (
    Language,
    connectors_of,
    given_owner,
    known_owner,
    known_system,
    open_vault,
)
from gateway.settings import ConfigurationFaults

if TYPE_CHECKING:
    from gateway.cli.vault_check import Checked
    from gateway.vault.entry import Entry
    from gateway.vault.intake import RowReport
    from gateway.vault.vault import Kept, Rotation

app = typer.Typer(
    help="Accounts on line systems. Example: community-cloud vault list --data ./demo-data",
    no_args_is_help=True,
)

_MAX_LENGTH = 256

System = Annotated[str, typer.Argument(metavar="SYSTEM", help="Its name in systems.yaml.")]
OwnerName = Annotated[
    str | None, typer.Option("--owner", metavar="USER", help="Whose personal account.", show_default=False)
]
Service = Annotated[bool, typer.Option("--service", help="The system's service account.")]
Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON.")]


@app.command("import")
def import_(
    sheet: Annotated[Path, typer.Argument(metavar="SHEET", help="The password sheet, .csv or .xlsx.")],
    *,
    owner: OwnerName = None,
    service: Service = False,
    choose: Annotated[
        list[str] | None,
        typer.Option("--choose", metavar="ROW", help="Take this row where several compete; repeat for more."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only report.")] = False,
    json: Json = False,
    lang: Language = "en",
    config: Config = None,
    data: Data = None,
) -> None:
    """Take in a password sheet and report on each row; exit code 1 if a row needs somebody.

    Example: community-cloud vault import sheet.xlsx --owner wang --data ./demo-data
    """
    from gateway.cli.vault_words import DELETE_SHEET, DRY_RUN, fault_line, row_line, say, summary_line
    from gateway.vault.columns import read_accounts
    from gateway.vault.intake import GOOD, take_in
    from gateway.vault.matching import KnownSystem, Systems
    from gateway.vault.sheet import SheetFault, read_sheet

    async def run() -> tuple[RowReport, ...]:
        async with open_vault(place) as opened:
            whose = await known_owner(opened, owner, service=service)
            connectors = connectors_of(opened.settings)
            systems = Systems(
                [
                    KnownSystem(
                        name, connectors[name].base_url, (connectors[name].manifest.title, *one.aliases)
                    )
                    for name, one in opened.settings.systems.items()
                ]
            )
            chosen = frozenset(choose or ())
            return await take_in(accounts, systems, opened.vault, whose, chosen, dry_run=dry_run)

    place = config_file(config, data)
    try:
        accounts = read_accounts(read_sheet(sheet))
    except SheetFault as fault:
        raise ConfigurationFaults([f"{sheet.name}: {fault_line(fault, lang)}"]) from None
    reports = asyncio.run(run())
    after = say(DRY_RUN if dry_run else DELETE_SHEET, lang)
    if json:
        print(orjson.dumps({"dry_run": dry_run, "rows": reports}).decode())
        print(after, file=sys.stderr)
    else:
        print("\n".join([*(row_line(one, lang) for one in reports), summary_line(reports, lang), after]))
    sys.exit(0 if all(one.result in GOOD for one in reports) else 1)


@app.command("list")
def list_(
    system: Annotated[str | None, typer.Option("--system", metavar="SYSTEM", show_default=False)] = None,
    owner: OwnerName = None,
    service: Service = False,
    json: Json = False,
    lang: Language = "en",
    config: Config = None,
    data: Data = None,
) -> None:
    """List the accounts: system, owner, state, since when, key; never a user name or a password.

    Example: community-cloud vault list --data ./demo-data
    """
    from gateway.cli.vault_words import entry_line

    async def run() -> tuple[Entry, ...]:
        async with open_vault(config_file(config, data)) as opened:
            return await opened.vault.list(system, given_owner(owner, service=service))

    entries = asyncio.run(run())
    if json:
        print(orjson.dumps([_public(entry) for entry in entries]).decode())
    elif entries:
        print("\n".join(entry_line(entry, lang) for entry in entries))


@app.command()
def check(
    system: Annotated[str | None, typer.Option("--system", metavar="SYSTEM", show_default=False)] = None,
    owner: OwnerName = None,
    service: Service = False,
    json: Json = False,
    lang: Language = "en",
    config: Config = None,
    data: Data = None,
) -> None:
    """Sign in once with each account; a rejected password is marked and never tried again.

    Example: community-cloud vault check --system household --data ./demo-data
    """
    from gateway import logs
    from gateway.cli import vault_check
    from gateway.cli.vault_words import CHECKED, say

    async def run() -> list[tuple[Entry, Checked]]:
        async with open_vault(config_file(config, data)) as opened:
            entries = await opened.vault.list(system, given_owner(owner, service=service))
            return await vault_check.check(opened, connectors_of(opened.settings), entries)

    # What signing in logs would stand in the middle of the report.
    logs.configure("error")
    found = asyncio.run(run())
    if json:
        print(orjson.dumps([{**_public(entry), "result": result} for entry, result in found]).decode())
    else:
        for entry, result in found:
            print(f"{entry.system}\t{entry.owner}\t{say(CHECKED[result], lang)}")
    sys.exit(0 if all(result is vault_check.Checked.OK for _, result in found) else 1)


@app.command("set")
def set_(
    system: System,
    username: Annotated[str, typer.Option("--username", help="The user name at that system.")],
    owner: OwnerName = None,
    service: Service = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Enter or change one account; asks for the password.

    Example: community-cloud vault set household --owner wang --username wangfang --data ./demo-data
    """
    from connectors.sdk import Credential

    async def run() -> Kept:
        async with open_vault(config_file(config, data)) as opened:
            name = known_system(opened.settings, system)
            whose = await known_owner(opened, owner, service=service)
            password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
            return await opened.vault.keep(
                name, whose, Credential(_text("user name", username), _text("password", password))
            )

    print(f"ok {asyncio.run(run())}")


@app.command()
def remove(
    system: System,
    owner: OwnerName = None,
    service: Service = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Remove one account.

    Example: community-cloud vault remove household --owner wang --data ./demo-data
    """
    whose = given_owner(owner, service=service)
    if whose is None:
        raise typer.BadParameter("give either --owner USER or --service")

    async def run() -> None:
        async with open_vault(config_file(config, data)) as opened:
            await opened.vault.remove(system, whose)

    asyncio.run(run())
    print("ok")


@app.command()
def rotate(config: Config = None, data: Data = None) -> None:
    """Wrap every entry anew with the current key (vault.current in gateway.yaml); readers do not wait.

    Example: community-cloud vault rotate --config config/gateway.yaml
    """

    def progress(done: int, total: int) -> None:
        if done % 100 == 0 or done == total:
            print(f"{done}/{total}", file=sys.stderr)

    async def run() -> Rotation:
        async with open_vault(config_file(config, data)) as opened:
            return await opened.vault.rotate(progress)

    done = asyncio.run(run())
    for entry in done.failed:
        print(f"{entry.system}\t{entry.owner}\tdoes not open: key {entry.sealed.key_id}")
    print(f"{'ok ' if not done.failed else ''}{done.total} entries, {done.moved} wrapped anew")
    sys.exit(1 if done.failed else 0)


@app.command("new-key")
def new_key(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Must not exist yet.")],
) -> None:
    """Write a new random key, for vault.keys in gateway.yaml as file:FILE.

    Example: community-cloud vault new-key config/vault-2026-11.key
    """
    from gateway.vault.keys import create_key
    from gateway.vault.private_file import KeyFileFault

    try:
        create_key(file)
    except KeyFileFault as error:
        raise ConfigurationFaults([str(error)]) from None
    print(f"ok {file}: keep a copy apart from the database")


def _public(entry: Entry) -> dict[str, object]:
    return {
        "system": entry.system,
        "owner": str(entry.owner),
        "state": entry.state,
        "why": entry.why,
        "since": entry.since,
        "changed_at": entry.changed_at,
        "key": entry.sealed.key_id,
    }


def _text(what: str, given: str) -> str:
    try:
        given.encode()
    except UnicodeEncodeError:
        given = ""
    if not 0 < len(given) <= _MAX_LENGTH:
        raise ConfigurationFaults([f"{what}: give 1 to {_MAX_LENGTH} characters"])
    return given
