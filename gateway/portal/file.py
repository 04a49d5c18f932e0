"""A person's file as it is laid out: a head, cards of rows, and how each system stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.model import SourceState
from gateway.portal.layout import CARDS, HEAD, MORE, is_own
from gateway.portal.seals import Seal, Times, seals
from gateway.portal.values import door, label, reads
from gateway.web.respond import words_of
from policies.masks import mask
from policies.model import Action

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from gateway.keys import Services
    from gateway.model import FieldValue, Person, SourceStatus
    from policies.model import ResourceFacts, Subject

DOWN = frozenset({SourceState.TIMEOUT, SourceState.UNAVAILABLE, SourceState.DRIFTED})
"""A system that stands so says nothing: what it alone knows is missing, which is not "no"."""


@dataclass(frozen=True, slots=True)
class Said:
    """One system's value of a field."""

    text: str
    seal: Seal
    when: str
    stale: bool
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
        return strips_of(self.standing)

    @property
    def left_s(self) -> int:
        """Return for how many seconds something is open, 0 for not at all."""
        return min((row.left_s for card in self.cards for row in card.rows if row.left_s), default=0)


def strips_of(standing: Iterable[Standing]) -> tuple[Standing, ...]:
    """Return the systems that did not answer, or not now."""
    return tuple(one for one in standing if one.state in _STRIPS)


_STRIPS = frozenset({SourceState.STALE, *DOWN})


