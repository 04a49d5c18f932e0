"""The connector of each configured system; one that no configuration names is not imported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from connectors.declarative import DescriptionFaults, load_description
from gateway.upstream.installed import Unusable, distribution, installed, load
from gateway.upstream.system import fields_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

    from connectors.sdk import Connector
    from gateway.settings import SystemSettings

_OURS = "community-cloud-gateway"


def connect(systems: Mapping[str, SystemSettings], faults: list[str]) -> dict[str, Connector[Any]]:
    """Return a connector for each configured system, in order; what is wrong is added to ``faults``.

    A fault names the distribution: not installed, installed twice, import failed, an unclassified field,
    another contract version, settings that the connector does not take. Those of a description name its
    file, line and column.
    """
    there = installed()
    connectors: dict[str, Connector[Any]] = {}
    for name, settings in systems.items():
        found: list[str] = []
        connector = _connector(settings, there, found)
        faults += [f"systems.yaml: {name}: {fault}" for fault in found]
        if connector is not None:
            connectors[name] = connector
    return connectors


def catalogue(
    systems: Mapping[str, SystemSettings], connectors: Mapping[str, Connector[Any]]
) -> dict[str, tuple[str, ...]]:
    """Return the fields that policies may name, by system: the configured ones, and the rest of our own.

    The shipped policies name a system for each connector of ours. Where one is not there, what they say of it
    is no fault: nobody can be asked. Under another name than its connector's a system still reads as a fault
    in a policy that means it. Nobody else's connector is imported.
    """
    used = {settings.connector for settings in systems.values()} | systems.keys()
    fields = {name: fields_of(connector) for name, connector in connectors.items()}
    for name, points in sorted(installed().items()):
        if name not in used and [*map(distribution, points)] == [_OURS]:
            made = load(points[0])
            fields[name] = fields_of(made("http://nowhere.invalid", made.settings_type()))
    return fields


def _connector(
    settings: SystemSettings, there: Mapping[str, list[EntryPoint]], faults: list[str]
) -> Connector[Any] | None:
    """Return one system's connector, or None with the reason in ``faults``."""
    made = connector_class(settings.connector, there, faults)
    if made is None:
        return None
    try:
        own = made.settings_type.model_validate(settings.settings)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        faults += [f"settings.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems]
        return None
    return made(str(settings.base_url), own)


def connector_class(
    name: str, there: Mapping[str, list[EntryPoint]], faults: list[str]
) -> type[Connector[Any]] | None:
    """Return a connector's class: what ``file:PATH`` describes, or the one of that name among those there.

    None for one that cannot be used, with the reason in ``faults``.
    """
    kind, _, path = name.partition(":")
    if kind == "file":
        try:
            return load_description(Path(path))
        except DescriptionFaults as error:
            faults += error.faults
            return None
    points = there.get(name, [])
    if len(points) != 1:
        where = ", ".join(sorted(map(distribution, points)))
        faults.append(
            f"connector {name!r} is provided by several distributions: {where}"
            if points
            else f"no connector {name!r} is installed; there are {', '.join(sorted(there))}"
        )
        return None
    try:
        return load(points[0])
    except Unusable as error:
        faults.append(f"{distribution(points[0])}: {error}")
        return None
