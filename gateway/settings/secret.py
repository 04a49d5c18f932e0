"""Secrets, which a configuration names and never holds."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Secret:
    """A resolved secret; shown nowhere."""

    value: str

    def __repr__(self) -> str:
        """Hide the value."""
        return "<secret>"


def resolve(reference: str, home: Path) -> Secret:
    """Return the secret that a reference names; files are relative to ``home``.

    Raises ValueError with a sentence that names the reference and never the secret.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        value = os.environ.get(name, "")
        if not value:
            raise ValueError(f"the environment variable {name} is not set")
        return Secret(value)
    try:
        value = (home / name).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"the file {name} cannot be read") from None
    if not value:
        raise ValueError(f"the file {name} is empty")
    return Secret(value)


def below(home: Path, reference: str) -> str:
    """Return a reference with the path of a file taken from a folder."""
    kind, _, name = reference.partition(":")
    return f"file:{home.absolute() / name}" if kind == "file" else reference