class Clerk:
    """Lay files out for one reader, today."""

    def __init__(self, services: Services, subject: Subject) -> None:
        self._services = services
        self._subject = subject
        self._policy = services.policy()
        self._today: date = services.clock.today()
        self._seals = seals(services.systems)
        self._times = Times(self._today)

    def file(
        self, person: Person, sources: Mapping[str, SourceStatus], opened: Mapping[str, Row] | None = None
    ) -> PersonFile:
        """Return a person's file; rows in ``opened`` stand in place of the masked ones."""
        tokens = self._services.tokens
        choices = self._choices(person) if person.revealable else {}
        rows = {
            name: self._row(name, values, person, sources, choices) for name, values in person.fields.items()
        }
        rows |= opened or {}
        return PersonFile(
            token=tokens.of_person(person.identity),
            household=tokens.of_household(person.household) if person.household else None,
            name=self._first(person, "name"),
            who=" · ".join(
                text for text in (self._first(person, "gender"), self._first(person, "age")) if text
            ),
            door=self._first(person, "door"),
            tags=tuple(words_of(person.fields.get("tags", ()))),
            cards=self._cards(person, sources, rows),
            standing=self.standing(sources),
            seals=self._known_by(person),
        )

    def line(self, person: Person) -> PersonFile:
        """Return a person as one line of a list: a file without cards."""
        return PersonFile(
            token=self._services.tokens.of_person(person.identity),
            household=None,
            name=self._first(person, "name"),
            who=" · ".join(
                text for text in (self._first(person, "gender"), self._first(person, "age")) if text
            ),
            door=self._first(person, "door"),
            tags=tuple(words_of(person.fields.get("tags", ()))),
            cards=(),
            standing=(),
            seals=self._known_by(person),
        )

    def opened(self, person: Person, sources: Mapping[str, SourceStatus], name: str) -> Row:
        """Return the row of a field that a reveal opened."""
        choices = self._choices(person, (name,))
        return self._row(
            name, person.fields.get(name, ()), person, sources, choices, person.opened_s.get(name, 0)
        )

    def standing(self, sources: Mapping[str, SourceStatus]) -> tuple[Standing, ...]:
        """Return how the systems stand, in their order."""
        return tuple(
            Standing(
                self._seals[name],
                status.status,
                self._times.say(status.as_of) if status.as_of is not None else "",
            )
            for name, status in sources.items()
            if name in self._seals
        )

    def word(self, person: Person, name: str) -> str:
        """Return a field's first value in words, empty when there is none."""
        return self._first(person, name)

    def _first(self, person: Person, name: str) -> str:
        values = person.fields.get(name)
        return reads(name, values[0].value) if values else ""

    def _known_by(self, person: Person) -> tuple[Seal, ...]:
        known = {value.source for values in person.fields.values() for value in values}
        return tuple(seal for name, seal in self._seals.items() if name in known)

    def _row(
        self,
        name: str,
        values: Sequence[FieldValue],
        person: Person,
        sources: Mapping[str, SourceStatus],
        choices: Mapping[str, tuple[Choice, ...]],
        left_s: int = 0,
    ) -> Row:
        differ = name in person.conflicts
        masked = values[0].masked if values else False
        # Agreeing systems need no more than the first one's word; lists of words add up.
        shown = values if differ or (values and isinstance(values[0].value, tuple)) else values[:1]
        return Row(
            name,
            label(name),
            tuple(self._said(name, value, sources, opened=left_s > 0) for value in shown),
            differ,
            choices.get(name, ()) if masked or left_s else (),
            left_s,
        )

    def _said(
        self, name: str, value: FieldValue, sources: Mapping[str, SourceStatus], *, opened: bool
    ) -> Said:
        status = sources.get(value.source)
        return Said(
            reads(name, value.value),
            self._seals[value.source],
            self._times.say(value.as_of),
            status is not None and status.status is SourceState.STALE,
            value.masked,
            mask(value.kind, value.value) if opened else "",
        )

    def _cards(
        self, person: Person, sources: Mapping[str, SourceStatus], rows: Mapping[str, Row]
    ) -> tuple[Card, ...]:
        known = {value.source for values in person.fields.values() for value in values}
        asked = [
            name
            for name, status in sources.items()
            if status.status is not SourceState.DENIED and name in self._seals
        ]
        down = {name for name in asked if sources[name].status in DOWN}
        placed = set(HEAD).union(*(names for _, names in CARDS))
        rest = tuple(name for name in {**person.fields, **person.withheld} if name not in placed)
        cards = []
        for key, names in (*CARDS, (MORE, rest)):
            own = tuple(name for name in asked if is_own(key, names, self._policy.catalogue.get(name, ())))
            shown = tuple(
                row
                for name in names
                if (row := self._place(name, person, rows, asked, known, down)) is not None
            )
            if not shown and not own:
                continue
            waiting = next((name for name in own if sources[name].status is SourceState.TIMEOUT), None)
            cards.append(
                Card(
                    key,
                    own,
                    shown,
                    (waiting, self._seals[waiting].title) if waiting else None,
                    tuple(self._seals[name].title for name in own if name in down),
                    tuple(
                        self._seals[name].title
                        for name in own
                        if sources[name].status is SourceState.NOT_FOUND
                    ),
                )
            )
        return tuple(cards)

    def _place(
        self,
        name: str,
        person: Person,
        rows: Mapping[str, Row],
        asked: Sequence[str],
        known: set[str],
        down: set[str],
    ) -> Row | None:
        """Return the row of a field, or what stands in its place; None for nothing."""
        if name in rows:
            return rows[name] if name not in HEAD or rows[name].differ else None
        if name in HEAD:
            return None
        if name in person.withheld:
            return Row(name, label(name), rule=person.withheld[name])
        feeding = [system for system in asked if name in self._policy.catalogue.get(system, ())]
        if any(system in down for system in feeding):
            return Row(name, label(name), missing=True)
        if any(system in known for system in feeding):
            return Row(name, label(name))
        return None

    def _choices(self, person: Person, names: Iterable[str] | None = None) -> dict[str, tuple[Choice, ...]]:
        """Return, for each field that some purpose opens for this person, those purposes."""
        found: dict[str, list[Choice]] = {}
        for code, purpose in self._policy.purposes.items():
            if not purpose.opens:
                continue
            opened = self._opened_by(code, person.facts)
            for name in person.revealable if names is None else names:
                if name in opened:
                    found.setdefault(name, []).append(Choice(code, purpose.title, purpose.note_required))
        return {name: tuple(choices) for name, choices in found.items()}

    def _opened_by(self, purpose: str, facts: ResourceFacts) -> set[str]:
        return {
            name
            for system in self._services.systems
            for name in self._policy.decide(
                self._subject, Action.REVEAL, system, facts, purpose, self._today
            ).reveal_s
        }


def door_of(people: Iterable[Person]) -> str:
    """Return the door of a household's first member who has one."""
    doors = (values[0].value for person in people if (values := person.fields.get("door")))
    return door(str(next(doors, "")))
