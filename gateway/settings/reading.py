"""Read a whole configuration: two files, with the environment laid over them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gateway.settings import environment
from gateway.settings.faults import ConfigurationFaults
from gateway.settings.file import mapping
from gateway.settings.installation import Settings
from gateway.settings.secret import below


def read(file: Path) -> tuple[Settings, list[str]]:
    """Return the settings of ``gateway.yaml`` at ``file`` and ``systems.yaml`` beside it, and their faults.

    With faults the settings lack the faulty parts: good for finding the remaining faults elsewhere, and for
    nothing else. Raises ConfigurationFaults when not even that much can be read. Relative paths are taken
    from the file's folder.
    """
    faults = environment.unknown()
    content = mapping(file, faults)
    if "systems" in content:
        faults.append(f"{file.name}: systems: write them into systems.yaml")
    overrides = environment.overrides(faults)
    whole = _laid_over({**content, "systems": mapping(file.with_name("systems.yaml"), faults)}, overrides)
    try:
        settings = Settings(**whole)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        faults += [f"{_origin(file, problem['loc'], overrides)}{problem['msg']}" for problem in problems]
        try:
            settings = Settings(**_without(whole, [problem["loc"] for problem in problems]))
        except ValidationError:
            raise ConfigurationFaults(faults) from None
    if settings.base_register not in whole["systems"]:
        faults.append(
            f"{file.name}: base_register: systems.yaml has no system called {settings.base_register!r}"
        )
    elif (base := settings.systems.get(settings.base_register)) and base.cache.missing is not None:
        # Else the time of an answer would tell somebody who lives elsewhere from nobody.
        faults.append("systems.yaml: cache.missing: the base register forgets nobody sooner than others")
    home = file.parent
    systems = settings.systems.items()
    places = {
        # A connector may be a file, too: file:PATH.
        "systems": {
            name: system.model_copy(
                update={"connector": below(home, system.connector), "tls": system.tls.below(home)}
            )
            for name, system in systems
        },
        "data": home / settings.data,
        "policies": home / settings.policies if settings.policies else None,
        "vault": settings.vault.below(home),
    }
    return settings.model_copy(update=places), faults


def read_whole(file: Path) -> Settings:
    """Return the settings, or raise ConfigurationFaults with all that is wrong in the files."""
    settings, faults = read(file)
    if faults:
        raise ConfigurationFaults(faults)
    return settings


def _laid_over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return both mappings in one, ``above`` winning value by value."""
    whole = dict(below)
    for name, value in above.items():
        under = whole.get(name)
        if isinstance(under, dict) and isinstance(value, dict):
            value = _laid_over(under, value)  # noqa: PLW2901  # the same value, completed
        whole[name] = value
    return whole


def _without(content: dict[str, Any], places: list[tuple[int | str, ...]]) -> dict[str, Any]:
    """Return the content without the top-level keys, or the systems, in which something is wrong."""
    wrong_systems = {place[1] for place in places if place[0] == "systems" and len(place) > 1}
    systems = content["systems"] if ("systems",) not in places else {}
    wrong = {place[0] for place in places} - {"systems"}
    return {
        "data": ".",
        **{name: value for name, value in content.items() if name not in wrong},
        "systems": {name: block for name, block in systems.items() if name not in wrong_systems},
    }


def _origin(file: Path, loc: tuple[int | str, ...], overrides: dict[str, Any]) -> str:
    """Return where a faulty value was written, as the beginning of a sentence."""
    if environment.sets(overrides, loc):
        return f"environment: {environment.variable(loc)}: "
    name, path = ("systems.yaml", loc[1:]) if loc[:1] == ("systems",) else (file.name, loc)
    return ": ".join([name, *([".".join(map(str, path))] if path else []), ""])
