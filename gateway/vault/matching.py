"""Which configured system a row of a password sheet means."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import httpx

_ADDRESS = re.compile(r"(?:(https?)://)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?")
_PORTS = {"http": 80, "https": 443}
_NOT_WORDS = re.compile(r"[\W_]+")
_BRACKETS = re.compile(r"[(\[{【〔].*?[)\]}】〕]")
_ENDING = re.compile(r"(系统|平台|网站|管理|客户端|app)$")


@dataclass(frozen=True, slots=True)
class KnownSystem:
    """A configured system and everything it is called."""

    key: str
    base_url: httpx.URL
    names: tuple[str, ...]
    """Its title and its aliases."""


@dataclass(frozen=True, slots=True)
class Match:
    """What was found: one system, none, or several that cannot be told apart."""

    system: str | None
    unclear: bool = False


class Systems:
    """Match by host of the address and by name, never by likeness: a password must not go astray."""

    def __init__(self, systems: Sequence[KnownSystem]) -> None:
        """Take the configured systems."""
        self._systems = systems
        self._names: dict[str, set[str]] = {}
        for system in systems:
            for name in (system.key, *system.names):
                self._names.setdefault(_plain(name), set()).add(system.key)

    def match(self, name: str, address: str) -> Match:
        """Return the system that the address names, else the one with this name.

        Unclear when the two disagree, or several systems fit.
        """
        # Some sheets have the address in the system's column.
        by_address = self._at(address) or self._at(name)
        by_name = self._names.get(_plain(name), set())
        both = by_address & by_name
        fitting = both or by_address or by_name
        if len(fitting) == 1 and (both or not (by_address and by_name)):
            return Match(next(iter(fitting)))
        return Match(None, unclear=bool(fitting))

    def _at(self, text: str) -> set[str]:
        """Return the systems whose base URL has a host, and the port if one is given, that the text names."""
        found: set[str] = set()
        for scheme, host, port in _ADDRESS.findall(unicodedata.normalize("NFKC", text).casefold()):
            if not (scheme or "." in host or host == "localhost"):
                continue
            at_host = [system for system in self._systems if system.base_url.host == host]
            wanted = int(port) if port else _PORTS.get(scheme)
            at_port = {system.key for system in at_host if _port(system.base_url) == wanted}
            # Without a port written, one system at this host is meant whatever its port.
            found |= at_port or (set() if port else {system.key for system in at_host})
        return found


def _port(url: httpx.URL) -> int | None:
    return url.port or _PORTS.get(url.scheme)


def _plain(name: str) -> str:
    folded = _BRACKETS.sub("", unicodedata.normalize("NFKC", name).casefold())
    plain = _NOT_WORDS.sub("", folded)
    while (shorter := _ENDING.sub("", plain)) and shorter != plain:
        plain = shorter
    return plain
