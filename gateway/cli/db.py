"""``db``: the state store."""

from __future__ import annotations

import asyncio

import typer

from gateway.cli.place import Config, Data, config_file

app = typer.Typer(
    help="The state store. Example: community-cloud db upgrade --data ./demo-data", no_args_is_help=True
)


@app.callback()
def group() -> None:
    """Keep the group a group while it has one command."""


@app.command()
def upgrade(config: Config = None, data: Data = None) -> None:
    """Bring the database to this version.

    Example: community-cloud db upgrade --data ./demo-data
    """
    from gateway.settings import read_whole
    from gateway.store.migrate import upgrade as upgrade_store

    settings = read_whole(config_file(config, data))
    asyncio.run(upgrade_store(settings.store_url))
    print("ok")
