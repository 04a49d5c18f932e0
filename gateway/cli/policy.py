"""``policy``: test the policies."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.place import Config, Data, config_file

app = typer.Typer(
    help="The policies: who may see what. Example: community-cloud policy test --data ./demo-data",
    no_args_is_help=True,
)


@app.callback()
def group() -> None:
    """Keep the group a group while it has one command."""


@app.command("test")
def run_cases(
    config: Config = None,
    data: Data = None,
    cases: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Folder of cases; the shipped ones when absent.")
    ] = None,
) -> None:
    """Run the policy's cases, denials included.

    Example: community-cloud policy test --data ./demo-data
    """
    from gateway.settings import ConfigurationFaults, read
    from gateway.upstream.registry import catalogue, connect
    from policies.cases import run
    from policies.load import SHIPPED, PolicyFaults, load

    settings, faults = read(config_file(config, data))
    connectors = connect(settings.systems, faults)
    if faults:
        raise ConfigurationFaults(faults)
    folder = settings.policies or SHIPPED
    try:
        engine = load(folder, catalogue(settings.systems, connectors))
        results = run(engine, cases or folder / "cases")
    except PolicyFaults as error:
        raise ConfigurationFaults(list(error.faults)) from None
    for failure in results.failures:
        print(failure)
    for rule in results.uncovered:
        print(f"no case covers {rule}")
    if results.failures:
        print(f"{len(results.failures)} of {results.total} decisions are not as written")
        sys.exit(1)
    print(f"ok {results.total} decisions")
