"""Which distributions provide connectors, by entry point; nothing is imported before it is asked for."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from inspect import isabstract
from typing import Any

from connectors.sdk import API_VERSION, Connector, UnclassifiedField

GROUP = "community_cloud.connectors"
"""Entry point group: a connector's name -> its class."""


class Unusable(Exception):
    """An installed connector cannot be used; ``str()`` is a sentence, which quotes nothing of it."""


def installed(group: str = GROUP) -> dict[str, list[EntryPoint]]:
    """Return the entry points by name, one for each distribution that provides it."""
    found: dict[str, dict[str, EntryPoint]] = {}
    for point in entry_points(group=group):
        # One distribution may be seen twice, e.g. as a checkout and its own metadata.
        found.setdefault(point.name, {})[distribution(point)] = point
    return {name: list(by_distribution.values()) for name, by_distribution in found.items()}


def distribution(point: EntryPoint) -> str:
    """Return the name of the distribution that an entry point belongs to."""
    return point.dist.name if point.dist else "unknown distribution"


def load(point: EntryPoint) -> type[Connector[Any]]:
    """Import a connector; raises Unusable for one that fails, lacks a part, or keeps another contract."""
    try:
        made = _whole(point.load())
    except UnclassifiedField as error:
        raise Unusable(f"the connector cannot be loaded: {error}") from None
    except (Exception, SystemExit) as error:  # noqa: BLE001  # what somebody else's module raises while it is imported
        raise Unusable(f"the connector cannot be loaded ({type(error).__name__})") from None
    if made.manifest.api != API_VERSION:
        raise Unusable(f"made for contract version {made.manifest.api}, this gateway has {API_VERSION}")
    return made


def _whole(loaded: object) -> type[Connector[Any]]:
    if not (isinstance(loaded, type) and issubclass(loaded, Connector)):
        raise TypeError("not a Connector")
    missing = [name for name in ("auth", "manifest", "operations") if not hasattr(loaded, name)]
    if missing or isabstract(loaded):
        raise TypeError("not a whole Connector")
    return loaded
