"""``keys``: the installation's key file."""

from __future__ import annotations

import typer

from gateway.cli.place import Config, Data, config_file

app = typer.Typer(
    help="The installation's keys. Example: community-cloud keys create --config config/gateway.yaml",
    no_args_is_help=True,
)


@app.callback()
def group() -> None:
    """Keep the group a group while it has one command."""


@app.command()
def create(config: Config = None, data: Data = None) -> None:
    """Make the key file, once; one that is there is never overwritten.

    Example: community-cloud keys create --config config/gateway.yaml
    """
    from gateway.settings import ConfigurationFaults, read_whole
    from gateway.vault.keyring import KeyFileFault, KeyRing

    settings = read_whole(config_file(config, data))
    try:
        KeyRing.create(settings.key_file)
    except KeyFileFault as error:
        raise ConfigurationFaults([str(error)]) from None
    print(f"ok {settings.key_file}: keep a copy apart from the database")
