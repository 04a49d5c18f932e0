"""Where an installation is: ``--data DIR`` (an embedded one, as the demo makes) or ``--config FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

CONFIG_NAME = "gateway.yaml"

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The installation's gateway.yaml.", show_default=False),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Folder of an embedded installation, as demo --data makes.",
        show_default=False,
    ),
]


def config_file(config: Path | None, data: Path | None) -> Path:
    """Return the configuration file that the options name; exactly one of them must be given."""
    if (config is None) == (data is None):
        raise typer.BadParameter("give either --config FILE or --data DIR")
    return config if config is not None else Path(data or ".") / CONFIG_NAME
