"""Which connectors are installed, found by entry point and loaded only when the configuration names them."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from connectors.sdk import API_VERSION, Connector, UnclassifiedField

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.settings import SystemSettings

GROUP = "community_cloud.connectors"


def connect(systems: Mapping[str, SystemSettings], faults: list[str]) -> dict[str, Connector[Any]]:
    """Return a connector for each configured system, in order; what is wrong is added to ``faults``.

    A fault names the distribution: not installed, installed twice, import failed, an unclassified field,
    another contract version, settings that the connector does not take.
    """
    installed = _installed()
    connectors: dict[str, Connector[Any]] = {}
    for name, settings in systems.items():
        place = f"systems.yaml: {name}"
        points = installed.get(settings.connector, [])
        if len(points) != 1:
            where = ", ".join(sorted(_distribution(point) for point in points))
            known = ", ".join(sorted(installed))
            faults.append(
                f"{place}: connector {settings.connector!r} is provided by several distributions: {where}"
                if points
                else f"{place}: no connector {settings.connector!r} is installed; there are {known}"
            )
            continue
        try:
            connector_type = _load(points[0])
            own = connector_type.settings_type.model_validate(settings.settings)
        except ValidationError as error:
            problems = error.errors(include_url=False, include_input=False)
            faults += [
                f"{place}: settings.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems
            ]
            continue
        except (ImportError, AttributeError, TypeError) as error:
            said = f": {error}" if isinstance(error, UnclassifiedField) else f" ({type(error).__name__})"
            faults.append(f"{place}: {_distribution(points[0])}: the connector cannot be loaded{said}")
            continue
        if connector_type.manifest.api != API_VERSION:
            faults.append(
                f"{place}: {_distribution(points[0])}: made for contract version {connector_type.manifest.api}, "
                f"this gateway has {API_VERSION}"
            )
            continue
        connectors[name] = connector_type(str(settings.base_url), own)
    return connectors


def _installed() -> dict[str, list[EntryPoint]]:
    found: dict[str, dict[str, EntryPoint]] = {}
    for point in entry_points(group=GROUP):
        # One distribution may be seen twice, e.g. as a checkout and its own metadata.
        found.setdefault(point.name, {})[_distribution(point)] = point
    return {name: list(by_distribution.values()) for name, by_distribution in found.items()}


def _distribution(point: EntryPoint) -> str:
    return point.dist.name if point.dist else "unknown distribution"


def _load(point: EntryPoint) -> type[Connector[Any]]:
    loaded = point.load()
    if not (isinstance(loaded, type) and issubclass(loaded, Connector)):
        msg = "not a Connector"
        raise TypeError(msg)
    return loaded
