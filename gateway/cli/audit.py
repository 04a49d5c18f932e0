"""``audit``: the record of every look."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import typer

from gateway.cli.place import Config, Data, config_file

if TYPE_CHECKING:
    from gateway.audit.verify import Report
    from gateway.settings import Settings
    from gateway.vault.keyring import KeyRing

app = typer.Typer(
    help="The record of every look. Example: community-cloud audit verify --data ./demo-data",
    no_args_is_help=True,
)


@app.callback()
def group() -> None:
    """Keep the group a group while it has one command."""


@app.command()
def verify(config: Config = None, data: Data = None) -> None:
    """Find any changed, reordered, dropped or truncated record.

    Example: community-cloud audit verify --data ./demo-data
    """
    from gateway.settings import ConfigurationFaults, read_whole
    from gateway.vault.keyring import KeyFileFault, KeyRing

    settings = read_whole(config_file(config, data))
    try:
        keys = KeyRing.read(settings.key_file)
    except KeyFileFault as error:
        raise ConfigurationFaults([str(error)]) from None
    report = asyncio.run(_verified(settings, keys))
    if report.fault:
        print(report.fault)
        sys.exit(1)
    print(f"ok {report.events} events, {report.checkpoints} checkpoints")


async def _verified(settings: Settings, keys: KeyRing) -> Report:
    from gateway.audit.anchor import Anchor
    from gateway.audit.log import AuditLog
    from gateway.audit.verify import verify as verify_all
    from gateway.store.engine import open_engine

    engine = open_engine(settings.store_url)
    log = AuditLog(engine)
    try:
        return await verify_all(log, Anchor(settings.anchor_file, keys.audit_anchor))
    finally:
        await log.close()
        await engine.dispose()
