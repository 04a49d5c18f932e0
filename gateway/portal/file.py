"""A person's file as a page shows it: a head, cards of rows, and how each system stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.model import SourceState
from gateway.portal.seals import Seal

if TYPE_CHECKING:
    from markupsafe import Markup

DOWN = frozenset({SourceState.TIMEOUT, SourceState.UNAVAILABLE, SourceState.DRIFTED})
"""A system that stands so says nothing: what it alone knows is missing, which is not "no"."""
STRIPS = frozenset({SourceState.STALE, *DOWN})
"""A strip tells of a system that stands so."""


@dataclass(frozen=True, slots=True)
class Said:
    """One system's value of a field."""

    text: str
    seal: Seal
    mark: Markup
    """The seal and the time, drawn."""
    masked: bool = False
    cover: str = ""
    """What stands in its place when time is up and in print, for a value that was opened; else empty."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A purpose that opens a field."""

    code: str
    title: str
    note: bool
    """Whether it needs a note."""


@dataclass(frozen=True, slots=True)
class Row:
    """One field on a card."""

    name: str
    label: str
    said: tuple[Said, ...] = ()
    differ: bool = False
    choices: tuple[Choice, ...] = ()
    """Purposes that would open it; none when it cannot be opened."""
    left_s: int = 0
    """For how many seconds it is open."""
    missing: bool = False
    """The system that would know says nothing now."""
    rule: str = ""
    """The rule that withholds it."""


@dataclass(frozen=True, slots=True)
class Card:
    """Some rows under one title, and the systems that they come from."""

    key: str
    systems: tuple[str, ...]
    """Names of the systems whose own card it is."""
    rows: tuple[Row, ...]
    waiting: tuple[str, str] | None = None
    """(name, title) of a system whose answer may still come."""
    down: tuple[str, ...] = ()
    """Titles of its systems that say nothing now."""
    strangers: tuple[str, ...] = ()
    """Titles of its systems that do not know this person."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How one system stands."""

    seal: Seal
    state: str
    when: str
    """When what it says was true; empty where it says nothing."""
    advice: str = ""
    """What can be done about it; empty where nothing is known."""


@dataclass(frozen=True, slots=True)
class PersonFile:
    """Everything the page of one person shows."""

    token: str
    household: str | None
    name: str
    who: str
    """Gender and age."""
    door: str
    tags: tuple[str, ...]
    cards: tuple[Card, ...]
    standing: tuple[Standing, ...]
    seals: tuple[Seal, ...] = field(default=())

    @property
    def strips(self) -> tuple[Standing, ...]:
        """Return the systems that a strip must speak of."""
        return tuple(one for one in self.standing if one.state in STRIPS)
