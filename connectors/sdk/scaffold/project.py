"""Write the files of a new connector's distribution."""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Final

from connectors.sdk.scaffold.ways import Way

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,15}")
_TEMPLATES: Final = Path(__file__).with_name("templates")
_FILES: Final[Mapping[str, str]] = {
    "README.md": "README.md",
    "pyproject.toml": "pyproject.toml",
    "{name}/__init__.py": "__init__.py",
    "{name}/connector.py": "connector.py",
    "{name}/contract.py": "contract.py",
    "{name}/mock.py": "mock.py",
    "tests/test_contract.py": "test_contract.py",
}
"""Path in the new folder -> template."""


class NotMade(Exception):
    """Nothing was made; ``str()`` is a sentence that says what to change."""


def create(name: str, folder: Path, way: Way, version: str) -> tuple[Path, ...]:
    """Write the distribution of a connector into a folder that is not there yet; return the files' paths.

    ``version`` is the gateway's, the least that the distribution asks for. Raises NotMade.
    """
    refuse(name)
    class_ = "".join(part.capitalize() for part in name.split("_"))
    exempt = "".join(f'"{test}": "{reason}"' for test, reason in (way.exempt or {}).items())
    words = {
        "class_": class_,
        "door": f"    door = {way.door}",
        "exempt": f"    exempt = {{{exempt}}}\n" if exempt else "",
        "mock_imports": f"{way.imports}from connectors.sdk.mock import {way.doors}",
        "name": name,
        "scheme": way.scheme,
        "seal": class_[0],
        "title": class_,
        "version": version,
        "words": way.words,
    }
    made = {
        folder / path.format(name=name): Template(
            (_TEMPLATES / f"{template}.template").read_text("utf-8")
        ).substitute(words)
        for path, template in _FILES.items()
    }
    try:
        folder.mkdir(parents=True)
        for file, text in made.items():
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
        (folder / name / "py.typed").touch()
    except FileExistsError:
        raise NotMade(f"{folder} is there already: choose another folder") from None
    except OSError as error:
        raise NotMade(f"{folder} cannot be made: {error.strerror}") from None
    return tuple(made)


def refuse(name: str) -> None:
    """Raise NotMade for a name that cannot be a connector's and a top-level package's at once."""
    if not _NAME.fullmatch(name):
        raise NotMade(
            f"{name!r} is no name: take a lower-case word of 2 to 16 letters, digits and _, e.g. acme"
        )
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        raise NotMade(f"{name} is a word of Python's own: choose another name")
    if name in sys.stdlib_module_names or find_spec(name) is not None:
        raise NotMade(f"a Python package {name} is installed already: choose another name")
