"""``serve`` and ``check-config``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path, typer.Option("--config", metavar="FILE", help="The installation's gateway.yaml.")
]


def serve(
    config: ConfigFile,
    workers: Annotated[int, typer.Option(min=1, max=1, help="Processes; one for now.")] = 1,
) -> None:
    """Run the gateway.

    Example: community-cloud serve --config config/gateway.yaml
    """
    import uvloop

    from gateway import app, logs

    del workers
    installation = app.prepare(config)
    log = logs.configure(installation.settings.log_level)
    try:
        listener = app.listen(installation.settings.listen.host, installation.settings.listen.port)
    except app.PortTaken as error:
        print(error, file=sys.stderr)
        raise typer.Exit(1) from None
    uvloop.run(app.serve(installation, listener, lambda address: print(f"ready {address}", flush=True), log))


def check_config(config: ConfigFile) -> None:
    """Report all faults of a configuration.

    Example: community-cloud check-config --config config/gateway.yaml
    """
    from gateway import app

    installation = app.prepare(config)
    print(f"ok {len(installation.connectors)} systems, {len(installation.policy.roles)} roles")
