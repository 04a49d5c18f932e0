"""来源章: the one-character seal of a line system beside all that it says, with the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.portal.times import spoken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from gateway.upstream.system import LineSystem

_COLOURS = {"户": "hu", "老": "lao", "救": "jiu", "优": "you", "餐": "can", "感": "gan"}
_PLAIN = "ting"


@dataclass(frozen=True, slots=True)
class Seal:
    """How a line system signs."""

    char: str
    colour: str
    """Name of its class in the style sheet."""
    title: str


def seal_of(system: LineSystem) -> Seal:
    """Return the seal of a system, from its connector's manifest."""
    manifest = system.manifest
    return Seal(manifest.seal, _COLOURS.get(manifest.seal, _PLAIN), manifest.title)


def seals(systems: Mapping[str, LineSystem]) -> Mapping[str, Seal]:
    """Return all seals by system name."""
    return {name: seal_of(system) for name, system in systems.items()}


class Times:
    """Say each time once: the values of one system mostly share theirs."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._said: dict[datetime, str] = {}

    def say(self, moment: datetime) -> str:
        """Return the time as people say it."""
        found = self._said.get(moment)
        if found is None:
            found = self._said[moment] = spoken(moment, self._today)
        return found
