"""Which connectors are installed, found by entry point and loaded only when the configuration names them."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from inspect import isabstract
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
        found: list[str] = []
        connector = _connector(settings, installed, found)
        faults += [f"systems.yaml: {name}: {fault}" for fault in found]
        if connector is not None:
            connectors[name] = connector
    return connectors


def _connector(
    settings: SystemSettings, installed: Mapping[str, list[EntryPoint]], faults: list[str]
) -> Connector[Any] | None:
    """Return one system's connector, or None with the reason in ``faults``."""
    points = installed.get(settings.connector, [])
    if len(points) != 1:
        where = ", ".join(sorted(_distribution(point) for point in points))
        faults.append(
            f"connector {settings.connector!r} is provided by several distributions: {where}"
            if points
            else f"no connector {settings.connector!r} is installed; there are {', '.join(sorted(installed))}"
        )
        return None
    distribution = _distribution(points[0])
    try:
        made = _load(points[0])
    except UnclassifiedField as error:
        faults.append(f"{distribution}: the connector cannot be loaded: {error}")
        return None
    except Exception as error:  # noqa: BLE001  # what somebody else's module raises while it is imported
        faults.append(f"{distribution}: the connector cannot be loaded ({type(error).__name__})")
        return None
    if made.manifest.api != API_VERSION:
        faults.append(
            f"{distribution}: made for contract version {made.manifest.api}, this gateway has {API_VERSION}"
        )
        return None
    try:
        own = made.settings_type.model_validate(settings.settings)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_input=False)
        faults += [f"settings.{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in problems]
        return None
    return made(str(settings.base_url), own)


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
        raise TypeError("not a Connector")
    missing = [name for name in ("auth", "manifest", "operations") if not hasattr(loaded, name)]
    if missing or isabstract(loaded):
        raise TypeError("not a whole Connector")
    return loaded
