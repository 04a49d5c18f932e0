"""``mocks``: the mock line systems, always a process of their own."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


def mocks(
    port_base: Annotated[
        int | None, typer.Option("--port-base", min=1, max=65_000, help="First port; free ones when absent.")
    ] = None,
    population: Annotated[int, typer.Option(min=500, help="People of the synthetic city.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Which synthetic city.")] = 1,
) -> None:
    """Run the mock line systems alone.

    Example: community-cloud mocks --port-base 9101
    """
    from gateway.cli.child import run_mocks

    arguments = ["--population", str(population), "--seed", str(seed)]
    if port_base is not None:
        arguments += ["--port-base", str(port_base)]
    sys.exit(run_mocks(arguments))
