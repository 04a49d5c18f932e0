"""A configuration file: YAML, a mapping of names to values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def mapping(file: Path, faults: list[str]) -> dict[str, Any]:
    """Return what a file holds; empty, with the reason in ``faults``, when it cannot be read.

    A key that stands twice is a fault, in every mapping: nobody can tell which of the two was meant.
    """
    # Not above: the SDK takes 0.2 s to import, and whoever asks for --help reads no file.
    from connectors.sdk.marked_yaml import read_yaml, unreadable  # noqa: PLC0415

    try:
        found = read_yaml(file.read_text("utf-8"))
    except FileNotFoundError:
        faults.append(f"{file.name}: no such file in {file.parent.resolve()}")
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.append(f"{file.name}: cannot be read: {unreadable(error)}")
        return {}
    faults += [f"{file.name}: {mark}: {key!r} stands twice" for mark, key in found.twice]
    if found.content is None:
        return {}
    if not isinstance(found.content, dict):
        faults.append(f"{file.name}: must be a mapping of names to values")
        return {}
    return found.content
