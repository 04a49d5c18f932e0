"""A configuration file: YAML, a mapping of names to values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def mapping(file: Path, faults: list[str]) -> dict[str, Any]:
    """Return what a file holds; empty, with the reason in ``faults``, when it cannot be read."""
    try:
        content = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        faults.append(f"{file.name}: no such file in {file.parent.resolve()}")
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        faults.append(f"{file.name}: cannot be read: {_cause(error)}")
        return {}
    if content is None:
        return {}
    if not isinstance(content, dict):
        faults.append(f"{file.name}: must be a mapping of names to values")
        return {}
    return {str(key): value for key, value in content.items()}


def _cause(error: Exception) -> str:
    """Say in one line what keeps a file from being read; a parser quotes the file, which may hold secrets."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return type(error).__name__
